//! What a figure is made of.

use super::graph::Graph;
use super::role::Dash;
use crate::Role;

/// One curve, area, histogram, cloud of points or line.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    pub(crate) label: String,
    pub(crate) role: Role,
    pub(crate) mark: Mark,
    pub(crate) points: Points,
    /// What the caption says of it, where that is more than the points tell.
    pub(crate) told: Option<String>,
}

/// Where a layer's points come from.
#[derive(Debug, Clone)]
pub(crate) enum Points {
    Given(Vec<(f64, f64)>),
    /// Evaluated on a grid that suits the axis, once that is known.
    Graph(Graph),
}

/// How a layer's points are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Mark {
    /// In the style of its role if there is none of its own.
    Line(Option<Dash>),
    /// A curve and the area between it and 0.
    Shaded,
    /// The area without the curve.
    Area,
    /// The points are the outline of the bars.
    Bars { n_samples: f64, n_bins: usize },
    /// Markers.
    Markers,
    /// A line through markers.
    Steps,
    /// How far a cumulative curve rises over an interval: its first and last point count.
    Rise,
    /// Many small markers: some of so many.
    Cloud { n_samples: usize },
    /// A closed curve around a shaded area.
    Closed,
    /// A reference line through each point, from edge to edge.
    Vertical,
    /// As [`Mark::Vertical`].
    Horizontal,
    /// A marker at each point, with lines from it to both axes.
    Drops,
}

impl Mark {
    /// Areas and curves are read from 0.
    pub(crate) fn stands_on_zero(self) -> bool {
        matches!(self, Mark::Line(_) | Mark::Shaded | Mark::Area | Mark::Rise | Mark::Bars { .. })
    }

    /// Its points are at the edges of what is drawn, so that these need space around them.
    pub(crate) fn needs_room(self) -> bool {
        matches!(self, Mark::Markers | Mark::Steps | Mark::Cloud { .. } | Mark::Closed)
    }
}
