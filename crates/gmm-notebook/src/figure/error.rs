//! What can be wrong with a figure.

use gaussian_mixture::{AxisError, IntervalError, ProbabilityError};
use thiserror::Error;

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
    /// A logarithmic axis has no place for 0 and negative numbers.
    #[error(
        "\"{label}\": expected values greater than 0 for a logarithmic {axis} axis, found {value} at index {index}"
    )]
    NotPositive {
        /// The layer's label.
        label: String,
        /// `"horizontal"` or `"vertical"`.
        axis: &'static str,
        /// Which point.
        index: usize,
        /// Its place on that axis.
        value: f64,
    },
    /// An interval's ends are not in order, or one is NaN.
    #[error(
        "\"{label}\": expected an interval from a smaller to a larger number, found {low} to {high}"
    )]
    Interval {
        /// The layer's label.
        label: String,
        /// Its smaller end.
        low: f64,
        /// Its greater end.
        high: f64,
    },
    /// Points of other than two coordinates.
    #[error("\"{label}\": expected rows of 2 coordinates to draw in a plane, found {dim}")]
    NotAPlane {
        /// The layer's label.
        label: String,
        /// The number of coordinates.
        dim: usize,
    },
    /// There is nothing to draw.
    #[error("expected at least one curve, area, histogram or point within the axes, found none")]
    Empty,
    /// An interval that has no probability.
    #[error(transparent)]
    Probability(#[from] IntervalError),
    /// A probability that has no quantile, or no region of highest density.
    #[error(transparent)]
    Quantile(#[from] ProbabilityError),
    /// An ellipse that there is not.
    #[error(transparent)]
    Ellipse(#[from] AxisError),
    /// No candidate has a value of that criterion.
    #[error("expected a selection with values of the criterion {criterion}, found none")]
    Criterion {
        /// The criterion's name.
        criterion: &'static str,
    },
    /// The file's name does not say what to write.
    #[error("expected a file name that ends in .svg or .png, found {path}")]
    Extension {
        /// The file's name.
        path: String,
    },
    /// Pictures are an option.
    #[error(
        "to save {path}, enable the feature \"png\" of gmm-notebook; without it, save the figure as .svg"
    )]
    NoPng {
        /// The file's name.
        path: String,
    },
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
