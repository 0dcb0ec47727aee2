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
