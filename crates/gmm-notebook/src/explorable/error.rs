//! Why there is nothing to play with.

use gaussian_mixture::{GridError, ParameterError};
use thiserror::Error;

/// An explorable cannot be made.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ExplorableError {
    /// There is no such component, or a mixture's parameters would be none.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// The mixture suits no even grid.
    #[error(transparent)]
    Grid(#[from] GridError),
    /// A range has no length, or one that `f64` cannot hold.
    #[error("expected a range from a smaller to a larger number, found {low:e} to {high:e}")]
    Range {
        /// Where it should begin.
        low: f64,
        /// Where it should end.
        high: f64,
    },
    /// A function is infinite or NaN somewhere.
    #[error("expected a function that is finite on its range, found f({x:?}) = {value}")]
    NotFinite {
        /// Where.
        x: f64,
        /// What it is there.
        value: f64,
    },
    /// The exact area is infinite or NaN.
    #[error("expected a finite exact area, found {area}")]
    Area {
        /// What was given.
        area: f64,
    },
    /// A density is infinite: a component is too narrow for `f64`.
    #[error("expected densities that f64 can hold, found {value} at {x:?}")]
    Density {
        /// Where.
        x: f64,
        /// The density there.
        value: f64,
    },
}
