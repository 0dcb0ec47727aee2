//! What samples must be before anything is computed from them.

use crate::SampleError;

/// Numbers that are looked at together, as nobody can look at several at once who has to stop at each.
const TOGETHER: usize = 256;

/// All entries finite; the first that is not is named.
pub(crate) fn finite(samples: &[f64]) -> Result<(), SampleError> {
    match first_not_finite(samples) {
        Some(index) => Err(SampleError::NotFinite { index, value: samples[index] }),
        None => Ok(()),
    }
}

/// Where the first infinite number or NaN stands.
pub(crate) fn first_not_finite(values: &[f64]) -> Option<usize> {
    let is_spoilt = |chunk: &[f64]| !chunk.iter().fold(true, |all, x| all & x.is_finite());
    let chunk = values.chunks(TOGETHER).position(is_spoilt)?;
    let start = chunk * TOGETHER;
    values[start..].iter().position(|x| !x.is_finite()).map(|i| start + i)
}

/// Whether no number is beyond half of the greatest one, so that all are finite, and so are the differences between any two.
pub(crate) fn are_moderate(values: &[f64]) -> bool {
    let is_moderate = |x: &f64| x.abs() <= 0.5 * f64::MAX;
    values.chunks(TOGETHER).all(|chunk| chunk.iter().fold(true, |all, x| all & is_moderate(x)))
}

/// The smallest and the largest of at least one finite sample; they differ.
pub(crate) fn range(samples: &[f64]) -> Result<(f64, f64), SampleError> {
    finite(samples)?;
    let &first = samples.first().ok_or(SampleError::Empty)?;
    let (low, high) = samples.iter().fold((first, first), |(l, h), &x| (l.min(x), h.max(x)));
    if low == high { Err(SampleError::Constant { value: low }) } else { Ok((low, high)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_named_wherever_it_stands() {
        for n in [1, 255, 256, 257, 1000] {
            let mut values = vec![f64::MAX; n];
            assert_eq!(first_not_finite(&values), None);
            for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                for i in (0..n).rev() {
                    values[i] = bad;
                    assert_eq!(first_not_finite(&values), Some(i));
                }
                values.fill(-f64::MIN_POSITIVE);
            }
        }
        assert_eq!(first_not_finite(&[]), None);
    }

    #[test]
    fn moderate_numbers_have_finite_differences() {
        let half = 0.5 * f64::MAX;
        assert!(are_moderate(&[half, -half]) && (half - -half).is_finite() && are_moderate(&[]));
        for bad in [half.next_up(), f64::MAX, f64::MIN, f64::INFINITY, f64::NEG_INFINITY, f64::NAN]
        {
            for n in [0, 255, 256, 999] {
                let mut values = vec![half; 1000];
                values[n] = bad;
                assert!(!are_moderate(&values), "{bad} {n}");
            }
        }
    }
}
