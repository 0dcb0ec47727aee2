//! What samples must be before anything is computed from them.

use crate::SampleError;

/// All entries finite; the first that is not is named.
pub(crate) fn finite(samples: &[f64]) -> Result<(), SampleError> {
    match samples.iter().position(|x| !x.is_finite()) {
        Some(index) => Err(SampleError::NotFinite { index, value: samples[index] }),
        None => Ok(()),
    }
}

/// The smallest and the largest of at least one finite sample; they differ.
pub(crate) fn range(samples: &[f64]) -> Result<(f64, f64), SampleError> {
    finite(samples)?;
    let &first = samples.first().ok_or(SampleError::Empty)?;
    let (low, high) = samples.iter().fold((first, first), |(l, h), &x| (l.min(x), h.max(x)));
    if low == high { Err(SampleError::Constant { value: low }) } else { Ok((low, high)) }
}
