//! What a fit promises.

use gaussian_mixture::{
    Acceleration, Fit, FitError, FitOptions, GaussianMixture, SampleError, Start, Stop,
    VarianceFloor,
};
use ndarray::Array1;
use proptest::prelude::*;
use rand::SeedableRng;
use rand::distr::Distribution;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;

fn draw(mixture: &GaussianMixture, n: usize, seed: u64) -> Vec<f64> {
    mixture.sample_iter(Xoshiro256PlusPlus::seed_from_u64(seed)).take(n).collect()
}

fn two_groups() -> GaussianMixture {
    GaussianMixture::new([0.3, 0.7], [-2.0, 1.0], [0.4, 0.8]).unwrap()
}

/// All parameters from left to right: weights, means, standard deviations.
fn parameters(fit: &Fit) -> Vec<f64> {
    let components = fit.mixture.components_by_mean();
    components.iter().flat_map(|c| [c.weight, c.mean, c.std_dev]).collect()
}

#[test]
fn the_mixture_of_the_story_is_recovered() {
    let truth = GaussianMixture::new(
        [2.0 / 17.0, 5.0 / 17.0, 10.0 / 17.0],
        [-0.5, -0.1, 0.2],
        [0.2, 0.07, 0.13],
    )
    .unwrap();
    // Several standard errors of the least certain parameters, with 2000 samples in the smallest group.
    const NEAR: f64 = 0.02;
    for seed in 0..5 {
        let samples = draw(&truth, 17_000, seed);
        let fit = GaussianMixture::fit(&samples, &FitOptions::new(3).with_seed(seed)).unwrap();
        for (found, expected) in fit.mixture.components_by_mean().iter().zip(truth.components()) {
            assert!((found.weight - expected.weight).abs() < NEAR, "{}", fit.mixture);
            assert!((found.mean - expected.mean).abs() < NEAR, "{}", fit.mixture);
            assert!((found.std_dev - expected.std_dev).abs() < NEAR, "{}", fit.mixture);
        }
        assert_eq!(fit.report.stop, Stop::Converged);
        assert!(fit.report.collapsed.is_empty());
    }
}

/// Waiting times between eruptions of the Old Faithful geyser, in minutes ("A look at some data on the Old Faithful
/// geyser", Applied Statistics 39, 1990), against scikit-learn 1.9.1 run to the end (tol=1e-14, reg_covar=0).
#[test]
fn old_faithful_is_fitted_as_by_a_peer() {
    let table = include_str!("data/old_faithful.csv");
    let waiting: Vec<f64> = table
        .lines()
        .skip(1)
        .map(|line| line.rsplit(',').next().unwrap().parse().unwrap())
        .collect();
    assert_eq!(waiting.len(), 272);
    let options = FitOptions::new(2).with_tolerance(1e-15).with_max_iterations(10_000);
    let Fit { mixture, report } = GaussianMixture::fit(&waiting, &options).unwrap();
    let reference =
        [(0.360_886_087, 54.614_856_6, 34.471_221_9), (0.639_113_913, 80.091_069_7, 34.430_303_9)];
    // EM stops while the last steps are still about 1e-6 of a parameter; both programs do.
    const LAST_STEPS: f64 = 1e-5;
    for (found, (weight, mean, variance)) in mixture.components_by_mean().iter().zip(reference) {
        assert!((found.weight / weight - 1.0).abs() < LAST_STEPS, "{found:?}");
        assert!((found.mean / mean - 1.0).abs() < LAST_STEPS, "{found:?}");
        assert!((found.std_dev.powi(2) / variance - 1.0).abs() < LAST_STEPS, "{found:?}");
    }
    assert!((report.ln_likelihood() + 1_034.001_749_83).abs() < 1e-7);
    // R's mclust 6.0.0 stops a little earlier, at this.
    assert!(report.ln_likelihood() > -1034.007);
}

/// At a maximum of the likelihood the parameters are the averages that the responsibilities make of the samples; checked
/// here without the EM code.
#[test]
fn a_converged_fit_reproduces_itself() {
    let samples = draw(&two_groups(), 2000, 2);
    let options = FitOptions::new(2).with_tolerance(0.0).with_max_iterations(10_000);
    let mixture = GaussianMixture::fit(&samples, &options).unwrap().mixture;
    let r = mixture.responsibilities(&samples).unwrap();
    // The likelihood is flat to the last bit within about the square root of its precision.
    const FLAT: f64 = 1e-6;
    for c in mixture.components() {
        let r = r.column(c.index);
        let count = r.sum();
        let average = |f: &dyn Fn(f64) -> f64| {
            r.iter().zip(&samples).map(|(r, &x)| r * f(x)).sum::<f64>() / count
        };
        assert!((count / 2000.0 - c.weight).abs() < FLAT);
        assert!((average(&|x| x) - c.mean).abs() < FLAT);
        assert!((average(&|x| (x - c.mean).powi(2)).sqrt() - c.std_dev).abs() < FLAT);
    }
}

#[test]
fn one_component_is_the_mean_and_the_standard_deviation() {
    let samples = draw(&two_groups(), 1000, 3);
    let n = samples.len() as f64;
    let mean = samples.iter().sum::<f64>() / n;
    let variance = samples.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    let Fit { mixture, report } = GaussianMixture::fit(&samples, &FitOptions::new(1)).unwrap();
    const ROUNDING: f64 = 1e-12;
    assert!((mixture.means()[0] - mean).abs() < ROUNDING);
    assert!((mixture.std_devs()[0] - variance.sqrt()).abs() < ROUNDING);
    assert_eq!(mixture.weights().as_slice(), [1.0]);
    // Σ ln N(xₙ) at its maximum is −n/2 (1 + ln 2πσ²).
    let expected = -0.5 * n * (1.0 + (2.0 * std::f64::consts::PI * variance).ln());
    assert!((report.ln_likelihood() - expected).abs() < ROUNDING * n * expected.abs());
}

#[test]
fn the_last_log_likelihood_belongs_to_the_returned_mixture() {
    let samples = draw(&two_groups(), 5000, 4);
    let starts = [Start::KMeansFirst, Start::KMeansPlusPlus];
    for (max_iterations, start) in
        [0, 1, 2, 1000].into_iter().flat_map(|n| starts.clone().map(|start| (n, start)))
    {
        let options = FitOptions::new(3).with_max_iterations(max_iterations).with_start(start);
        let Fit { mixture, report } = GaussianMixture::fit(&samples, &options).unwrap();
        let direct: f64 = mixture.ln_pdf(&samples).iter().sum();
        // Rounding of 5000 terms, in two units of measurement.
        assert!((report.ln_likelihood() - direct).abs() < 1e-9 * direct.abs());
        assert!(report.n_iterations() <= max_iterations);
        // From the best result there may be nothing to move.
        let n_starts = report.restarts.len();
        assert!(
            n_starts == options.restarts || (options.start == Start::KMeansFirst && n_starts > 0)
        );
        let best =
            report.restarts.iter().map(|r| r.ln_likelihood).fold(f64::NEG_INFINITY, f64::max);
        assert_eq!(report.ln_likelihood(), best);
        assert_eq!(report.restarts[report.best_restart].n_iterations, report.n_iterations());
    }
}

#[test]
fn the_tolerance_is_on_the_mean_over_the_samples() {
    let samples = draw(&two_groups(), 2000, 15);
    let start = GaussianMixture::new([0.5, 0.5], [-1.0, 0.5], [1.0, 1.0]).unwrap();
    let options = FitOptions::new(2)
        .with_tolerance(1e-3)
        .with_start(Start::Mixture(start))
        .with_acceleration(Acceleration::None);
    let report = GaussianMixture::fit(&samples, &options).unwrap().report;
    let rises: Vec<f64> =
        report.ln_likelihoods.windows(2).map(|pair| (pair[1] - pair[0]) / 2000.0).collect();
    let (last, before) = rises.split_last().unwrap();
    assert!(*last <= 1e-3 && before.iter().all(|rise| *rise > 1e-3), "{rises:?}");
    assert!(before.len() > 2);
}

#[test]
fn tolerance_zero_goes_on_to_the_last_bit() {
    let samples = draw(&two_groups(), 500, 5);
    let options = FitOptions::new(2).with_tolerance(0.0).with_max_iterations(100_000);
    let report = GaussianMixture::fit(&samples, &options).unwrap().report;
    assert_eq!(report.stop, Stop::Converged);
    let coarse =
        GaussianMixture::fit(&samples, &FitOptions::new(2).with_tolerance(1e-3)).unwrap().report;
    assert!(report.ln_likelihood() >= coarse.ln_likelihood());
}

#[test]
fn a_seed_repeats_a_fit_and_restarts_start_anew() {
    let samples = draw(&two_groups(), 2000, 6);
    let fit = |seed| {
        let options = FitOptions::new(4)
            .with_start(Start::KMeansPlusPlus)
            .with_seed(seed)
            .with_restarts(6)
            .with_max_iterations(0);
        GaussianMixture::fit(&samples, &options).unwrap()
    };
    assert_eq!(fit(1), fit(1));
    let starts: Vec<f64> = fit(1).report.restarts.iter().map(|r| r.ln_likelihood).collect();
    let mut different = starts.clone();
    different.sort_by(f64::total_cmp);
    different.dedup();
    assert_eq!(different.len(), starts.len(), "starts that coincide: {starts:?}");
}

#[test]
fn slices_vectors_and_ndarrays_give_the_same_bits() {
    let samples = draw(&two_groups(), 300, 7);
    let options = FitOptions::new(2);
    let fit = GaussianMixture::fit(&samples, &options).unwrap();
    assert_eq!(fit, GaussianMixture::fit(samples.as_slice(), &options).unwrap());
    assert_eq!(fit, GaussianMixture::fit(&Array1::from(samples), &options).unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_likelihood_never_falls(seed in 0..1000_u64, k in 1..6_usize) {
        let samples = draw(&two_groups(), 400, seed);
        let options = FitOptions::new(k).with_seed(seed).with_tolerance(0.0).with_max_iterations(60);
        let report = GaussianMixture::fit(&samples, &options).unwrap().report;
        for pair in report.ln_likelihoods.windows(2) {
            // Rounding of a sum of 400 terms of order 1.
            prop_assert!(pair[1] >= pair[0] - 1e-11, "{} after {}", pair[1], pair[0]);
        }
    }

    #[test]
    fn a_fit_moves_with_the_samples(seed in 0..1000_u64, exponent in -8..=8_i32, shift in -100.0..100.0_f64) {
        let samples = draw(&two_groups(), 400, seed);
        let scale = 10.0_f64.powi(exponent);
        let moved: Vec<f64> = samples.iter().map(|x| scale * (x + shift)).collect();
        let ends = |options: FitOptions| [&samples, &moved].map(|x| GaussianMixture::fit(x, &options).unwrap());
        let n = samples.len() as f64;
        let difference = |[here, there]: &[Fit; 2]| {
            (here.report.ln_likelihood() - n * scale.ln() - there.report.ln_likelihood()).abs() / n
        };
        // One run of EM itself. The shift costs two digits of the samples; EM carries a change of the data through, with a factor of
        // some tens.
        const MOVED: f64 = 1e-8;
        let plain = ends(FitOptions::new(2).with_restarts(1).with_acceleration(Acceleration::None));
        prop_assert!(difference(&plain) < MOVED);
        let [here, there] = plain.map(|fit| fit.mixture.components_by_mean());
        for (a, b) in here.iter().zip(there) {
            prop_assert!((a.weight - b.weight).abs() < MOVED);
            prop_assert!((scale * (a.mean + shift) - b.mean).abs() < MOVED * scale);
            prop_assert!((scale * a.std_dev - b.std_dev).abs() < MOVED * scale);
        }
        // Which run is the best, and whether a longer step is kept, can hang on the last bit: the fits are alike up to the tolerance.
        prop_assert!(difference(&ends(FitOptions::new(2))) < 1e-6);
    }

    #[test]
    fn the_order_of_the_samples_does_not_matter(seed in 0..1000_u64) {
        // Far apart, so that every start leads to the one maximum.
        let truth = GaussianMixture::new([0.3, 0.7], [-5.0, 5.0], [1.0, 0.5]).unwrap();
        let samples = draw(&truth, 300, seed);
        let mut shuffled = samples.clone();
        shuffled.shuffle(&mut Xoshiro256PlusPlus::seed_from_u64(seed));
        let options = FitOptions::new(2).with_tolerance(0.0);
        let fit = |samples: &[f64]| parameters(&GaussianMixture::fit(samples, &options).unwrap());
        for (a, b) in fit(&samples).iter().zip(fit(&shuffled)) {
            prop_assert!((a - b).abs() < 1e-9, "{a} against {b}");
        }
    }

    #[test]
    fn close_numbers_and_ties_give_a_fit_or_an_error(
        samples in prop::collection::vec((0..5_i32).prop_map(f64::from), 1..20),
        k in 1..6_usize, exponent in -323..300_i32,
    ) {
        let scaled: Vec<f64> = samples.iter().map(|x| x * 10.0_f64.powi(exponent)).collect();
        if let Ok(Fit { mixture, report }) = GaussianMixture::fit(&scaled, &FitOptions::new(k)) {
            prop_assert!(!report.ln_likelihood().is_nan());
            prop_assert!(mixture.ln_pdf(&scaled).iter().all(|l| !l.is_nan()));
        }
    }

    #[test]
    fn any_numbers_give_a_fit_or_an_error(
        samples in prop::collection::vec(any::<f64>(), 0..20), k in 0..6_usize, seed in any::<u64>(),
    ) {
        let options = FitOptions::new(k).with_seed(seed).with_max_iterations(50);
        if let Ok(Fit { mixture, report }) = GaussianMixture::fit(&samples, &options) {
            prop_assert!(!report.ln_likelihood().is_nan());
            prop_assert!(mixture.pdf(&samples).iter().all(|f| !f.is_nan()));
        }
    }
}

#[test]
fn samples_that_cannot_be_fitted_are_named() {
    let error =
        |samples: &[f64], k: usize| GaussianMixture::fit(samples, &FitOptions::new(k)).unwrap_err();
    assert_eq!(error(&[], 1), FitError::Samples(SampleError::Empty));
    assert_eq!(error(&[1.0, 2.0], 0), FitError::NoComponents);
    assert_eq!(error(&[1.0, 2.0], 3), FitError::TooFewSamples { n_samples: 2, n_components: 3 });
    assert_eq!(error(&[5.0; 10], 1), FitError::Samples(SampleError::Constant { value: 5.0 }));
    let infinite = SampleError::NotFinite { index: 1, value: f64::NEG_INFINITY };
    assert_eq!(error(&[1.0, f64::NEG_INFINITY], 1), FitError::Samples(infinite));
    let nan = error(&[1.0, 2.0, f64::NAN], 2);
    assert!(matches!(nan, FitError::Samples(SampleError::NotFinite { index: 2, .. })));
    assert_eq!(nan.to_string(), "expected finite samples, found NaN at index 2");
}

#[test]
fn options_without_a_meaning_are_named() {
    let named =
        |options: FitOptions| match GaussianMixture::fit(&[0.0, 1.0, 2.0], &options).unwrap_err() {
            FitError::Option { option, .. } => option,
            other => panic!("another error: {other}"),
        };
    let options = FitOptions::new(2);
    for tolerance in [-1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(named(options.clone().with_tolerance(tolerance)), "tolerance");
    }
    for floor in [0.0, 1e-21, -1.0, 2.0, f64::NAN] {
        assert_eq!(
            named(options.clone().with_variance_floor(VarianceFloor::Relative(floor))),
            "variance_floor"
        );
    }
    let error = GaussianMixture::fit(&[0.0, 1.0], &options.with_restarts(0)).unwrap_err();
    assert_eq!(error, FitError::NoRestarts);
}

#[test]
fn components_that_collapse_are_reported() {
    // Two values only: each component ends as a spike on one of them, at the floor.
    let samples = [1.0, 1.0, 1.0, 2.0, 2.0];
    let Fit { mixture, report } = GaussianMixture::fit(&samples, &FitOptions::new(2)).unwrap();
    assert_eq!(report.collapsed, [0, 1]);
    let floor = (1e-12_f64 * 0.24).sqrt();
    for component in mixture.components() {
        assert!((component.std_dev / floor - 1.0).abs() < 1e-9);
    }
    // More components than different values: still a mixture.
    let Fit { mixture, report } = GaussianMixture::fit(&samples, &FitOptions::new(5)).unwrap();
    assert!(!report.collapsed.is_empty());
    assert!(mixture.pdf(1.0).is_finite());
    // As many components as samples.
    assert!(GaussianMixture::fit(&[0.0, 1.0, 5.0], &FitOptions::new(3)).is_ok());
}

#[test]
fn a_width_far_below_the_distance_is_no_collapse() {
    let truth = GaussianMixture::new([0.5, 0.5], [0.0, 1000.0], [0.2, 0.2]).unwrap();
    let fit = GaussianMixture::fit(&draw(&truth, 2000, 9), &FitOptions::new(2)).unwrap();
    assert!(fit.report.collapsed.is_empty());
    // Five standard errors σ/√(2n) with n = 1000.
    assert!(fit.mixture.std_devs().iter().all(|s| (s - 0.2).abs() < 0.023), "{}", fit.mixture);
}

#[test]
fn a_large_offset_costs_the_digits_that_it_must_and_no_more() {
    let samples = draw(&two_groups(), 1000, 10);
    let moved: Vec<f64> = samples.iter().map(|x| x + 1e12).collect();
    let fit = |samples: &[f64]| GaussianMixture::fit(samples, &FitOptions::new(2)).unwrap().mixture;
    for (a, b) in fit(&samples).components_by_mean().iter().zip(fit(&moved).components_by_mean()) {
        // Numbers near 1e12 are 1.2e-4 apart.
        assert!((a.mean + 1e12 - b.mean).abs() < 1e-3 && (a.std_dev - b.std_dev).abs() < 1e-3);
    }
}

/// Also those that need no scale of the samples to begin with.
#[test]
fn samples_too_far_apart_or_too_close_for_f64_are_named_whatever_the_start() {
    let given = GaussianMixture::new([1.0], [0.0], [1.0]).unwrap();
    for start in [Start::KMeansFirst, Start::Mixture(given)] {
        let options = FitOptions::new(1).with_start(start);
        let error = |samples: &[f64]| GaussianMixture::fit(samples, &options).unwrap_err();
        let far = FitError::TooFarApart { low: f64::MIN, high: f64::MAX };
        assert_eq!(error(&[f64::MIN, 0.0, f64::MAX]), far);
        // Behind many that are not.
        let many = (0..3000).map(f64::from).chain([f64::MIN, f64::MAX]);
        assert_eq!(error(&many.collect::<Vec<f64>>()), far);
        let (low, high) = (0.0, 5e-324);
        assert_eq!(error(&[low, high]), FitError::TooClose { low, high });
        // Apart enough, but only one in ten thousand.
        let mut samples = vec![0.0; 10_000];
        samples[0] = 1e-306;
        assert_eq!(error(&samples), FitError::TooClose { low: 0.0, high: 1e-306 });
        assert_eq!(error(&[5.0; 10]), FitError::Samples(SampleError::Constant { value: 5.0 }));
        let absolute = options.clone().with_variance_floor(VarianceFloor::Absolute(0.01));
        assert!(GaussianMixture::fit(&[5.0; 10], &absolute).is_ok());
    }
}

#[test]
fn the_ends_of_the_range_of_f64_can_be_fitted() {
    for scale in [1e-300, 1e300] {
        let samples: Vec<f64> = draw(&two_groups(), 200, 8).iter().map(|x| scale * x).collect();
        let fit = GaussianMixture::fit(&samples, &FitOptions::new(2)).unwrap();
        let left = fit.mixture.components_by_mean()[0];
        assert!((left.mean / scale + 2.0).abs() < 0.3, "{left:?}");
        assert!(fit.report.ln_likelihood().is_finite());
    }
}

#[test]
fn the_fit_is_the_same_to_the_last_bit_on_any_number_of_threads() {
    // Enough of them that more than one thread is worth it.
    let samples = draw(&two_groups(), 600_000, 5);
    let options = FitOptions::new(2).with_restarts(2).with_max_iterations(5);
    let fits = [1, 2, 5]
        .map(|n| GaussianMixture::fit(&samples, &options.clone().with_threads(n)).unwrap());
    assert!(fits.iter().all(|fit| fit == &fits[0]));
    let none = GaussianMixture::fit(&samples, &options.with_threads(0)).unwrap_err();
    assert_eq!(none, FitError::Option { option: "n_threads", expected: "at least 1", value: 0.0 });
}
