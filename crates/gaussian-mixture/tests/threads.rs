//! That a list which is shared among threads has the values of its points, to the last bit.

use gaussian_mixture::{Covariances, GaussianMixture, MultivariateGaussianMixture, with_threads};
use ndarray::{Array2, ArrayView2, array};

/// Points × components × dimensions are above a million from here on, and the last piece is not a whole one.
const MANY: usize = 350_001;

fn mixture() -> GaussianMixture {
    GaussianMixture::new([0.2, 0.5, 0.3], [-1.5, 0.0, 2.0], [0.5, 0.1, 1.2]).unwrap()
}

/// Up to forty standard deviations out.
fn points() -> Vec<f64> {
    (0..MANY).map(|i| (0.7 * i as f64).sin() * 50.0).collect()
}

/// The same on all threads of the machine as on one, and at every thousandth point as at that point alone.
fn assert_pointwise<T: PartialEq + std::fmt::Debug + Clone>(
    name: &str,
    whole: impl Fn() -> Vec<T>,
    alone: impl Fn(usize) -> T,
) {
    let values = whole();
    assert_eq!(values.len(), MANY, "{name}");
    assert!(values == with_threads(1, &whole), "{name}");
    for i in (0..MANY).step_by(1000).chain([MANY - 1]) {
        assert_eq!(values[i], alone(i), "{name} at {i}");
    }
}

#[test]
fn what_is_no_number_stays_in_its_place() {
    let (m, mut x) = (mixture(), points());
    let odd = [(0, f64::NAN), (MANY / 2, f64::INFINITY), (MANY - 1, f64::NEG_INFINITY)];
    for (i, value) in odd {
        x[i] = value;
    }
    let (pdf, p_values) = (m.pdf(&x), m.p_value(&x));
    assert!(pdf[0].is_nan() && pdf[MANY / 2] == 0.0 && pdf[MANY - 1] == 0.0);
    assert!(p_values[0].is_nan() && p_values[MANY / 2] == 0.0 && p_values[MANY - 1] == 0.0);
    assert!(pdf[1..].iter().chain(&p_values[1..]).all(|value| value.is_finite()));
}

#[test]
fn in_one_dimension_every_point_has_the_value_that_it_has_alone() {
    let (m, x) = (mixture(), points());
    assert_pointwise("pdf", || m.pdf(&x), |i| m.pdf(x[i]));
    assert_pointwise("ln_pdf", || m.ln_pdf(&x), |i| m.ln_pdf(x[i]));
    assert_pointwise("cdf", || m.cdf(&x), |i| m.cdf(x[i]));
    assert_pointwise("sf", || m.sf(&x), |i| m.sf(x[i]));
    assert_pointwise("ln_sf", || m.ln_sf(&x), |i| m.ln_sf(x[i]));
    assert_pointwise("ln_cdf", || m.ln_cdf(&x), |i| m.ln_cdf(x[i]));
    assert_pointwise("p_value", || m.p_value(&x), |i| m.p_value(x[i]));
    let p = m.cdf(&x);
    assert_pointwise("quantile", || m.quantile(&p).unwrap(), |i| m.quantile(p[i]).unwrap());
    assert_pointwise("predict", || m.predict(&x).unwrap(), |i| m.predict(&x[i..=i]).unwrap()[0]);
    let shares = |x: &[f64]| m.responsibilities(x).unwrap();
    let rows = |all: Array2<f64>| all.outer_iter().map(|row| row.to_vec()).collect::<Vec<_>>();
    assert_pointwise(
        "responsibilities",
        || rows(shares(&x)),
        |i| shares(&x[i..=i]).row(0).to_vec(),
    );
}

/// Of every type.
#[test]
fn in_several_dimensions_too() {
    let means = array![[0.0, 1.0], [2.0, -1.0]];
    let matrix = array![[1.0, 0.3], [0.3, 0.5]];
    let full = array![[[1.0, 0.3], [0.3, 0.5]], [[0.5, -0.1], [-0.1, 2.0]]];
    for covariances in [
        Covariances::Full(full),
        Covariances::Tied(matrix),
        Covariances::Diagonal(array![[1.0, 0.5], [0.2, 0.1]]),
        Covariances::Spherical(array![0.5, 2.0]),
    ] {
        let m = MultivariateGaussianMixture::new([0.4, 0.6], &means, covariances).unwrap();
        // Some are so far out that they are worked out one by one.
        let far = |i: usize| if i.is_multiple_of(1000) { 1e160 } else { 5.0 };
        let values: Vec<f64> = (0..2 * MANY).map(|i| (0.7 * i as f64).sin() * far(i / 2)).collect();
        let x = ArrayView2::from_shape((MANY, 2), &values).unwrap();
        let row = |i: usize| ArrayView2::from_shape((1, 2), &values[2 * i..2 * i + 2]).unwrap();
        assert_pointwise("pdf", || m.pdf(&x).unwrap().to_vec(), |i| m.pdf(&row(i)).unwrap()[0]);
        let ln_pdf = || m.ln_pdf(&x).unwrap().to_vec();
        assert_pointwise("ln_pdf", ln_pdf, |i| m.ln_pdf(&row(i)).unwrap()[0]);
        let rows = |all: Array2<f64>| all.outer_iter().map(|row| row.to_vec()).collect::<Vec<_>>();
        assert_pointwise(
            "responsibilities",
            || rows(m.responsibilities(&x).unwrap()),
            |i| m.responsibilities(&row(i)).unwrap().row(0).to_vec(),
        );
    }
}

/// The index is that of the whole list.
#[test]
fn what_is_no_probability_is_named_in_a_long_list_too() {
    let mut p = vec![0.5; MANY];
    p[MANY - 2] = 1.5;
    let error = mixture().quantile(&p).unwrap_err();
    assert!(error.to_string().contains(&(MANY - 2).to_string()), "{error}");
}
