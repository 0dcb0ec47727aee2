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
        // Σ w M and Σ w ln S, with ln f = M + ln S.
        let (mut max, mut ln_sum) = (zero, zero);
        for (i, rows) in self.rows.chunks(BATCH * d).enumerate() {
            let n = rows.len() / d;
            let mut weights = ZEROS;
            let present = &mut weights.as_flattened_mut()[..n];
            if let Some(all) = self.weights {
                present.copy_from_slice(&all[i * BATCH..][..n]);
                sums.n_samples += present.iter().sum::<f64>();
            } else {
                present.fill(1.0);
                sums.n_samples += n as f64;
            }
            self.ln_joint.evaluate(zero, self.whitening, rows, &mut batch);
            let (m, s) = share_out(zero, &mut weights, self.weights.is_none(), &mut batch.terms);
            (max, ln_sum) = (max + m, ln_sum + s);
            let components = sums.values.chunks_exact_mut(sums.stride);
            for ((share, z), sums) in
                batch.terms.iter().zip(batch.z.chunks_exact(d)).zip(components)
            {
                // A count, two first and three second moments.
                if sums.len() == 6 && d == 2 {
                    add_few_moments::<L, 2>(zero, &weights, share, z, sums);
                } else {
                    add_moments(zero, &weights, share, z, &mut batch.deviations, sums);
                }
            }
        }
        let ln_sum = ln_sum.sum();
        sums.ln_likelihood = max.sum() + ln_sum;
        // The greatest responsibility is 1/S.
        sums.ln_certainty = -ln_sum;
    }
}

/// Turns the terms ln(wₖ Nₖ(x)) into exp(tₖ − M), and the weights into what makes responsibilities times the weight of them;
/// Σ w M and Σ w ln S, where ln f = M + ln S.
#[inline(always)]
fn share_out<L: Lanes>(
    zero: L,
    weights: &mut Column,
    all_one: bool,
    terms: &mut [Column],
) -> (L, L) {
    let one = zero.splat(1.0);
    let (mut max, mut ln_sum, mut product) = (zero, zero, one);
    for (v, scale) in weights.iter_mut().enumerate() {
        let weight = zero.load(scale);
        let (m, s) = exp_from_max(zero, terms, v);
        max = weight.mul_add(m, max);
        if all_one {
            // What stands in for missing samples has the weight 0.
            product = product * zero.if_less(weight, s, one);
        } else {
            ln_sum = weight.mul_add(simd::ln(s), ln_sum);
        }
        (weight / s).store(scale);
    }
    // Each factor is between 1 and the number of components: eight of them stay within the range of `f64`.
    (max, ln_sum + simd::ln(product))
}

/// Adds Σ r, Σ r z and Σ r z zᵀ of two coordinates, in registers all at once.
#[inline(always)]
fn add_few_moments<L: Lanes, const D: usize>(
    zero: L,
    scale: &Column,
    share: &Column,
    z: &[Column],
    sums: &mut [f64],
) {
    let Some(z) = z.first_chunk::<D>() else { return };
    let (mut count, mut first, mut second) = (zero, [zero; D], [[zero; D]; D]);
    for v in 0..VECTORS {
        let r = zero.load(&scale[v]) * zero.load(&share[v]);
        count = count + r;
        for i in 0..D {
            let product = r * zero.load(&z[i][v]);
            first[i] = first[i] + product;
            for j in 0..=i {
                second[i][j] = product.mul_add(zero.load(&z[j][v]), second[i][j]);
            }
        }
    }
    let triangle = second.iter().enumerate().flat_map(|(i, row)| &row[..=i]);
    for (sum, lanes) in sums.iter_mut().zip([&count].into_iter().chain(&first).chain(triangle)) {
        *sum += lanes.sum();
    }
}

/// Adds Σ r, Σ r z and Σ r z zᵀ, or the diagonal of that where there is room for no more; r is the product of `scale` and
/// `share`.
#[inline(always)]
fn add_moments<L: Lanes>(
    zero: L,
    scale: &Column,
    share: &Column,
    z: &[Column],
    scaled: &mut [Column],
    sums: &mut [f64],
) {
    let mut r = ZEROS;
    let mut count = zero;
    for (r, (scale, share)) in r.iter_mut().zip(scale.iter().zip(share)) {
        let product = zero.load(scale) * zero.load(share);
        product.store(r);
        count = count + product;
    }
    let count = count.sum();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::model::Model;
    use crate::simd::run_on_each;
    use crate::{CovarianceType, Covariances, MultivariateGaussianMixture};
    use ndarray::{Array1, Array2, Array3};

    /// Two ways of adding some hundred terms of order 10.
    const SAME: f64 = 1e-11;

    const TYPES: [CovarianceType; 4] = [
        CovarianceType::Full,
        CovarianceType::Tied,
        CovarianceType::Diagonal,
        CovarianceType::Spherical,
    ];

    fn mixture(kind: CovarianceType, k: usize, d: usize) -> MultivariateGaussianMixture {
        // Correlations that fall off with the distance between coordinates, and a unit of its own for each.
        let entry = |k: usize, i: usize, j: usize| {
            let unit = |i: usize| 0.7 + 0.3 * ((i + k) as f64).sin();
            unit(i) * unit(j) * (-0.8 * i.abs_diff(j) as f64).exp()
        };
        let covariances = match kind {
            CovarianceType::Full => {
                Covariances::Full(Array3::from_shape_fn((k, d, d), |(k, i, j)| entry(k, i, j)))
            }
            CovarianceType::Tied => {
                Covariances::Tied(Array2::from_shape_fn((d, d), |(i, j)| entry(0, i, j)))
            }
            CovarianceType::Diagonal => {
                Covariances::Diagonal(Array2::from_shape_fn((k, d), |(k, j)| entry(k, j, j)))
            }
            _ => Covariances::Spherical(Array1::from_shape_fn(k, |k| entry(k, 0, 0))),
        };
        // One of them has the weight 0.
        let weights: Vec<f64> = (0..k).map(|k| k as f64).collect();
        let means = Array2::from_shape_fn((k, d), |(k, j)| (2.0 * k as f64 + j as f64).sin());
        MultivariateGaussianMixture::new(
            crate::Weights::from_proportions(weights).unwrap(),
            &means,
            covariances,
        )
        .unwrap()
    }

    fn samples(n: usize, d: usize) -> Vec<f64> {
        (0..n * d).map(|i| 1.7 * (0.37 * (i * i % 1013) as f64).sin()).collect()
    }

    /// The E-step as a kernel of its own, for [`run_on_each`].
    #[derive(Clone)]
    struct Case<'a>(&'a MultivariateGaussianMixture, &'a [f64], Option<&'a [f64]>);

    impl Kernel for Case<'_> {
        type Output = Sums;

        #[inline(always)]
        fn run<L: Lanes>(self, zero: L) -> Sums {
            let (Self(mixture, rows, weights), ln_joint) =
                (&self, MultivariateLnJoint::new(self.0));
            let whitening = mixture.factors().whitening().unwrap();
            let mut sums = mixture.zero();
            let (rows, weights) = (*rows, *weights);
            EStep { ln_joint: &ln_joint, whitening, rows, weights, sums: &mut sums }.run(zero);
            sums
        }
    }

    #[test]
    fn the_sums_are_those_taken_one_by_one_on_every_instruction_set() {
        for kind in TYPES {
            for (d, n) in [(1, 70), (2, 1), (2, 200), (3, 64), (4, 65), (5, 130), (7, 9), (11, 100)]
            {
                let (m, rows) = (mixture(kind, 3, d), samples(n, d));
                let given: Vec<f64> = (0..n).map(|i| 0.25 * (i % 7) as f64).collect();
                for weights in [None, Some(given.as_slice())] {
                    let expected = m.one_by_one(&MultivariateLnJoint::new(&m), &rows, weights);
                    for (set, found) in run_on_each(Case(&m, &rows, weights)) {
                        let pairs = numbers(&found).into_iter().zip(numbers(&expected));
                        for (a, b) in pairs {
                            let off = (a - b).abs();
                            assert!(off <= SAME * n as f64, "{kind} {d} {n} on {set}: {a} {b}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_sample_whose_squares_overflow_belongs_to_the_nearest_and_spoils_nothing() {
        for kind in TYPES {
            for d in [2, 5] {
                let (m, mut rows) = (mixture(kind, 3, d), samples(100, d));
                let without = m
                    .e_step_rows(&rows, Some(&[[1.0; 37].as_slice(), &[0.0], &[1.0; 62]].concat()));
                rows[37 * d] = 1e200;
                let with = m.e_step_rows(&rows, None);
                assert_eq!(with.ln_likelihood, f64::NEG_INFINITY);
                let count = |sums: &Sums| (0..3).map(|k| sums.component(k)[0]).sum::<f64>();
                assert!((count(&with) - count(&without) - 1.0).abs() < SAME, "{kind} {d}");
            }
        }
    }

    fn numbers(sums: &Sums) -> Vec<f64> {
        let rest = [sums.ln_likelihood, sums.ln_certainty, sums.n_samples];
        [sums.values.as_slice(), rest.as_slice()].concat()
    }
}
