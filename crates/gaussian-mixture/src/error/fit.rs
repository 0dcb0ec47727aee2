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
    /// A start that was given has another number of components, or another dimension, than the fit.
    #[error("expected a start of {expected} {what}, found {found}")]
    Start {
        /// `"components"`, `"dimensions"` or `"rows"`.
        what: &'static str,
        /// How many the fit has.
        expected: usize,
        /// How many the start has.
        found: usize,
    },
    /// A responsibility that was given is negative, infinite or NaN, or its whole row is 0.
    #[error(
        "expected responsibilities that are finite, not negative and not all 0 in a row, found {value} in row {row}"
    )]
    Responsibility {
        /// Which row.
        row: usize,
        /// The value, or the sum of the row.
        value: f64,
    },
    /// The samples are so far apart that their range overflows.
    #[error("expected samples whose range f64 can hold, found samples from {low:e} to {high:e}")]
    TooFarApart {
        /// The smallest sample.
        low: f64,
        /// The largest sample.
        high: f64,
    },
    /// Moments that were taken under another mixture do not add.
    #[error("expected moments taken under the same mixture, found another mixture's")]
    OtherMixture,
    /// Nothing to choose from was given to a selection.
    #[error("expected at least one candidate to select from, found none")]
    NoCandidates,
    /// Held-out likelihood needs samples that can be dealt into folds.
    #[error("expected from 2 to {n_samples} folds of samples, found {folds}")]
    Folds {
        /// The number of samples; 0 for bins, which cannot be dealt out.
        n_samples: usize,
        /// The number of folds asked for.
        folds: usize,
    },
    /// The samples are so close together that their standard deviation is 0 or subnormal for `f64`.
    #[error(
        "expected samples further apart than from {low:e} to {high:e}, whose spread f64 cannot express"
    )]
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
