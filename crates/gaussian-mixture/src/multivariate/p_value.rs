//! How surprising is a sample? The probability of one that is no more likely.

use crate::{MultivariateGaussianMixture, Rows, SampleError};
use ndarray::Array1;
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;

impl MultivariateGaussianMixture {
    /// The novelty p-value P(f(Y) ≤ f(x)) of each row x, with Y drawn from the mixture: small where the mixture has next to
    /// nothing, in gaps between its components as well as beyond them. It is estimated with `n_draws` draws Yᵢ from the seed as
    ///
    /// ```text
    /// (1 + #{i : f(Yᵢ) ≤ f(x)}) / (n_draws + 1)
    /// ```
    ///
    /// which is never 0, and of which at most a share α is below α for samples of the mixture itself. The same draws serve all
    /// rows. Its standard error is √(p(1 − p)/n_draws). In one dimension
    /// [`GaussianMixture::p_value`](crate::GaussianMixture::p_value) is exact.
    ///
    /// "Permutation P-values should never be zero", Statistical Applications in Genetics and Molecular Biology 9, 2010.
    ///
    /// # Errors
    ///
    /// [`SampleError::Dimension`] if the rows do not have d coordinates. A row with a NaN has the p-value NaN.
    pub fn p_value<R: Rows + ?Sized>(
        &self,
        rows: &R,
        n_draws: usize,
        seed: u64,
    ) -> Result<Array1<f64>, SampleError> {
        let ln_pdf = self.ln_pdf(rows)?;
        let draws = self.sample_rows(n_draws, &mut Xoshiro256PlusPlus::seed_from_u64(seed));
        let mut drawn = self.ln_pdf(&draws)?.to_vec();
        drawn.sort_by(f64::total_cmp);
        Ok(ln_pdf.mapv(|l| {
            if l.is_nan() {
                return f64::NAN;
            }
            let count = drawn.partition_point(|d| *d <= l);
            (1 + count) as f64 / (n_draws + 1) as f64
        }))
    }
}
