//! What must hold for a mixture in several dimensions.

use gaussian_mixture::{
    AxisError, CovarianceType, Covariances, GaussianMixture, MultivariateGaussianMixture,
    ParameterError, SampleError, trapezoid,
};
use ndarray::{Array1, Array2, Axis, array, stack};
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use std::f64::consts::PI;

/// Rounding of a handful of terms, relative.
const ROUNDING: f64 = 1e-12;

fn full() -> MultivariateGaussianMixture {
    let covariances = array![[[1.0, 0.6], [0.6, 2.0]], [[0.5, -0.2], [-0.2, 0.3]]];
    let means = array![[-1.0, 0.0], [2.0, 1.0]];
    MultivariateGaussianMixture::new([0.3, 0.7], &means, Covariances::Full(covariances)).unwrap()
}

fn of_each_type() -> [MultivariateGaussianMixture; 4] {
    let means = array![[-1.0, 0.0, 3.0], [2.0, 1.0, -1.0]];
    let matrix = array![[1.0, 0.6, 0.1], [0.6, 2.0, -0.3], [0.1, -0.3, 0.8]];
    let other = array![[0.5, 0.0, 0.2], [0.0, 0.7, 0.0], [0.2, 0.0, 0.9]];
    [
        Covariances::Full(stack![Axis(0), matrix, other]),
        Covariances::Tied(matrix),
        Covariances::Diagonal(array![[1.0, 2.0, 0.5], [0.3, 0.4, 0.9]]),
        Covariances::Spherical(array![0.5, 1.5]),
    ]
    .map(|c| MultivariateGaussianMixture::new([0.3, 0.7], &means, c).unwrap())
}

fn points() -> Array2<f64> {
    array![[0.0, 0.0, 0.0], [-1.0, 0.5, 2.0], [2.5, 1.0, -1.5], [9.0, -4.0, 3.0]]
}

#[test]
fn the_density_is_the_formula_in_its_documentation() {
    let m = full();
    for (x, y) in [(0.0, 0.0), (-1.0, 2.0), (2.2, 0.7), (4.0, -3.0)] {
        let mut literal = 0.0;
        for k in 0..2 {
            let c = m.covariance(k).unwrap();
            let det = c[[0, 0]] * c[[1, 1]] - c[[0, 1]] * c[[1, 0]];
            let (u, v) = (x - m.means()[[k, 0]], y - m.means()[[k, 1]]);
            let square = (u * u * c[[1, 1]] - 2.0 * u * v * c[[0, 1]] + v * v * c[[0, 0]]) / det;
            literal += m.weights()[k] / (2.0 * PI * det.sqrt()) * (-0.5 * square).exp();
        }
        let row = [[x, y]];
        assert!((m.pdf(&row).unwrap()[0] / literal - 1.0).abs() < ROUNDING);
        assert!((m.ln_pdf(&row).unwrap()[0] - literal.ln()).abs() < ROUNDING * literal.ln().abs());
    }
}

#[test]
fn it_integrates_to_one() {
    // Steps of a quarter of the smallest standard deviation (of any direction, 0.44), out to 8 of the largest (1.5).
    let grid = Array1::linspace(-14.0, 14.0, 281);
    let m = full();
    let slices: Array1<f64> = grid
        .iter()
        .map(|&x| {
            let rows: Vec<[f64; 2]> = grid.iter().map(|&y| [x, y]).collect();
            trapezoid(&grid, &m.pdf(&rows).unwrap()).unwrap()
        })
        .collect();
    assert!((trapezoid(&grid, &slices).unwrap() - 1.0).abs() < 1e-9);
    // Each slice is the first coordinate's own density.
    let marginal = m.marginal_axis(0).unwrap().pdf(&grid);
    assert!(slices.iter().zip(&marginal).all(|(s, f)| (s - f).abs() < 1e-9));
}

#[test]
fn every_type_is_the_full_one_with_its_matrices() {
    for m in of_each_type() {
        let matrices = [m.covariance(0).unwrap(), m.covariance(1).unwrap()];
        let same = Covariances::Full(stack![Axis(0), matrices[0], matrices[1]]);
        let same = MultivariateGaussianMixture::new(m.weights(), m.means(), same).unwrap();
        let (a, b) = (m.ln_pdf(&points()).unwrap(), same.ln_pdf(&points()).unwrap());
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < ROUNDING * b.abs()));
        let (a, b) = (m.total_covariance(), same.total_covariance());
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < ROUNDING * 10.0));
    }
}

#[test]
fn one_dimension_is_the_univariate_mixture() {
    let one = GaussianMixture::new([0.2, 0.8], [-1.0, 2.0], [0.5, 1.5]).unwrap();
    let many = MultivariateGaussianMixture::try_from(one.clone()).unwrap();
    let x = array![-3.0, 0.0, 1.7, 40.0];
    let (a, b) = (one.ln_pdf(&x), many.ln_pdf(&x.insert_axis(Axis(1))).unwrap());
    assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() <= ROUNDING * a.abs()));
    let back = many.marginal_axis(0).unwrap();
    assert!(back.std_devs().iter().zip(one.std_devs()).all(|(a, b)| (a - b).abs() < ROUNDING));
}

#[test]
fn the_density_is_the_marginal_times_the_conditional() {
    for m in of_each_type() {
        let x = points();
        let joint = m.ln_pdf(&x).unwrap();
        for (row, joint) in x.outer_iter().zip(joint) {
            let given = m.marginal(&[2, 0]).unwrap().ln_pdf(&[[row[2], row[0]]]).unwrap()[0];
            let conditional = m.conditional(&[(2, row[2]), (0, row[0])]).unwrap();
            assert_eq!(conditional.covariance_type(), m.covariance_type());
            let rest = conditional.ln_pdf(&[[row[1]]]).unwrap()[0];
            assert!((given + rest - joint).abs() < ROUNDING * joint.abs().max(1.0) * 10.0);
        }
    }
}

#[test]
fn samples_have_the_moments_of_the_mixture_in_random_order() {
    const N: usize = 40_000;
    for m in of_each_type() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
        let x = m.sample_rows(N, &mut rng);
        let mean = x.mean_axis(Axis(0)).unwrap();
        let centered = &x - &mean;
        let covariance = centered.t().dot(&centered) / N as f64;
        let truth = m.total_covariance();
        for i in 0..3 {
            // Five standard errors: a right sampler fails about once in a hundred thousand seeds, and the seed is fixed.
            let error = 5.0 * (truth[[i, i]] / N as f64).sqrt();
            assert!((mean[i] - m.mean()[i]).abs() < error);
            for j in 0..3 {
                // The fourth moments of a mixture are below 3 of a Gaussian's of the same covariance here.
                let error = 5.0 * (3.0 * truth[[i, i]] * truth[[j, j]] / N as f64).sqrt();
                assert!((covariance[[i, j]] - truth[[i, j]]).abs() < error);
            }
        }
        let labels: Vec<usize> = (0..200).map(|_| m.sample_labeled(&mut rng).1).collect();
        assert!(labels.windows(2).filter(|pair| pair[0] != pair[1]).count() > 40);
    }
}

#[test]
fn p_values_of_its_own_samples_are_uniform_and_of_gaps_small() {
    let m = full();
    let own = m.sample_rows(2000, &mut Xoshiro256PlusPlus::seed_from_u64(4));
    let mut p = m.p_value(&own, 20_000, 5).unwrap().to_vec();
    p.sort_by(f64::total_cmp);
    // Kolmogorov–Smirnov: the distance exceeds 2/√n with probability 7e-4, and the seeds are fixed; the Monte Carlo adds 1 %.
    let distance = p.iter().enumerate().map(|(i, p)| (p - (i as f64 + 0.5) / 2000.0).abs());
    assert!(distance.fold(0.0, f64::max) < 2.0 / 2000.0_f64.sqrt() + 0.01);
    let far = m.p_value(&[[50.0, 50.0], [0.4, 3.9], [2.0, 1.0]], 999, 1).unwrap();
    assert_eq!(far[0], 0.001);
    assert!(far[1] < 0.01 && far[2] > 0.9, "{far}");
    assert!(m.p_value(&[[f64::NAN, 0.0]], 9, 1).unwrap()[0].is_nan());
}

#[test]
fn responsibilities_sum_to_one_however_far_out() {
    for m in of_each_type() {
        let far = array![[1e3, 0.0, 0.0], [1e160, -1e160, 1.0], [-1e300, 0.0, 1e300], [0.0; 3]];
        let r = m.responsibilities(&far).unwrap();
        assert!(r.sum_axis(Axis(1)).iter().all(|sum| (sum - 1.0).abs() < ROUNDING), "{r}");
        let ln_pdf = m.ln_pdf(&far).unwrap();
        assert!(ln_pdf.iter().all(|l| !l.is_nan()) && ln_pdf[0].is_finite(), "{ln_pdf}");
        let labels = m.predict(&points()).unwrap();
        let r = m.responsibilities(&points()).unwrap();
        assert!(labels.iter().enumerate().all(|(n, &k)| r[[n, k]] >= 0.5));
    }
}

#[test]
fn one_bad_point_does_not_spoil_the_others() {
    let rows = [[f64::NAN, 0.0], [0.0, 0.0], [f64::INFINITY, 0.0], [0.0, f64::NEG_INFINITY]];
    let f = full().pdf(&rows).unwrap();
    assert!(f[0].is_nan() && f[1] > 0.0 && f[2] == 0.0 && f[3] == 0.0, "{f}");
}

#[test]
fn shifting_and_scaling_the_axes_scales_it() {
    for m in of_each_type() {
        for scale in [1e-8, 1e8] {
            let means = m.means() * scale;
            let square = scale * scale;
            let covariances = match m.covariances().clone() {
                Covariances::Full(c) => Covariances::Full(c * square),
                Covariances::Tied(c) => Covariances::Tied(c * square),
                Covariances::Diagonal(c) => Covariances::Diagonal(c * square),
                Covariances::Spherical(c) => Covariances::Spherical(c * square),
            };
            let there = MultivariateGaussianMixture::new(m.weights(), &means, covariances).unwrap();
            let here = m.ln_pdf(&points()).unwrap();
            let there = there.ln_pdf(&(points() * scale)).unwrap() + 3.0 * scale.ln();
            assert!(here.iter().zip(&there).all(|(a, b)| (a - b).abs() < ROUNDING * 100.0));
        }
    }
}

#[test]
fn ellipses_hold_the_content_that_they_say() {
    let m = full();
    let ellipse = m.ellipse(1, 0.8, 73).unwrap();
    assert_eq!(ellipse.row(0), ellipse.row(72));
    let alone = m.covariances();
    let Covariances::Full(c) = alone else { panic!("another type") };
    let one = Covariances::Tied(c.index_axis(Axis(0), 1).to_owned());
    let one = MultivariateGaussianMixture::new([1.0], &[[2.0, 1.0]], one).unwrap();
    let f = one.pdf(&ellipse).unwrap();
    assert!(f.iter().all(|v| (v / f[0] - 1.0).abs() < ROUNDING));
    // f(Y) ≤ f(x) on the edge with probability 1 − 0.8; three standard errors of 40 000 draws.
    let p = one.p_value(&ellipse, 40_000, 1).unwrap();
    assert!((p[0] - 0.2).abs() < 0.006, "{}", p[0]);
}

#[test]
fn what_cannot_be_built_or_asked_is_named() {
    let m = full();
    let axis = |r: Result<MultivariateGaussianMixture, AxisError>| r.unwrap_err();
    assert_eq!(axis(m.marginal(&[])), AxisError::NoAxes);
    assert_eq!(axis(m.marginal(&[2])), AxisError::OutOfRange { axis: 2, dim: 2 });
    assert_eq!(axis(m.marginal(&[1, 1])), AxisError::Twice { axis: 1 });
    assert_eq!(axis(m.conditional(&[(0, 1.0), (1, 1.0)])), AxisError::NoneLeft { dim: 2 });
    let infinite = AxisError::Value { axis: 1, value: f64::INFINITY };
    assert_eq!(axis(m.conditional(&[(1, f64::INFINITY)])), infinite);
    let component = ParameterError::Component { index: 2, n_components: 2 };
    assert_eq!(m.covariance(2).unwrap_err(), component);
    assert_eq!(m.ellipse(2, 0.5, 10).unwrap_err(), AxisError::Parameters(component));
    assert_eq!(of_each_type()[0].ellipse(0, 0.5, 10), Err(AxisError::NotAPlane { dim: 3 }));
    let transposed = m.pdf(&array![[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]).unwrap_err();
    assert_eq!(transposed, SampleError::Dimension { expected: 2, n_samples: 2, found: 3 });
    assert!(transposed.to_string().contains("(3, 2)"), "{transposed}");
    let new = |means: Array2<f64>, c| MultivariateGaussianMixture::new([0.5, 0.5], &means, c);
    let means = new(Array2::zeros((3, 2)), Covariances::Spherical(array![1.0, 1.0])).unwrap_err();
    let shape = ParameterError::Shape { what: "means", expected: vec![2, 2], found: vec![3, 2] };
    assert_eq!(means, shape);
    let nan = new(array![[0.0, f64::NAN], [0.0, 0.0]], Covariances::Spherical(array![1.0, 1.0]));
    assert!(matches!(nan, Err(ParameterError::MeanEntry { component: 0, axis: 1, .. })));
}

#[test]
fn a_width_whose_square_overflows_has_no_covariance() {
    let one = GaussianMixture::new([1.0], [0.0], [1e200]).unwrap();
    let error = MultivariateGaussianMixture::try_from(one).unwrap_err();
    assert!(matches!(error, ParameterError::NotPositiveDefinite { component: 0, pivot: 0, .. }));
}

/// The conditional stays a mixture however far out the given value is.
#[test]
fn a_given_value_far_out_leaves_the_nearest_component() {
    for m in of_each_type() {
        for value in [1e6, -1e160, 1e300] {
            let weights = m.conditional(&[(0, value)]).map(|c| c.weights().iter().sum::<f64>());
            assert!(
                weights.is_err() || (weights.clone().unwrap() - 1.0).abs() < ROUNDING,
                "{weights:?}"
            );
        }
    }
}

#[test]
fn the_components_have_an_order_that_does_not_depend_on_theirs() {
    let m = full();
    assert_eq!(m.order_by_mean(), [0, 1]);
    assert_eq!(m.covariance_type(), CovarianceType::Full);
    assert!(format!("{m:.2}").contains("0.30  [-1.00, 0.00], [1.00, 1.41]"), "{m:.2}");
}

#[test]
fn a_row_by_itself_has_the_bits_that_it_has_in_a_table() {
    let rows = Array2::from_shape_fn((150, 3), |(i, j)| ((i * 7 + j * 3) as f64).sin() * 3.0);
    for m in of_each_type() {
        let (ln_pdf, r) = (m.ln_pdf(&rows).unwrap(), m.responsibilities(&rows).unwrap());
        for i in 0..150 {
            let row = rows.slice(ndarray::s![i..=i, ..]);
            assert_eq!(m.ln_pdf(&row).unwrap()[0], ln_pdf[i]);
            assert_eq!(m.responsibilities(&row).unwrap().row(0), r.row(i));
        }
    }
}
