//! Probabilities and intervals that mean nothing.

use thiserror::Error;

/// A number is not a probability that the question has an answer for.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum ProbabilityError {
    /// It is below 0, above 1 or NaN.
    #[error("expected a probability between 0 and 1, found {value} at index {index}")]
    Outside {
        /// Which one of the list; 0 for a single number.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// It is 0 or 1, or not between them at all: no bounded region holds that much.
    #[error("expected a content greater than 0 and less than 1, found {value}")]
    Content {
        /// Its value.
        value: f64,
    },
}

/// Two numbers are not the ends of an interval.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum IntervalError {
    /// An end is NaN.
    #[error("expected ends that are numbers, found an interval from {low} to {high}")]
    NotANumber {
        /// The lower end.
        low: f64,
        /// The upper end.
        high: f64,
    },
    /// The lower end lies above the upper one.
    #[error("expected an interval from left to right, found one from {low} to {high}")]
    Reversed {
        /// The lower end.
        low: f64,
        /// The upper end.
        high: f64,
    },
}
