//! Where EM starts.

mod centers;
mod distances;
mod k_means;
mod scale;
mod spare;
mod standardized;
mod swap;

use super::e_step::EStep;
use super::em::Place;
use super::model::{Mixture, Rules};
use super::observations::Observed;
use super::options::{Frozen, Start};
use super::{FitOptions, sums::Sums};
use crate::{CovarianceType, FitError};
use ndarray::Array2;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, RngExt, SeedableRng};
use scale::Scale;
use standardized::{Points, Standardized};
use swap::Moves;

pub(super) use swap::Best;

/// One start after the other.
pub(super) struct Starts<'a, M> {
    observed: &'a Observed<'a>,
    options: &'a FitOptions<M>,
    /// None where the start is a mixture that can do without.
    scale: Option<Scale>,
    data: Option<Standardized>,
    rng: Xoshiro256PlusPlus,
    moves: Moves,
}

impl<'a, M: Mixture> Starts<'a, M> {
    pub(super) fn new(
        observed: &'a Observed<'a>,
        options: &'a FitOptions<M>,
    ) -> Result<Self, FitError> {
        let rng = Xoshiro256PlusPlus::seed_from_u64(options.seed);
        let (scale, data, moves) = (None, None, Moves::default());
        let mut starts = Self { observed, options, scale, data, rng, moves };
        let is_given = matches!(options.start, Start::Mixture(_));
        if !(is_given && observed.are_moderate() && Scale::exists(&Points::of(observed)?)) {
            starts.scale()?;
        }
        Ok(starts)
    }

    fn scale(&mut self) -> Result<&Scale, FitError> {
        Ok(match &mut self.scale {
            Some(scale) => scale,
            none => none.insert(Scale::of(&Points::of(self.observed)?, self.options)?),
        })
    }

    /// The standard deviation of the observations in a coordinate.
    pub(super) fn std_dev(&mut self, column: usize) -> Result<f64, FitError> {
        Ok(self.scale()?.std_devs[column])
    }

    /// Where the next run begins, given the best result so far, if that can be built on. None if nothing speaks for another start.
    pub(super) fn next(
        &mut self,
        best: Option<Best<'_, M>>,
        e_step: &EStep<'_, M>,
        rules: &Rules,
    ) -> Result<Option<Place<M>>, FitError> {
        let (Start::KMeansFirst, Some(best)) = (&self.options.start, best) else {
            return self.draw().map(|mixture| Some(Place::new(mixture, e_step)));
        };
        let unit = self.scale()?.std_devs.clone();
        let how = (rules, self.options.n_threads);
        Ok(self.moves.next(&best, e_step, &unit, how, &mut self.rng))
    }

    /// A mixture that does not depend on what others came to.
    fn draw(&mut self) -> Result<M, FitError> {
        let (options, k) = (self.options, self.options.n_components);
        if let Start::Mixture(mixture) = &options.start {
            return given_mixture(mixture, self.observed.dim(), options);
        }
        let scale = self.scale()?.clone();
        let data = match &mut self.data {
            Some(data) => data,
            none => none.insert(Standardized::new(Points::of(self.observed)?, scale)),
        };
        let rng = &mut self.rng;
        let centers = match &options.start {
            Start::Responsibilities(given) => {
                return from_given_responsibilities(data, self.observed, options, given);
            }
            Start::RandomResponsibilities => {
                return from_random_responsibilities(data, options, rng);
            }
            Start::RandomPoints => centers::random(data, k, rng),
            Start::KMeansPlusPlus => centers::spread(data, k, rng),
            _ => k_means::k_means(data, options, rng)?,
        };
        from_centers(data, &data.scale, &centers, &squares::<M>(data, options)?, options)
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
    dim: usize,
    options: &FitOptions<M>,
) -> Result<M, FitError> {
    expect("components", options.n_components, mixture.n_components())?;
    expect("dimensions", dim, mixture.dim())?;
    mixture.clone().converted(options.covariance_type)
}

fn from_random_responsibilities<M: Mixture, R: Rng>(
    data: &Standardized,
    options: &FitOptions<M>,
    rng: &mut R,
) -> Result<M, FitError> {
    let mut row = vec![0.0; options.n_components];
    from_responsibilities(data, options, |_, shares| {
        for r in &mut row {
            *r = rng.random::<f64>();
        }
        let sum: f64 = row.iter().sum();
        shares.iter_mut().zip(&row).for_each(|(s, r)| *s = r / sum);
    })
}

fn from_given_responsibilities<M: Mixture>(
    data: &Standardized,
    observed: &Observed<'_>,
    options: &FitOptions<M>,
    given: &Array2<f64>,
) -> Result<M, FitError> {
    expect("components", options.n_components, given.ncols())?;
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

/// The components of the groups about the centers, all with the covariance of the samples about the mean of their own group.
fn from_centers<M: Mixture>(
    data: &Standardized,
    scale: &Scale,
    centers: &[f64],
    squares: &[f64],
    options: &FitOptions<M>,
) -> Result<M, FitError> {
    let by_squares = !squares.is_empty();
    let kind = if by_squares { CovarianceType::Tied } else { options.covariance_type };
    let alike = options.clone().with_covariance_type(kind);
    let reference = reference(scale, &alike)?;
    let mut sums = reference.zero();
    if by_squares {
        add_groups(&mut sums, data, centers, squares);
        return maximize(&reference, &sums, &alike, true)?.converted(options.covariance_type);
    }
    let nearest = distances::nearest_of_each(&data.rows, centers, data.dim);
    for (n, k) in nearest.into_iter().enumerate() {
        add::<M>(&mut sums, k, data.weight(n), data.point(n));
    }
    maximize(&reference, &sums, &alike, true)
}

/// The sums of the products of the points' coordinates, which do not depend on the centers: what they are about a mean is what is left of
/// them. None in one dimension's own type and where the coordinates are not correlated.
fn squares<M: Mixture>(data: &Standardized, options: &FitOptions<M>) -> Result<Vec<f64>, FitError> {
    if !matches!(options.covariance_type, CovarianceType::Full | CovarianceType::Tied) {
        return Ok(Vec::new());
    }
    let Scale { center, std_devs } = Scale::unit(data.dim);
    // One component for all.
    let one = M::reference(1, &center, &std_devs, CovarianceType::Tied)?;
    if one.zero().shared.is_empty() {
        return Ok(Vec::new());
    }
    Ok(one.e_step_rows(&data.rows, data.weights.as_deref()).shared)
}

/// The counts and first moments of the groups, and those products.
fn add_groups(sums: &mut Sums, data: &Standardized, centers: &[f64], squares: &[f64]) {
    let groups = distances::groups(&data.rows, data.weights.as_deref(), centers, data.dim);
    for (k, of_group) in groups.sums.chunks_exact(data.dim).enumerate() {
        let (count, first) = sums.component_mut(k).split_at_mut(1);
        count.fill(groups.counts[k]);
        first.copy_from_slice(of_group);
    }
    sums.shared.copy_from_slice(squares);
    sums.n_samples = groups.counts.iter().sum();
}

fn from_responsibilities<M: Mixture>(
    data: &Standardized,
    options: &FitOptions<M>,
    mut responsibilities: impl FnMut(usize, &mut [f64]),
) -> Result<M, FitError> {
    let reference = reference(&data.scale, options)?;
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

/// Components from whose places the standardized points are measured, in the unit of that scale.
fn reference<M: Mixture>(scale: &Scale, options: &FitOptions<M>) -> Result<M, FitError> {
    M::reference(options.n_components, &scale.center, &scale.std_devs, options.covariance_type)
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

#[cfg(test)]
mod tests {
    use super::standardized::tests::standardized;
    use super::*;

    #[test]
    fn a_start_has_the_moments_of_the_groups_and_their_common_width() {
        let values = [-1.0, -0.6, 0.5, 0.7, 0.9];
        let data = standardized(&values, 1, None);
        let at = |x: f64| (x - data.scale.center[0]) / data.scale.std_devs[0];
        let start: crate::GaussianMixture =
            from_centers(&data, &data.scale, &[at(-1.0), at(0.7)], &[], &FitOptions::new(2))
                .unwrap();
        let near = |found: f64, expected: f64| (found - expected).abs() < 1e-14;
        assert!(near(start.weights()[0], 0.4) && near(start.weights()[1], 0.6));
        assert!(near(start.means()[0], -0.8) && near(start.means()[1], 0.7));
        // Squares about the groups' means: 2·0.2² and 2·0.2², over five points.
        assert!(start.std_devs().iter().all(|s| near(*s, (0.16_f64 / 5.0).sqrt())));
    }

    #[test]
    fn correlated_coordinates_have_the_covariance_that_all_groups_have_about_their_means() {
        let deviations = [[-2.0, 1.0], [0.5, 0.5], [1.0, -2.0]];
        let means = [[0.0, 5.0], [30.0, -5.0]];
        let rows: Vec<f64> = (0..6)
            .flat_map(|n| (0..2).map(move |j| means[n / 3][j] + deviations[n % 3][j]))
            .collect();
        // A third center has no samples.
        let data = standardized(&rows, 2, Some(&[1.0, 2.0, 1.0, 1.0, 2.0, 1.0]));
        let centers = [data.point(0), data.point(3), &[100.0, 0.0]].concat();
        for kind in [CovarianceType::Full, CovarianceType::Tied] {
            let options: FitOptions<crate::MultivariateGaussianMixture> =
                FitOptions::multivariate(3, kind);
            let squares = squares(&data, &options).unwrap();
            let start = from_centers(&data, &data.scale, &centers, &squares, &options).unwrap();
            assert_eq!((start.covariance_type(), start.weights()[2]), (kind, 0.0));
            for (k, mean) in means.iter().enumerate() {
                // Of the squares of distances up to 30.
                let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
                let covariance = start.covariance(k).unwrap();
                // (2² + 2·½² + 1²)/4, and (−2 + 2·¼ − 2)/4.
                let expected = [[1.375, -0.875], [-0.875, 1.375]];
                assert!((0..4).all(|e| near(covariance[[e / 2, e % 2]], expected[e / 2][e % 2])));
                assert!((0..2).all(|j| near(start.means()[[k, j]], mean[j])));
            }
        }
    }
}
