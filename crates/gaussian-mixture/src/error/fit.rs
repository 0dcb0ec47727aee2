//! Samples and options that no mixture can be fitted to.

use crate::{ParameterError, SampleError};
use thiserror::Error;

/// A mixture cannot be fitted to these samples with these options.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum FitError {
    /// The samples themselves are unusable.
    #[error(transparent)]
    Samples(#[from] SampleError),
    /// A mixture of zero components was asked for.
    #[error("expected at least one component to fit, found n_components = 0")]
    NoComponents,
    /// There are more components than samples.
    #[error(
        "expected at least as many samples as components, found {n_samples} samples for {n_components} components"
    )]
    TooFewSamples {
        /// The number of samples.
        n_samples: usize,
        /// The number of components asked for.
        n_components: usize,
    },
    /// No start was asked for.
    #[error("expected at least one start, found restarts = 0")]
    NoRestarts,
    /// The samples are so close together that half their range is 0 for `f64`.
    #[error("expected samples further apart than from {low:e} to {high:e}, which f64 cannot halve")]
    TooClose {
        /// The smallest sample.
        low: f64,
        /// The largest sample.
        high: f64,
    },
    /// An option has a value without a meaning.
    #[error("expected {option} to be {expected}, found {value}")]
    Option {
        /// The option's name.
        option: &'static str,
        /// What it must be.
        expected: &'static str,
        /// Its value.
        value: f64,
    },
    /// The fitted parameters leave the range of `f64`: the samples are closer together, or further apart, than
    /// it can express.
    #[error("the fitted parameters leave the range of f64: {0}")]
    Unrepresentable(#[from] ParameterError),
}
