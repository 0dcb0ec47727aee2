//! Samples one at a time, by forward substitution: those so far out that squared distances overflow, and all of a mixture whose
//! factors have no inverse within the range of `f64`.

use super::ln_joint::MultivariateLnJoint;
use crate::log_sum_exp::{Softmax, log_sum_exp, softmax_in_place};

impl MultivariateLnJoint<'_> {
    /// Works out what is NaN, or the logarithm of nothing, once more.
    pub(super) fn mend(&self, rows: &[f64], ln_pdf: &mut [f64]) {
        let (k, d) = self.shape();
        let (mut terms, mut whitened) = (vec![0.0; k], vec![0.0; k * d]);
        for (row, value) in rows.chunks_exact(d).zip(ln_pdf) {
            if !value.is_finite() {
                self.fill(row, &mut terms, &mut whitened);
                *value = log_sum_exp(&terms);
            }
        }
    }

    /// Works out rows of responsibilities that are NaN once more.
    pub(super) fn mend_responsibilities(&self, rows: &[f64], shares: &mut [f64]) {
        let (k, d) = self.shape();
        let mut whitened = vec![0.0; k * d];
        for (row, shares) in rows.chunks_exact(d).zip(shares.chunks_exact_mut(k)) {
            if shares[0].is_nan() {
                self.shares(row, shares, &mut whitened);
            }
        }
    }

    /// ln f(x), and the responsibilities wₖ Nₖ(x) / f(x) in `shares`; leaves Lₖ⁻¹(x − μₖ) of every component in `whitened`.
    pub(crate) fn shares(&self, row: &[f64], shares: &mut [f64], whitened: &mut [f64]) -> Softmax {
        self.fill(row, shares, whitened);
        let softmax = softmax_in_place(shares);
        if softmax.ln_sum == f64::NEG_INFINITY {
            // The nearest component, in its own coordinates, outweighs all others there.
            let nearest = self.nearest(whitened, row.len());
            shares.fill(0.0);
            shares[nearest] = 1.0;
        }
        softmax
    }

    /// Lₖ⁻¹(x − μₖ) and ln(wₖ Nₖ(x)) of every component.
    fn fill(&self, row: &[f64], terms: &mut [f64], whitened: &mut [f64]) {
        for (k, (term, z)) in terms.iter_mut().zip(whitened.chunks_exact_mut(row.len())).enumerate()
        {
            let mean = self.mixture.means().row(k);
            z.iter_mut().zip(row).zip(mean).for_each(|((z, x), mean)| *z = x - mean);
            self.mixture.factors().whiten(k, z);
            *term = self.offsets[k] - half_square(z);
        }
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
