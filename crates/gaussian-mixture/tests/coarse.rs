//! That starts from some of many samples lead to where all would lead, and never keep a fit from being made.

use gaussian_mixture::{
    CovarianceType, FitOptions, GaussianMixture, MultivariateGaussianMixture, Start, Weighted,
};
use rand::distr::Distribution;
use rand::{SeedableRng, rngs::Xoshiro256PlusPlus};

/// More than from which on only some take part in the starts.
const MANY: usize = 150_000;
/// What two runs to the tolerance of 1e-6 per iteration may differ by, after some ten more iterations.
const SAME_OPTIMUM: f64 = 1e-5;

fn story() -> GaussianMixture {
    GaussianMixture::new([2.0, 5.0, 10.0].map(|n| n / 17.0), [-0.5, -0.1, 0.2], [0.2, 0.07, 0.13])
        .unwrap()
}

fn draw(n: usize, seed: u64) -> Vec<f64> {
    story().sample_iter(Xoshiro256PlusPlus::seed_from_u64(seed)).take(n).collect()
}

#[test]
fn the_best_of_a_few_goes_on_to_the_optimum_of_all() {
    let samples = draw(MANY, 1);
    let options = FitOptions::new(3);
    let given = options.clone().with_start(Start::Mixture(story()));
    let best = GaussianMixture::fit(&samples, &given).unwrap().report;
    for seed in 0..4 {
        let fit = GaussianMixture::fit(&samples, &options.clone().with_seed(seed)).unwrap();
        let short = best.mean_ln_likelihood() - fit.report.mean_ln_likelihood();
        assert!(short < SAME_OPTIMUM, "seed {seed}: {short}");
        // All samples were passed over in one run only, and in that not often.
        assert_eq!(fit.report.restarts.len(), 1);
        assert!(fit.report.n_e_steps < 40, "{}", fit.report.n_e_steps);
        assert_eq!(fit.report.n_samples, MANY as f64);
    }
}

#[test]
fn weights_are_those_of_the_chosen() {
    let samples = draw(MANY, 2);
    // Times a Gaussian, a mixture is one again, of other weights, means and widths.
    let weights: Vec<f64> = samples.iter().map(|&x| (-5.0 * (x - 0.2).powi(2)).exp()).collect();
    // There are two optima, and a slow way to either: at a tolerance of 1e-6 a run is still farther away than the other one has ended.
    let options = FitOptions::new(3).with_restarts(12).with_tolerance(1e-9);
    let weighted = Weighted::new(&samples, &weights);
    let given = options.clone().with_start(Start::Mixture(story()));
    let best = GaussianMixture::fit(&weighted, &given).unwrap().report;
    let fit = GaussianMixture::fit(&weighted, &options).unwrap().report;
    let short = best.mean_ln_likelihood() - fit.mean_ln_likelihood();
    assert!(short < SAME_OPTIMUM, "{short}");
    // It begins where the few end, as far from the best as chance has it: p/(2n) for 8 parameters, times some.
    let begin = best.mean_ln_likelihood() - fit.ln_likelihoods[0] / fit.n_samples;
    assert!(begin < 10.0 * 8.0 / (2.0 * 16_384.0), "{begin}");
}

/// The second coordinate is 0 but for one of the rows, which is not among the few that this seed draws.
#[test]
fn where_the_few_cannot_be_fitted_all_take_part() {
    let mut rows: Vec<[f64; 2]> = draw(MANY, 3).into_iter().map(|x| [x, 0.0]).collect();
    rows[70_000][1] = 1.0;
    let options = FitOptions::multivariate(1, CovarianceType::Diagonal)
        .with_start(Start::KMeans)
        .with_restarts(2);
    let fit = MultivariateGaussianMixture::fit(&rows, &options.with_seed(2)).unwrap();
    assert_eq!(fit.report.restarts.len(), 2);
    let mean = 1.0 / MANY as f64;
    let found = fit.mixture.covariance(0).unwrap()[[1, 1]];
    // A few roundings.
    assert!((found / (mean - mean * mean) - 1.0).abs() < 1e-12, "{found}");
}

/// Of the few that choose a start, most are all equal.
#[test]
fn a_fit_is_made_where_all_but_a_few_samples_are_equal() {
    for n in [29_998, MANY] {
        let mut samples = vec![0.0; n];
        samples.extend([-1.0, 1.0]);
        let rows: Vec<[f64; 2]> = samples.iter().map(|&y| [f64::cos(y) + y, y]).collect();
        for seed in 0..3 {
            let one = FitOptions::new(1).with_seed(seed);
            let fit = GaussianMixture::fit(&samples, &one).unwrap();
            let variance = 2.0 / (n + 2) as f64;
            assert!((fit.mixture.std_devs()[0] / variance.sqrt() - 1.0).abs() < 1e-9);
            let two = FitOptions::multivariate(1, CovarianceType::Diagonal).with_seed(seed);
            assert!(MultivariateGaussianMixture::fit(&rows, &two).is_ok());
        }
    }
}
