//! Samples that cannot be used.

use thiserror::Error;

/// The samples cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum SampleError {
    /// There are none.
    #[error("expected at least one sample, found none")]
    Empty,
    /// One of them is infinite or NaN.
    #[error("expected finite samples, found {value} at index {index}")]
    NotFinite {
        /// Which sample.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// All of them are the same number, so there is no width to measure.
    #[error("expected samples that differ, found the value {value} in every one")]
    Constant {
        /// That number.
        value: f64,
    },
    /// The samples have another number of coordinates than the mixture.
    #[error(
        "expected samples of shape (n_samples, {expected}), found the shape ({n_samples}, {found}){}",
        transposed(*expected, *n_samples, *found)
    )]
    Dimension {
        /// The dimension of the mixture.
        expected: usize,
        /// The number of rows found.
        n_samples: usize,
        /// The number of columns found.
        found: usize,
    },
    /// A coordinate of a sample is infinite or NaN.
    #[error("expected finite samples, found {value} in row {row}, column {column}")]
    EntryNotFinite {
        /// Which sample.
        row: usize,
        /// Which of its coordinates.
        column: usize,
        /// Its value.
        value: f64,
    },
    /// A coordinate is the same number in every sample, so there is no width to measure.
    #[error(
        "expected samples that differ in every column, found the value {value} throughout column {column}"
    )]
    ConstantColumn {
        /// Which coordinate.
        column: usize,
        /// That number.
        value: f64,
    },
    /// One row, of as many coordinates as somebody may have samples.
    #[error(
        "expected one sample per row, found the single row of shape (1, {dim}); if these are {dim} samples of one number \
         each, pass the list to GaussianMixture::fit, or a table of shape ({dim}, 1)"
    )]
    SingleRow {
        /// The number of its coordinates.
        dim: usize,
    },
    /// There is not one weight for each sample.
    #[error("expected one weight per sample, that is {expected}, found {found}")]
    WeightCount {
        /// The number of samples.
        expected: usize,
        /// The number of weights.
        found: usize,
    },
    /// A weight or a count is negative, infinite or NaN.
    #[error(
        "expected weights and counts to be finite and not negative, found {value} at index {index}"
    )]
    Weight {
        /// Which one.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// All weights or counts are 0, or their sum overflows.
    #[error("expected weights or counts with a positive, finite sum, found the sum {sum}")]
    WeightSum {
        /// What they add up to.
        sum: f64,
    },
    /// There is not one edge more than counts.
    #[error("expected one edge more than counts, found {n_edges} edges and {n_counts} counts")]
    BinCount {
        /// The number of edges.
        n_edges: usize,
        /// The number of counts.
        n_counts: usize,
    },
    /// There is but one bin, from −∞ to +∞, which says nothing.
    #[error("expected bins with at least one finite edge each, found one from -inf to +inf")]
    OneBin,
    /// An edge of a bin is not greater than the one before it.
    #[error("expected increasing edges, found {right} at index {index} after {left}")]
    Edges {
        /// The index of the right-hand edge.
        index: usize,
        /// The edge before it.
        left: f64,
        /// The edge that is not greater.
        right: f64,
    },
}

/// What to do about a table that would fit if it stood the other way.
fn transposed(expected: usize, n_samples: usize, found: usize) -> String {
    if n_samples == expected {
        format!(
            "; one sample per row is expected: pass the transposed table, of shape ({found}, {expected})"
        )
    } else {
        String::new()
    }
}
