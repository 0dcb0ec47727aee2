//! The data, from seeds: samples, the mixtures that they come from, and the starts of the fits. Everybody reads the same files.

use ndarray::{Array1, Array2, Array3};
use rand::distr::Distribution;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use std::error::Error;
use std::fs;
use std::path::Path;

use gaussian_mixture::{Covariances, MultivariateGaussianMixture};

/// What two means lie apart, about, whatever the number of dimensions: components overlap.
const APART: f64 = 4.0;
/// How far a start's means are from those that the samples come from, in each coordinate.
const OFF: f64 = 0.3;

/// Writes what was asked for, in the words of [`crate::measure`]; none if the request is of another kind.
pub(crate) fn answer(folder: &Path, request: &str) -> Option<String> {
    let words: Vec<&str> = request.split(' ').collect();
    let &["make", covariances, k, d, count, data, parameters, _] = words.as_slice() else {
        return None;
    };
    let made = make(covariances, [k, d, count]).and_then(|values| {
        let name = if data == "-" { parameters } else { data };
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Ok(fs::write(folder.join(name), bytes)?)
    });
    Some(match made {
        Ok(()) => "{\"seconds\": 0.0, \"value\": 0.0, \"iterations\": 0}".to_owned(),
        Err(error) => format!("{{\"error\": {:?}}}", error.to_string()),
    })
}

/// `samples`, `shares`, `truth`, or the start of a fit with covariances of a type.
fn make(what: &str, [k, d, count]: [&str; 3]) -> Result<Vec<f64>, Box<dyn Error>> {
    let (k, d, count) = (k.parse()?, d.parse()?, count.parse()?);
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    Ok(match what {
        "samples" => truth(k, d)?.sample_rows(count, &mut rng).into_iter().collect(),
        "shares" => (0..count).map(|_| rng.random::<f64>()).collect(),
        "truth" => {
            let mixture = truth(k, d)?;
            let covariances =
                (0..k).map(|k| mixture.covariance(k)).collect::<Result<Vec<_>, _>>()?;
            let parameters = mixture.weights().iter().chain(mixture.means()).copied();
            parameters.chain(covariances.into_iter().flatten()).collect()
        }
        covariances => start(&truth(k, d)?, covariances, &mut rng),
    })
}

/// The notebooks' story in one dimension; in several, components with means, shapes and weights drawn at random.
fn truth(k: usize, d: usize) -> Result<MultivariateGaussianMixture, Box<dyn Error>> {
    if (k, d) == (3, 1) {
        let covariances = Array3::from_shape_vec((3, 1, 1), vec![0.04, 0.0049, 0.0169])?;
        let weights = [2.0 / 17.0, 5.0 / 17.0, 10.0 / 17.0];
        let means = [[-0.5], [-0.1], [0.2]];
        return Ok(MultivariateGaussianMixture::new(
            weights,
            &means,
            Covariances::Full(covariances),
        )?);
    }
    let mut rng = Xoshiro256PlusPlus::seed_from_u64((1000 * k + d) as u64);
    let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
    let unscaled: Array1<f64> = (0..k).map(|_| 1.0 + normal().abs()).collect();
    let scale = APART / (2.0 * d as f64).sqrt();
    let means = Array2::from_shape_fn((k, d), |_| scale * normal());
    let mut covariances = Array3::zeros((k, d, d));
    for mut covariance in covariances.outer_iter_mut() {
        // Half of a unit matrix, and half of one drawn as the covariance of 2d samples.
        let a = Array2::from_shape_fn((d, 2 * d), |_| normal());
        covariance.assign(&(a.dot(&a.t()) / (4.0 * d as f64)));
        covariance.diag_mut().mapv_inplace(|v| v + 0.5);
    }
    let weights = &unscaled / unscaled.sum();
    Ok(MultivariateGaussianMixture::new(weights.to_vec(), &means, Covariances::Full(covariances))?)
}

/// Equal weights, means near the true ones, and twice the mean variance within the components in all directions.
fn start(
    truth: &MultivariateGaussianMixture,
    covariances: &str,
    rng: &mut Xoshiro256PlusPlus,
) -> Vec<f64> {
    let (k, d) = (truth.n_components(), truth.dim());
    let within = (0..k).filter_map(|k| truth.covariance(k).ok()).map(|c| c.diag().sum());
    let variance = 2.0 * within.sum::<f64>() / (k * d) as f64;
    let mut values = vec![1.0 / k as f64; k];
    for mean in truth.means() {
        let z: f64 = StandardNormal.sample(rng);
        values.push(mean + OFF * (0.5 * variance).sqrt() * z);
    }
    let matrix = Array2::from_diag_elem(d, variance);
    match covariances {
        "full" => values.extend((0..k).flat_map(|_| matrix.iter().copied())),
        "tied" => values.extend(matrix.iter()),
        "diagonal" => values.extend(vec![variance; k * d]),
        _ => values.extend(vec![variance; k]),
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Axis;

    /// Ten times the standard error of a variance within the narrowest of the three.
    const NEAR: f64 = 0.02;

    #[test]
    fn samples_are_those_of_the_mixture_that_is_written_beside_them() -> Result<(), Box<dyn Error>>
    {
        let mixture = truth(5, 2)?;
        let samples = make("samples", ["5", "2", "100000"])?;
        let rows = Array2::from_shape_vec((100_000, 2), samples)?;
        let mean = rows.mean_axis(Axis(0)).ok_or("no rows")?;
        assert!((mean - mixture.mean()).iter().all(|off| off.abs() < NEAR));
        let written = make("truth", ["5", "2", "0"])?;
        assert_eq!(written.len(), 5 * (1 + 2 + 4));
        assert_eq!(written[5], mixture.means()[[0, 0]]);
        Ok(())
    }

    #[test]
    fn a_start_has_as_many_numbers_as_its_covariances_need() -> Result<(), Box<dyn Error>> {
        for (covariances, n) in [("full", 72), ("tied", 9), ("diagonal", 24), ("spherical", 8)] {
            let start = make(covariances, ["8", "3", "0"])?;
            assert_eq!(start.len(), 8 + 24 + n, "{covariances}");
            assert!(start[32..].iter().all(|&value| value >= 0.0));
        }
        Ok(())
    }
}
