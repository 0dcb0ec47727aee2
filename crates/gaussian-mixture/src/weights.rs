//! Mixing weights as a type: a vector that sums to 1, because no other can be built.

use crate::{IntoList, ParameterError};
use rand::{Rng, RngExt};

/// How far from 1 the sum of given weights may be. Weights that were printed with ten digits and typed in again pass;
/// the smallest mistake worth the name does not.
const SUM_TOLERANCE: f64 = 1e-9;

/// The mixing weights w₁ … w_K of a mixture: at least one, each finite and not negative, together 1.
///
/// A density Σₖ wₖ fₖ(x) whose pieces fₖ integrate to 1 integrates to Σₖ wₖ. So a mixture that is built from this type
/// integrates to 1 by construction, and no total needs to be divided by anything afterwards.
///
/// ```
/// use gaussian_mixture::Weights;
///
/// let given = Weights::new([0.25, 0.75])?;
/// let counted = Weights::from_proportions([500.0, 1500.0])?;
/// assert_eq!(given, counted);
/// assert!(Weights::new([0.25, 0.25]).is_err());
/// # Ok::<(), gaussian_mixture::ParameterError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Vec<f64>", into = "Vec<f64>"))]
pub struct Weights(Vec<f64>);

impl Weights {
    /// Takes weights that already sum to 1 (within 1e-9; the rest, a matter of rounding, is divided out).
    ///
    /// # Errors
    ///
    /// [`ParameterError::NoComponents`] for an empty list, [`ParameterError::Weight`] for a negative, infinite or NaN
    /// entry, [`ParameterError::WeightSum`] for any other sum.
    pub fn new(weights: impl IntoList) -> Result<Self, ParameterError> {
        let weights = weights.into_list();
        let sum = checked_sum(&weights)?;
        let off = (sum - 1.0).abs();
        if off > SUM_TOLERANCE {
            return Err(ParameterError::WeightSum { sum });
        }
        // Already as near to 1 as rounding lets a sum come: left alone, so that weights read back keep their bits.
        if off <= weights.len() as f64 * f64::EPSILON {
            return Ok(Self(weights));
        }
        Ok(Self::divide(weights, sum))
    }

    /// Divides proportions, such as counts, by their sum: wₖ = pₖ / Σⱼ pⱼ.
    ///
    /// # Errors
    ///
    /// As [`Weights::new`] for the entries; [`ParameterError::ProportionSum`] if the sum is 0 or infinite.
    pub fn from_proportions(proportions: impl IntoList) -> Result<Self, ParameterError> {
        let proportions = proportions.into_list();
        let sum = checked_sum(&proportions)?;
        if !(sum > 0.0 && sum.is_finite()) {
            return Err(ParameterError::ProportionSum { sum });
        }
        Ok(Self::divide(proportions, sum))
    }

    /// The same weight 1/K for each of K components.
    ///
    /// # Errors
    ///
    /// [`ParameterError::NoComponents`] for `n_components = 0`.
    pub fn uniform(n_components: usize) -> Result<Self, ParameterError> {
        Self::from_proportions(vec![1.0; n_components])
    }

    /// The weights in order, one per component.
    pub fn as_slice(&self) -> &[f64] {
        &self.0
    }

    /// A component drawn by its weight: the first whose cumulative weight exceeds a uniform number from [0, 1).
    pub(crate) fn draw<R: Rng + ?Sized>(&self, rng: &mut R) -> usize {
        let mut left: f64 = rng.random();
        let mut last = 0;
        for (index, &weight) in self.0.iter().enumerate() {
            if weight > 0.0 {
                if left < weight {
                    return index;
                }
                last = index;
            }
            left -= weight;
        }
        // Rounding may leave a sliver above the last cumulative weight. It belongs to the last component that has any.
        last
    }

    fn divide(mut proportions: Vec<f64>, sum: f64) -> Self {
        for p in &mut proportions {
            *p /= sum;
        }
        Self(proportions)
    }
}

fn checked_sum(values: &[f64]) -> Result<f64, ParameterError> {
    if values.is_empty() {
        return Err(ParameterError::NoComponents);
    }
    match values.iter().position(|w| !(w.is_finite() && *w >= 0.0)) {
        Some(index) => Err(ParameterError::Weight { index, value: values[index] }),
        None => Ok(values.iter().sum()),
    }
}

impl std::ops::Deref for Weights {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proportions_are_divided_by_their_sum() {
        let weights = Weights::from_proportions([2000.0, 5000.0, 10_000.0]).unwrap();
        assert_eq!(weights.as_slice(), [2.0 / 17.0, 5.0 / 17.0, 10.0 / 17.0]);
    }

    #[test]
    fn a_vector_that_is_not_a_weighting_cannot_be_held() {
        assert_eq!(Weights::new(Vec::<f64>::new()), Err(ParameterError::NoComponents));
        assert_eq!(Weights::uniform(0), Err(ParameterError::NoComponents));
        assert_eq!(Weights::new([0.5, 0.6]), Err(ParameterError::WeightSum { sum: 1.1 }));
        assert!(Weights::new([0.5, 0.500_001]).is_err());
        assert_eq!(
            Weights::new([1.5, -0.5]),
            Err(ParameterError::Weight { index: 1, value: -0.5 })
        );
        assert!(matches!(
            Weights::new([0.5, f64::NAN]),
            Err(ParameterError::Weight { index: 1, .. })
        ));
        assert_eq!(
            Weights::from_proportions([0.0, 0.0]),
            Err(ParameterError::ProportionSum { sum: 0.0 })
        );
        let sum = f64::INFINITY;
        assert_eq!(
            Weights::from_proportions([f64::MAX, f64::MAX]),
            Err(ParameterError::ProportionSum { sum })
        );
    }

    #[test]
    fn typed_in_again_with_ten_digits_they_still_pass() {
        let typed = Weights::new([0.117_647_058_8, 0.294_117_647_1, 0.588_235_294_2]).unwrap();
        assert!((typed.iter().sum::<f64>() - 1.0).abs() <= f64::EPSILON);
    }

    #[test]
    fn weights_read_back_keep_their_bits() {
        for n_components in 1..2000 {
            let weights = Weights::uniform(n_components).unwrap();
            assert_eq!(Weights::new(weights.as_slice()), Ok(weights));
        }
    }
}
