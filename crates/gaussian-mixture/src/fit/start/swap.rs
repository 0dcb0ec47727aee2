//! A start from the best result so far: one of its components moved to where it splits another.
//!
//! Where EM has left two components in one group and one in two groups, it stays, as the likelihood is lower all around. A start from
//! nothing would have to find all other groups again.
//!
//! "Random swap EM algorithm for Gaussian mixture models", Pattern Recognition Letters 33, 2012; that one component is given up so that
//! another one can split: "SMEM algorithm for mixture models", Neural Computation 12, 2000.

use super::centers;
use super::standardized::Points;
use crate::fit::e_step;
use crate::fit::model::{Mixture, Rules};
use crate::fit::observations::Observed;
use rand::seq::index;
use rand::{Rng, RngExt};
use std::borrow::Cow;

/// So many moves are tried, and the best of them is the start.
const TRIALS: usize = 6;

/// So many are drawn, among which some are alike.
const ATTEMPTS: usize = 3 * TRIALS;

/// A trial moves one of so many components: those that the observations would miss the least.
const SPARE: usize = 3;

/// A trial is judged after so many iterations of EM.
const ROUNDS: usize = 3;

/// These are made with so many observations for each component, and the result is judged by as many others. By the same ones, two components
/// with many parameters in one group would nearly always look better than one.
const PER_COMPONENT: usize = 256;

/// So many for each component tell which components are needed.
const FEW: usize = 64;

/// How far below the best result the others may see a move, in mean log-likelihood: three iterations do not go all the way.
const FAR: f64 = 0.01;

/// The moves that have been made from the best result.
#[derive(Default)]
pub(super) struct Moves {
    /// Of which run that is.
    of: usize,
    /// Each the component that was moved, and the one that it splits.
    made: Vec<[usize; 2]>,
}

impl Moves {
    /// The best of a few moves from the best result, which is that of this run. None if all lead too far below that, or have been made.
    pub(super) fn next<M: Mixture, R: Rng>(
        &mut self,
        (run, best): (usize, &M),
        observed: &Observed<'_>,
        unit: &[f64],
        (rules, n_threads): (&Rules, Option<usize>),
        rng: &mut R,
    ) -> Option<M> {
        if self.of != run {
            *self = Self { of: run, made: Vec::new() };
        }
        let (k, d) = (best.n_components(), best.dim());
        if k == 1 {
            return None;
        }
        let [some, others, few] = parts(observed, k, rng);
        let how = (rules, n_threads);
        let (known, parts) = match after_rounds(best.clone(), [&some, &others], how) {
            Some((known, _)) => (known, [&*some, &*others]),
            // A component that some of the observations are too few for; for all of them they were not.
            None => (mean_ln_likelihood(best, observed, n_threads), [observed; 2]),
        };
        let few = Few::of(best, &few)?;
        let spare = few.least_needed(k);
        let mut tried: Vec<[usize; 2]> = Vec::new();
        let mut found: Option<(f64, M, [usize; 2])> = None;
        for attempt in 0..ATTEMPTS {
            if tried.len() == TRIALS {
                break;
            }
            let moved = spare[attempt % SPARE.min(k)];
            let point = few.draw(rng);
            let Some(split) = few.most_responsible(point, moved, k) else { continue };
            let pair = [moved, split];
            if tried.contains(&pair) || self.made.contains(&pair) {
                continue;
            }
            tried.push(pair);
            let towards = &few.points.values[point * d..][..d];
            let there = best.with_split(split, moved, towards, unit);
            let there = there.and_then(|there| after_rounds(there, parts, how));
            if let Some((there, mixture)) = there
                && found.as_ref().is_none_or(|(best, ..)| there > *best)
            {
                found = Some((there, mixture, pair));
            }
        }
        let (_, mixture, pair) = found.filter(|(there, ..)| *there > known - FAR)?;
        self.made.push(pair);
        Some(mixture)
    }
}

/// Observations to fit, others to judge by, and a few of the first ones, all drawn without replacement. If there are only a few, all are
/// in both parts, as groups of two or three do not outlive being divided; so they are if they have weights, as the heavy ones may be few, and
/// in bins.
fn parts<'a, R: Rng>(
    observed: &'a Observed<'_>,
    n_components: usize,
    rng: &mut R,
) -> [Cow<'a, Observed<'a>>; 3] {
    if observed.are_weighted() {
        return [(); 3].map(|()| Cow::Borrowed(observed));
    }
    let (n, n_few) = (observed.len(), FEW * n_components);
    let n_drawn = n.min(2 * PER_COMPONENT * n_components);
    let drawn = index::sample(rng, n, n_drawn).into_vec();
    let few = observed.some(&drawn[..n_few.min(n_drawn)]);
    if n < 2 * n_few {
        return [Cow::Borrowed(observed), Cow::Borrowed(observed), few];
    }
    let (some, others) = drawn.split_at(n_drawn / 2);
    [observed.some(some), observed.some(others), few]
}

/// The mixture after some iterations of EM with the one part of the observations, and the mean log-likelihood of the other part there; none
/// if a component collapses on the way.
fn after_rounds<M: Mixture>(
    mut mixture: M,
    [some, others]: [&Observed<'_>; 2],
    (rules, n_threads): (&Rules, Option<usize>),
) -> Option<(f64, M)> {
    let n_of_some = e_step::n_threads(some, mixture.n_components(), n_threads);
    let mixture = e_step::with_threads(some, n_of_some, |e_step| {
        for _ in 0..ROUNDS {
            let maximum = mixture.m_step(&e_step.sums(&mixture), rules).ok()?;
            if !maximum.collapsed.is_empty() {
                return None;
            }
            mixture = maximum.mixture;
        }
        Some(mixture)
    })?;
    let ln_likelihood = mean_ln_likelihood(&mixture, others, n_threads);
    ln_likelihood.is_finite().then_some((ln_likelihood, mixture))
}

fn mean_ln_likelihood<M: Mixture>(
    mixture: &M,
    observed: &Observed<'_>,
    n_threads: Option<usize>,
) -> f64 {
    let n_threads = e_step::n_threads(observed, mixture.n_components(), n_threads);
    let sums = e_step::with_threads(observed, n_threads, |e_step| e_step.sums(mixture));
    sums.ln_likelihood / sums.n_samples
}

/// A few points, and the responsibilities of each.
struct Few<'a> {
    points: Points<'a>,
    shares: Vec<f64>,
}

impl<'a> Few<'a> {
    fn of<M: Mixture>(mixture: &M, observed: &'a Observed<'_>) -> Option<Self> {
        let points = Points::of(observed).ok()?;
        let shares = mixture.shares(&points.values);
        Some(Self { points, shares })
    }

    /// One of the points.
    fn draw<R: Rng>(&self, rng: &mut R) -> usize {
        match &self.points.weights {
            Some(weights) => centers::draw(weights, rng),
            None => rng.random_range(0..self.points.values.len() / self.points.dim),
        }
    }

    /// The component that is most responsible for this point, but for that one.
    fn most_responsible(&self, point: usize, except: usize, k: usize) -> Option<usize> {
        let shares = &self.shares[point * k..][..k];
        (0..k).filter(|&j| j != except).max_by(|&a, &b| shares[a].total_cmp(&shares[b]))
    }

    /// The components, from the one without which the log-likelihood of the points would fall the least: by −Σₙ ln(1 − rₙₖ).
    fn least_needed(&self, k: usize) -> Vec<usize> {
        let mut needs = vec![0.0; k];
        for (n, shares) in self.shares.chunks_exact(k).enumerate() {
            let weight = self.points.weights.as_ref().map_or(1.0, |weights| weights[n]);
            for (need, share) in needs.iter_mut().zip(shares) {
                *need -= weight * (1.0 - share).max(f64::EPSILON).ln();
            }
        }
        let mut components: Vec<usize> = (0..k).collect();
        components.sort_by(|&a, &b| needs[a].total_cmp(&needs[b]));
        components
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::model::Model;
    use crate::fit::observations::Observe;
    use crate::{CovarianceType, Covariances, FitOptions, Frozen, GaussianMixture};
    use crate::{MultivariateGaussianMixture, Start, VarianceFloor};
    use ndarray::{Array2, Array3, array};
    use rand::SeedableRng;
    use rand::distr::Distribution;
    use rand::rngs::Xoshiro256PlusPlus;

    fn rules() -> Rules {
        let frozen = Frozen::default();
        Rules { floor: VarianceFloor::Relative(1e-12), frozen, pooled: false }
    }

    fn rng(seed: u64) -> Xoshiro256PlusPlus {
        Xoshiro256PlusPlus::seed_from_u64(seed)
    }

    /// Three groups.
    fn groups() -> GaussianMixture {
        GaussianMixture::new([0.4, 0.3, 0.3], [0.0, 10.0, 14.0], [1.0; 3]).unwrap()
    }

    /// Two components for the first of them, and one for the two others.
    fn stuck() -> GaussianMixture {
        GaussianMixture::new([0.2, 0.2, 0.6], [-0.5, 0.5, 12.0], [0.9, 0.9, 2.2]).unwrap()
    }

    fn rows(values: &[f64], weights: Option<Vec<f64>>) -> Observed<'_> {
        Observed::Rows {
            values: Cow::Borrowed(values),
            dim: 1,
            weights: weights.map(Cow::Owned),
            origin: None,
            n_given: values.len(),
        }
    }

    /// Whether each group has a component of its own; to about a tenth of its width.
    fn is_found(mixture: &GaussianMixture) -> bool {
        let components = mixture.components_by_mean();
        components.iter().zip([0.0, 10.0, 14.0]).all(|(c, mean)| (c.mean - mean).abs() < 0.3)
    }

    /// Where EM goes from there.
    fn end(observed: &Observed<'_>, mut mixture: GaussianMixture) -> GaussianMixture {
        for _ in 0..30 {
            let sums = e_step::with_threads(observed, 1, |e_step| e_step.sums(&mixture));
            mixture = mixture.m_step(&sums, &rules()).unwrap().mixture;
        }
        mixture
    }

    #[test]
    fn a_component_moves_from_where_there_are_two_to_where_there_is_one_for_two_groups() {
        let samples: Vec<f64> = groups().sample_iter(rng(1)).take(3000).collect();
        let edges: Vec<f64> = (-8..50).map(|n| f64::from(n) * 0.5).collect();
        let counts: Vec<f64> = edges
            .windows(2)
            .map(|bin| samples.iter().filter(|x| (bin[0]..bin[1]).contains(x)).count() as f64)
            .collect();
        let bins = Observed::Bins { edges: Cow::Owned(edges), counts: Cow::Owned(counts) };
        let weights = (0..3000).map(|n| f64::from(1 + n % 3)).collect();
        let all = [
            rows(&samples, None),
            rows(&samples, Some(weights)),
            rows(&samples[..200], None),
            bins,
        ];
        for observed in &all {
            let stuck = end(observed, stuck());
            assert!(!is_found(&stuck), "{stuck}");
            assert_eq!(Few::of(&stuck, observed).unwrap().least_needed(3)[2], 2);
            for seed in 0..5 {
                let (moves, rng) = (&mut Moves::default(), &mut rng(seed));
                let start =
                    moves.next((0, &stuck), observed, &[6.0], (&rules(), None), rng).unwrap();
                let found = end(observed, start);
                assert!(is_found(&found), "{found}");
                let next = moves.next((1, &found), observed, &[6.0], (&rules(), None), rng);
                assert_eq!(next, None);
            }
        }
    }

    #[test]
    fn no_move_is_made_twice_from_one_result() {
        let samples: Vec<f64> = groups().sample_iter(rng(2)).take(100).collect();
        let observed = rows(&samples, None);
        let end = end(&observed, stuck());
        let (moves, rng) = (&mut Moves::default(), &mut rng(3));
        // Three components, each of which can move to split one of two others.
        for _ in 0..10 {
            moves.next((0, &end), &observed, &[6.0], (&rules(), None), rng);
        }
        let mut made = moves.made.clone();
        assert!(made.len() > 1);
        made.sort_unstable();
        made.dedup();
        assert_eq!(made.len(), moves.made.len());
    }

    /// By the samples that were fitted, two components with many parameters in one group nearly always look better than one.
    #[test]
    fn what_was_fitted_is_judged_by_others_but_where_there_are_few() {
        let samples: Vec<f64> = (0..2000).map(f64::from).collect();
        let values = |part: &Observed<'_>| Points::of(part).unwrap().values.into_owned();
        let [some, others, few] = parts(&rows(&samples, None), 2, &mut rng(5)).map(|p| values(&p));
        assert_eq!([some.len(), others.len(), few.len()], [512, 512, 128]);
        assert!(others.iter().all(|x| !some.contains(x)) && some[..128] == few);
        let weighted = rows(&samples, Some(vec![0.5; 2000]));
        assert!(parts(&weighted, 2, &mut rng(5)).iter().all(|part| values(part) == samples));
        let [some, others, few] =
            parts(&rows(&samples[..200], None), 2, &mut rng(5)).map(|p| values(&p));
        assert!(some == samples[..200] && others == some && few.len() == 128);
    }

    #[test]
    fn a_component_of_any_covariance_moves_in_several_dimensions() {
        let at = |x: f64| [x, 2.0 * x];
        let mut samples: Vec<f64> = groups().sample_iter(rng(8)).take(3000).collect();
        // Half as wide across.
        let normal = GaussianMixture::new([1.0], [0.0], [0.5]).unwrap();
        let across: Vec<f64> = normal.sample_iter(rng(9)).take(3000).collect();
        let table: Vec<[f64; 2]> = samples
            .drain(..)
            .zip(across)
            .map(|(x, y)| [at(x)[0] - 2.0 * y, at(x)[1] + y])
            .collect();
        let means = [-0.5, 0.5, 12.0].map(at);
        let full = Array3::from_shape_fn((3, 2, 2), |(k, i, j)| {
            let (along, across) = ([0.8, 0.8, 4.8][k], 0.25);
            [
                [along + 4.0 * across, 2.0 * along - 2.0 * across],
                [2.0 * along - 2.0 * across, 4.0 * along + across],
            ][i][j]
        });
        let stuck =
            MultivariateGaussianMixture::new([0.2, 0.2, 0.6], &means, Covariances::Full(full))
                .unwrap();
        let observed = table.observe().unwrap();
        for kind in [
            CovarianceType::Full,
            CovarianceType::Tied,
            CovarianceType::Diagonal,
            CovarianceType::Spherical,
        ] {
            let options =
                FitOptions::multivariate(3, kind).with_start(Start::Mixture(stuck.clone()));
            let end = MultivariateGaussianMixture::fit(&table, &options).unwrap();
            let (moves, rng) = (&mut Moves::default(), &mut rng(10));
            let rules = Rules { pooled: kind == CovarianceType::Tied, ..rules() };
            let start = moves
                .next((0, &end.mixture), &observed, &[6.0, 12.0], (&rules, None), rng)
                .unwrap();
            let options = FitOptions::multivariate(3, kind).with_start(Start::Mixture(start));
            let found = MultivariateGaussianMixture::fit(&table, &options).unwrap();
            let gain = found.report.ln_likelihood() - end.report.ln_likelihood();
            // Where it found nothing, it would be of order 1.
            assert!(gain > 200.0, "{kind:?} {gain}");
        }
    }

    #[test]
    fn a_twin_has_the_same_covariance() {
        let means = array![[0.0, 0.0], [5.0, 0.0]];
        let full = array![[[2.0, 1.0], [1.0, 3.0]], [[1.0, -0.5], [-0.5, 1.0]]];
        for covariances in [
            Covariances::Full(full),
            Covariances::Tied(array![[2.0, 1.0], [1.0, 3.0]]),
            Covariances::Diagonal(array![[2.0, 3.0], [1.0, 0.5]]),
            Covariances::Spherical(array![2.0, 0.5]),
        ] {
            let mixture =
                MultivariateGaussianMixture::new([0.5, 0.5], &means, covariances).unwrap();
            let split = mixture.with_split(1, 0, &[6.0, 1.0], &[1.0, 2.0]).unwrap();
            let [moved, given] = [split.covariance(0), mixture.covariance(1)].map(Result::unwrap);
            assert_eq!(moved, split.covariance(1).unwrap());
            // A rounding of the given one's factor.
            assert!((&moved - &given).iter().all(|x| x.abs() < 1e-15), "{moved} {given}");
        }
    }

    #[test]
    fn nothing_moves_where_every_group_has_its_component() {
        let d = 16;
        let normal = GaussianMixture::new([1.0], [0.0], [1.0]).unwrap();
        let values: Vec<f64> = normal.sample_iter(rng(4)).take(3200 * d).collect();
        let mut table = Array2::from_shape_vec((3200, d), values).unwrap();
        let means = Array2::from_shape_fn((4, d), |(k, j)| match j {
            0 => 12.0 * (k % 2) as f64,
            1 => 8.0 * (k / 2) as f64,
            _ => 0.0,
        });
        for (n, mut row) in table.outer_iter_mut().enumerate() {
            row += &means.row(n % 4);
        }
        let covariances =
            Covariances::Full(Array3::from_shape_fn((4, d, d), |(_, i, j)| f64::from(i == j)));
        let truth = MultivariateGaussianMixture::new([0.25; 4], &means, covariances).unwrap();
        let options = FitOptions::multivariate(4, CovarianceType::Full);
        let end =
            MultivariateGaussianMixture::fit(&table, &options.with_start(Start::Mixture(truth)))
                .unwrap()
                .mixture;
        let observed = table.observe().unwrap();
        for seed in 0..5 {
            let (moves, rng) = (&mut Moves::default(), &mut rng(seed));
            let next = moves.next((0, &end), &observed, &[1.0; 16], (&rules(), None), rng);
            assert_eq!(next, None, "{seed}");
        }
    }

    #[test]
    fn a_split_component_keeps_its_mean_and_parts_along_its_longest_axis() {
        // Twice as wide in the second coordinate as the samples are, and 100 times as wide as in the first.
        let covariances = Covariances::Tied(array![[1.0, 0.0], [0.0, 1e4]]);
        let means = array![[0.0, 3.0], [500.0, 5.0], [7.0, 1.0]];
        let mixture =
            MultivariateGaussianMixture::new([0.5, 0.3, 0.2], &means, covariances).unwrap();
        let split = mixture.with_split(0, 1, &[2.0, 4.0], &[1.0, 50.0]).unwrap();
        // 0.5 and 0.25, over 0.95.
        let shares = [0.25, 0.25, 0.2].map(|w| w / 0.7);
        assert!(split.weights().iter().zip(shares).all(|(w, s)| (w - s).abs() < 1e-15));
        let [a, b] = [0, 1].map(|k| split.means().row(k).to_owned());
        let middle = (&a + &b) / 2.0;
        assert!((&middle - &means.row(0)).iter().all(|x: &f64| x.abs() < 1e-13));
        // Upwards, as the point is; one width, and 4⁴ times as far there as the direction would have it.
        let shift = &b - &middle;
        assert!((shift[0].powi(2) + (shift[1] / 100.0).powi(2) - 1.0).abs() < 1e-14, "{shift}");
        assert!((shift[1] / 100.0 / shift[0] - 256.0 * 0.01 / 2.0).abs() < 1e-12, "{shift}");
        assert_eq!(split.means().row(2), means.row(2));
    }
}
