//! What a fit in several dimensions promises, for every type of covariance.

use gaussian_mixture::{
    CovarianceType, Covariances, Criterion, Fit, FitError, FitOptions, Frozen, GaussianMixture,
    Moments, MultivariateGaussianMixture, SampleError, Start, VarianceFloor, Weighted,
};
use ndarray::{Array1, Array2, Axis, ShapeBuilder, array};
use proptest::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

const TYPES: [CovarianceType; 4] = [
    CovarianceType::Full,
    CovarianceType::Tied,
    CovarianceType::Diagonal,
    CovarianceType::Spherical,
];

type Options = FitOptions<MultivariateGaussianMixture>;

/// Two groups that lie apart, with correlated coordinates; the first third of the rows is the first group.
fn samples(n: usize, seed: u64) -> Array2<f64> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut table = Array2::zeros((n, 2));
    for (i, mut row) in table.outer_iter_mut().enumerate() {
        let (u, v): (f64, f64) = (rng.sample(StandardNormal), rng.sample(StandardNormal));
        if 3 * i < n {
            row.assign(&array![-3.0 + u, 0.8 * u + 0.6 * v]);
        } else {
            row.assign(&array![3.0 + 0.5 * u, 1.0 - 0.3 * u + 0.7 * v]);
        }
    }
    table
}

fn fit(samples: &Array2<f64>, options: &Options) -> Fit<MultivariateGaussianMixture> {
    MultivariateGaussianMixture::fit(samples, options).unwrap()
}

/// K full covariances, whatever the type.
fn full(mixture: &MultivariateGaussianMixture) -> Vec<Array2<f64>> {
    (0..mixture.n_components()).map(|k| mixture.covariance(k).unwrap()).collect()
}

/// The start that all fits that are compared with each other share: by groups.
fn by_group(n: usize) -> Start<MultivariateGaussianMixture> {
    Start::Responsibilities(Array2::from_shape_fn((n, 2), |(i, k)| {
        f64::from(u8::from((3 * i < n) == (k == 0))) * 0.8 + 0.1
    }))
}

fn options(kind: CovarianceType, n: usize) -> Options {
    FitOptions::multivariate(2, kind)
        .with_start(by_group(n))
        .with_tolerance(0.0)
        .with_max_iterations(12)
}

fn assert_near(a: &Array2<f64>, b: &Array2<f64>, tolerance: f64, what: &str) {
    for (x, y) in a.iter().zip(b) {
        assert!((x - y).abs() <= tolerance, "{what}: {a} {b}");
    }
}

#[test]
fn one_component_is_the_mean_and_the_covariance_of_each_type() {
    let x = samples(300, 1);
    let mean = x.mean_axis(Axis(0)).unwrap();
    let centered = &x - &mean;
    let s = centered.t().dot(&centered) / 300.0;
    for kind in TYPES {
        let Fit { mixture, report } = fit(&x, &FitOptions::multivariate(1, kind));
        let expected = match kind {
            CovarianceType::Diagonal => Array2::from_diag(&s.diag()),
            CovarianceType::Spherical => Array2::from_diag_elem(2, s.diag().mean().unwrap()),
            _ => s.clone(),
        };
        // Rounding of a few hundred terms of order 10.
        assert_near(&mixture.covariance(0).unwrap(), &expected, 1e-11, "covariance");
        assert!((mixture.means().row(0).to_owned() - &mean).iter().all(|e| e.abs() < 1e-12));
        assert_eq!(report.n_parameters, 2 + kind.n_parameters(1, 2));
    }
}

#[test]
fn at_the_maximum_the_covariances_are_the_averages_of_their_type() {
    let x = samples(400, 2);
    let options = |kind| options(kind, 400).with_max_iterations(3000);
    for kind in TYPES {
        let m = fit(&x, &options(kind)).mixture;
        let r = m.responsibilities(&x).unwrap();
        let scatter = |k: usize| {
            let centered = &x - &m.means().row(k);
            let weighted = &centered * &r.column(k).insert_axis(Axis(1));
            weighted.t().dot(&centered)
        };
        let count = |k: usize| r.column(k).sum();
        let tied = (scatter(0) + scatter(1)) / 400.0;
        for k in 0..2 {
            let own = scatter(k) / count(k);
            let expected = match kind {
                CovarianceType::Full => own,
                CovarianceType::Tied => tied.clone(),
                CovarianceType::Diagonal => Array2::from_diag(&own.diag()),
                _ => Array2::from_diag_elem(2, own.diag().mean().unwrap()),
            };
            // The likelihood is flat to the last bit within about the square root of its precision.
            assert_near(&m.covariance(k).unwrap(), &expected, 1e-6, "covariance");
        }
    }
}

#[test]
fn the_likelihood_never_falls() {
    for kind in TYPES {
        for seed in 0..6 {
            let x = samples(150, seed);
            let options = FitOptions::multivariate(4, kind)
                .with_seed(seed)
                .with_tolerance(0.0)
                .with_max_iterations(80)
                // Far enough from rounding: on a floor of 1e-12 a covariance's own entries have four digits left.
                .with_variance_floor(VarianceFloor::Relative(1e-7));
            let Fit { mixture, report } = fit(&x, &options);
            for pair in report.ln_likelihoods.windows(2) {
                // Rounding of a covariance on its floor, whose condition is 1e7, in a sum of 150 terms.
                assert!(pair[1] >= pair[0] - 1e-9, "{kind:?}: {} after {}", pair[1], pair[0]);
            }
            let direct = mixture.ln_pdf(&x).unwrap().sum();
            assert!((report.ln_likelihood() - direct).abs() < 1e-9 * direct.abs());
        }
    }
}

#[test]
fn a_fit_moves_with_the_samples_for_every_type_and_scale() {
    let x = samples(300, 4);
    for kind in TYPES {
        let here = fit(&x, &options(kind, 300));
        for exponent in [-8, -3, 0, 3, 8] {
            let scale = 10.0_f64.powi(exponent);
            for shift in [0.0, 1e4, 1e8, 1e12] {
                // Numbers near the shift are this far apart; the samples lose as much before any fit sees them.
                let grain = 4.0 * f64::EPSILON * shift + 1e-13;
                let moved = x.mapv(|v| (v + shift) * scale);
                let there = fit(&moved, &options(kind, 300));
                let back = there.mixture.means().mapv(|m| m / scale - shift);
                let tolerance = 10.0 * grain + 1e-11;
                assert_near(&back, here.mixture.means(), tolerance, "means");
                for (a, b) in full(&there.mixture).iter().zip(full(&here.mixture)) {
                    let a = a.mapv(|c| c / scale / scale);
                    assert_near(&a, &b, 10.0 * tolerance, "covariances");
                }
                let n = x.len() as f64;
                let there = there.report.ln_likelihood() + n * scale.ln();
                let difference = here.report.ln_likelihood() - there;
                assert!(
                    difference.abs() < 1e4 * tolerance,
                    "{kind:?} {scale} {shift}: {difference}"
                );
            }
        }
    }
}

#[test]
fn each_coordinate_may_have_its_own_unit() {
    let x = samples(300, 5);
    let units = array![1e-6, 1e5];
    for kind in [CovarianceType::Full, CovarianceType::Tied, CovarianceType::Diagonal] {
        let random = FitOptions::multivariate(3, kind).with_max_iterations(20).with_tolerance(0.0);
        let (here, there) = (fit(&x, &random), fit(&(&x * &units), &random));
        assert_near(&(there.mixture.means() / &units), here.mixture.means(), 1e-6, "means");
    }
}

#[test]
fn a_weight_of_two_is_the_row_twice_and_of_zero_none() {
    let x = samples(300, 6);
    let weights: Array1<f64> = (0..300).map(|i| f64::from(i % 3)).collect();
    let rows: Vec<usize> = (0..300).flat_map(|i| vec![i; i % 3]).collect();
    let listed = x.select(Axis(0), &rows);
    let start = fit(&x, &options(CovarianceType::Full, 300)).mixture;
    for kind in TYPES {
        let options = options(kind, 300).with_start(Start::Mixture(start.clone()));
        let weighted =
            MultivariateGaussianMixture::fit(&Weighted::new(&x, &weights), &options).unwrap();
        let listed = fit(&listed, &options);
        assert_near(weighted.mixture.means(), listed.mixture.means(), 1e-10, "means");
        assert!((weighted.report.bic() - listed.report.bic()).abs() < 1e-8);
    }
}

#[test]
fn chunks_of_any_size_give_the_bits_of_the_whole() {
    // Two blocks and a half.
    let x = samples(30_000, 7);
    let start = fit(&x, &options(CovarianceType::Full, 30_000).with_max_iterations(1)).mixture;
    for kind in TYPES {
        let options = options(kind, 30_000).with_start(Start::Mixture(start.clone()));
        let begin = fit(&x, &options.clone().with_max_iterations(0)).mixture;
        let whole = fit(&x, &options.clone().with_max_iterations(4)).mixture;
        for size in [1, 700, 12_288, 20_000] {
            let mut mixture = begin.clone();
            for _ in 0..4 {
                let mut moments = Moments::new(&mixture);
                for chunk in x.axis_chunks_iter(Axis(0), size) {
                    moments.add(&chunk).unwrap();
                }
                mixture = moments.m_step(&options).unwrap();
            }
            assert_eq!(mixture, whole, "{kind:?}, chunks of {size}");
        }
    }
}

#[test]
#[allow(clippy::cast_possible_truncation)]
fn any_memory_order_and_single_precision_give_the_same_fit() {
    let x = samples(200, 8).mapv(|v| f64::from(v as f32));
    let mut columns_first = Array2::zeros((200, 2).f());
    columns_first.assign(&x);
    assert!(!columns_first.is_standard_layout());
    let padded =
        Array2::from_shape_fn(
            (400, 4),
            |(i, j)| {
                if i % 2 == 0 && j < 2 { x[[i / 2, j]] } else { f64::NAN }
            },
        );
    let view = padded.slice(ndarray::s![..;2, ..2]);
    for kind in TYPES {
        let options = FitOptions::multivariate(3, kind);
        let expected = fit(&x, &options);
        assert_eq!(fit(&columns_first, &options), expected);
        assert_eq!(MultivariateGaussianMixture::fit(&view, &options).unwrap(), expected);
        let single = x.mapv(|v| v as f32);
        assert_eq!(MultivariateGaussianMixture::fit(&single, &options).unwrap(), expected);
    }
}

#[test]
fn one_dimension_is_the_univariate_fit() {
    let x = samples(500, 9).column(0).to_owned();
    for kind in TYPES {
        // So few that the likelihood still rises: where it stands still, rounding decides which iteration is the last.
        let start = GaussianMixture::new([0.4, 0.6], [-2.0, 2.0], [1.0, 1.0]).unwrap();
        let one = FitOptions::new(2)
            .with_covariance_type(kind)
            .with_start(Start::Mixture(start.clone()))
            .with_max_iterations(4)
            .with_tolerance(0.0);
        let many = FitOptions::multivariate(2, kind)
            .with_start(Start::Mixture(start.try_into().unwrap()))
            .with_max_iterations(4)
            .with_tolerance(0.0);
        let a = GaussianMixture::fit(&x, &one).unwrap();
        let b = fit(&x.clone().insert_axis(Axis(1)), &many);
        for k in 0..2 {
            assert!((a.mixture.means()[k] - b.mixture.means()[[k, 0]]).abs() < 1e-12);
            let variance = b.mixture.covariance(k).unwrap()[[0, 0]];
            assert!((a.mixture.std_devs()[k] - variance.sqrt()).abs() < 1e-12);
        }
        assert_eq!(a.report.n_parameters, b.report.n_parameters);
    }
}

#[test]
fn every_start_finds_groups_that_lie_apart() {
    let x = samples(300, 10);
    for start in [
        Start::KMeansFirst,
        Start::KMeansPlusPlus,
        Start::KMeans,
        Start::RandomResponsibilities,
        Start::RandomPoints,
    ] {
        for kind in TYPES {
            let options = FitOptions::multivariate(2, kind)
                .with_start(start.clone())
                .with_tolerance(1e-10)
                .with_restarts(6);
            let m = fit(&x, &options).mixture;
            let mut firsts: Vec<f64> = m.means().column(0).to_vec();
            firsts.sort_by(f64::total_cmp);
            // Several standard errors of a mean of 100.
            assert!(
                (firsts[0] + 3.0).abs() < 0.5 && (firsts[1] - 3.0).abs() < 0.5,
                "{start:?} {kind:?} {firsts:?}"
            );
        }
    }
}

#[test]
fn samples_in_a_plane_are_floored_in_the_direction_that_they_lack() {
    // Twenty samples on a line: no variance across it.
    let x = Array2::from_shape_fn((20, 2), |(i, j)| i as f64 * if j == 0 { 1.0 } else { 2.0 });
    for kind in [CovarianceType::Full, CovarianceType::Tied] {
        let Fit { mixture, report } = fit(&x, &FitOptions::multivariate(1, kind));
        assert_eq!(report.collapsed, [0]);
        assert!(report.ln_likelihood().is_finite());
        let c = mixture.covariance(0).unwrap();
        // What they have keeps its variance, 399/12 and four times as much.
        assert!((c[[0, 0]] / 33.25 - 1.0).abs() < 1e-6 && (c[[1, 1]] / 133.0 - 1.0).abs() < 1e-6);
    }
    let healthy = fit(&x, &FitOptions::multivariate(1, CovarianceType::Diagonal));
    assert!(healthy.report.collapsed.is_empty());
}

#[test]
fn the_likelihood_does_not_fall_on_the_floor_either() {
    let mut x = samples(60, 11);
    // Ties: ten rows are the same.
    for i in 0..10 {
        x.row_mut(i).assign(&array![0.5, 0.5]);
    }
    for kind in TYPES {
        let options = FitOptions::multivariate(5, kind)
            .with_variance_floor(VarianceFloor::Relative(1e-3))
            .with_tolerance(0.0)
            .with_max_iterations(200);
        let report = fit(&x, &options).report;
        for pair in report.ln_likelihoods.windows(2) {
            assert!(pair[1] >= pair[0] - 1e-9, "{kind:?}: {} after {}", pair[1], pair[0]);
        }
    }
}

#[test]
fn a_warm_start_may_have_another_type() {
    let x = samples(200, 12);
    let full = fit(&x, &options(CovarianceType::Full, 200)).mixture;
    for kind in TYPES {
        let begin = options(kind, 200).with_start(Start::Mixture(full.clone()));
        let m = fit(&x, &begin.with_max_iterations(0)).mixture;
        assert_eq!(m.covariance_type(), kind);
        let (own, given) = (m.covariance(1).unwrap(), full.covariance(1).unwrap());
        match kind {
            CovarianceType::Full => assert_near(&own, &given, 1e-12, "full"),
            CovarianceType::Diagonal => {
                assert_near(&own, &Array2::from_diag(&given.diag()), 1e-12, "diagonal");
            }
            CovarianceType::Tied => {
                let (a, b) = (full.covariance(0).unwrap(), given);
                let expected = a * full.weights()[0] + b * full.weights()[1];
                assert_near(&own, &expected, 1e-12, "tied");
            }
            _ => assert!((own.diag().sum() - given.diag().sum()).abs() < 1e-12),
        }
    }
}

#[test]
fn the_types_have_the_parameters_that_they_should() {
    // As scikit-learn counts them.
    for (kind, expected) in [
        (CovarianceType::Spherical, 13),
        (CovarianceType::Diagonal, 21),
        (CovarianceType::Tied, 26),
        (CovarianceType::Full, 41),
    ] {
        let x = Array2::from_shape_fn((60, 5), |(i, j)| ((i * (j + 3)) as f64 * 0.7).sin());
        assert_eq!(fit(&x, &FitOptions::multivariate(2, kind)).report.n_parameters, expected);
    }
}

#[test]
fn the_right_type_and_number_are_selected() {
    let x = samples(900, 13);
    let options = FitOptions::multivariate(1, CovarianceType::Full);
    let s =
        MultivariateGaussianMixture::select(&x, 1..=3, &TYPES, Criterion::Bic, &options).unwrap();
    assert_eq!(s.table.len(), 12);
    let best = &s.table[s.best_index];
    assert_eq!((best.n_components, best.covariance_type), (2, CovarianceType::Full));
}

#[test]
fn tables_that_cannot_be_fitted_are_named() {
    let options = FitOptions::multivariate(1, CovarianceType::Full);
    let error = |x: &Array2<f64>| MultivariateGaussianMixture::fit(x, &options).unwrap_err();
    assert_eq!(error(&Array2::zeros((0, 2))), FitError::Samples(SampleError::Empty));
    assert_eq!(error(&Array2::zeros((3, 0))), FitError::Samples(SampleError::Empty));
    let single = error(&array![[1.0, 2.0, 3.0]]);
    assert_eq!(single, FitError::Samples(SampleError::SingleRow { dim: 3 }));
    assert!(single.to_string().contains("(3, 1)"), "{single}");
    let constant = SampleError::ConstantColumn { column: 1, value: 7.0 };
    assert_eq!(error(&array![[1.0, 7.0], [2.0, 7.0]]), FitError::Samples(constant));
    let given = fit(&array![[1.0, 7.0], [2.0, 8.5], [0.0, 1.0]], &options).mixture;
    let from_given = options.clone().with_start(Start::Mixture(given));
    let found = MultivariateGaussianMixture::fit(&array![[1.0, 7.0], [2.0, 7.0]], &from_given);
    assert_eq!(found.unwrap_err(), FitError::Samples(constant));
    let nan = error(&array![[1.0, 7.0], [2.0, f64::NAN]]);
    assert!(matches!(
        nan,
        FitError::Samples(SampleError::EntryNotFinite { row: 1, column: 1, .. })
    ));
    let few = MultivariateGaussianMixture::fit(
        &array![[1.0, 7.0], [2.0, 8.0]],
        &FitOptions::multivariate(3, CovarianceType::Full),
    );
    assert_eq!(few.unwrap_err(), FitError::TooFewSamples { n_samples: 2, n_components: 3 });
    let mixture = fit(&array![[1.0, 7.0], [2.0, 8.5], [0.0, 1.0]], &options).mixture;
    let mut moments = Moments::new(&mixture);
    let wide = moments.add(&array![[1.0, 2.0, 3.0]]).unwrap_err();
    assert_eq!(wide, SampleError::Dimension { expected: 2, n_samples: 1, found: 3 });
}

#[test]
fn magnitudes_at_the_end_of_f64_give_a_fit_or_an_error() {
    let x = samples(60, 14);
    for kind in TYPES {
        for scale in [1e-300, 1e-200, 1e-150, 1e150, 1e200, 1e300] {
            let options = FitOptions::multivariate(2, kind);
            let fit = MultivariateGaussianMixture::fit(&x.mapv(|v| v * scale), &options);
            // Beyond, a variance is no longer a number of `f64`.
            assert!(fit.is_ok() || !(1e-160..1e160).contains(&scale), "{kind:?} {scale:e}");
            if let Ok(Fit { mixture, report }) = fit {
                assert!(report.ln_likelihood().is_finite(), "{kind:?} {scale:e}");
                assert!(mixture.means().iter().all(|m| m.is_finite()));
            }
        }
    }
}

#[test]
fn about_frozen_means_a_tied_covariance_is_the_mean_of_all_products() {
    let x = samples(150, 16);
    let start = array![[-2.0, 0.5], [2.0, 0.5]];
    let tied = Covariances::Tied(array![[2.0, 0.3], [0.3, 1.0]]);
    let m = MultivariateGaussianMixture::new([0.5, 0.5], &start, tied).unwrap();
    let frozen = Frozen { means: true, ..Frozen::default() };
    let options = options(CovarianceType::Tied, 150)
        .with_start(Start::Mixture(m.clone()))
        .with_frozen(frozen)
        .with_max_iterations(1);
    let found = fit(&x, &options).mixture;
    assert_eq!(found.means(), m.means());
    let r = m.responsibilities(&x).unwrap();
    let mut expected = Array2::<f64>::zeros((2, 2));
    for k in 0..2 {
        let centered = &x - &m.means().row(k);
        expected += &(&centered * &r.column(k).insert_axis(Axis(1))).t().dot(&centered);
    }
    expected /= 150.0;
    // Rounding of a few hundred terms of order 10.
    assert_near(&found.covariance(1).unwrap(), &expected, 1e-12, "tied");
}

#[test]
fn a_covariance_that_was_given_is_kept_to_the_bit_when_nothing_moves() {
    let covariances = Covariances::Full(array![[[2.0, 0.5], [0.5, 1.0]], [[1.0, 0.0], [0.0, 3.0]]]);
    let means = array![[-3.0, 0.0], [3.0, 1.0]];
    let start = MultivariateGaussianMixture::new([0.4, 0.6], &means, covariances).unwrap();
    let options = options(CovarianceType::Full, 100).with_start(Start::Mixture(start.clone()));
    let fitted = fit(&samples(100, 15), &options.with_max_iterations(0));
    assert_eq!(fitted.mixture, start);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Ties, lines, planes, single samples, huge and tiny numbers: a fit or an error, never NaN.
    #[test]
    fn any_table_gives_a_fit_or_an_error(
        entries in prop::collection::vec(prop_oneof![(-3..3_i32).prop_map(f64::from), any::<f64>()], 1..40),
        small in any::<bool>(), dim in 1..4_usize, k in 1..5_usize, kind in 0..4_usize, seed in any::<u64>(),
    ) {
        let n = entries.len() / dim;
        let entry = |e: usize| if small { entries[e] % 4.0 } else { entries[e] };
        let x = Array2::from_shape_fn((n, dim), |(i, j)| entry(i * dim + j));
        let options = FitOptions::multivariate(k, TYPES[kind]).with_seed(seed).with_max_iterations(30);
        if let Ok(Fit { mixture, report }) = MultivariateGaussianMixture::fit(&x, &options) {
            prop_assert!(!report.ln_likelihood().is_nan());
            prop_assert!(mixture.means().iter().all(|m| m.is_finite()));
            prop_assert!(mixture.ln_pdf(&x).unwrap().iter().all(|l| !l.is_nan()));
            let r = mixture.responsibilities(&x).unwrap();
            prop_assert!(r.sum_axis(Axis(1)).iter().all(|sum| (sum - 1.0).abs() < 1e-12));
        }
    }
}
