//! That accelerated EM comes to where EM comes, in fewer passes over the samples, and never falls.

use gaussian_mixture::{
    Acceleration, Binned, CovarianceType, Fit, FitOptions, FitReport, Frozen, GaussianMixture,
    Histogram, MultivariateGaussianMixture, Start, Stop, VarianceFloor, Weighted,
};
use rand::distr::Distribution;
use rand::{SeedableRng, rngs::Xoshiro256PlusPlus};

/// How much of the E-steps is to be left where components overlap.
const SHARE: f64 = 0.2;
/// What the tolerance of 1e-10 per iteration can leave of the mean log-likelihood, on a way of many thousands.
const SAME_OPTIMUM: f64 = 1e-6;
/// The rounding of a log-likelihood, relative to it: what EM itself may fall by.
const ROUNDING: f64 = 1e-13;

fn truth(weights: &[f64], means: &[f64], std_devs: &[f64]) -> GaussianMixture {
    GaussianMixture::new(weights, means, std_devs).unwrap()
}

fn overlapping() -> GaussianMixture {
    truth(&[1.0 / 3.0; 3], &[0.0, 1.0, 2.0], &[0.5; 3])
}

fn draw(mixture: &GaussianMixture, n: usize, seed: u64) -> Vec<f64> {
    mixture.sample_iter(Xoshiro256PlusPlus::seed_from_u64(seed)).take(n).collect()
}

fn patient<M: Clone>(options: FitOptions<M>) -> FitOptions<M> {
    options.with_tolerance(1e-10).with_max_iterations(100_000).with_restarts(1)
}

/// The same options without and with acceleration.
fn both<M: Clone>(options: &FitOptions<M>) -> [FitOptions<M>; 2] {
    [Acceleration::None, Acceleration::Anderson]
        .map(|acceleration| options.clone().with_acceleration(acceleration))
}

fn never_falls(report: &FitReport) -> bool {
    let rounding = ROUNDING * report.ln_likelihood().abs();
    report.ln_likelihoods.windows(2).all(|pair| pair[1] >= pair[0] - rounding)
}

#[test]
fn where_components_overlap_a_fifth_of_the_e_steps_is_enough() {
    let (mut plain_steps, mut fast_steps) = (0, 0);
    for seed in 0..6 {
        let samples = draw(&overlapping(), 1500, seed);
        let start = Start::Mixture(overlapping());
        let options = patient(FitOptions::new(3).with_start(start));
        let [plain, fast] =
            both(&options).map(|options| GaussianMixture::fit(&samples, &options).unwrap().report);
        assert!(never_falls(&fast), "seed {seed}");
        assert_eq!(fast.stop, Stop::Converged);
        let gain = fast.mean_ln_likelihood() - plain.mean_ln_likelihood();
        assert!(gain > -SAME_OPTIMUM, "seed {seed}: {gain}");
        plain_steps += plain.n_e_steps;
        fast_steps += fast.n_e_steps;
    }
    let share = fast_steps as f64 / plain_steps as f64;
    assert!(share <= SHARE, "{fast_steps} of {plain_steps}");
}

#[test]
fn where_em_does_not_crawl_nothing_is_changed() {
    let apart = truth(&[0.2, 0.3, 0.5], &[0.0, 8.0, 15.0], &[0.5, 1.0, 0.7]);
    for seed in 0..5 {
        let samples = draw(&apart, 1500, seed);
        let [plain, fast] = both(&patient(FitOptions::new(3)))
            .map(|options| GaussianMixture::fit(&samples, &options).unwrap());
        assert_eq!(fast, plain, "seed {seed}");
    }
}

/// Three groups of which two overlap: with a tolerance of 0.001, EM stops on its way.
#[test]
fn a_small_gain_where_em_crawls_is_not_the_end() {
    let story =
        truth(&[2.0 / 17.0, 5.0 / 17.0, 10.0 / 17.0], &[-0.5, -0.1, 0.2], &[0.2, 0.07, 0.13]);
    for seed in 0..5 {
        let samples = draw(&story, 17_000, seed);
        let at = |options: &FitOptions| {
            GaussianMixture::fit(&samples, options).unwrap().report.mean_ln_likelihood()
        };
        let [plain, fast] =
            both(&FitOptions::new(3).with_tolerance(1e-3)).map(|options| at(&options));
        let best = at(&patient(FitOptions::new(3)).with_start(Start::Mixture(story.clone())));
        // Most of what EM leaves undone.
        assert!(3.0 * (best - fast) < best - plain, "{plain} {fast} {best}");
    }
}

/// A gain of a ninth of the tolerance is followed by less than the tolerance, if gains shrink by a tenth or more; a longer step that
/// brings so little is followed by one of EM's own.
#[test]
fn a_gain_far_below_the_tolerance_is_the_end() {
    let tolerance = 1e-4;
    let mut n_iterations = 0;
    for seed in 0..20 {
        let samples = draw(&overlapping(), 1500, seed);
        let options = FitOptions::new(3).with_tolerance(tolerance).with_restarts(1);
        let [plain, fast] =
            both(&options).map(|options| GaussianMixture::fit(&samples, &options).unwrap().report);
        let n_tiny = fast
            .ln_likelihoods
            .windows(2)
            .rev()
            .take_while(|pair| 9.0 * (pair[1] - pair[0]) <= tolerance * fast.n_samples)
            .count();
        assert!(n_tiny <= 2, "seed {seed}: {n_tiny}");
        assert_eq!(fast.stop, Stop::Converged);
        assert!(fast.ln_likelihood() >= plain.ln_likelihood() - tolerance * fast.n_samples);
        n_iterations += fast.n_iterations();
    }
    // They are some, and not all of them tiny.
    assert!(n_iterations > 3 * 20);
}

/// A fall is rounding, and no gain that nothing can follow.
#[test]
fn without_a_tolerance_nothing_is_gained_three_times_in_a_row() {
    let mut n_converged = 0;
    for seed in 0..20 {
        let samples = draw(&overlapping(), 1500, seed);
        let options = FitOptions::new(3).with_tolerance(0.0).with_restarts(1);
        let report = GaussianMixture::fit(&samples, &options).unwrap().report;
        let last = report.ln_likelihoods.last_chunk::<4>().unwrap();
        let stands = last.windows(2).all(|pair| pair[1] <= pair[0]);
        // Where rounding takes turns, only the limit of iterations ends it.
        assert!(stands || report.stop == Stop::IterationLimit, "{last:?}");
        n_converged += usize::from(report.stop == Stop::Converged);
    }
    assert!(n_converged > 5, "{n_converged}");
}

/// Every kind of data and of option that changes what an iteration does.
#[test]
fn it_never_falls_and_keeps_to_the_rules() {
    let samples = draw(&overlapping(), 1500, 7);
    let weights: Vec<f64> = (0..1500).map(|n| 0.5 + f64::from(n % 3)).collect();
    let histogram = Histogram::with_bins(&samples, 60).unwrap();
    let tied = FitOptions::new(3).with_covariance_type(CovarianceType::Tied);
    let frozen = FitOptions::new(3)
        .with_start(Start::Mixture(overlapping()))
        .with_frozen(Frozen { means: true, ..Frozen::default() });
    let floor = VarianceFloor::Absolute(0.2);
    let high_floor = FitOptions::new(3).with_variance_floor(floor);
    for options in [FitOptions::new(3), tied, frozen.clone(), high_floor] {
        let fits = |options: FitOptions| -> [Fit; 3] {
            [
                GaussianMixture::fit(&samples, &options).unwrap(),
                GaussianMixture::fit(&Weighted::new(&samples, &weights), &options).unwrap(),
                GaussianMixture::fit(&Binned::new(histogram.edges(), histogram.counts()), &options)
                    .unwrap(),
            ]
        };
        let [plain, fast] = both(&patient(options.clone())).map(fits);
        for (plain, fast) in plain.iter().zip(&fast) {
            assert!(never_falls(&fast.report), "{options:?}");
            let gain = fast.report.mean_ln_likelihood() - plain.report.mean_ln_likelihood();
            assert!(gain > -SAME_OPTIMUM, "{gain} with {options:?}");
            let std_devs = fast.mixture.std_devs();
            if let VarianceFloor::Absolute(floor) = options.variance_floor {
                assert!(std_devs.iter().all(|s| s * s >= floor * (1.0 - ROUNDING)));
            }
            if options.covariance_type == CovarianceType::Tied {
                assert!(std_devs.iter().all(|s| s == &std_devs[0]));
            }
            if options.frozen.means {
                assert_eq!(fast.mixture.means(), overlapping().means());
            }
        }
    }
}

#[test]
fn in_several_dimensions_too() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
    let normal = truth(&[1.0], &[0.0], &[0.5]);
    let rows: Vec<[f64; 2]> = (0..1500)
        .map(|n| {
            let [x, y] = [normal.sample(&mut rng), normal.sample(&mut rng)];
            [x + f64::from(n % 3), y + 0.3 * x]
        })
        .collect();
    let (mut plain_steps, mut fast_steps) = (0, 0);
    for covariance_type in [
        CovarianceType::Full,
        CovarianceType::Tied,
        CovarianceType::Diagonal,
        CovarianceType::Spherical,
    ] {
        let options = patient(FitOptions::multivariate(3, covariance_type));
        let [plain, fast] = both(&options)
            .map(|options| MultivariateGaussianMixture::fit(&rows, &options).unwrap().report);
        assert!(never_falls(&fast), "{covariance_type:?}");
        let gain = fast.mean_ln_likelihood() - plain.mean_ln_likelihood();
        assert!(gain > -SAME_OPTIMUM, "{covariance_type:?}: {gain}");
        plain_steps += plain.n_e_steps;
        fast_steps += fast.n_e_steps;
    }
    let share = fast_steps as f64 / plain_steps as f64;
    assert!(share <= SHARE, "{fast_steps} of {plain_steps}");
}
