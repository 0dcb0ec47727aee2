//! Histograms that cannot be made.

use crate::SampleError;
use thiserror::Error;

/// A histogram cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum HistogramError {
    /// The samples themselves are unusable.
    #[error(transparent)]
    Samples(#[from] SampleError),
    /// A histogram of zero bins was asked for.
    #[error("expected at least one bin, found n_bins = 0")]
    NoBins,
    /// More bins were asked for than anybody can see.
    #[error("expected at most {most} bins, found n_bins = {n_bins}")]
    TooManyBins {
        /// The number of bins asked for.
        n_bins: usize,
        /// The largest number that is made.
        most: usize,
    },
    /// The width asked for is none.
    #[error("expected a width that is finite and positive, found {width}")]
    Width {
        /// Its value.
        width: f64,
    },
    /// An edge is infinite or NaN.
    #[error("expected finite edges, found {value} at index {index}")]
    EdgeNotFinite {
        /// Which edge.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// A sample lies outside all bins.
    #[error(
        "expected samples from {low} to {high}, where the bins are, found {value} at index {index}"
    )]
    Outside {
        /// Which sample.
        index: usize,
        /// Its value.
        value: f64,
        /// The first edge.
        low: f64,
        /// The last edge.
        high: f64,
    },
    /// The bins are so narrow or so wide that `f64` cannot tell their edges apart or divide by their width.
    #[error("expected bins with a width to divide by, found {n_bins} between {low:e} and {high:e}")]
    BinWidth {
        /// The number of bins asked for.
        n_bins: usize,
        /// The smallest sample.
        low: f64,
        /// The largest sample.
        high: f64,
    },
}
