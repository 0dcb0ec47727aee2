//! A figure as data: labelled layers over one pair of axes. [`crate::svg`] draws it, [`crate::caption`] puts it in words.

use crate::Role;
use crate::display::Contents;
use crate::{caption, svg};
use gaussian_mixture::{Histogram, Samples};
use std::fmt;
use std::path::Path;
use thiserror::Error;

/// Curves, shaded areas and a histogram over one pair of axes.
///
/// As the last expression of a notebook's cell it is shown, as `image/svg+xml` with a caption in `text/plain`; elsewhere
/// [`save`](Self::save) writes it to a file. A mistake in the data is kept and told when the figure is shown or saved, so
/// that the methods can be chained.
#[derive(Clone)]
#[must_use = "a figure is shown as the last expression of a cell, without a semicolon, or saved to a file"]
pub struct Figure {
    pub(crate) title: String,
    pub(crate) x_label: String,
    pub(crate) y_label: String,
    pub(crate) x_range: Option<(f64, f64)>,
    pub(crate) layers: Vec<Layer>,
    error: Option<FigureError>,
}

/// One curve, area or histogram.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    pub(crate) label: String,
    pub(crate) role: Role,
    pub(crate) mark: Mark,
    pub(crate) points: Vec<(f64, f64)>,
}

/// How a layer's points are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Mark {
    Line,
    Dashed,
    Shaded,
    /// The points are the outline of the bars.
    Bars {
        n_samples: f64,
        n_bins: usize,
    },
}

/// A figure cannot be drawn or saved.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum FigureError {
    /// A curve's grid and values have different lengths.
    #[error(
        "curve \"{label}\": expected one value per grid point, found {n_points} points and {n_values} values"
    )]
    Length {
        /// The curve's label.
        label: String,
        /// The number of grid points.
        n_points: usize,
        /// The number of values.
        n_values: usize,
    },
    /// A curve has a point that is infinite or NaN.
    #[error("curve \"{label}\": expected finite points, found ({x}, {y}) at index {index}")]
    NotFinite {
        /// The curve's label.
        label: String,
        /// Which point.
        index: usize,
        /// Its place on the horizontal axis.
        x: f64,
        /// Its place on the vertical axis.
        y: f64,
    },
    /// An axis has no length, or one that `f64` cannot hold.
    #[error("expected a {axis} axis from a smaller to a larger number, found {low:e} to {high:e}")]
    Range {
        /// `"horizontal"` or `"vertical"`.
        axis: &'static str,
        /// Its smaller end.
        low: f64,
        /// Its greater end.
        high: f64,
    },
    /// There is nothing to draw.
    #[error(
        "expected at least one curve, area or histogram within the horizontal axis, found none"
    )]
    Empty,
    /// The drawing itself failed.
    #[error("the figure could not be drawn: {0}")]
    Drawing(String),
    /// The file could not be written.
    #[error("the figure could not be saved to {path}: {message}")]
    Save {
        /// Where to.
        path: String,
        /// What the operating system said.
        message: String,
    },
}

impl Figure {
    /// An empty figure with a title.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            x_label: String::new(),
            y_label: String::new(),
            x_range: None,
            layers: Vec::new(),
            error: None,
        }
    }

    /// Names the axes, with their units.
    pub fn labels(self, x_label: impl Into<String>, y_label: impl Into<String>) -> Self {
        Self { x_label: x_label.into(), y_label: y_label.into(), ..self }
    }

    /// Shows the part from `low` to `high` of the horizontal axis only.
    pub fn x_range(mut self, low: f64, high: f64) -> Self {
        self.x_range = Some((low, high));
        self
    }

    /// Adds a solid line through the points (`grid[i]`, `values[i]`).
    pub fn curve<X, Y>(self, label: impl Into<String>, role: Role, grid: &X, values: &Y) -> Self
    where
        X: Samples + ?Sized,
        Y: Samples + ?Sized,
    {
        self.layer(label.into(), role, Mark::Line, grid, values)
    }

    /// Adds a dashed line through the points (`grid[i]`, `values[i]`): to be seen on top of another curve.
    pub fn dashed<X, Y>(self, label: impl Into<String>, role: Role, grid: &X, values: &Y) -> Self
    where
        X: Samples + ?Sized,
        Y: Samples + ?Sized,
    {
        self.layer(label.into(), role, Mark::Dashed, grid, values)
    }

    /// Adds a curve with the area between it and 0 shaded.
    pub fn shaded<X, Y>(self, label: impl Into<String>, role: Role, grid: &X, values: &Y) -> Self
    where
        X: Samples + ?Sized,
        Y: Samples + ?Sized,
    {
        self.layer(label.into(), role, Mark::Shaded, grid, values)
    }

    /// Adds a density histogram, in grey.
    pub fn histogram(mut self, label: impl Into<String>, histogram: &Histogram) -> Self {
        let bars = histogram.edges().windows(2).zip(histogram.densities());
        let points = bars.flat_map(|(edges, density)| [(edges[0], density), (edges[1], density)]);
        self.layers.push(Layer {
            label: label.into(),
            role: Role::Data,
            mark: Mark::Bars { n_samples: histogram.total(), n_bins: histogram.counts().len() },
            points: points.collect(),
        });
        self
    }

    fn layer<X, Y>(mut self, label: String, role: Role, mark: Mark, grid: &X, values: &Y) -> Self
    where
        X: Samples + ?Sized,
        Y: Samples + ?Sized,
    {
        let (x, y) = (grid.samples(), values.samples());
        let points: Vec<(f64, f64)> = x.iter().copied().zip(y.iter().copied()).collect();
        if x.len() != y.len() {
            let error = FigureError::Length { label, n_points: x.len(), n_values: y.len() };
            self.error.get_or_insert(error);
        } else if let Some(index) =
            points.iter().position(|(x, y)| !(x.is_finite() && y.is_finite()))
        {
            let (x, y) = points[index];
            self.error.get_or_insert(FigureError::NotFinite { label, index, x, y });
        } else {
            self.layers.push(Layer { label, role, mark, points });
        }
        self
    }

    /// The figure as an SVG document.
    ///
    /// # Errors
    ///
    /// The first [`FigureError`] that building or drawing it came upon.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        match &self.error {
            Some(error) => Err(error.clone()),
            None => svg::draw(self),
        }
    }

    /// The figure in words and numbers.
    pub fn caption(&self) -> String {
        caption::caption(self)
    }

    /// Writes the figure to a file as SVG.
    ///
    /// # Errors
    ///
    /// As [`to_svg`](Self::to_svg), and [`FigureError::Save`] if the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), FigureError> {
        let path = path.as_ref();
        std::fs::write(path, self.to_svg()?).map_err(|error| FigureError::Save {
            path: path.display().to_string(),
            message: error.to_string(),
        })
    }

    /// Shows the figure in a notebook; the kernel calls this. A figure that cannot be drawn says why on standard error,
    /// which the notebook shows.
    pub fn evcxr_display(&self) {
        match self.to_svg() {
            Ok(svg) => {
                Contents { plain: self.caption(), rich: vec![("image/svg+xml", svg)] }.send();
            }
            Err(error) => eprintln!("figure \"{}\": {error}", self.title),
        }
    }
}

/// The caption.
impl fmt::Debug for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.caption())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure() -> Figure {
        Figure::new("f")
    }

    #[test]
    fn mistakes_in_the_data_are_told_when_the_figure_is_drawn() {
        let error = |figure: Figure| figure.to_svg().unwrap_err();
        assert_eq!(error(figure()), FigureError::Empty);
        let length = FigureError::Length { label: "a".into(), n_points: 2, n_values: 1 };
        assert_eq!(error(figure().curve("a", Role::Fitted, &[0.0, 1.0], &[0.0])), length);
        let bad = error(figure().curve("a", Role::Fitted, &[0.0, 1.0], &[0.0, f64::INFINITY]));
        let stated = "curve \"a\": expected finite points, found (1, inf) at index 1";
        assert_eq!(bad.to_string(), stated);
        let line = || figure().curve("a", Role::Fitted, &[0.0, 1.0], &[0.0, 1.0]);
        let horizontal = |low, high| FigureError::Range { axis: "horizontal", low, high };
        assert_eq!(error(line().x_range(1.0, 1.0)), horizontal(1.0, 1.0));
        let (low, high) = (-1.7e308, 1.7e308);
        assert_eq!(error(line().x_range(low, high)), horizontal(low, high));
        assert!(matches!(error(line().x_range(f64::NAN, 1.0)), FigureError::Range { .. }));
        assert_eq!(error(line().x_range(1e15, 1e15 + 1.0)), horizontal(1e15, 1e15 + 1.0));
        assert!(line().x_range(1e9, 1e9 + 0.1).to_svg().is_err_and(|e| e == FigureError::Empty));
        let far = figure().curve("a", Role::Fitted, &[1e9, 1e9 + 0.1], &[0.0, 1.0]);
        assert!(far.to_svg().is_ok());
        let tall = figure().curve("a", Role::Fitted, &[0.0, 1.0], &[1e308, 1.7e308]);
        assert!(matches!(error(tall), FigureError::Range { axis: "vertical", .. }));
        let outside = figure().curve("a", Role::Fitted, &[0.0, 1.0], &[0.0, 1.0]).x_range(5.0, 6.0);
        assert_eq!(error(outside), FigureError::Empty);
    }

    #[test]
    fn a_figure_can_be_saved_and_a_failure_names_the_file() {
        let figure = figure().curve("a", Role::Fitted, &[0.0, 1.0], &[0.0, 1.0]);
        let path = std::env::temp_dir().join("gmm-notebook-figure-test.svg");
        figure.save(&path).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), figure.to_svg().unwrap());
        std::fs::remove_file(&path).unwrap();
        let error = figure.save("no/such/folder/figure.svg").unwrap_err();
        assert!(error.to_string().contains("no/such/folder/figure.svg"));
    }
}
