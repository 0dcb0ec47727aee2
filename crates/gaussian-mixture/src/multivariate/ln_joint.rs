//! ln(wₖ Nₖ(x)) for every component k: where every density, responsibility and E-step begins.

use super::MultivariateGaussianMixture;
use super::batch::{BATCH, Batch, Column, Filled, ZEROS, fill_columns};
use super::whitening::{self, Whitening};
use crate::simd::{self, Kernel, Lanes};
use crate::univariate::ln_joint::HALF_LN_2_PI;

/// The function x ↦ ln(wₖ Nₖ(x)) = ln wₖ − ln det Lₖ − d·½ ln 2π − ½|Lₖ⁻¹(x − μₖ)|², with what does not depend on x worked
/// out once.
pub(crate) struct MultivariateLnJoint<'a> {
    pub(super) mixture: &'a MultivariateGaussianMixture,
    /// The first three terms; −∞ for a weight of 0.
    pub(super) offsets: Vec<f64>,
}

impl<'a> MultivariateLnJoint<'a> {
    pub(crate) fn new(mixture: &'a MultivariateGaussianMixture) -> Self {
        let constant = mixture.dim() as f64 * HALF_LN_2_PI;
        let weights = mixture.weights().iter().enumerate();
        let offsets =
            weights.map(|(k, w)| w.ln() - mixture.factors().ln_det(k) - constant).collect();
        Self { mixture, offsets }
    }

    /// The components' means, one after the other.
    pub(crate) fn means(&self) -> &[f64] {
        self.mixture.means().as_slice().unwrap_or_default()
    }

    /// The numbers K of components and d of coordinates.
    pub(crate) fn shape(&self) -> (usize, usize) {
        (self.mixture.n_components(), self.mixture.dim())
    }

    /// ln f(x) = ln Σₖ wₖ Nₖ(x) of each row, as many values.
    pub(crate) fn ln_pdf(&self, rows: &[f64], values: &mut [f64]) {
        if let Some(whitening) = self.mixture.factors().whitening() {
            simd::run(LnPdf { ln_joint: self, whitening, rows, values: &mut *values });
        } else {
            values.fill(f64::NAN);
        }
        self.mend(rows, values);
    }

    /// The responsibilities wₖ Nₖ(x) / f(x) of each row, row after row.
    pub(crate) fn responsibilities(&self, rows: &[f64], shares: &mut [f64]) {
        let Some(whitening) = self.mixture.factors().whitening() else {
            shares.fill(f64::NAN);
            return self.mend_responsibilities(rows, shares);
        };
        simd::run(Responsibilities { ln_joint: self, whitening, rows, shares: &mut *shares });
        self.mend_responsibilities(rows, shares);
    }

    /// Fills the batch from at most [`BATCH`] rows, with ln(wₖ Nₖ(x)) as its terms.
    ///
    /// Of a sample so far out that squares overflow, some terms are −∞ or NaN, and z is infinite or NaN.
    #[inline(always)]
    pub(crate) fn evaluate<L: Lanes>(
        &self,
        zero: L,
        whitening: &Whitening,
        rows: &[f64],
        batch: &mut Batch,
    ) -> Filled {
        let Batch { x, working, z, terms } = batch;
        let (d, filled) = (x.len(), fill_columns(zero, x, rows));
        self.mixture.origin.subtract_common(zero, (x, filled));
        let has_common_product = whitening.is_common() && self.mixture.origin.is_common();
        if has_common_product {
            whitening.product(zero, (x, filled), working);
        }
        for (k, (term, offset)) in terms.iter_mut().zip(&self.offsets).enumerate() {
            let z = if z.is_empty() { &mut [] } else { &mut z[k * d..][..d] };
            let (offset, shift) = (zero.splat(*offset), self.mixture.origin.shift(k, d));
            if has_common_product {
                whitening::shifted(offset, shift, (working, filled), z, term);
            } else {
                let x = self.seen_by(zero, k, (x, filled), working);
                whitening.whiten(offset, (k, shift), (x, filled), z, term);
            }
        }
        filled
    }

    /// The samples as component k's coordinates are computed from them.
    #[inline(always)]
    pub(crate) fn seen_by<'b, L: Lanes>(
        &self,
        zero: L,
        k: usize,
        (x, filled): (&'b [Column], Filled),
        working: &'b mut [Column],
    ) -> &'b [Column] {
        let mean = &self.means()[k * x.len()..][..x.len()];
        self.mixture.origin.seen_by(zero, mean, (x, filled), working)
    }

    /// Whether sums may be taken as all components are seen from c.
    pub(crate) fn are_close(&self) -> bool {
        self.mixture.origin.is_close()
    }

    /// L⁻¹(c − μ) of component k.
    pub(crate) fn shift(&self, k: usize) -> &[f64] {
        self.mixture.origin.shift(k, self.mixture.dim())
    }
}

/// With M = maxₖ tₖ, leaves exp(tₖ − M) as the terms of one register of samples; M and the sum of what it leaves. The sum is NaN
/// if no term is finite or one is NaN.
#[inline(always)]
pub(crate) fn exp_from_max<L: Lanes>(zero: L, terms: &mut [Column], v: usize) -> (L, L) {
    let mut max = zero.splat(f64::NEG_INFINITY);
    for term in terms.iter() {
        max = max.max(zero.load(&term[v]));
    }
    let mut sum = zero;
    for term in terms.iter_mut() {
        let share = simd::exp_of_negative(zero.load(&term[v]) - max);
        share.store(&mut term[v]);
        sum = sum + share;
    }
    (max, sum)
}

struct LnPdf<'a> {
    ln_joint: &'a MultivariateLnJoint<'a>,
    whitening: &'a Whitening,
    rows: &'a [f64],
    values: &'a mut [f64],
}

impl Kernel for LnPdf<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, zero: L) {
        let (k, d) = self.ln_joint.shape();
        let mut batch = Batch::new(k, d, false);
        for (rows, values) in self.rows.chunks(BATCH * d).zip(self.values.chunks_mut(BATCH)) {
            let filled = self.ln_joint.evaluate(zero, self.whitening, rows, &mut batch);
            let mut column = ZEROS;
            for v in filled.registers() {
                let (max, sum) = exp_from_max(zero, &mut batch.terms, v);
                (max + simd::ln(sum)).store(&mut column[v]);
            }
            values.copy_from_slice(&column.as_flattened()[..values.len()]);
        }
    }
}

struct Responsibilities<'a> {
    ln_joint: &'a MultivariateLnJoint<'a>,
    whitening: &'a Whitening,
    rows: &'a [f64],
    shares: &'a mut [f64],
}

impl Kernel for Responsibilities<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, zero: L) {
        let (n_components, d) = self.ln_joint.shape();
        let mut batch = Batch::new(n_components, d, false);
        for (rows, shares) in
            self.rows.chunks(BATCH * d).zip(self.shares.chunks_mut(BATCH * n_components))
        {
            let filled = self.ln_joint.evaluate(zero, self.whitening, rows, &mut batch);
            for v in filled.registers() {
                let (_, sum) = exp_from_max(zero, &mut batch.terms, v);
                for term in &mut batch.terms {
                    (zero.load(&term[v]) / sum).store(&mut term[v]);
                }
            }
            for (k, term) in batch.terms.iter().enumerate() {
                let entries = shares[k..].iter_mut().step_by(n_components);
                entries.zip(term.as_flattened()).for_each(|(to, from)| *to = *from);
            }
        }
    }
}
