//! The E-step's sums over a batch of samples: of responsibilities r, and of r z and r z zᵀ in the coordinates z of each component.

use super::sums::Sums;
use crate::multivariate::batch::{BATCH, Batch, Column, VECTORS, ZEROS};
use crate::multivariate::ln_joint::{MultivariateLnJoint, exp_from_max};
use crate::multivariate::whitening::Whitening;
use crate::simd::{self, Kernel, Lanes};

/// Adds rows, with one weight each or of weight 1, to the sums.
///
/// What a sample so far out that squares overflow adds to them is not finite.
pub(super) struct EStep<'a> {
    pub(super) ln_joint: &'a MultivariateLnJoint<'a>,
    pub(super) whitening: &'a Whitening,
    pub(super) rows: &'a [f64],
    pub(super) weights: Option<&'a [f64]>,
    pub(super) sums: &'a mut Sums,
}

impl Kernel for EStep<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, zero: L) {
        let (k, d) = self.ln_joint.shape();
        let sums = self.sums;
        let mut batch = Batch::new(k, d, k);
        for (i, rows) in self.rows.chunks(BATCH * d).enumerate() {
            let n = rows.len() / d;
            let mut weights = ZEROS;
            match self.weights {
                Some(all) => {
                    weights.as_flattened_mut()[..n].copy_from_slice(&all[i * BATCH..][..n]);
                }
                None => weights.as_flattened_mut()[..n].fill(1.0),
            }
            sums.n_samples += weights.as_flattened().iter().sum::<f64>();
            self.ln_joint.evaluate(zero, self.whitening, rows, &mut batch);
            let all_one = self.weights.is_none();
            let (max, ln_sum) = share_out(zero, &weights, all_one, &mut batch.terms);
            sums.ln_likelihood += max + ln_sum;
            // The greatest responsibility is 1/S.
            sums.ln_certainty -= ln_sum;
            let components = sums.values.chunks_exact_mut(sums.stride);
            for ((r, z), sums) in batch.terms.iter().zip(batch.z.chunks_exact(d)).zip(components) {
                add_moments(zero, r, z, &mut batch.deviations, sums);
            }
        }
    }
}

/// Turns the terms ln(wₖ Nₖ(x)) into responsibilities times the sample's weight; Σ w M and Σ w ln S, where ln f = M + ln S.
#[inline(always)]
fn share_out<L: Lanes>(
    zero: L,
    weights: &Column,
    all_one: bool,
    terms: &mut [Column],
) -> (f64, f64) {
    let one = zero.splat(1.0);
    let (mut max, mut ln_sum, mut product) = (zero, zero, one);
    for (v, weight) in weights.iter().enumerate() {
        let weight = zero.load(weight);
        let (m, s) = exp_from_max(zero, terms, v);
        max = weight.mul_add(m, max);
        if all_one {
            // What stands in for missing samples has the weight 0.
            product = product * zero.if_less(weight, s, one);
        } else {
            ln_sum = weight.mul_add(simd::ln(s), ln_sum);
        }
        let scale = weight / s;
        for term in terms.iter_mut() {
            (zero.load(&term[v]) * scale).store(&mut term[v]);
        }
    }
    // Each factor is between 1 and the number of components: eight of them stay within the range of `f64`.
    (max.sum(), (ln_sum + simd::ln(product)).sum())
}

/// Adds Σ r, Σ r z and Σ r z zᵀ, or the diagonal of that where there is room for no more.
#[inline(always)]
fn add_moments<L: Lanes>(
    zero: L,
    r: &Column,
    z: &[Column],
    scaled: &mut [Column],
    sums: &mut [f64],
) {
    let count = r.iter().fold(zero, |sum, r| sum + zero.load(r)).sum();
    if count == 0.0 {
        return;
    }
    sums[0] += count;
    let (first, second) = sums[1..].split_at_mut(z.len());
    for ((z, scaled), first) in z.iter().zip(scaled.iter_mut()).zip(first) {
        let mut sum = zero;
        for v in 0..VECTORS {
            let product = zero.load(&r[v]) * zero.load(&z[v]);
            product.store(&mut scaled[v]);
            sum = sum + product;
        }
        *first += sum.sum();
    }
    if second.len() == z.len() {
        for ((z, scaled), second) in z.iter().zip(scaled.iter()).zip(second) {
            *second += products(zero, [scaled], [z])[0][0];
        }
    } else {
        add_triangle(zero, scaled, z, second);
    }
}

/// Adds Σ a bᵀ, of which the lower triangle lies row by row.
#[inline(always)]
fn add_triangle<L: Lanes>(zero: L, a: &[Column], b: &[Column], triangle: &mut [f64]) {
    let d = a.len();
    for i in (0..d).step_by(2) {
        let next_i = (i + 1).min(d - 1);
        for j in (0..=i).step_by(2) {
            let next_j = (j + 1).min(d - 1);
            let [upper, lower] = products(zero, [&a[i], &a[next_i]], [&b[j], &b[next_j]]);
            triangle[i * (i + 1) / 2 + j] += upper[0];
            if j < i {
                triangle[i * (i + 1) / 2 + j + 1] += upper[1];
            }
            if next_i > i {
                let row = next_i * (next_i + 1) / 2;
                triangle[row + j] += lower[0];
                triangle[row + j + 1] += lower[1];
            }
        }
    }
}

/// Σ aᵢ bⱼ over the samples, for a few pairs of columns at a time.
#[inline(always)]
fn products<L: Lanes, const A: usize, const B: usize>(
    zero: L,
    a: [&Column; A],
    b: [&Column; B],
) -> [[f64; B]; A] {
    let mut sums = [[zero; B]; A];
    for v in 0..VECTORS {
        let (a, b) = (a.map(|a| zero.load(&a[v])), b.map(|b| zero.load(&b[v])));
        for i in 0..A {
            for j in 0..B {
                sums[i][j] = a[i].mul_add(b[j], sums[i][j]);
            }
        }
    }
    sums.map(|row| row.map(L::sum))
}
