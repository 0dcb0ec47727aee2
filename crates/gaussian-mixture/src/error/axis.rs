//! Coordinates that a mixture does not have, and curves that it cannot draw.

use crate::ParameterError;
use thiserror::Error;

/// A marginal, a conditional or an ellipse that there is not.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum AxisError {
    /// No axis was named.
    #[error("expected at least one axis, found none")]
    NoAxes,
    /// The mixture has fewer coordinates.
    #[error("expected axes below {dim}, found axis {axis}")]
    OutOfRange {
        /// The axis asked for, counted from 0.
        axis: usize,
        /// The number of coordinates.
        dim: usize,
    },
    /// An axis was named twice.
    #[error("expected each axis once, found axis {axis} twice")]
    Twice {
        /// Which one.
        axis: usize,
    },
    /// All coordinates are given, so that none has a distribution.
    #[error("expected fewer than {dim} given axes, found all of them")]
    NoneLeft {
        /// The number of coordinates.
        dim: usize,
    },
    /// A given value is infinite or NaN.
    #[error("expected a finite value for axis {axis}, found {value}")]
    Value {
        /// Which axis.
        axis: usize,
        /// Its value.
        value: f64,
    },
    /// Only a plane has ellipses.
    #[error("expected a mixture of 2 dimensions to draw ellipses of, found {dim}")]
    NotAPlane {
        /// The number of coordinates.
        dim: usize,
    },
    /// The content is no probability between 0 and 1.
    #[error("expected a content between 0 and 1, found {value}")]
    Content {
        /// Its value.
        value: f64,
    },
    /// A curve needs two points at least.
    #[error("expected at least 2 points, found {n_points}")]
    TooFewPoints {
        /// How many were asked for.
        n_points: usize,
    },
    /// There is no such component, or what would come out leaves the range of `f64`.
    #[error(transparent)]
    Parameters(#[from] ParameterError),
}
