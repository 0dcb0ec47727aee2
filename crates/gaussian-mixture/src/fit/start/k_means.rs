//! The best of many results of k-means, each of which is only a local optimum.

use super::scale::Scale;
use super::standardized::Standardized;
use super::{centers, from_centers};
use crate::FitError;
use crate::fit::model::Mixture;
use crate::fit::{FitOptions, VarianceFloor};
use rand::Rng;

/// So many points for each center tell the results apart: they know a center to a sixteenth of its group's width.
const PER_CENTER: usize = 256;

/// And so many for each coordinate, for a covariance that all groups have in common.
const PER_COORDINATE: usize = 16;

/// How often the best has to be found, to that much of the mean log-likelihood, until it is taken for the best of all.
const FOUND: usize = 3;
const SAME: f64 = 1e-3;

/// The number of results after which there are no more, found often enough or not.
const MOST: usize = 32;

/// The centers where EM begins with the greatest likelihood.
pub(super) struct Likeliest {
    pub(super) centers: Vec<f64>,
    /// Whether they were found often enough.
    pub(super) is_sure: bool,
}

/// Some of the points choose among the results. All of them take the centers to where they stay.
pub(super) fn likeliest<M: Mixture, R: Rng>(
    data: &Standardized,
    options: &FitOptions<M>,
    rng: &mut R,
) -> Result<Likeliest, FitError> {
    let enough = (PER_CENTER * options.n_components).max(PER_COORDINATE * data.dim);
    if let Some(some) = data.some(enough, rng) {
        let found = likeliest_of(&some, options, rng)?;
        // Among some there may be fewer different points than centers, though not among all.
        if are_different(&found.centers, data.dim) {
            return Ok(Likeliest {
                centers: centers::moved_to_means(data, found.centers),
                ..found
            });
        }
    }
    likeliest_of(data, options, rng)
}

/// That says better where EM will end than the squared distances do.
fn likeliest_of<M: Mixture, R: Rng>(
    data: &Standardized,
    options: &FitOptions<M>,
    rng: &mut R,
) -> Result<Likeliest, FitError> {
    let (unit, floor) = (Scale::unit(data.dim), unit_floor(options.variance_floor, &data.scale));
    let options = options.clone().with_variance_floor(floor);
    let mut best = (f64::NEG_INFINITY, Vec::new());
    let mut n_found = 0;
    for _ in 0..MOST {
        let centers = centers::k_means(data, options.n_components, rng);
        let start = from_centers(data, &unit, &centers, &options)?;
        let sums = start.e_step_rows(&data.rows, data.weights.as_deref());
        let ln_likelihood = sums.ln_likelihood / sums.n_samples;
        // Of equal results the first: no rounding is to choose among them.
        if best.1.is_empty() || ln_likelihood > best.0 + SAME {
            (best, n_found) = ((ln_likelihood, centers), 1);
        } else if ln_likelihood >= best.0 - SAME {
            n_found += 1;
        }
        if n_found == FOUND {
            break;
        }
    }
    Ok(Likeliest { centers: best.1, is_sure: n_found == FOUND })
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
        let start = from_centers(data, &Scale::unit(2), centers, options).unwrap();
        start.e_step_rows(&data.rows, None).ln_likelihood / data.len() as f64
    }

    #[test]
    fn the_likeliest_of_many_results_is_found_whatever_the_seed() {
        let data = groups();
        let options = FitOptions::multivariate(4, crate::CovarianceType::Full);
        let rng = &mut Xoshiro256PlusPlus::seed_from_u64(99);
        let single: Vec<f64> = (0..60)
            .map(|_| ln_likelihood(&data, &centers::k_means(&data, 4, rng), &options))
            .collect();
        let [low, high] = [f64::min, f64::max].map(|f| single.iter().copied().reduce(f).unwrap());
        // There is something to choose.
        assert!(high - low > 0.05, "{low} {high}");
        for seed in 0..5 {
            let rng = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
            let found = likeliest(&data, &options, rng).unwrap();
            assert!(ln_likelihood(&data, &found.centers, &options) > high - SAME, "{seed}");
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
            let found = likeliest(&data, &options, rng).unwrap();
            assert!(are_different(&found.centers, 1), "{seed}: {:?}", found.centers);
        }
    }
}
