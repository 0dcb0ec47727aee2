//! A figure with everything decided that drawing it takes: the axes, and every layer's points.

use super::axis::{Axis, Scale};
use super::clip::Window;
use super::layer::{Layer, Mark, Points};
use super::{Figure, FigureError};
use std::borrow::Cow;

/// Space above the highest point, as a part of the axis.
const HEADROOM: f64 = 0.06;

/// Space around markers, and on logarithmic axes, on each side, as a part of the axis.
const ROOM: f64 = 0.04;

/// On a logarithmic axis a density is drawn down to this part of its highest value, unless `y_range` asks for more: farther out it
/// underflows, and its logarithm with it.
pub(crate) const FLOOR: f64 = 1e-12;

/// What the axis shows of a value that lies alone, as a part of it.
const AROUND: f64 = 0.1;

/// A layer and its points, in the units of the data.
pub(crate) type Resolved<'a> = (&'a Layer, Cow<'a, [(f64, f64)]>);

pub(crate) struct Scene<'a> {
    pub(crate) figure: &'a Figure,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) layers: Vec<Resolved<'a>>,
}

impl<'a> Scene<'a> {
    pub(crate) fn of(figure: &'a Figure) -> Result<Self, FigureError> {
        if let Some(error) = &figure.error {
            return Err(error.clone());
        }
        let x = Axis { whole: figure.x_counts, ..horizontal(figure)? };
        let layers: Vec<_> = figure.layers.iter().map(|layer| (layer, points(layer, &x))).collect();
        if figure.x_scale == Scale::Log {
            layers.iter().try_for_each(|(layer, points)| {
                positive(layer, "horizontal", points.iter().map(|p| p.0))
            })?;
        }
        let y = vertical(figure, &x, &layers)?;
        Ok(Self { figure, x, y, layers })
    }

    /// The visible part of the plane, in the axes' own units.
    pub(crate) fn window(&self) -> Window {
        Window { x: self.x.ends(), y: self.y.ends() }
    }

    /// A point in the axes' own units. What a logarithmic axis has no place for stands at its lower end.
    pub(crate) fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let y =
            if self.y.scale == Scale::Log { y.max(self.y.low.min(f64::MIN_POSITIVE)) } else { y };
        (self.x.place(x), self.y.place(y))
    }
}

fn points<'a>(layer: &'a Layer, x: &Axis) -> Cow<'a, [(f64, f64)]> {
    match &layer.points {
        Points::Given(points) => Cow::Borrowed(points),
        Points::Graph(graph) => Cow::Owned(graph.points((x.low, x.high))),
    }
}

fn horizontal(figure: &Figure) -> Result<Axis, FigureError> {
    let (name, scale) = ("horizontal", figure.x_scale);
    if let Some(range) = figure.x_range {
        return Axis::new(name, scale, range);
    }
    let mut all = (f64::INFINITY, f64::NEG_INFINITY);
    let mut room = scale == Scale::Log;
    for layer in figure.layers.iter().filter(|layer| layer.mark != Mark::Horizontal) {
        let (low, high) = match &layer.points {
            Points::Given(points) => extent(points.iter().map(|p| p.0)),
            Points::Graph(graph) => graph.extent(),
        };
        all = (all.0.min(low), all.1.max(high));
        room |= layer.mark.needs_room() || layer.mark == Mark::Vertical;
    }
    if all.0 > all.1 {
        return Err(FigureError::Empty);
    }
    if scale == Scale::Log {
        for layer in &figure.layers {
            if let (Points::Given(points), true) = (&layer.points, layer.mark != Mark::Horizontal) {
                positive(layer, name, points.iter().map(|p| p.0))?;
            }
        }
    }
    Axis::new(name, scale, if room { padded(scale, all, (ROOM, ROOM)) } else { alone(scale, all) })
}

fn vertical(figure: &Figure, x: &Axis, layers: &[Resolved<'_>]) -> Result<Axis, FigureError> {
    let (name, scale) = ("vertical", figure.y_scale);
    let edges = Window { x: (x.low, x.high), y: (f64::MIN, f64::MAX) };
    let seen = |(layer, points): &Resolved<'_>| -> Vec<f64> {
        match layer.mark {
            Mark::Vertical => Vec::new(),
            Mark::Horizontal => points.iter().map(|p| p.1).collect(),
            Mark::Markers | Mark::Cloud { .. } | Mark::Steps | Mark::Drops => {
                points.iter().filter(|p| edges.contains(**p)).map(|p| p.1).collect()
            }
            _ => edges.pieces(points).into_iter().flatten().map(|p| p.1).collect(),
        }
    };
    let drawn: Vec<(&Layer, Vec<f64>)> =
        layers.iter().map(|layer| (layer.0, seen(layer))).collect();
    // A reference line alone is no figure.
    let contents =
        drawn.iter().filter(|(layer, _)| !matches!(layer.mark, Mark::Vertical | Mark::Horizontal));
    if contents.clone().all(|(_, y)| y.is_empty()) {
        return Err(FigureError::Empty);
    }
    if scale == Scale::Log {
        for (layer, points) in layers.iter().filter(|(layer, _)| !has_floor(layer)) {
            positive(layer, name, points.iter().map(|p| p.1))?;
        }
    }
    if let Some(range) = figure.y_range {
        return Axis::new(name, scale, range);
    }
    let (low, high) = match scale {
        Scale::Linear => extent(drawn.iter().flat_map(|(_, y)| y.iter().copied())),
        Scale::Log => {
            let top = |layers: &[(&Layer, Vec<f64>)]| {
                extent(layers.iter().flat_map(|(_, y)| y.iter().copied())).1
            };
            let floor = FLOOR * top(&drawn);
            extent(drawn.iter().flat_map(|(layer, y)| {
                // An empty bin has no logarithm, and no bar.
                y.iter()
                    .filter(|y| **y > 0.0)
                    .map(|y| if has_floor(layer) { y.max(floor) } else { *y })
            }))
        }
    };
    let on_zero =
        scale == Scale::Linear && drawn.iter().any(|(layer, _)| layer.mark.stands_on_zero());
    let range = if on_zero {
        // A flat zero curve still gets an axis.
        let (low, high) = (low.min(0.0), high.max(0.0));
        if low == high {
            (0.0, 1.0)
        } else {
            let length = high - low;
            (if low < 0.0 { low - ROOM * length } else { 0.0 }, high + HEADROOM * length)
        }
    } else {
        padded(scale, (low, high), (ROOM, HEADROOM))
    };
    Axis::new(name, scale, range)
}

/// Densities and histograms become 0 far out, which is no mistake.
fn has_floor(layer: &Layer) -> bool {
    match &layer.points {
        Points::Graph(_) => true,
        Points::Given(_) => matches!(layer.mark, Mark::Bars { .. } | Mark::Vertical),
    }
}

fn positive(
    layer: &Layer,
    axis: &'static str,
    values: impl Iterator<Item = f64>,
) -> Result<(), FigureError> {
    if axis == "horizontal" && layer.mark == Mark::Horizontal {
        return Ok(());
    }
    match values.enumerate().find(|(_, value)| *value <= 0.0) {
        Some((index, value)) => {
            Err(FigureError::NotPositive { label: layer.label.clone(), axis, index, value })
        }
        None => Ok(()),
    }
}

/// With space at both ends, as parts of the length.
fn padded(scale: Scale, range: (f64, f64), (below, above): (f64, f64)) -> (f64, f64) {
    let (low, high) = alone(scale, range);
    match scale {
        Scale::Linear => (low - below * (high - low), high + above * (high - low)),
        Scale::Log => {
            let ratio = high / low;
            (low / ratio.powf(below), high * ratio.powf(above))
        }
    }
}

/// A range of its own for a value that lies alone.
fn alone(scale: Scale, (low, high): (f64, f64)) -> (f64, f64) {
    match scale {
        _ if low < high => (low, high),
        Scale::Log => (low / 2.0, high * 2.0),
        Scale::Linear if low == 0.0 => (-1.0, 1.0),
        Scale::Linear => (low - AROUND * low.abs(), high + AROUND * high.abs()),
    }
}

/// The smallest and the largest number; (∞, −∞) of none.
fn extent(numbers: impl Iterator<Item = f64>) -> (f64, f64) {
    numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
}

#[cfg(test)]
mod tests {
    use crate::{Figure, FigureError, Role};
    use gaussian_mixture::GaussianMixture;

    /// Numbers at which arithmetic is known to go wrong.
    const NASTY: [f64; 13] = [
        0.0,
        -0.0,
        5e-324,
        f64::MIN_POSITIVE,
        1e-300,
        1.0,
        1.0 + f64::EPSILON,
        -3.0,
        1e15,
        1e300,
        f64::MAX,
        f64::MIN,
        f64::NAN,
    ];

    fn kinds(a: f64, b: f64) -> Vec<Figure> {
        let figure = || Figure::new("f").labels("x", "y");
        let grid = [a, b];
        let mut figures = vec![
            figure().curve("c", Role::Fitted, &grid, &[b, a]),
            figure().shaded("s", Role::Component(7), &[0.0, 1.0], &grid),
            figure().points("p", Role::Data, &grid, &grid),
            figure()
                .points("p", Role::Data, &[1.0], &[1.0])
                .vertical("v", Role::Reference, a)
                .horizontal("h", Role::Reference, b),
            figure().shaded_between("b", Role::Right, &[0.0, 1.0], &[1.0, 2.0], a..b),
            figure()
                .curve("r", Role::Wrong, &[-1.0, 0.5, 2.0], &[1.0, 2.0, 3.0])
                .x_range(a, b)
                .y_range(b, a),
            figure().scatter("k", Role::Data, &[grid, grid]),
        ];
        if let Ok(mixture) = GaussianMixture::new([0.5, 0.5], [a, b], [b.abs(), 1.0]) {
            figures.push(figure().density("d", Role::Fitted, &mixture).components(&mixture));
            figures.push(
                figure()
                    .cumulative("d", Role::Fitted, &mixture)
                    .quantiles(&mixture, &[0.0, 0.5])
                    .interval(&mixture, a..),
            );
            figures.push(figure().responsibilities(&mixture).highest_density(&mixture, 0.5));
        }
        figures
    }

    #[test]
    fn any_numbers_make_a_figure_or_an_error_that_can_be_read() {
        let (mut drawn, mut refused) = (0, 0);
        for a in NASTY {
            for b in NASTY {
                let plain = kinds(a, b).into_iter();
                let log = kinds(a, b).into_iter().map(|figure| figure.log_x().log_y());
                for figure in plain.chain(log) {
                    let caption = figure.caption();
                    match figure.to_svg() {
                        Ok(svg) => {
                            let (_, drawing) = svg.split_once("</desc>").unwrap();
                            assert!(
                                !drawing.contains("NaN") && !drawing.contains("inf"),
                                "{caption}"
                            );
                            assert!(drawing.len() < 60_000, "{caption}");
                            drawn += 1;
                        }
                        Err(error) => {
                            assert!(!matches!(error, FigureError::Drawing(_)), "{caption}");
                            assert!(error.to_string().contains("expected"), "{error}");
                            refused += 1;
                        }
                    }
                }
            }
        }
        assert!(drawn > 500 && refused > 500, "{drawn} drawn, {refused} refused");
    }
}
