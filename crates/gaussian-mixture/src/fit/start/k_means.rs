//! K-means. Its result is only a local optimum, so single centers are tried elsewhere until that has been in vain for a while.

use super::centers::{self, MOST_ROUNDS, moved_to_means};
use super::distances::for_each_batch;
use super::scale::Scale;
use super::standardized::Standardized;
use super::{from_centers, squares};
use crate::fit::model::Mixture;
use crate::fit::{FitOptions, VarianceFloor, by_chance};
use crate::{CovarianceType, FitError};
use rand::Rng;

/// So many points for each center tell the results apart: they know a center to a sixteenth of its group's width.
const PER_CENTER: usize = 256;

/// And so many for each coordinate, for a covariance that all groups have in common.
const PER_COORDINATE: usize = 16;

/// A trial moves one of so many centers: those that the points would miss the least.
const SPARE: usize = 4;

/// A trial is judged after so many rounds of k-means, in which the other centers give way.
const ROUNDS: usize = 3;

/// A trial has to raise the mean log-likelihood where EM begins by this share of what [chance](by_chance) adds to it.
const OF_CHANCE: f64 = 0.05;

/// And by no less than this, however many samples the weights stand for.
const LEAST_GAIN: f64 = 1e-6;

/// The search ends after so many trials in a row that did not.
const IN_VAIN: usize = 8;

/// The centers of groups in which EM begins with a great likelihood. That tells where EM ends; the squared distances from the centers,
/// which k-means itself lessens, do not: they prefer two centers in one wide group.
///
/// Some of the points take part in the search, if there are many. All of them take its centers to where they stay.
pub(super) fn k_means<M: Mixture, R: Rng>(
    data: &Standardized,
    options: &FitOptions<M>,
    rng: &mut R,
) -> Result<Vec<f64>, FitError> {
    let enough = (PER_CENTER * options.n_components).max(PER_COORDINATE * data.dim);
    if let Some(some) = data.some(enough, rng) {
        let found = search(&some, options, rng)?;
        // Among some there may be fewer different points than centers, though not among all.
        if are_different(&found, data.dim) {
            return Ok(moved_to_means(data, found, MOST_ROUNDS));
        }
    }
    Ok(moved_to_means(data, search(data, options, rng)?, MOST_ROUNDS))
}

/// Moves a center that the others can spare to a point that is far from all, lets them give way, and keeps that if EM begins higher there.
///
/// "Randomised local search algorithm for the clustering problem", Pattern Analysis and Applications 3, 2000: there by the squared
/// distances, and with any of the centers.
fn search<M: Mixture, R: Rng>(
    data: &Standardized,
    options: &FitOptions<M>,
    rng: &mut R,
) -> Result<Vec<f64>, FitError> {
    let (d, k) = (data.dim, options.n_components);
    let mut centers = moved_to_means(data, centers::spread(data, k, rng), MOST_ROUNDS);
    if k == 1 {
        return Ok(centers);
    }
    let (unit, floor) = (Scale::unit(d), unit_floor(options.variance_floor, &data.scale));
    // Where EM begins, all components have the same covariance.
    let kind = match options.covariance_type {
        CovarianceType::Full => CovarianceType::Tied,
        kind => kind,
    };
    let options = options.clone().with_variance_floor(floor).with_covariance_type(kind);
    let squares = squares(data, &options)?;
    let ln_likelihood = |centers: &[f64]| -> Result<f64, FitError> {
        let start = from_centers(data, &unit, centers, &squares, &options)?;
        let sums = start.e_step_rows(&data.rows, data.weights.as_deref());
        Ok(sums.ln_likelihood / sums.n_samples)
    };
    let mut best = ln_likelihood(&centers)?;
    let n_parameters = k - 1 + k * d + options.covariance_type.n_parameters(1, d);
    let least_gain = LEAST_GAIN.max(OF_CHANCE * by_chance(n_parameters, data.n_samples()));
    let mut needs = Needs::of(data, &centers);
    let mut n_in_vain = 0;
    while n_in_vain < IN_VAIN {
        let mut trial = centers.clone();
        let moved = needs.least[n_in_vain % SPARE.min(k)];
        trial[moved * d..][..d].copy_from_slice(data.point(centers::draw(&needs.shares, rng)));
        let trial = moved_to_means(data, trial, ROUNDS);
        let found = ln_likelihood(&trial)?;
        if found > best + least_gain {
            (best, centers, n_in_vain) = (found, trial, 0);
            needs = Needs::of(data, &centers);
        } else {
            n_in_vain += 1;
        }
    }
    Ok(centers)
}

/// What the points need.
struct Needs {
    /// Of each point its weight times its squared distance from the nearest center: what it would gain by one of its own.
    shares: Vec<f64>,
    /// The centers, from the one on whose loss these would rise the least.
    least: Vec<usize>,
}

impl Needs {
    fn of(data: &Standardized, centers: &[f64]) -> Self {
        let mut shares = Vec::with_capacity(data.len());
        let mut losses = vec![0.0; centers.len() / data.dim];
        for_each_batch(&data.rows, centers, data.dim, |first, distances| {
            for n in 0..distances[0].len() {
                let (mut nearest, mut least, mut second) = (0, f64::INFINITY, f64::INFINITY);
                for (k, distances) in distances.iter().enumerate() {
                    if distances[n] < least {
                        (nearest, least, second) = (k, distances[n], least);
                    } else {
                        second = second.min(distances[n]);
                    }
                }
                let weight = data.weight(first + n);
                shares.push(weight * least);
                losses[nearest] += weight * (second - least);
            }
        });
        let mut least: Vec<usize> = (0..losses.len()).collect();
        least.sort_by(|&a, &b| losses[a].total_cmp(&losses[b]));
        Self { shares, least }
    }
}

/// The floor of standardized points, of which some may have no variance of their own.
fn unit_floor(floor: VarianceFloor, scale: &Scale) -> VarianceFloor {
    let variance = match floor {
        VarianceFloor::Relative(share) => share,
        VarianceFloor::Absolute(variance) => {
            let widest = scale.std_devs.iter().copied().fold(0.0, f64::max);
            (variance.sqrt() / widest).powi(2)
        }
    };
    VarianceFloor::Absolute(variance.clamp(f64::MIN_POSITIVE, f64::MAX))
}

fn are_different(centers: &[f64], dim: usize) -> bool {
    let centers: Vec<&[f64]> = centers.chunks_exact(dim).collect();
    centers.iter().enumerate().all(|(i, center)| !centers[..i].contains(center))
}

#[cfg(test)]
mod tests {
    use super::super::standardized::tests::standardized;
    use super::*;
    use crate::GaussianMixture;
    use crate::fit::model::Model;
    use rand::SeedableRng;
    use rand::rngs::Xoshiro256PlusPlus;

    /// Six groups at the corners of a hexagon that is not regular, some of them wide: with four centers k-means has many optima.
    fn groups() -> Standardized {
        let at = |n: usize| {
            let (angle, spread) = ((n % 6) as f64, [0.1, 0.5, 0.2, 0.4, 0.1, 0.3][n % 6]);
            let noise = |n: f64| (n * n * 0.7).sin() * spread;
            [3.0 * angle.cos() + noise(n as f64), 2.0 * angle.sin() + noise(n as f64 + 0.5)]
        };
        let rows: Vec<f64> = (0..900).flat_map(at).collect();
        standardized(&rows, 2, None)
    }

    fn ln_likelihood(
        data: &Standardized,
        centers: &[f64],
        options: &FitOptions<crate::MultivariateGaussianMixture>,
    ) -> f64 {
        let squares = squares(data, options).unwrap();
        let start = from_centers(data, &Scale::unit(2), centers, &squares, options).unwrap();
        start.e_step_rows(&data.rows, None).ln_likelihood / data.len() as f64
    }

    /// Of the log-likelihoods of one place that k-means comes to by different ways.
    const SAME: f64 = 1e-3;

    #[test]
    fn the_search_finds_what_few_results_of_k_means_come_to() {
        let data = groups();
        let options = FitOptions::multivariate(4, crate::CovarianceType::Full);
        let single = |seed: u64| {
            let rng = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
            let centers = centers::spread(&data, 4, rng);
            ln_likelihood(&data, &moved_to_means(&data, centers, MOST_ROUNDS), &options)
        };
        let searched = |seed: u64| {
            let rng = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
            ln_likelihood(&data, &k_means(&data, &options, rng).unwrap(), &options)
        };
        let best = (0..60).map(single).reduce(f64::max).unwrap();
        let n_best = |of: &dyn Fn(u64) -> f64| (0..60).filter(|&s| of(s) > best - SAME).count();
        // About a quarter, and about a half.
        let [n_single, n_searched] = [n_best(&single), n_best(&searched)];
        assert!(n_single < 20 && n_searched > 25, "{n_single} {n_searched}");
    }

    #[test]
    fn a_center_beside_another_is_needed_the_least_and_points_far_from_all_need_one_the_most() {
        let values = [0.0, 1.0, 100.0, 101.0, 200.0, 201.0];
        let data = standardized(&values, 1, Some(&[1.0, 1.0, 1.0, 1.0, 1.0, 2.0]));
        let unit = data.scale.std_devs[0];
        let centers = [200.0, 0.0, 1.0].map(|x| (x - data.scale.center[0]) / unit);
        let needs = Needs::of(&data, &centers);
        assert_eq!(needs.least[2], 0);
        for (share, expected) in
            needs.shares.iter().zip([0.0, 0.0, 99.0 * 99.0, 99.0 * 99.0, 0.0, 2.0])
        {
            // A few roundings of the largest of them.
            assert!((share * unit * unit - expected).abs() < 1e-11, "{share} {expected}");
        }
    }

    #[test]
    fn an_absolute_floor_is_one_in_the_unit_of_the_samples() {
        let scale = Scale { center: vec![0.0; 2], std_devs: vec![3.0, 8.0] };
        assert_eq!(
            unit_floor(VarianceFloor::Absolute(4.0), &scale),
            VarianceFloor::Absolute(0.0625)
        );
        assert_eq!(unit_floor(VarianceFloor::Relative(0.1), &scale), VarianceFloor::Absolute(0.1));
    }

    /// Some hundred points are drawn to choose, and most often none of the few that differ.
    #[test]
    fn a_start_is_found_where_most_points_are_equal() {
        let mut values = vec![0.0; 9_990];
        values.extend((10..20).map(f64::from));
        let data = standardized(&values, 1, None);
        for seed in 0..10 {
            let rng = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
            let options: FitOptions<GaussianMixture> = FitOptions::new(3);
            let found = k_means(&data, &options, rng).unwrap();
            assert!(are_different(&found, 1), "{seed}: {found:?}");
        }
    }
}
