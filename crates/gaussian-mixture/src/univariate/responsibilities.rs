//! Which component a sample came from, as a probability for each.

use super::ln_joint::Responsibilities;
use crate::samples::finite;
use crate::simd::run;
use crate::threads;
use crate::{GaussianMixture, SampleError, Samples};
use ndarray::Array2;

impl GaussianMixture {
    /// The responsibility rₙₖ of component k for sample n: the probability that k produced it, given that one of the
    /// components did,
    ///
    /// ```text
    /// rₙₖ = wₖ Nₖ(xₙ) / Σⱼ wⱼ Nⱼ(xₙ)
    /// ```
    ///
    /// as an array of shape (number of samples, number of components) whose rows sum to 1. It says nothing about whether
    /// the mixture explains the sample: far from all components, one of them still gets nearly 1.
    ///
    /// # Errors
    ///
    /// [`SampleError::NotFinite`] with the index of the first sample that is infinite or NaN. An empty list gives an
    /// array of shape (0, K).
    ///
    /// ```
    /// use gaussian_mixture::GaussianMixture;
    ///
    /// let mixture = GaussianMixture::new([0.5, 0.5], [-1.0, 1.0], [1.0, 1.0])?;
    /// let r = mixture.responsibilities(&[0.0, 3.0])?;
    /// assert_eq!(r.row(0).to_vec(), [0.5, 0.5]);
    /// assert!(r[[1, 1]] > 0.99);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "predict_proba")]
    pub fn responsibilities<S: Samples + ?Sized>(
        &self,
        samples: &S,
    ) -> Result<Array2<f64>, SampleError> {
        let samples = samples.samples();
        finite(&samples)?;
        let (k, ln_joint) = (self.n_components(), &self.ln_joint());
        let mut rows = vec![0.0; samples.len() * k];
        threads::fill((&samples, 1), (&mut rows, k), k, &|samples, rows| {
            run(Responsibilities { ln_joint, samples, rows });
        });
        Ok(Array2::from_shape_vec((samples.len(), k), rows).unwrap_or_default())
    }

    /// The responsibilities for each sample, one sample after the other, on the present thread.
    pub(crate) fn shares_of(&self, samples: &[f64]) -> Vec<f64> {
        let mut rows = vec![0.0; samples.len() * self.n_components()];
        run(Responsibilities { ln_joint: &self.ln_joint(), samples, rows: &mut rows });
        rows
    }

    /// The most responsible component for each sample: the k of the largest rₙₖ, the first of equal ones.
    ///
    /// # Errors
    ///
    /// [`SampleError::NotFinite`] with the index of the first sample that is infinite or NaN.
    ///
    /// ```
    /// use gaussian_mixture::GaussianMixture;
    ///
    /// let mixture = GaussianMixture::new([0.5, 0.5], [-1.0, 1.0], [1.0, 1.0])?;
    /// assert_eq!(mixture.predict(&[-0.1, 3.0])?, [0, 1]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn predict<S: Samples + ?Sized>(&self, samples: &S) -> Result<Vec<usize>, SampleError> {
        let table = self.responsibilities(samples)?;
        let first_largest =
            |row: ndarray::ArrayView1<'_, f64>| {
                row.iter().enumerate().fold((0, 0.0), |best, (k, &share)| {
                    if share > best.1 { (k, share) } else { best }
                })
            };
        Ok(table.rows().into_iter().map(|row| first_largest(row).0).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One rounding per component.
    const ROUNDING: f64 = 1e-15;

    #[test]
    fn they_are_the_formula_in_the_documentation() {
        let m = GaussianMixture::new([0.2, 0.8], [-1.0, 1.5], [0.7, 0.4]).unwrap();
        let samples = [-2.0, 0.3, 1.1];
        let r = m.responsibilities(&samples).unwrap();
        for (n, x) in samples.into_iter().enumerate() {
            let bump =
                |mean: f64, std_dev: f64| (-0.5 * ((x - mean) / std_dev).powi(2)).exp() / std_dev;
            let pieces = [0.2 * bump(-1.0, 0.7), 0.8 * bump(1.5, 0.4)];
            for k in 0..2 {
                assert!((r[[n, k]] - pieces[k] / (pieces[0] + pieces[1])).abs() < ROUNDING);
            }
        }
    }

    #[test]
    fn rows_sum_to_one_however_far_out() {
        let m = GaussianMixture::new([0.0, 0.5, 0.5], [0.0, 0.0, 6.0], [9.0, 1.0, 0.5]).unwrap();
        let r = m.responsibilities(&[0.0, -40.0, 1e3, 1e6, 1e160, f64::MAX]).unwrap();
        for row in r.rows() {
            assert!((row.sum() - 1.0).abs() < ROUNDING);
            assert_eq!(row[0], 0.0);
        }
        assert_eq!(r.row(5).to_vec(), [0.0, 1.0, 0.0]);
    }

    #[test]
    fn where_squares_overflow_the_nearest_component_is_the_one() {
        let first = |means: [f64; 2], std_devs: [f64; 2], x: f64| {
            let m = GaussianMixture::new([0.5, 0.5], means, std_devs).unwrap();
            m.responsibilities(&[x]).unwrap()[[0, 0]]
        };
        assert_eq!(first([-1.0, 1.0], [1.0, 1.0], -1e160), 1.0);
        assert_eq!(first([-1.0, 1.0], [1.0, 1.0], 1e160), 0.0);
        assert_eq!(first([-1e300, 1e300], [1.0, 1.000_000_1], -9.9e299), 1.0);
        assert_eq!(first([-1.0, 1.0], [1.0, 2.0], -1e160), 0.0);
    }

    #[test]
    fn a_sample_that_is_not_finite_is_named() {
        let m = GaussianMixture::new([1.0], [0.0], [1.0]).unwrap();
        let error = m.responsibilities(&[0.0, f64::INFINITY]).unwrap_err();
        assert_eq!(error, SampleError::NotFinite { index: 1, value: f64::INFINITY });
    }
}
