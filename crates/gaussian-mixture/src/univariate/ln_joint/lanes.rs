//! ln f(x) and responsibilities of a sample in every lane.

use super::{LnComponent, LnJoint};
use crate::simd::{Aligned, Kernel, LANES, Lanes, exp_of_negative, ln, padded, run};
use std::f64::consts::FRAC_1_SQRT_2;

/// Of one component, for a sample in every lane: u = (x − μ)/(√2 σ), and exp(t − M) with t = ln(w N(x)) and M the greatest t of all
/// components.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Term {
    pub(crate) u: Aligned<[f64; LANES]>,
    pub(crate) exponential: Aligned<[f64; LANES]>,
}

impl LnComponent {
    /// u and t.
    #[inline(always)]
    fn lanes<L: Lanes>(&self, x: L) -> (L, L) {
        let deviation = x - x.splat(self.mean);
        // A division takes as long as an exponential.
        let u = match self.reciprocal {
            Some(reciprocal) => deviation * x.splat(reciprocal),
            None => deviation / x.splat(self.std_dev) * x.splat(FRAC_1_SQRT_2),
        };
        (u, u.negated_mul_add(u, x.splat(self.offset)))
    }
}

impl LnJoint {
    /// ln f(x) at each of the points, as many values.
    pub(crate) fn fill(&self, points: &[f64], values: &mut [f64]) {
        run(LnPdf { ln_joint: self, points, values });
    }

    /// Of W registers of samples, leaves the terms of every component, and returns M and S = Σₖ exp(tₖ − M) of each: then
    /// ln f(x) = M + ln S, and the responsibilities are exp(tₖ − M)/S. Where every tₖ is −∞, so is M, and S is NaN.
    #[inline(always)]
    pub(crate) fn softmax<L: Lanes, const W: usize>(
        &self,
        x: [L; W],
        terms: &mut [Term],
    ) -> ([L; W], [L; W]) {
        let Some(first) = x.first() else { return (x, x) };
        let mut max = [first.splat(f64::NEG_INFINITY); W];
        for (terms, c) in terms.chunks_exact_mut(W).zip(&self.components) {
            for w in 0..W {
                let (u, t) = c.lanes(x[w]);
                u.store(&mut terms[w].u);
                t.store(&mut terms[w].exponential);
                max[w] = max[w].max(t);
            }
        }
        let mut sum = [first.splat(0.0); W];
        for terms in terms.chunks_exact_mut(W).take(self.components.len()) {
            for w in 0..W {
                let t = first.load(&terms[w].exponential);
                let exponential = exp_of_negative(t - max[w]);
                exponential.store(&mut terms[w].exponential);
                sum[w] = sum[w] + exponential;
            }
        }
        (max, sum)
    }

    /// Working space for [`softmax`](Self::softmax) of so many registers.
    pub(crate) fn terms(&self, n_registers: usize) -> Vec<Term> {
        vec![Term::default(); self.components.len() * n_registers]
    }

    /// ln f(x) of W registers. Computes each term twice: that takes no space.
    #[inline(always)]
    fn ln_density<L: Lanes, const W: usize>(&self, x: [L; W]) -> [L; W] {
        let Some(first) = x.first() else { return x };
        let mut max = [first.splat(f64::NEG_INFINITY); W];
        for c in &self.components {
            for w in 0..W {
                max[w] = max[w].max(c.lanes(x[w]).1);
            }
        }
        let mut values = [first.splat(0.0); W];
        for c in &self.components {
            for w in 0..W {
                values[w] = values[w] + exp_of_negative(c.lanes(x[w]).1 - max[w]);
            }
        }
        for w in 0..W {
            // Where max is −∞, the sum is NaN.
            values[w] = max[w].if_less(first.splat(f64::MIN), max[w], max[w] + ln(values[w]));
        }
        values
    }
}

struct LnPdf<'a> {
    ln_joint: &'a LnJoint,
    points: &'a [f64],
    values: &'a mut [f64],
}

impl Kernel for LnPdf<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, zero: L) {
        let (pairs, rest) = self.points.as_chunks::<{ 2 * LANES }>();
        let (values, last) = self.values.as_chunks_mut::<{ 2 * LANES }>();
        for (points, values) in pairs.iter().zip(values) {
            let ([a, b], _) = points.as_chunks() else { return };
            let ([to_a, to_b], _) = values.as_chunks_mut() else { return };
            let [a, b] = self.ln_joint.ln_density([zero.load(a), zero.load(b)]);
            a.store(to_a);
            b.store(to_b);
        }
        for (points, values) in rest.chunks(LANES).zip(last.chunks_mut(LANES)) {
            let [value] = self.ln_joint.ln_density([zero.load(&padded(points))]);
            values.copy_from_slice(&value.to_array()[..values.len()]);
        }
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
        let mut terms = self.ln_joint.terms(1);
        for (samples, rows) in self.samples.chunks(LANES).zip(self.rows.chunks_mut(k * LANES)) {
            let x = zero.load(&padded(samples));
            let ([max], [sum]) = self.ln_joint.softmax([x], &mut terms);
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
