//! The E-step of a list of samples: densities, responsibilities and moments in one pass, a sample in every lane.

use super::super::sums::Sums;
use crate::GaussianMixture;
use crate::simd::{Aligned, Kernel, LANES, Lanes, ln, padded, run, sum};
use crate::univariate::ln_joint::{LnJoint, Term};
use std::f64::consts::SQRT_2;

/// So many groups of samples share one logarithm: Σ ln Sₙ = ln ∏ Sₙ. Each factor is between 1 and the number of
/// components, so that 32 of them reach 2¹⁰²³ for billions of components only.
const FACTORS: usize = 32;

/// The sums of rows with one weight each, or of weight 1. Weights that are all 1 give the bits of no weights.
pub(super) fn e_step(mixture: &GaussianMixture, rows: &[f64], weights: Option<&[f64]>) -> Sums {
    let ln_joint = mixture.ln_joint();
    let weights = weights.filter(|weights| weights.iter().any(|&w| w != 1.0));
    let sums = run(EStep { ln_joint: &ln_joint, rows, weights });
    if sums.is_finite() {
        return sums;
    }
    one_by_one(mixture, rows, weights)
}

/// The same for samples so far out that a square overflows.
fn one_by_one(mixture: &GaussianMixture, rows: &[f64], weights: Option<&[f64]>) -> Sums {
    let ln_joint = mixture.ln_joint();
    let mut sums = Sums::zero(mixture.n_components(), 3, 0);
    let mut shares = vec![0.0; mixture.n_components()];
    for (n, &x) in rows.iter().enumerate() {
        let weight = weights.map_or(1.0, |w| w[n]);
        let softmax = ln_joint.shares(x, &mut shares);
        sums.ln_likelihood += weight * softmax.ln_sum;
        sums.ln_certainty += weight * softmax.ln_largest;
        sums.n_samples += weight;
        let parameters = mixture.means().iter().zip(mixture.std_devs());
        let components = sums.values.chunks_exact_mut(3);
        for ((component, &share), (mean, std_dev)) in components.zip(&shares).zip(parameters) {
            // What is nothing adds nothing, though its z may be infinite.
            if share > 0.0 {
                super::add(component, weight * share, (x - mean) / std_dev);
            }
        }
    }
    sums
}

#[derive(Clone)]
struct EStep<'a> {
    ln_joint: &'a LnJoint,
    rows: &'a [f64],
    weights: Option<&'a [f64]>,
}

/// Σ r, Σ r u and Σ r u² of one component, in every lane, with u = z/√2.
type Moments = [Aligned<[f64; LANES]>; 3];

impl Kernel for EStep<'_> {
    type Output = Sums;

    #[inline(always)]
    fn run<L: Lanes>(self, zero: L) -> Sums {
        // Four groups at a time keep a processor busy that holds each in one register.
        if L::ONE_REGISTER { self.sums::<L, 4>(zero) } else { self.sums::<L, 1>(zero) }
    }
}

impl EStep<'_> {
    /// The sums, of W groups of samples at a time.
    #[inline(always)]
    fn sums<L: Lanes, const W: usize>(self, zero: L) -> Sums {
        let mut terms = self.ln_joint.terms(W);
        let mut moments: Vec<Moments> = vec![Moments::default(); terms.len() / W];
        // Σ w M and Σ w ln S, with ln f = M + ln S.
        let (mut max, mut ln_sum) = (zero, zero);
        let (whole, rest) = match self.weights {
            None => self.rows.as_chunks(),
            Some(_) => (&[][..], self.rows),
        };
        for groups in whole.chunks(FACTORS) {
            let mut totals = (max, zero.splat(1.0));
            let (several, single) = groups.as_chunks::<W>();
            for groups in several {
                totals = self.add_groups(zero, groups, &mut terms, &mut moments, totals);
            }
            for group in single {
                totals = self.add_groups(zero, &[*group], &mut terms, &mut moments, totals);
            }
            max = totals.0;
            ln_sum = ln_sum + ln(totals.1);
        }
        let mut n_samples = whole.len() as f64 * LANES as f64;
        let mut weights = self.weights.map(|w| w.chunks(LANES));
        for group in rest.chunks(LANES) {
            let weight = match weights.as_mut().and_then(Iterator::next) {
                Some(w) => with_zeros(w),
                None => with_zeros(&[1.0; LANES][..group.len()]),
            };
            let weight = zero.load(&weight);
            let ([m], [s]) = self.ln_joint.softmax([zero.load(&padded(group))], &mut terms);
            add::<L, 1>(&mut moments, &terms, [weight / s]);
            max = weight.mul_add(m, max);
            ln_sum = weight.mul_add(ln(s), ln_sum);
            n_samples += weight.sum();
        }
        let ln_sum = ln_sum.sum();
        let of_z =
            |[count, first, second]: &Moments| [sum(count), SQRT_2 * sum(first), 2.0 * sum(second)];
        Sums {
            values: moments.iter().flat_map(of_z).collect(),
            stride: 3,
            shared: Vec::new(),
            ln_likelihood: max.sum() + ln_sum,
            // The greatest responsibility is 1/S.
            ln_certainty: -ln_sum,
            n_samples,
        }
    }

    /// Adds W groups of samples of weight 1, and returns Σ M and ∏ S with theirs in it.
    #[inline(always)]
    fn add_groups<L: Lanes, const W: usize>(
        &self,
        zero: L,
        groups: &[[f64; LANES]; W],
        terms: &mut [Term],
        moments: &mut [Moments],
        (mut max, mut product): (L, L),
    ) -> (L, L) {
        let mut x = [zero; W];
        for w in 0..W {
            x[w] = zero.load(&groups[w]);
        }
        let (m, mut s) = self.ln_joint.softmax(x, terms);
        for w in 0..W {
            max = max + m[w];
            product = product * s[w];
            s[w] = zero.splat(1.0) / s[w];
        }
        add(moments, terms, s);
        (max, product)
    }
}

/// Adds W registers of samples, whose responsibilities are the exponentials times `scale`.
#[inline(always)]
fn add<L: Lanes, const W: usize>(moments: &mut [Moments], terms: &[Term], scale: [L; W]) {
    for ([count, first, second], terms) in moments.iter_mut().zip(terms.chunks_exact(W)) {
        for (term, scale) in terms.iter().zip(scale) {
            let u = scale.load(&term.u);
            let r = scale.load(&term.exponential) * scale;
            let ru = r * u;
            (scale.load(count) + r).store(count);
            (scale.load(first) + ru).store(first);
            ru.mul_add(u, scale.load(second)).store(second);
        }
    }
}

/// Up to [`LANES`] weights, 0 in the lanes that are left.
#[inline(always)]
fn with_zeros(weights: &[f64]) -> [f64; LANES] {
    let mut all = [0.0; LANES];
    all[..weights.len()].copy_from_slice(weights);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{FUSED, run_on_each};

    /// Two ways of adding a thousand terms of order 1.
    const SAME: f64 = 1e-12;

    fn mixture(n_components: usize) -> GaussianMixture {
        let k = || (0..n_components).map(|k| k as f64);
        let weights = crate::Weights::from_proportions(k().collect::<Vec<_>>()).unwrap();
        let means: Vec<f64> = k().map(|k| (3.0 * k).sin()).collect();
        let std_devs: Vec<f64> = k().map(|k| 0.3 + 0.2 * k.cos()).collect();
        GaussianMixture::new(weights, means, std_devs).unwrap()
    }

    fn samples(n: u32) -> Vec<f64> {
        (0..n).map(|i| 1.7 * (0.37 * f64::from(i)).sin()).collect()
    }

    fn assert_same(found: &Sums, expected: &Sums, what: &str) {
        let numbers = |s: &Sums| {
            let rest = [s.ln_likelihood, s.ln_certainty, s.n_samples];
            [s.values.as_slice(), rest.as_slice()].concat()
        };
        for (a, b) in numbers(found).into_iter().zip(numbers(expected)) {
            assert!((a - b).abs() <= SAME * expected.n_samples.max(b.abs()), "{what}: {a} {b}");
        }
    }

    #[test]
    fn the_sums_are_those_taken_one_by_one_on_every_instruction_set() {
        for (n_components, n) in [(2, 1), (2, 7), (3, 8), (3, 257), (5, 1024), (400, 1023)] {
            let (m, rows) = (mixture(n_components), samples(n));
            let given: Vec<f64> = (0..n).map(|i| 0.25 * f64::from(i % 7 + 1)).collect();
            let ln_joint = m.ln_joint();
            for weights in [None, Some(given.as_slice())] {
                let expected = one_by_one(&m, &rows, weights);
                let on_each = run_on_each(EStep { ln_joint: &ln_joint, rows: &rows, weights });
                let fused: Vec<_> = on_each.iter().filter(|(set, _)| FUSED.contains(set)).collect();
                assert!(fused.windows(2).all(|two| two[0].1 == two[1].1), "{fused:?}");
                for (set, found) in on_each {
                    assert_same(&found, &expected, &format!("{n_components} of {n} on {set}"));
                }
            }
        }
    }

    #[test]
    fn weights_of_one_are_no_weights_to_the_bit() {
        let (m, rows) = (mixture(3), samples(1000));
        assert_eq!(e_step(&m, &rows, Some(&[1.0; 1000])), e_step(&m, &rows, None));
    }

    #[test]
    fn a_sample_whose_square_overflows_belongs_to_the_nearest_and_spoils_nothing() {
        let m = GaussianMixture::new([0.5, 0.5], [0.0, 1.0], [1e-300, 1.0]).unwrap();
        let mut rows = samples(20);
        rows[13] = 1e160;
        let sums = e_step(&m, &rows, None);
        assert_eq!(sums.ln_likelihood, f64::NEG_INFINITY);
        assert!((sums.component(0)[0] + sums.component(1)[0] - 20.0).abs() < SAME);
        // Of the others, the first component has only the one at its very mean; no z of it that is infinite is met.
        assert_eq!(sums.component(0), [1.0, 0.0, 0.0]);
    }
}
