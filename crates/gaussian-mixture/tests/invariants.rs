//! What scikit-learn's tests ask of its mixtures, asked of these; and traps that other programs have fallen into.

use gaussian_mixture::{
    Acceleration, CovarianceType, Covariances, Fit, FitOptions, GaussianMixture,
    MultivariateGaussianMixture, Start,
};
use ndarray::{Array2, array};
use rand::SeedableRng;
use rand::distr::Distribution;
use rand::rngs::Xoshiro256PlusPlus;

const TYPES: [CovarianceType; 4] = [
    CovarianceType::Full,
    CovarianceType::Tied,
    CovarianceType::Diagonal,
    CovarianceType::Spherical,
];

fn truth() -> MultivariateGaussianMixture {
    let covariances = array![[[1.0, 0.3], [0.3, 0.5]], [[0.4, -0.1], [-0.1, 0.8]]];
    let means = array![[-2.0, 0.0], [2.0, 1.0]];
    MultivariateGaussianMixture::new([0.4, 0.6], &means, Covariances::Full(covariances)).unwrap()
}

fn samples(n: usize, seed: u64) -> Array2<f64> {
    truth().sample_rows(n, &mut Xoshiro256PlusPlus::seed_from_u64(seed))
}

fn fit(
    x: &Array2<f64>,
    options: &FitOptions<MultivariateGaussianMixture>,
) -> Fit<MultivariateGaussianMixture> {
    MultivariateGaussianMixture::fit(x, options).unwrap()
}

#[test]
fn the_truth_is_recovered() {
    let m = fit(&samples(5000, 1), &FitOptions::multivariate(2, CovarianceType::Full)).mixture;
    // Four standard errors and more of each: 1/√2000 of a standard deviation or a variance.
    const NEAR: f64 = 0.1;
    for (k, &found) in m.order_by_mean().iter().enumerate() {
        assert!((m.weights()[found] - truth().weights()[k]).abs() < NEAR);
        let shift = &m.means().row(found) - &truth().means().row(k);
        assert!(shift.iter().all(|s| s.abs() < NEAR), "{m}");
        let off = m.covariance(found).unwrap() - truth().covariance(k).unwrap();
        assert!(off.iter().all(|o| o.abs() < NEAR), "{m}");
    }
}

#[test]
fn more_restarts_are_never_worse() {
    for seed in 0..8 {
        let x = samples(200, seed);
        for kind in TYPES {
            let options = FitOptions::multivariate(3, kind).with_seed(seed);
            let one = fit(&x, &options.clone().with_restarts(1)).report.ln_likelihood();
            let ten = fit(&x, &options.with_restarts(10)).report;
            assert!(ten.ln_likelihood() >= one);
            // But for rounding, by which several that come to the same differ.
            let best = ten.restarts.iter().map(|r| r.ln_likelihood).fold(one, f64::max);
            assert!(ten.ln_likelihood() >= best - 1e-12 * (200.0 + best.abs()));
        }
    }
}

#[test]
fn in_one_dimension_one_component_has_one_bic_for_all_types() {
    let x = samples(100, 3).column(0).to_owned().insert_axis(ndarray::Axis(1));
    let bic = |kind| fit(&x, &FitOptions::multivariate(1, kind)).report.bic();
    // Rounding of a sum of 100 terms.
    assert!(TYPES.iter().all(|kind| (bic(*kind) - bic(CovarianceType::Full)).abs() < 1e-9));
}

#[test]
fn fitted_means_lie_among_the_samples() {
    let x = samples(300, 4);
    for start in [
        Start::KMeansFirst,
        Start::KMeansPlusPlus,
        Start::KMeans,
        Start::RandomResponsibilities,
        Start::RandomPoints,
    ] {
        let options = FitOptions::multivariate(4, CovarianceType::Full).with_start(start);
        let m = fit(&x, &options).mixture;
        for (mean, column) in m.means().columns().into_iter().zip(x.columns()) {
            let (low, high) =
                column.iter().fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
            assert!(mean.iter().all(|m| (low..=high).contains(m)));
        }
    }
}

#[test]
fn a_fit_to_three_samples_can_be_drawn_from() {
    let x = array![[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]];
    for kind in TYPES {
        let m = fit(&x, &FitOptions::multivariate(1, kind)).mixture;
        for n in 0..100 {
            assert_eq!(m.sample_rows(n, &mut Xoshiro256PlusPlus::seed_from_u64(1)).nrows(), n);
        }
    }
}

#[test]
fn a_start_far_from_all_samples_and_far_too_narrow_still_comes_back() {
    let x = samples(300, 5);
    for kind in TYPES {
        for (distance, variance) in [(1e3, 1e-6), (1e6, 1.0), (1e8, 1e8)] {
            let means = array![[distance, distance], [-distance, distance]];
            let start = MultivariateGaussianMixture::new(
                [0.5, 0.5],
                &means,
                Covariances::Spherical(array![variance, variance]),
            );
            let options = FitOptions::multivariate(2, kind)
                .with_start(Start::Mixture(start.unwrap()))
                .with_max_iterations(500);
            let Fit { mixture, report } = fit(&x, &options);
            assert!(report.ln_likelihood().is_finite());
            assert!(mixture.means().iter().all(|m| m.abs() < 10.0), "{kind} {distance}: {mixture}");
        }
    }
}

#[test]
fn labels_and_groups_agree() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(6);
    let drawn: Vec<_> = (0..500).map(|_| truth().sample_labeled(&mut rng)).collect();
    let x = Array2::from_shape_fn((500, 2), |(i, j)| drawn[i].0[j]);
    let m = fit(&x, &FitOptions::multivariate(2, CovarianceType::Full)).mixture;
    let order = m.order_by_mean();
    let labels = m.predict(&x).unwrap();
    let right = labels.iter().zip(&drawn).filter(|(found, (_, k))| order[*k] == **found).count();
    assert!(right > 480, "{right} of 500");
}

/// Rounded data and more components than different values: others let components collapse without a word.
#[test]
fn ties_are_fitted_and_the_components_on_them_are_named() {
    let truth = GaussianMixture::new([0.5, 0.5], [0.0, 3.0], [1.0, 0.5]).unwrap();
    let draws = truth.sample_iter(Xoshiro256PlusPlus::seed_from_u64(7));
    let rounded: Vec<f64> = draws.take(500).map(f64::round).collect();
    let mut different = rounded.clone();
    different.sort_by(f64::total_cmp);
    different.dedup();
    let k = different.len() + 2;
    let Fit { mixture, report } = GaussianMixture::fit(&rounded, &FitOptions::new(k)).unwrap();
    assert!(!report.collapsed.is_empty());
    assert!(mixture.ln_pdf(&rounded).iter().all(|l| l.is_finite()));
    for &c in &report.collapsed {
        let on_a_value = different.iter().any(|v| (mixture.means()[c] - v).abs() < 1e-6);
        assert!(on_a_value || mixture.weights()[c] < f64::EPSILON, "component {c}: {mixture}");
    }
    // Wide enough a floor, and none collapses.
    let sixth = gaussian_mixture::VarianceFloor::Absolute(1.0 / 12.0);
    let held = GaussianMixture::fit(&rounded, &FitOptions::new(2).with_variance_floor(sixth));
    assert!(held.unwrap().report.collapsed.is_empty());
}

/// A tolerance on the mean stops early where components overlap; 0 goes on.
#[test]
fn a_finer_tolerance_never_ends_lower() {
    let truth = GaussianMixture::new([1.0 / 3.0; 3], [0.0, 1.0, 2.0], [0.5; 3]).unwrap();
    let x: Vec<f64> =
        (&truth).sample_iter(Xoshiro256PlusPlus::seed_from_u64(8)).take(1500).collect();
    let mut best = f64::NEG_INFINITY;
    for tolerance in [1e-3, 1e-5, 1e-7, 1e-9, 0.0] {
        let options = FitOptions::new(3)
            .with_start(Start::Mixture(truth.clone()))
            .with_tolerance(tolerance)
            .with_max_iterations(20_000);
        let report = GaussianMixture::fit(&x, &options).unwrap().report;
        assert!(report.ln_likelihood() >= best);
        best = report.ln_likelihood();
    }
}

/// One run of EM itself, whose path rounding does not turn: which of several runs that end together is the best, or whether a longer step
/// is kept, can hang on the last bit.
fn plain(options: FitOptions) -> FitOptions {
    options.with_restarts(1).with_acceleration(Acceleration::None)
}

#[test]
fn shifts_and_scales_of_one_dimension() {
    let truth = GaussianMixture::new([0.3, 0.7], [-2.0, 1.0], [0.4, 0.8]).unwrap();
    let x: Vec<f64> = truth.sample_iter(Xoshiro256PlusPlus::seed_from_u64(9)).take(500).collect();
    for kind in [CovarianceType::Full, CovarianceType::Tied] {
        let options = plain(FitOptions::new(2).with_covariance_type(kind).with_tolerance(1e-9));
        let here = GaussianMixture::fit(&x, &options).unwrap().mixture;
        for shift in [1e4, 1e8, 1e12] {
            for scale in [1e-8, 1.0, 1e8] {
                let moved: Vec<f64> = x.iter().map(|v| (v + shift) * scale).collect();
                let there = GaussianMixture::fit(&moved, &options).unwrap().mixture;
                // The samples themselves are rounded to this; EM carries it through with a factor of some tens.
                let grain = 100.0 * f64::EPSILON * shift + 1e-8;
                for (a, b) in here.components_by_mean().iter().zip(there.components_by_mean()) {
                    assert!((a.weight - b.weight).abs() < grain, "{shift} {scale}");
                    assert!((a.mean - (b.mean / scale - shift)).abs() < grain, "{shift} {scale}");
                    assert!((a.std_dev - b.std_dev / scale).abs() < grain, "{shift} {scale}");
                }
            }
        }
    }
}
