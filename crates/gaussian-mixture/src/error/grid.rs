//! Curves that cannot be integrated.

use thiserror::Error;

/// A curve cannot be integrated.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum GridError {
    /// The grid and the values have different lengths.
    #[error("expected one value per grid point, found {n_points} points and {n_values} values")]
    Length {
        /// The number of grid points.
        n_points: usize,
        /// The number of values.
        n_values: usize,
    },
    /// An area needs two points at least, an estimate of its error three.
    #[error("expected at least {least} grid points, found {n_points}")]
    TooShort {
        /// The number of grid points.
        n_points: usize,
        /// How many it takes.
        least: usize,
    },
    /// A grid point or a value is infinite or NaN.
    #[error("expected finite {what}, found {value} at index {index}")]
    NotFinite {
        /// `"grid points"` or `"values"`.
        what: &'static str,
        /// Which one.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// Grid and values are finite, but the area is too large for `f64`.
    #[error("expected an area that f64 can hold, found {area}")]
    Overflow {
        /// What came out: infinite or NaN.
        area: f64,
    },
    /// The widths and distances of a mixture's components are too different for one even grid.
    #[error(
        "expected a mixture that an even grid of {most} points suits, found one that needs {needed:e}"
    )]
    TooManyPoints {
        /// How many points it would take.
        needed: f64,
        /// How many are made at most.
        most: usize,
    },
    /// A grid point is not greater than the one before it.
    #[error("expected an increasing grid, found {right} at index {index} after {left}")]
    NotIncreasing {
        /// The index of the right-hand point.
        index: usize,
        /// The point before it.
        left: f64,
        /// The point that is not greater.
        right: f64,
    },
}
