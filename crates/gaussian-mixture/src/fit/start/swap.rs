//! A start from the best result so far: one of its components moved to where it splits another.
//!
//! Where EM has left two components in one group and one in two groups, it stays, as the likelihood is lower all around. A start from
//! nothing would have to find all other groups again.
//!
//! "Random swap EM algorithm for Gaussian mixture models", Pattern Recognition Letters 33, 2012; that one component is given up so that
//! another one can split: "SMEM algorithm for mixture models", Neural Computation 12, 2000.

use super::centers;
use super::spare::spare;
use super::standardized::Points;
use crate::fit::e_step::{self, EStep};
use crate::fit::em::{LARGEST_RATIO, Place};
use crate::fit::model::{Mixture, Rules};
use crate::fit::observations::Observed;
use rand::seq::index;
use rand::{Rng, RngExt};
use std::borrow::Cow;

/// So many moves are tried.
const TRIALS: usize = 8;

/// So many are drawn, among which some are alike.
const ATTEMPTS: usize = 3 * TRIALS;

/// Of many observations, so many for each component tell which of the trials are the best.
const PER_COMPONENT: usize = 256;

/// After so many iterations of EM.
const ROUNDS: usize = 2;

/// With all observations EM begins from the best of them only.
const FINALISTS: usize = 2;

/// By so many iterations it shows where it leads to.
const FINAL_ROUNDS: usize = 3;

/// How far below the best result that may be, in mean log-likelihood: where EM crawls, it leads higher than its first iterations show.
const FAR: f64 = 0.01;

/// The moves that have been made from the best result.
#[derive(Default)]
pub(super) struct Moves {
    /// Of which run that is.
    of: usize,
    /// Each the component that was moved, and the one that it splits.
    made: Vec<[usize; 2]>,
}

/// The best result so far.
pub(in crate::fit) struct Best<'a, M> {
    /// Of which run it is.
    pub(in crate::fit) run: usize,
    pub(in crate::fit) place: &'a Place<M>,
}

/// A mixture with one component moved to where it splits another.
#[derive(Clone)]
struct Move<M> {
    /// Those two.
    pair: [usize; 2],
    mixture: M,
}

/// Where EM has come to from a move.
struct Trial<M> {
    pair: [usize; 2],
    place: Place<M>,
    /// The mean log-likelihoods before each iteration and after the last.
    values: Vec<f64>,
}

/// How EM is run: under which rules, and on how many threads.
type How<'a> = (&'a Rules, Option<usize>);

impl Moves {
    /// The best of a few moves from the best result, some iterations of EM later. None if all lead too far below that, or have been made.
    pub(super) fn next<M: Mixture, R: Rng>(
        &mut self,
        best: &Best<'_, M>,
        e_step: &EStep<'_, M>,
        unit: &[f64],
        how: How<'_>,
        rng: &mut R,
    ) -> Option<Place<M>> {
        if self.of != best.run {
            *self = Self { of: best.run, made: Vec::new() };
        }
        let k = best.place.mixture.n_components();
        if k == 1 {
            return None;
        }
        let observed = e_step.observed();
        let moves = self.moves(&best.place.mixture, &Points::of(observed).ok()?, unit, rng);
        let some = some(observed, k, rng);
        let so_far = best.place.mean_ln_likelihood();
        let mut found: Option<(f64, Trial<M>)> = None;
        for finalist in finalists(moves, &some, e_step, how) {
            let Some(trial) = finalist.end(e_step, how.0) else { continue };
            let end = expected_end(&trial.values);
            if end.is_finite() && found.as_ref().is_none_or(|(highest, _)| end > *highest) {
                found = Some((end, trial));
            }
            if end > so_far {
                break;
            }
        }
        let (_, Trial { pair, place, .. }) = found.filter(|(end, _)| *end > so_far - FAR)?;
        self.made.push(pair);
        Some(place)
    }

    /// Different moves that have not been made.
    fn moves<M: Mixture, R: Rng>(
        &self,
        best: &M,
        points: &Points<'_>,
        unit: &[f64],
        rng: &mut R,
    ) -> Vec<Move<M>> {
        let d = best.dim();
        let spare = spare(best, points);
        let mut tried = Vec::new();
        let mut moves = Vec::new();
        for attempt in 0..ATTEMPTS {
            if tried.len() == TRIALS {
                break;
            }
            let moved = spare[attempt % spare.len()];
            let towards = &points.values[draw(points, rng) * d..][..d];
            let Some(split) = most_responsible(best, towards, moved) else { continue };
            let pair = [moved, split];
            if tried.contains(&pair) || self.made.contains(&pair) {
                continue;
            }
            tried.push(pair);
            let there = best.with_split(split, moved, towards, unit);
            moves.extend(there.map(|mixture| Move { pair, mixture }));
        }
        moves
    }
}

/// Some of the observations, drawn without replacement. If there are not many, all are taken; so they are if they have weights, as the heavy
/// ones may be few, and in bins.
fn some<'a, R: Rng>(
    observed: &'a Observed<'_>,
    n_components: usize,
    rng: &mut R,
) -> Cow<'a, Observed<'a>> {
    let (n, n_some) = (observed.len(), PER_COMPONENT * n_components);
    if observed.are_weighted() || n < 2 * n_some {
        return Cow::Borrowed(observed);
    }
    Cow::Owned(observed.some(&index::sample(rng, n, n_some).into_vec()))
}

/// A move that is tried with all observations.
enum Finalist<M> {
    /// It has been tried with some.
    Move(Move<M>),
    /// Already.
    Trial(Trial<M>),
}

impl<M: Mixture> Finalist<M> {
    /// Where it leads, if no component collapses on the way.
    fn end(self, e_step: &EStep<'_, M>, rules: &Rules) -> Option<Trial<M>> {
        let trial = match self {
            Self::Move(there) => Trial::new(there, e_step),
            Self::Trial(trial) => trial,
        };
        trial.after(FINAL_ROUNDS, e_step, rules)
    }
}

/// The moves from which EM comes highest with some of the observations, or with all where some are too few for a component.
///
/// Moves are fitted and judged by the same ones. The number of parameters is the same in all, and what others say is mostly noise.
fn finalists<M: Mixture>(
    moves: Vec<Move<M>>,
    some: &Observed<'_>,
    e_step: &EStep<'_, M>,
    (rules, n_threads): How<'_>,
) -> Vec<Finalist<M>> {
    let value = |trial: &Trial<M>| trial.place.mean_ln_likelihood();
    let tried = |e_step: &EStep<'_, M>| -> Vec<Option<Trial<M>>> {
        let trials = moves.iter().map(|there| Trial::new(there.clone(), e_step));
        let trials = trials.map(|trial| trial.after(ROUNDS, e_step, rules));
        trials.map(|trial| trial.filter(|trial| value(trial).is_finite())).collect()
    };
    let are_all = some.len() == e_step.observed().len();
    if let (false, Some(first)) = (are_all, moves.first()) {
        let n_threads = e_step::n_threads(some, first.mixture.n_components(), n_threads);
        let trials = e_step::with_threads(some, n_threads, tried);
        if trials.iter().all(Option::is_some) {
            let values = trials.iter().flatten().map(value);
            return highest(values.zip(moves.into_iter().map(Finalist::Move)));
        }
    }
    highest(tried(e_step).into_iter().flatten().map(|t| (value(&t), Finalist::Trial(t))))
}

/// The best of them, the first at first.
fn highest<T>(judged: impl Iterator<Item = (f64, T)>) -> Vec<T> {
    let mut judged: Vec<(f64, T)> = judged.collect();
    judged.sort_by(|a, b| b.0.total_cmp(&a.0));
    judged.into_iter().take(FINALISTS).map(|(_, one)| one).collect()
}

impl<M: Mixture> Trial<M> {
    fn new(Move { pair, mixture }: Move<M>, e_step: &EStep<'_, M>) -> Self {
        let place = Place::new(mixture, e_step);
        Self { pair, values: vec![place.mean_ln_likelihood()], place }
    }

    /// After so many iterations in all; none if a component collapses on the way.
    fn after(mut self, n_rounds: usize, e_step: &EStep<'_, M>, rules: &Rules) -> Option<Self> {
        while self.values.len() <= n_rounds {
            let maximum = self.place.m_step(rules).ok()?;
            if !maximum.collapsed.is_empty() {
                return None;
            }
            self.place = Place::new(maximum.mixture, e_step);
            self.values.push(self.place.mean_ln_likelihood());
        }
        Some(self)
    }
}

/// Where these would end if the last gains g₁ and g₂ were followed by ever smaller ones in the ratio r = g₂/g₁: g₂·r/(1 − r) above the last.
///
/// "On Bernoulli's numerical solution of algebraic equations", Proceedings of the Royal Society of Edinburgh 46, 1926.
fn expected_end(values: &[f64]) -> f64 {
    let Some(&[a, b, c]) = values.last_chunk() else { return f64::NAN };
    let ratio = if b > a { ((c - b) / (b - a)).clamp(0.0, LARGEST_RATIO) } else { 0.0 };
    c + (c - b) * ratio / (1.0 - ratio)
}

/// One of the points, the same one for the same random number if none has a weight and if all have the weight 1.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is a number of points"
)]
fn draw<R: Rng>(points: &Points<'_>, rng: &mut R) -> usize {
    let n = points.values.len() / points.dim;
    match &points.weights {
        Some(weights) => centers::draw(weights, rng),
        None => (n as f64 * rng.random::<f64>()) as usize,
    }
}

/// The component that is most responsible for this point, but for that one.
fn most_responsible<M: Mixture>(mixture: &M, point: &[f64], except: usize) -> Option<usize> {
    let shares = mixture.shares(point);
    (0..shares.len()).filter(|&k| k != except).max_by(|&a, &b| shares[a].total_cmp(&shares[b]))
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
            is_moderate: true,
        }
    }

    /// Whether each group has a component of its own; to about a tenth of its width.
    fn is_found(mixture: &GaussianMixture) -> bool {
        let components = mixture.components_by_mean();
        components.iter().zip([0.0, 10.0, 14.0]).all(|(c, mean)| (c.mean - mean).abs() < 0.3)
    }

    /// A move from the result of that run.
    fn next<M: Mixture>(
        moves: &mut Moves,
        (run, mixture): (usize, &M),
        observed: &Observed<'_>,
        unit: &[f64],
        rules: &Rules,
        rng: &mut Xoshiro256PlusPlus,
    ) -> Option<M> {
        let e_step = &EStep::on_this_thread(observed);
        let place = &Place::new(mixture.clone(), e_step);
        let next = moves.next(&Best { run, place }, e_step, unit, (rules, None), rng);
        next.map(|place| place.mixture)
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
            // Either of the two.
            let spare = spare(&stuck, &Points::of(observed).unwrap());
            assert!(!spare.is_empty() && !spare.contains(&2), "{spare:?}");
            for seed in 0..5 {
                let (moves, rng) = (&mut Moves::default(), &mut rng(seed));
                let start = next(moves, (0, &stuck), observed, &[6.0], &rules(), rng).unwrap();
                let found = end(observed, start);
                assert!(is_found(&found), "{found}");
                let next = next(moves, (1, &found), observed, &[6.0], &rules(), rng);
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
            next(moves, (0, &end), &observed, &[6.0], &rules(), rng);
        }
        let mut made = moves.made.clone();
        assert!(made.len() > 1);
        made.sort_unstable();
        made.dedup();
        assert_eq!(made.len(), moves.made.len());
    }

    #[test]
    fn of_many_samples_some_take_part_and_of_few_or_weighted_ones_all() {
        let samples: Vec<f64> = (0..2000).map(f64::from).collect();
        let values = |observed: &Observed<'_>| {
            let some = some(observed, 2, &mut rng(5));
            Points::of(&some).unwrap().values.into_owned()
        };
        let mut found = values(&rows(&samples, None));
        found.sort_by(f64::total_cmp);
        found.dedup();
        assert_eq!(found.len(), 512);
        assert_eq!(values(&rows(&samples, Some(vec![0.5; 2000]))), samples);
        assert_eq!(values(&rows(&samples[..1000], None)), samples[..1000]);
    }

    #[test]
    fn a_point_is_drawn_by_its_weight_and_without_weights_as_with_equal_ones() {
        let samples: Vec<f64> = (0..1000).map(f64::from).collect();
        let drawn = |weights: Option<Vec<f64>>| -> Vec<usize> {
            let observed = rows(&samples, weights);
            let (points, rng) = (Points::of(&observed).unwrap(), &mut rng(6));
            (0..300).map(|_| draw(&points, rng)).collect()
        };
        let plain = drawn(None);
        assert_eq!(plain, drawn(Some(vec![1.0; 1000])));
        // Half of them on either side; five standard deviations of 8.7.
        assert!(plain.iter().filter(|&&n| n < 500).count().abs_diff(150) < 44);
        let heavy = |n: usize| if n == 7 { 3000.0 } else { 1.0 };
        let weighted = drawn(Some((0..1000).map(heavy).collect()));
        assert!(weighted.iter().filter(|&&n| n == 7).count().abs_diff(225) < 38);
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
            let unit = &[6.0, 12.0];
            let start = next(moves, (0, &end.mixture), &observed, unit, &rules, rng).unwrap();
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

    /// But where two components change their places, as may be in one of a few moves.
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
        let is_moved = |seed: &u64| {
            let (moves, rng) = (&mut Moves::default(), &mut rng(*seed));
            next(moves, (0, &end), &observed, &[1.0; 16], &rules(), rng).is_some()
        };
        let moved: Vec<u64> = (0..20).filter(is_moved).collect();
        assert!(moved.len() < 5, "{moved:?}");
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

    #[test]
    fn an_end_is_expected_where_gains_of_one_ratio_lead() {
        // 1 − ½ⁿ.
        assert_eq!(expected_end(&[-7.0, 0.0, 0.5, 0.75]), 1.0);
        // At most nine times the last gain away, and no farther away than the last where there are no gains.
        assert!((expected_end(&[0.0, 1.0, 3.0]) - 21.0).abs() < 1e-12);
        assert_eq!(expected_end(&[1.0, 1.0, 1.0]), 1.0);
        assert_eq!(expected_end(&[f64::NEG_INFINITY, 1.0, 2.0]), 2.0);
        assert!(expected_end(&[1.0, 2.0]).is_nan());
    }

    /// A component with a few samples of many has none in a part of them, where it collapses.
    #[test]
    fn a_move_that_a_part_cannot_judge_is_judged_by_all() {
        let mut samples: Vec<f64> = groups().sample_iter(rng(11)).take(20_000).collect();
        samples.extend([100.0, 100.1, 100.2, 100.3]);
        let observed = rows(&samples, None);
        let weights = [0.2, 0.2, 0.5998, 0.0002];
        let stuck =
            GaussianMixture::new(weights, [-0.5, 0.5, 12.0, 100.15], [0.9, 0.9, 2.2, 0.1]).unwrap();
        let end = end(&observed, stuck);
        for seed in 0..5 {
            let (moves, rng) = (&mut Moves::default(), &mut rng(seed));
            let moved = next(moves, (0, &end), &observed, &[6.0], &rules(), rng);
            assert!(moved.is_some_and(|moved| moved.means()[3] > 99.0), "{seed}");
        }
    }
}
