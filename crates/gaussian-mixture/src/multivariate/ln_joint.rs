//! ln(wₖ Nₖ(x)) for every component k: where every density, responsibility and E-step begins.

use super::MultivariateGaussianMixture;
use crate::log_sum_exp::{Softmax, log_sum_exp, softmax_in_place};
use crate::univariate::ln_joint::HALF_LN_2_PI;

/// The function x ↦ ln(wₖ Nₖ(x)) = ln wₖ − ln det Lₖ − d·½ ln 2π − ½|Lₖ⁻¹(x − μₖ)|², with what does not depend on x worked
/// out once.
pub(crate) struct MultivariateLnJoint<'a> {
    mixture: &'a MultivariateGaussianMixture,
    /// The first three terms; −∞ for a weight of 0.
    offsets: Vec<f64>,
}

impl<'a> MultivariateLnJoint<'a> {
    pub(crate) fn new(mixture: &'a MultivariateGaussianMixture) -> Self {
        let constant = mixture.dim() as f64 * HALF_LN_2_PI;
        let weights = mixture.weights().iter().enumerate();
        let offsets =
            weights.map(|(k, w)| w.ln() - mixture.factors().ln_det(k) - constant).collect();
        Self { mixture, offsets }
    }

    /// ln f(x) = ln Σₖ wₖ Nₖ(x); `terms` is working space of one number per component, `z` of one per coordinate.
    pub(crate) fn ln_pdf(&self, row: &[f64], terms: &mut [f64], z: &mut [f64]) -> f64 {
        for (k, term) in terms.iter_mut().enumerate() {
            self.whiten(k, row, z);
            *term = self.offsets[k] - half_square(z);
        }
        log_sum_exp(terms)
    }

    /// ln f(x), and the responsibilities wₖ Nₖ(x) / f(x) in `shares`; leaves Lₖ⁻¹(x − μₖ) of every component in `whitened`.
    pub(crate) fn shares(&self, row: &[f64], shares: &mut [f64], whitened: &mut [f64]) -> Softmax {
        for (k, (share, z)) in
            shares.iter_mut().zip(whitened.chunks_exact_mut(row.len())).enumerate()
        {
            self.whiten(k, row, z);
            *share = self.offsets[k] - half_square(z);
        }
        let softmax = softmax_in_place(shares);
        if softmax.ln_sum == f64::NEG_INFINITY {
            // So far out that every squared distance overflows. The nearest component, in its own coordinates, outweighs all
            // others there.
            let nearest = self.nearest(whitened, row.len());
            shares.fill(0.0);
            shares[nearest] = 1.0;
        }
        softmax
    }

    fn whiten(&self, k: usize, row: &[f64], z: &mut [f64]) {
        let mean = self.mixture.means().row(k);
        z.iter_mut().zip(row).zip(mean).for_each(|((z, x), mean)| *z = x - mean);
        self.mixture.factors().whiten(k, z);
    }

    fn nearest(&self, whitened: &[f64], d: usize) -> usize {
        let distances = whitened.chunks_exact(d).enumerate().map(|(k, z)| {
            let largest = z.iter().fold(0.0, |a: f64, z| a.max(z.abs()));
            let scaled: f64 = z.iter().map(|z| (z / largest).powi(2)).sum();
            (k, largest * scaled.sqrt())
        });
        distances
            .filter(|(k, _)| self.offsets[*k] > f64::NEG_INFINITY)
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map_or(0, |(k, _)| k)
    }
}

/// ½|z|². An infinite coordinate makes it infinite, though another is NaN because of it; a NaN that came with the point, and no
/// infinity, makes it NaN.
fn half_square(z: &[f64]) -> f64 {
    let square: f64 = z.iter().map(|z| z * z).sum();
    if square.is_nan() && z.iter().any(|z| z.is_infinite()) { f64::INFINITY } else { 0.5 * square }
}
