//! Figures: data and mixtures over a pair of axes, drawn with plotters as SVG, with a caption in words and numbers.

mod axis;
mod canvas;
mod caption;
mod clip;
mod draw;
mod error;
mod fits;
mod graph;
mod layer;
mod legend;
mod mixtures;
mod number;
mod panels;
mod plane;
mod role;
mod save;
mod scene;
mod simplify;
mod text;
mod widths;

pub use error::FigureError;
pub use panels::Panels;
pub use role::Role;
pub(crate) use save::write;

use crate::display::Contents;
use axis::Scale;
use gaussian_mixture::{Histogram, Samples};
use layer::{Layer, Mark, Points};
use std::fmt;
use std::ops::Range;
use std::path::Path;

/// Curves, areas, histograms, points and lines over one pair of axes.
///
/// As the last expression of a notebook's cell it is shown, as `image/svg+xml` with a caption in `text/plain`; elsewhere
/// [`save`](Self::save) writes it to a file. A mistake in the data is kept and told when the figure is shown or saved, so
/// that the methods can be chained.
///
/// What is added first lies below. Data is only borrowed, from slices, `Vec`s, or ndarray's arrays and views:
///
/// ```
/// use gmm_notebook::prelude::*;
///
/// let steps = [1.0, 0.5, 0.25];
/// let errors = array![1e-2, 1e-5, 1e-12];
/// let figure = Figure::new("Error of the trapezoid rule")
///     .labels("Step", "Error")
///     .points("measured", Role::Data, &steps, &errors.view())
///     .log_x()
///     .log_y();
/// assert!(figure.to_svg()?.contains("10⁻⁴"));
/// # Ok::<(), gmm_notebook::FigureError>(())
/// ```
#[derive(Clone)]
#[must_use = "a figure is shown as the last expression of a cell, without a semicolon, or saved to a file"]
pub struct Figure {
    pub(crate) title: String,
    pub(crate) x_label: String,
    pub(crate) y_label: String,
    pub(crate) x_range: Option<(f64, f64)>,
    pub(crate) y_range: Option<(f64, f64)>,
    pub(crate) x_scale: Scale,
    pub(crate) y_scale: Scale,
    /// Whether the horizontal axis counts something.
    pub(crate) x_counts: bool,
    pub(crate) layers: Vec<Layer>,
    pub(crate) error: Option<FigureError>,
}

impl Figure {
    /// An empty figure with a title.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            x_label: String::new(),
            y_label: String::new(),
            x_range: None,
            y_range: None,
            x_scale: Scale::Linear,
            y_scale: Scale::Linear,
            x_counts: false,
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

    /// Shows the part from `low` to `high` of the vertical axis only.
    pub fn y_range(mut self, low: f64, high: f64) -> Self {
        self.y_range = Some((low, high));
        self
    }

    /// A logarithmic horizontal axis. Everything must be greater than 0 on it.
    pub fn log_x(mut self) -> Self {
        self.x_scale = Scale::Log;
        self
    }

    /// A logarithmic vertical axis. Everything must be greater than 0 on it; except that the density of a mixture, which far out
    /// becomes 0, is drawn down to the lower end of [`y_range`](Self::y_range), or to 10⁻¹² of the highest value.
    pub fn log_y(mut self) -> Self {
        self.y_scale = Scale::Log;
        self
    }

    /// Adds a line through the points (`grid[i]`, `values[i]`), in the line style of its role.
    pub fn curve<X, Y>(self, label: impl Into<String>, role: Role, grid: &X, values: &Y) -> Self
    where
        X: Samples + ?Sized,
        Y: Samples + ?Sized,
    {
        self.layer(label.into(), role, Mark::Line(None), grid, values)
    }

    /// Adds a dashed line through the points (`grid[i]`, `values[i]`): to be seen on top of another curve.
    pub fn dashed<X, Y>(self, label: impl Into<String>, role: Role, grid: &X, values: &Y) -> Self
    where
        X: Samples + ?Sized,
        Y: Samples + ?Sized,
    {
        self.layer(label.into(), role, Mark::Line(Some(role::DASHED)), grid, values)
    }

    /// Adds a curve with the area between it and 0 shaded.
    pub fn shaded<X, Y>(self, label: impl Into<String>, role: Role, grid: &X, values: &Y) -> Self
    where
        X: Samples + ?Sized,
        Y: Samples + ?Sized,
    {
        self.layer(label.into(), role, Mark::Shaded, grid, values)
    }

    /// Adds the area between a curve and 0 over the interval `within`, without the curve. Between grid points the curve is a
    /// straight line there, as it is for the trapezoid rule.
    pub fn shaded_between<X, Y>(
        self,
        label: impl Into<String>,
        role: Role,
        grid: &X,
        values: &Y,
        within: Range<f64>,
    ) -> Self
    where
        X: Samples + ?Sized,
        Y: Samples + ?Sized,
    {
        let label = label.into();
        if within.is_empty() {
            return self.fail(FigureError::Interval { label, low: within.start, high: within.end });
        }
        let before = self.layers.len();
        let mut figure = self.layer(label, role, Mark::Area, grid, values);
        if let Some(Layer { points: Points::Given(points), .. }) = figure.layers.get_mut(before) {
            let window = clip::Window { x: (within.start, within.end), y: (f64::MIN, f64::MAX) };
            *points = window.pieces(points).concat();
        }
        figure
    }

    /// Adds a marker at each point (`x[i]`, `y[i]`).
    pub fn points<X, Y>(self, label: impl Into<String>, role: Role, x: &X, y: &Y) -> Self
    where
        X: Samples + ?Sized,
        Y: Samples + ?Sized,
    {
        self.layer(label.into(), role, Mark::Markers, x, y)
    }

    /// Adds a vertical line at `x`, from edge to edge.
    pub fn vertical(self, label: impl Into<String>, role: Role, x: f64) -> Self {
        self.layer(label.into(), role, Mark::Vertical, &[x], &[0.0])
    }

    /// Adds a horizontal line at `y`, from edge to edge.
    pub fn horizontal(self, label: impl Into<String>, role: Role, y: f64) -> Self {
        self.layer(label.into(), role, Mark::Horizontal, &[0.0], &[y])
    }

    /// Adds a density histogram, in grey.
    pub fn histogram(self, label: impl Into<String>, histogram: &Histogram) -> Self {
        let bars = histogram.edges().windows(2).zip(histogram.densities());
        let points = bars.flat_map(|(edges, density)| [(edges[0], density), (edges[1], density)]);
        let mark = Mark::Bars { n_samples: histogram.total(), n_bins: histogram.counts().len() };
        self.add(label.into(), Role::Data, mark, Points::Given(points.collect()), None)
    }

    fn layer<X, Y>(self, label: String, role: Role, mark: Mark, x: &X, y: &Y) -> Self
    where
        X: Samples + ?Sized,
        Y: Samples + ?Sized,
    {
        let (x, y) = (x.samples(), y.samples());
        if x.len() != y.len() {
            return self.fail(FigureError::Length { label, n_points: x.len(), n_values: y.len() });
        }
        let points: Vec<(f64, f64)> = x.iter().copied().zip(y.iter().copied()).collect();
        if let Some(index) = points.iter().position(|(x, y)| !(x.is_finite() && y.is_finite())) {
            let (x, y) = points[index];
            return self.fail(FigureError::NotFinite { label, index, x, y });
        }
        self.add(label, role, mark, Points::Given(points), None)
    }

    fn add(
        mut self,
        label: String,
        role: Role,
        mark: Mark,
        points: Points,
        told: Option<String>,
    ) -> Self {
        self.layers.push(Layer { label, role, mark, points, told });
        self
    }

    /// Keeps the first mistake.
    fn fail(mut self, error: FigureError) -> Self {
        self.error.get_or_insert(error);
        self
    }

    /// Names the axes unless they have names.
    fn default_labels(mut self, x_label: &str, y_label: &str) -> Self {
        for (label, default) in [(&mut self.x_label, x_label), (&mut self.y_label, y_label)] {
            if label.is_empty() {
                default.clone_into(label);
            }
        }
        self
    }

    /// The figure as an SVG document.
    ///
    /// # Errors
    ///
    /// The first [`FigureError`] that building or drawing it came upon.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        draw::figure(self)
    }

    /// The figure in words and numbers.
    pub fn caption(&self) -> String {
        caption::caption(self)
    }

    /// Writes the figure to a file, by its extension: `.svg` or, with this crate's feature `png`, `.png`.
    ///
    /// # Errors
    ///
    /// As [`to_svg`](Self::to_svg); [`FigureError::Extension`] for any other extension, [`FigureError::NoPng`] for a PNG without the
    /// feature, and [`FigureError::Save`] if the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), FigureError> {
        save::save(path.as_ref(), || self.to_svg())
    }

    /// Shows the figure in a notebook; the kernel calls this. A figure that cannot be drawn says why on standard error,
    /// which the notebook shows.
    pub fn evcxr_display(&self) {
        let what = format!("figure \"{}\"", self.title);
        Contents::send_drawing(&what, "image/svg+xml", self.to_svg(), || self.caption());
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
        let extension = figure.save("figure.jpg").unwrap_err();
        assert_eq!(extension, FigureError::Extension { path: "figure.jpg".into() });
        let error = figure.save("no/such/folder/figure.svg").unwrap_err();
        assert!(error.to_string().contains("no/such/folder/figure.svg"));
    }

    #[test]
    #[cfg(feature = "png")]
    fn a_figure_can_be_saved_as_png() {
        let figure = figure().curve("a", Role::Fitted, &[0.0, 1.0], &[0.0, 1.0]);
        let path = std::env::temp_dir().join("gmm-notebook-figure-test.png");
        figure.save(&path).unwrap();
        assert!(std::fs::read(&path).unwrap().starts_with(b"\x89PNG"));
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    #[cfg(not(feature = "png"))]
    fn without_its_feature_a_png_is_refused_with_the_features_name() {
        let figure = figure().curve("a", Role::Fitted, &[0.0, 1.0], &[0.0, 1.0]);
        let error = figure.save("figure.png").unwrap_err();
        assert_eq!(error, FigureError::NoPng { path: "figure.png".into() });
        assert!(error.to_string().contains("\"png\""));
    }

    #[test]
    fn an_area_over_part_of_a_curve_ends_on_the_curve() {
        let (grid, values) = ([0.0, 1.0, 2.0], [0.0, 1.0, 0.0]);
        let shaded = |within| figure().shaded_between("a", Role::Fitted, &grid, &values, within);
        assert!(shaded(0.5..2.0).caption().contains("area below it 0.875"));
        assert!(matches!(shaded(2.0..0.5).to_svg(), Err(FigureError::Interval { .. })));
        assert!(matches!(shaded(f64::NAN..0.5).to_svg(), Err(FigureError::Interval { .. })));
    }

    #[test]
    fn zero_has_no_place_on_a_logarithmic_axis() {
        let figure = figure().points("a", Role::Data, &[1.0, 0.0], &[1.0, 1.0]).log_x();
        let expected = FigureError::NotPositive {
            label: "a".into(),
            axis: "horizontal",
            index: 1,
            value: 0.0,
        };
        assert_eq!(figure.to_svg(), Err(expected));
    }
}
