//! ln f(x) and responsibilities of a sample in every lane.

use super::LnJoint;
use crate::simd::{Function, Kernel, LANES, Lanes, exp, ln, padded};

/// Of one component, for a sample in every lane: z = (x − μ)/σ, and exp(t − M) with t = ln(w N(x)) and M the greatest t of all
/// components.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Term {
    pub(crate) z: [f64; LANES],
    pub(crate) exponential: [f64; LANES],
}

impl LnJoint {
    /// Leaves the terms of every component, and returns M and S = Σₖ exp(tₖ − M): then ln f(x) = M + ln S, and the
    /// responsibilities are exp(tₖ − M)/S. Where every tₖ is −∞, so is M, and S is NaN.
    #[inline(always)]
    pub(crate) fn softmax<L: Lanes>(&self, x: L, terms: &mut [Term]) -> (L, L) {
        let mut max = x.splat(f64::NEG_INFINITY);
        for (term, c) in terms.iter_mut().zip(&self.components) {
            let z = (x - x.splat(c.mean)) / x.splat(c.std_dev);
            let t = x.splat(c.offset) - (x.splat(0.5) * z) * z;
            z.store(&mut term.z);
            t.store(&mut term.exponential);
            max = max.max(t);
        }
        let mut sum = x.splat(0.0);
        for term in terms {
            let exponential = exp(x.load(&term.exponential) - max);
            exponential.store(&mut term.exponential);
            sum = sum + exponential;
        }
        (max, sum)
    }

    /// Working space for [`softmax`](Self::softmax).
    pub(crate) fn terms(&self) -> Vec<Term> {
        vec![Term::default(); self.components.len()]
    }
}

/// x ↦ ln f(x).
pub(crate) struct LnPdf<'a> {
    ln_joint: &'a LnJoint,
    terms: Vec<Term>,
}

impl<'a> LnPdf<'a> {
    pub(crate) fn new(ln_joint: &'a LnJoint) -> Self {
        Self { terms: ln_joint.terms(), ln_joint }
    }
}

impl Function for LnPdf<'_> {
    #[inline(always)]
    fn at<L: Lanes>(&mut self, x: L) -> L {
        let (max, sum) = self.ln_joint.softmax(x, &mut self.terms);
        // Where max is −∞, sum is NaN.
        max.if_less(x.splat(f64::MIN), max, max + ln(sum))
    }
}

/// The responsibilities of each sample, row by row.
pub(crate) struct Responsibilities<'a> {
    pub(crate) ln_joint: &'a LnJoint,
    /// All finite.
    pub(crate) samples: &'a [f64],
    /// As many rows of as many numbers as there are components.
    pub(crate) rows: &'a mut [f64],
}

impl Kernel for Responsibilities<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, zero: L) {
        let k = self.ln_joint.components.len();
        let mut terms = self.ln_joint.terms();
        for (samples, rows) in self.samples.chunks(LANES).zip(self.rows.chunks_mut(k * LANES)) {
            let (max, sum) = self.ln_joint.softmax(zero.load(&padded(samples)), &mut terms);
            for (column, term) in terms.iter().enumerate() {
                let shares = (zero.load(&term.exponential) / sum).to_array();
                let column = rows.iter_mut().skip(column).step_by(k);
                column.zip(shares).for_each(|(entry, share)| *entry = share);
            }
            for ((row, max), &x) in rows.chunks_mut(k).zip(max.to_array()).zip(samples) {
                if max == f64::NEG_INFINITY {
                    self.ln_joint.nearest_alone(x, row);
                }
            }
        }
    }
}
