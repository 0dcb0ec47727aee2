//! The E-step's sums over blocks of samples: of responsibilities r, and of r z and r z zᵀ in the coordinates z of each component. Where
//! components can share most of the work, these follow from [others](super::common_sums).

use super::common_sums::CommonSums;
use super::e_step::{Blocks, Rows};
use super::lane_sums::{LaneSum, add_correlated, add_to, add_uncorrelated, totals};
use super::sums::Sums;
use crate::multivariate::batch::{BATCH, Batch, Column, Filled, ZEROS};
use crate::multivariate::ln_joint::{MultivariateLnJoint, exp_from_max};
use crate::multivariate::whitening::Whitening;
use crate::simd::{self, Aligned, Kernel, LANES, Lanes};

/// The sums of blocks.
pub(super) struct EStep<'a> {
    pub(super) ln_joint: &'a MultivariateLnJoint<'a>,
    pub(super) whitening: &'a Whitening,
    /// Of a component, and of all together.
    pub(super) n_sums: (usize, usize),
    pub(super) blocks: &'a mut dyn Blocks,
    /// What adds up a block with a sample so far out that squares overflow.
    pub(super) one_by_one: &'a dyn Fn(Rows<'_>) -> Sums,
}

impl Kernel for EStep<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, zero: L) {
        let mut workspace = Workspace::new(self.ln_joint, self.whitening, self.n_sums);
        while let Some((rows, weights)) = self.blocks.next() {
            let weights = weights.filter(|weights| weights.iter().any(|&w| w != 1.0));
            let sums = workspace.sums(zero, (self.ln_joint, self.whitening), (rows, weights));
            let sums = if sums.is_finite() { sums } else { (self.one_by_one)((rows, weights)) };
            self.blocks.done(sums);
        }
    }
}

/// What is needed for one block after the other.
struct Workspace {
    batch: Batch,
    /// Σ r of each component.
    counts: Vec<LaneSum>,
    /// The other sums of a component, component after component, and those that all have in common.
    moments: Vec<LaneSum>,
    shared: Vec<LaneSum>,
    common: Option<CommonSums>,
}

impl Workspace {
    fn new(
        ln_joint: &MultivariateLnJoint<'_>,
        whitening: &Whitening,
        (n_sums, n_shared): (usize, usize),
    ) -> Self {
        let (k, d) = ln_joint.shape();
        let none = |n| vec![Aligned([0.0; LANES]); n];
        let common = CommonSums::new(ln_joint, whitening, (n_sums, n_shared));
        let own = usize::from(common.is_none());
        let batch = Batch::new(k, d, whitening.is_triangular() && common.is_none());
        let (moments, shared) = (none(own * k * (n_sums - 1)), none(own * n_shared));
        Self { batch, counts: none(k), moments, shared, common }
    }

    /// The sums of a block. What a sample so far out that squares overflow adds to them is not finite.
    #[inline(always)]
    fn sums<L: Lanes>(
        &mut self,
        zero: L,
        (ln_joint, whitening): (&MultivariateLnJoint<'_>, &Whitening),
        (all_rows, all_weights): Rows<'_>,
    ) -> Sums {
        let Self { batch, counts, moments, shared, common } = self;
        let (n_components, d) = ln_joint.shape();
        let n_moments = moments.len() / n_components;
        for sums in [&mut *counts, moments, shared] {
            sums.fill(Aligned([0.0; LANES]));
        }
        let mut n_samples = 0.0;
        // Σ w M and Σ w ln S, with ln f = M + ln S.
        let (mut max, mut ln_sum) = (zero, zero);
        for (i, rows) in all_rows.chunks(BATCH * d).enumerate() {
            let n = rows.len() / d;
            let mut weights = ZEROS;
            let present = &mut weights.as_flattened_mut()[..n];
            if let Some(all) = all_weights {
                present.copy_from_slice(&all[i * BATCH..][..n]);
                n_samples += present.iter().sum::<f64>();
            } else {
                present.fill(1.0);
                n_samples += n as f64;
            }
            let filled = ln_joint.evaluate(zero, whitening, rows, batch);
            let (given, all_one) = (weights, all_weights.is_none());
            let (m, s) = share_out(zero, (&mut weights, filled), all_one, &mut batch.terms);
            (max, ln_sum) = (max + m, ln_sum + s);
            let mut next = next_rows(all_rows, i, d).chunks((BATCH * d).div_ceil(n_components));
            for (k, of_count) in counts.iter_mut().enumerate() {
                // A part of them with each component: all at once would have to wait.
                simd::prefetch(next.next().unwrap_or_default());
                let count = scale(zero, &weights, (&mut batch.terms[k], filled));
                add_to(of_count, count);
                if common.is_none() && count.sum() != 0.0 {
                    let own = &mut moments[k * n_moments..][..n_moments];
                    add(zero, k, (ln_joint, whitening), (batch, filled), own, shared);
                }
            }
            if let Some(common) = common {
                common.add(zero, batch, (&given, filled));
            }
        }
        let ln_sum = ln_sum.sum();
        let (values, shared) = self.finish(ln_joint, whitening);
        Sums {
            stride: values.len() / n_components,
            values,
            shared,
            ln_likelihood: max.sum() + ln_sum,
            // The greatest responsibility is 1/S.
            ln_certainty: -ln_sum,
            n_samples,
        }
    }

    /// The lanes' sums added up.
    fn finish(
        &mut self,
        ln_joint: &MultivariateLnJoint<'_>,
        whitening: &Whitening,
    ) -> (Vec<f64>, Vec<f64>) {
        let counts = totals(&self.counts);
        if let Some(common) = &mut self.common {
            return common.finish(ln_joint, whitening, &counts);
        }
        let (moments, mut values) = (totals(&self.moments), Vec::new());
        for (count, own) in counts.iter().zip(moments.chunks_exact(moments.len() / counts.len())) {
            values.push(*count);
            values.extend_from_slice(own);
        }
        (values, totals(&self.shared))
    }
}

/// Those of the batch after this one.
#[inline(always)]
fn next_rows(rows: &[f64], batch: usize, d: usize) -> &[f64] {
    let (length, n) = (BATCH * d, rows.len());
    &rows[((batch + 1) * length).min(n)..((batch + 2) * length).min(n)]
}

/// Adds the batch to the moments of component k, whose terms are its responsibilities.
#[inline(always)]
fn add<L: Lanes>(
    zero: L,
    k: usize,
    (ln_joint, whitening): (&MultivariateLnJoint<'_>, &Whitening),
    (batch, filled): (&mut Batch, Filled),
    moments: &mut [LaneSum],
    shared: &mut [LaneSum],
) {
    let d = batch.x.len();
    let r = (&batch.terms[k], filled);
    let (first, second) = moments.split_at_mut(d);
    if let Some(inverse) = whitening.uncorrelated(k) {
        let x = ln_joint.seen_by(zero, k, (&batch.x, filled), &mut batch.working);
        let parameters = (inverse, ln_joint.shift(k));
        return add_uncorrelated(zero, r, x, parameters, first, second);
    }
    let second = if second.is_empty() { shared } else { second };
    let (z, working) = (&batch.z[k * d..][..d], &mut batch.working);
    if L::ONE_REGISTER {
        add_correlated::<L, 4>(zero, r, z, working, first, second);
    } else {
        add_correlated::<L, 2>(zero, r, z, working, first, second);
    }
}

/// Makes responsibilities of a component's terms by these factors; their sum in every lane.
#[inline(always)]
fn scale<L: Lanes>(zero: L, factors: &Column, (terms, filled): (&mut Column, Filled)) -> L {
    let mut sum = zero;
    for v in filled.registers() {
        let product = zero.load(&factors[v]) * zero.load(&terms[v]);
        product.store(&mut terms[v]);
        sum = sum + product;
    }
    sum
}

/// Turns the terms ln(wₖ Nₖ(x)) into exp(tₖ − M), and the weights into what makes responsibilities times the weight of them;
/// Σ w M and Σ w ln S, where ln f = M + ln S.
#[inline(always)]
fn share_out<L: Lanes>(
    zero: L,
    (weights, filled): (&mut Column, Filled),
    all_one: bool,
    terms: &mut [Column],
) -> (L, L) {
    let one = zero.splat(1.0);
    let (mut max, mut ln_sum, mut product) = (zero, zero, one);
    for v in filled.registers() {
        let weight = zero.load(&weights[v]);
        let (m, s) = exp_from_max(zero, terms, v);
        max = weight.mul_add(m, max);
        if all_one {
            // What stands in for missing samples has the weight 0.
            product = product * zero.if_less(weight, s, one);
        } else {
            ln_sum = weight.mul_add(simd::ln(s), ln_sum);
        }
        (weight / s).store(&mut weights[v]);
    }
    // Each factor is between 1 and the number of components: sixteen of them stay within the range of `f64`.
    (max, ln_sum + simd::ln(product))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::e_step::Single;
    use crate::fit::model::Model;
    use crate::simd::{FUSED, run_on_each};
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

    fn narrower(m: &MultivariateGaussianMixture, width: f64) -> MultivariateGaussianMixture {
        let covariances = match m.covariances() {
            Covariances::Full(c) => Covariances::Full(c * width.powi(2)),
            Covariances::Tied(c) => Covariances::Tied(c * width.powi(2)),
            Covariances::Diagonal(c) => Covariances::Diagonal(c * width.powi(2)),
            Covariances::Spherical(c) => Covariances::Spherical(c * width.powi(2)),
        };
        MultivariateGaussianMixture::new(m.weights(), m.means(), covariances).unwrap()
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
            let rows = (*rows, *weights);
            let e_step = |blocks: &mut Single<'_>| {
                let (ln_joint, n_sums) = (&ln_joint, mixture.n_sums());
                let one_by_one = &|_: Rows<'_>| panic!("nothing overflows");
                EStep { ln_joint, whitening, n_sums, blocks, one_by_one }.run(zero);
            };
            Single::sums(rows, mixture.zero(), e_step)
        }
    }

    /// Where a product is not rounded before it is added to, every instruction set does the same in the same order.
    fn assert_same_where_fused(on_each: &[(&str, Sums)]) {
        let fused: Vec<_> = on_each.iter().filter(|(set, _)| FUSED.contains(set)).collect();
        assert!(fused.windows(2).all(|two| two[0].1 == two[1].1), "{fused:?}");
    }

    #[test]
    fn the_sums_are_those_taken_one_by_one_on_every_instruction_set() {
        for kind in TYPES {
            let cases = (1..=12).map(|d| (3, d, 130 + 17 * d % 90, 1.0));
            let few = [(3, 2, 1, 1.0), (3, 7, 9, 1.0), (3, 8, 128, 1.0), (5, 17, 9, 1.0)];
            let large = [(2, 4, 140, 1.0), (4, 16, 131, 1.0), (5, 20, 131, 1.0), (9, 8, 150, 1.0)];
            let narrow = [(3, 5, 140, 0.2), (4, 4, 140, 0.02), (3, 5, 140, 1e-5)];
            for (k, d, n, width) in cases.chain(few).chain(large).chain(narrow) {
                // The farther components are for their widths, the less they share; and sums are of order 1/width.
                let m = narrower(&mixture(kind, k, d), width);
                assert_eq!(MultivariateLnJoint::new(&m).are_close(), width > 0.1, "{kind} {d}");
                let rows: Vec<f64> = samples(n, d)
                    .iter()
                    .enumerate()
                    .map(|(i, x)| m.means()[[i / d % k, i % d]] + width * x)
                    .collect();
                let given: Vec<f64> = (0..n).map(|i| 0.25 * (i % 7) as f64).collect();
                for weights in [None, Some(given.as_slice())] {
                    let expected = m.one_by_one(&MultivariateLnJoint::new(&m), (&rows, weights));
                    let on_each = run_on_each(Case(&m, &rows, weights));
                    assert_same_where_fused(&on_each);
                    for (set, found) in on_each {
                        let pairs = numbers(&found).into_iter().zip(numbers(&expected));
                        for (a, b) in pairs {
                            let off = (a - b).abs();
                            let scale = if width < 1.0 { b.abs().max(1.0) } else { 1.0 };
                            assert!(
                                off <= SAME * n as f64 * scale,
                                "{kind} {k} {d} {n} on {set}: {a} {b}"
                            );
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

    /// Blocks of rows that wait, and the sums of those that are done.
    struct Row<'a>(Vec<&'a [f64]>, Vec<Sums>);

    impl Blocks for Row<'_> {
        fn next(&mut self) -> Option<Rows<'_>> {
            self.0.pop().map(|rows| (rows, None))
        }

        fn done(&mut self, sums: Sums) {
            self.1.push(sums);
        }
    }

    #[test]
    fn what_came_before_leaves_nothing_in_a_block() {
        for kind in TYPES {
            for width in [1.0, 0.02, 1e-5] {
                let m = narrower(&mixture(kind, 5, 5), width);
                let mut rows: Vec<f64> = samples(400, 5).iter().map(|x| width * x).collect();
                // So far out that its block is summed one by one.
                rows[1000] = 1e200;
                let blocks: Vec<&[f64]> = [0..700, 700..1500, 1500..2000].map(|r| &rows[r]).into();
                let alone: Vec<Sums> =
                    blocks.iter().rev().map(|rows| m.e_step_rows(rows, None)).collect();
                let mut row = Row(blocks, Vec::new());
                m.e_step_blocks(&mut row);
                assert_eq!(row.1, alone, "{kind} {width}");
                assert_eq!(alone[1].ln_likelihood, f64::NEG_INFINITY);
            }
        }
    }

    #[test]
    fn the_sums_have_no_unit() {
        for kind in TYPES {
            let (m, rows) = (mixture(kind, 4, 3), samples(150, 3));
            let sums = m.e_step_rows(&rows, None);
            for unit in [2.0_f64.powi(-508), 2.0_f64.powi(508)] {
                let scaled: Vec<f64> = rows.iter().map(|x| unit * x).collect();
                let narrower = narrower(&m, unit);
                let means = m.means() * unit;
                let there = MultivariateGaussianMixture::new(
                    m.weights(),
                    &means,
                    narrower.covariances().clone(),
                );
                let found = there.unwrap().e_step_rows(&scaled, None);
                let z = |sums: &Sums| [sums.values.as_slice(), &sums.shared].concat();
                for (a, b) in z(&found).into_iter().zip(z(&sums)) {
                    assert!((a - b).abs() < SAME * 150.0, "{kind} {unit:e}: {a} {b}");
                }
            }
        }
    }

    #[test]
    fn a_component_may_be_a_million_times_as_narrow_as_another() {
        let means = Array2::<f64>::zeros((2, 2));
        for covariances in [
            Covariances::Diagonal(ndarray::array![[1.0, 1e-12], [1e-12, 1.0]]),
            Covariances::Spherical(ndarray::array![1.0, 1e-12]),
        ] {
            let m = MultivariateGaussianMixture::new([0.5, 0.5], &means, covariances).unwrap();
            let rows: Vec<f64> = samples(200, 2)
                .chunks_exact(2)
                .enumerate()
                .flat_map(
                    |(n, x)| if n % 2 == 0 { [x[0], x[1]] } else { [1e-6 * x[0], 1e-6 * x[1]] },
                )
                .collect();
            assert!(MultivariateLnJoint::new(&m).are_close());
            let expected = m.one_by_one(&MultivariateLnJoint::new(&m), (&rows, None));
            let found = m.e_step_rows(&rows, None);
            for (a, b) in numbers(&found).into_iter().zip(numbers(&expected)) {
                assert!((a - b).abs() <= SAME * b.abs().max(200.0), "{a} {b}");
            }
        }
    }

    fn numbers(sums: &Sums) -> Vec<f64> {
        let rest = [sums.ln_likelihood, sums.ln_certainty, sums.n_samples];
        [sums.values.as_slice(), &sums.shared, &rest].concat()
    }
}
