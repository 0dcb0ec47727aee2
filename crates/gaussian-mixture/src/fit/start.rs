//! Where EM starts.

use super::model::{Mixture, Rules};
use super::observations::Observed;
use super::options::{Frozen, Start, VarianceFloor};
use super::{FitOptions, sums::Sums};
use crate::{CovarianceType, FitError, SampleError};
use rand::{Rng, RngExt};

/// Groups that still change after this many rounds of k-means hardly do.
const MOST_ROUNDS: usize = 100;

/// The observations in coordinates in which each has mean 0 and standard deviation 1, so that distances do not depend on units.
pub(super) struct Standardized {
    points: Vec<f64>,
    weights: Option<Vec<f64>>,
    dim: usize,
    center: Vec<f64>,
    pub(super) std_devs: Vec<f64>,
    /// How many points stand for one observation: two for a bin.
    per_observation: usize,
}

impl Standardized {
    /// Coordinates without any spread are an error unless an absolute floor gives them one.
    pub(super) fn new<M>(
        observed: &Observed<'_>,
        options: &FitOptions<M>,
    ) -> Result<Self, FitError> {
        let (mut points, weights, dim, per_observation) = match observed {
            Observed::Rows { values, dim, weights, .. } => {
                (values.to_vec(), weights.as_ref().map(|w| w.to_vec()), *dim, 1)
            }
            Observed::Bins { edges, counts } => {
                let (points, weights) = stand_ins(edges, counts)?;
                (points, Some(weights), 1, 2)
            }
        };
        let (mut center, mut std_devs) = (Vec::new(), Vec::new());
        for column in 0..dim {
            let values = || points.iter().skip(column).step_by(dim).copied();
            let weight = |n: usize| weights.as_ref().map_or(1.0, |w| w[n]);
            let (mean, std_dev) = mean_and_std_dev(values, weight)?;
            let std_dev = match options.variance_floor {
                VarianceFloor::Absolute(variance) => std_dev.max(variance.sqrt()),
                VarianceFloor::Relative(_) if std_dev > 0.0 => std_dev,
                VarianceFloor::Relative(_) => return Err(constant(column, dim, mean)),
            };
            if std_dev < f64::MIN_POSITIVE {
                let (low, high) = range(values());
                return Err(FitError::TooClose { low, high });
            }
            center.push(mean);
            std_devs.push(std_dev);
        }
        if options.covariance_type == CovarianceType::Spherical {
            // The one type that cannot follow each coordinate's own unit.
            let square = std_devs.iter().map(|s| s * s).sum::<f64>() / dim as f64;
            std_devs.fill(square.sqrt());
        }
        for row in points.chunks_exact_mut(dim.max(1)) {
            for ((x, center), std_dev) in row.iter_mut().zip(&center).zip(&std_devs) {
                *x = (*x - center) / std_dev;
            }
        }
        Ok(Self { points, weights, dim, center, std_devs, per_observation })
    }

    fn len(&self) -> usize {
        self.points.len() / self.dim
    }

    fn point(&self, n: usize) -> &[f64] {
        &self.points[n * self.dim..(n + 1) * self.dim]
    }

    fn weight(&self, n: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |w| w[n])
    }
}

fn constant(column: usize, dim: usize, value: f64) -> FitError {
    FitError::Samples(if dim == 1 {
        SampleError::Constant { value }
    } else {
        SampleError::ConstantColumn { column, value }
    })
}

fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)))
}

/// In two passes, in halves of the range, so that nothing cancels and no square overflows.
fn mean_and_std_dev<I: Iterator<Item = f64>>(
    values: impl Fn() -> I,
    weight: impl Fn(usize) -> f64,
) -> Result<(f64, f64), FitError> {
    let (low, high) = range(values());
    let half = 0.5 * (high - low);
    if !half.is_finite() {
        return Err(FitError::TooFarApart { low, high });
    }
    if half == 0.0 {
        return if low == high { Ok((low, 0.0)) } else { Err(FitError::TooClose { low, high }) };
    }
    let middle = 0.5 * low + 0.5 * high;
    let average = |f: &dyn Fn(f64) -> f64| {
        let (mut sum, mut total) = (0.0, 0.0);
        for (n, x) in values().enumerate() {
            sum += weight(n) * f((x - middle) / half);
            total += weight(n);
        }
        sum / total
    };
    let mean = average(&|u| u);
    let variance = average(&|u| (u - mean).powi(2));
    Ok((half.mul_add(mean, middle), half * variance.sqrt()))
}

/// Two points for every bin, with half its count each, where they have the mean and the variance of samples spread evenly over
/// it: √(1/12) of its width from its center. An open bin has both on its edge.
fn stand_ins(edges: &[f64], counts: &[f64]) -> Result<(Vec<f64>, Vec<f64>), SampleError> {
    let (mut points, mut weights) = (Vec::new(), Vec::new());
    for (bin, count) in edges.windows(2).zip(counts) {
        let (low, high) = (bin[0], bin[1]);
        let pair = match (low.is_finite(), high.is_finite()) {
            (true, true) => {
                let (middle, reach) =
                    (0.5 * low + 0.5 * high, (0.5 * high - 0.5 * low) * (1.0_f64 / 3.0).sqrt());
                [middle - reach, middle + reach]
            }
            (true, false) => [low; 2],
            (false, true) => [high; 2],
            (false, false) => return Err(SampleError::OneBin),
        };
        points.extend(pair);
        weights.extend([0.5 * count; 2]);
    }
    Ok((points, weights))
}

/// The mixture at which a run begins.
pub(super) fn start<M: Mixture, R: Rng>(
    data: &Standardized,
    observed: &Observed<'_>,
    options: &FitOptions<M>,
    rng: &mut R,
) -> Result<M, FitError> {
    let k = options.n_components;
    match &options.start {
        Start::Mixture(mixture) => given_mixture(mixture, data, options),
        Start::KMeansPlusPlus => from_centers(data, &spread_centers(data, k, rng), options),
        Start::KMeans => from_centers(data, &k_means(data, spread_centers(data, k, rng)), options),
        Start::RandomPoints => from_centers(data, &random_centers(data, k, rng), options),
        Start::RandomResponsibilities => {
            let mut row = vec![0.0; k];
            from_responsibilities(data, options, |_, shares| {
                for r in &mut row {
                    *r = rng.random::<f64>();
                }
                let sum: f64 = row.iter().sum();
                shares.iter_mut().zip(&row).for_each(|(s, r)| *s = r / sum);
            })
        }
        Start::Responsibilities(given) => {
            expect("components", k, given.ncols())?;
            expect("rows", observed.n_given(), given.nrows())?;
            let row_of = |n: usize| observed.origin(n);
            for n in 0..data.len() / data.per_observation {
                check_row(row_of(n), given.row(row_of(n)).iter())?;
            }
            from_responsibilities(data, options, |n, shares| {
                let row = given.row(row_of(n));
                let sum = row.sum();
                shares.iter_mut().zip(row).for_each(|(s, r)| *s = r / sum);
            })
        }
    }
}

fn expect(what: &'static str, expected: usize, found: usize) -> Result<(), FitError> {
    if expected == found { Ok(()) } else { Err(FitError::Start { what, expected, found }) }
}

fn check_row<'a>(row: usize, values: impl Iterator<Item = &'a f64>) -> Result<(), FitError> {
    let mut sum = 0.0;
    for &value in values {
        if !(value.is_finite() && value >= 0.0) {
            return Err(FitError::Responsibility { row, value });
        }
        sum += value;
    }
    if sum > 0.0 && f64::is_finite(sum) {
        Ok(())
    } else {
        Err(FitError::Responsibility { row, value: sum })
    }
}

fn given_mixture<M: Mixture>(
    mixture: &M,
    data: &Standardized,
    options: &FitOptions<M>,
) -> Result<M, FitError> {
    expect("components", options.n_components, mixture.n_components())?;
    expect("dimensions", data.dim, mixture.dim())?;
    mixture.clone().converted(options.covariance_type)
}

/// The components of the groups about the centers, all with the covariance of the samples about the mean of their own group.
fn from_centers<M: Mixture>(
    data: &Standardized,
    centers: &[f64],
    options: &FitOptions<M>,
) -> Result<M, FitError> {
    let reference = reference(data, options)?;
    let mut sums = reference.zero();
    for n in 0..data.len() {
        let (k, _) = nearest(data.point(n), centers);
        add::<M>(&mut sums, k, data.weight(n), data.point(n));
    }
    maximize(&reference, &sums, options, true)
}

fn from_responsibilities<M: Mixture>(
    data: &Standardized,
    options: &FitOptions<M>,
    mut responsibilities: impl FnMut(usize, &mut [f64]),
) -> Result<M, FitError> {
    let reference = reference(data, options)?;
    let mut sums = reference.zero();
    let mut shares = vec![0.0; options.n_components];
    for n in 0..data.len() {
        if n % data.per_observation == 0 {
            responsibilities(n / data.per_observation, &mut shares);
        }
        for (k, share) in shares.iter().enumerate() {
            add::<M>(&mut sums, k, data.weight(n) * share, data.point(n));
        }
    }
    maximize(&reference, &sums, options, false)
}

fn reference<M: Mixture>(data: &Standardized, options: &FitOptions<M>) -> Result<M, FitError> {
    M::reference(options.n_components, &data.center, &data.std_devs, options.covariance_type)
}

fn add<M: Mixture>(sums: &mut Sums, k: usize, responsibility: f64, z: &[f64]) {
    M::add(sums, k, responsibility, z);
    sums.n_samples += responsibility;
}

fn maximize<M: Mixture>(
    reference: &M,
    sums: &Sums,
    options: &FitOptions<M>,
    pooled: bool,
) -> Result<M, FitError> {
    let pooled = pooled || super::rules(options).pooled;
    let rules = Rules { floor: options.variance_floor, frozen: Frozen::default(), pooled };
    Ok(reference.m_step(sums, &rules)?.mixture)
}

/// The center nearest to a point, and the squared distance.
fn nearest(point: &[f64], centers: &[f64]) -> (usize, f64) {
    let distances = centers.chunks_exact(point.len()).map(|c| squared_distance(point, c));
    distances.enumerate().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((0, 0.0))
}

fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum()
}

/// K of the points: the first at random, each further one with a probability in proportion to the squared distance from
/// those already chosen; among a few such candidates, the one that leaves the smallest total.
fn spread_centers<R: Rng>(data: &Standardized, n_components: usize, rng: &mut R) -> Vec<f64> {
    let n_candidates = 2 + n_components.ilog2() as usize;
    let from = |center: usize, n: usize| {
        data.weight(n) * squared_distance(data.point(n), data.point(center))
    };
    let weights: Vec<f64> = (0..data.len()).map(|n| data.weight(n)).collect();
    let first = draw(&weights, rng);
    let mut centers = data.point(first).to_vec();
    let mut distances: Vec<f64> = (0..data.len()).map(|n| from(first, n)).collect();
    for _ in 1..n_components {
        let candidates = (0..n_candidates).map(|_| {
            let center = draw(&distances, rng);
            let left = (0..data.len()).map(|n| distances[n].min(from(center, n))).sum::<f64>();
            (left, center)
        });
        let Some((_, center)) = candidates.min_by(|a, b| a.0.total_cmp(&b.0)) else { break };
        centers.extend_from_slice(data.point(center));
        distances.iter_mut().enumerate().for_each(|(n, d)| *d = d.min(from(center, n)));
    }
    centers
}

/// An index with a probability in proportion to `shares`; any index where all of them are 0, that is where there are
/// fewer different points than components.
fn draw<R: Rng>(shares: &[f64], rng: &mut R) -> usize {
    let total: f64 = shares.iter().sum();
    if total <= 0.0 {
        return rng.random_range(0..shares.len());
    }
    let mut left = total * rng.random::<f64>();
    let mut last = 0;
    for (index, &share) in shares.iter().enumerate() {
        if share > 0.0 {
            if left < share {
                return index;
            }
            last = index;
        }
        left -= share;
    }
    last
}

/// K points by weight alone, all different while there are enough of them.
fn random_centers<R: Rng>(data: &Standardized, n_components: usize, rng: &mut R) -> Vec<f64> {
    let mut left: Vec<f64> = (0..data.len()).map(|n| data.weight(n)).collect();
    let mut centers = Vec::new();
    for _ in 0..n_components {
        let chosen = draw(&left, rng);
        centers.extend_from_slice(data.point(chosen));
        // Its twins go with it: a tie would start two components in one place, from where they never part.
        for (n, weight) in left.iter_mut().enumerate() {
            if data.point(n) == data.point(chosen) {
                *weight = 0.0;
            }
        }
    }
    centers
}

/// Every center moved to the mean of its group, until none moves.
fn k_means(data: &Standardized, mut centers: Vec<f64>) -> Vec<f64> {
    let d = data.dim;
    for _ in 0..MOST_ROUNDS {
        let mut sums = vec![0.0; centers.len()];
        let mut counts = vec![0.0; centers.len() / d];
        for n in 0..data.len() {
            let (k, _) = nearest(data.point(n), &centers);
            counts[k] += data.weight(n);
            for (sum, x) in sums[k * d..(k + 1) * d].iter_mut().zip(data.point(n)) {
                *sum += data.weight(n) * x;
            }
        }
        let before = centers.clone();
        for (k, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0.0) {
            for j in k * d..(k + 1) * d {
                centers[j] = sums[j] / count;
            }
        }
        if centers == before {
            break;
        }
    }
    centers
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::Xoshiro256PlusPlus;
    use std::borrow::Cow;

    fn standardized(values: &[f64], dim: usize, weights: Option<&[f64]>) -> Standardized {
        let observed = Observed::Rows {
            values: Cow::Borrowed(values),
            dim,
            weights: weights.map(Cow::Borrowed),
            origin: None,
            n_given: values.len() / dim,
        };
        Standardized::new(&observed, &FitOptions::new(1)).unwrap()
    }

    /// The centers in the samples' own unit, in increasing order, for samples of one dimension.
    fn centers(values: &[f64], k: usize, seed: u64) -> Vec<f64> {
        let data = standardized(values, 1, None);
        let rng = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut centers = spread_centers(&data, k, rng);
        for c in &mut centers {
            *c = *c * data.std_devs[0] + data.center[0];
        }
        centers.sort_by(f64::total_cmp);
        centers
    }

    /// One rounding there and one back, of numbers of order 1.
    const ROUNDING: f64 = 1e-15;

    #[test]
    fn centers_are_samples_and_differ_while_they_can() {
        let points = [-1.0, -0.5, 0.0, 0.5, 1.0];
        for seed in 0..50 {
            let chosen = centers(&points, 5, seed);
            assert!(chosen.iter().zip(points).all(|(c, p)| (c - p).abs() < ROUNDING), "{chosen:?}");
        }
        // More than there are different samples: some start on top of each other.
        assert_eq!(centers(&[-1.0, 1.0, 1.0, 1.0], 4, 0).len(), 4);
    }

    #[test]
    fn a_draw_is_in_proportion_to_its_shares() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
        let n = 100_000;
        let far = (0..n).filter(|_| draw(&[0.0, 1.0, 9.0], &mut rng) == 2).count() as f64;
        // Five standard errors.
        assert!((far / f64::from(n) - 0.9).abs() < 5.0 * (0.09 / f64::from(n)).sqrt());
        assert!((0..1000).all(|_| draw(&[0.0, 1.0, 9.0], &mut rng) != 0));
    }

    #[test]
    fn of_the_candidates_the_best_is_kept() {
        // Two large groups and a few points between: from a first center in one group, the other leaves the least. A single
        // draw would take one of the few once in twelve times.
        let mut points = vec![0.3; 10];
        points.extend((0..50).map(|i| -1.0 + 0.001 * f64::from(i)));
        points.extend((0..50).map(|i| 0.951 + 0.001 * f64::from(i)));
        for seed in 0..200 {
            let chosen = centers(&points, 2, seed);
            let first_is_between = chosen.iter().any(|c| (c - 0.3).abs() < ROUNDING);
            assert!(first_is_between || chosen[1] - chosen[0] > 1.5, "seed {seed}: {chosen:?}");
        }
    }

    #[test]
    fn far_groups_get_a_center_each_and_k_means_moves_it_to_their_mean() {
        let points: Vec<f64> =
            (0..30).map(|i| f64::from(i / 10) - 1.0 + 0.001 * f64::from(i % 10)).collect();
        let data = standardized(&points, 1, None);
        for seed in 0..50 {
            let groups: Vec<f64> =
                centers(&points, 3, seed).iter().map(|c| (c + ROUNDING).floor()).collect();
            assert_eq!(groups, [-1.0, 0.0, 1.0], "seed {seed}");
            let rng = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
            let mut means = k_means(&data, spread_centers(&data, 3, rng));
            means.sort_by(f64::total_cmp);
            for (mean, expected) in means.iter().zip([-0.9955, 0.0045, 1.0045]) {
                let mean = mean * data.std_devs[0] + data.center[0];
                assert!((mean - expected).abs() < 1e-14, "{mean}");
            }
        }
    }

    #[test]
    fn a_start_has_the_moments_of_the_groups_and_their_common_width() {
        let values = [-1.0, -0.6, 0.5, 0.7, 0.9];
        let data = standardized(&values, 1, None);
        let at = |x: f64| (x - data.center[0]) / data.std_devs[0];
        let start: crate::GaussianMixture =
            from_centers(&data, &[at(-1.0), at(0.7)], &FitOptions::new(2)).unwrap();
        let near = |found: f64, expected: f64| (found - expected).abs() < 1e-14;
        assert!(near(start.weights()[0], 0.4) && near(start.weights()[1], 0.6));
        assert!(near(start.means()[0], -0.8) && near(start.means()[1], 0.7));
        // Squares about the groups' means: 2·0.2² and 2·0.2², over five points.
        assert!(start.std_devs().iter().all(|s| near(*s, (0.16_f64 / 5.0).sqrt())));
    }

    #[test]
    fn standardized_rows_have_mean_zero_and_variance_one_whatever_their_weights_and_units() {
        let values = [1e12, 3e-8, 1e12 + 3.0, 1e-8, 1e12 + 1.0, 7e-8, 1e12 + 4.0, 2e-8];
        let weights = [1.0, 0.5, 2.0, 1.5];
        let data = standardized(&values, 2, Some(&weights));
        for column in 0..2 {
            let average = |f: &dyn Fn(f64) -> f64| -> f64 {
                (0..4).map(|n| weights[n] * f(data.point(n)[column])).sum::<f64>() / 5.0
            };
            // The center of the first is rounded to 1e-4, as its samples are.
            assert!(average(&|x| x).abs() < 1e-4 && (average(&|x| x * x) - 1.0).abs() < 1e-4);
        }
    }

    #[test]
    fn a_bin_stands_for_samples_spread_evenly_over_it() {
        let (points, weights) = stand_ins(&[0.0, 2.0, f64::INFINITY], &[6.0, 2.0]).unwrap();
        assert_eq!(weights, [3.0, 3.0, 1.0, 1.0]);
        assert_eq!(points[2..], [2.0, 2.0]);
        // Mean 1 and variance 2²/12.
        assert!((points[0] + points[1] - 2.0).abs() < ROUNDING);
        assert!(((points[0] - 1.0).powi(2) - 4.0 / 12.0).abs() < ROUNDING);
    }
}
