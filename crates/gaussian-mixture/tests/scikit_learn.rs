//! Fits from given starts, against scikit-learn's (see reference/README.md), for every type of covariance.

use gaussian_mixture::{
    CovarianceType, Covariances, FitOptions, GaussianMixture, Moments, MultivariateGaussianMixture,
    Start,
};
use ndarray::{Array1, Array2, Array3};
use serde_json::Value;

/// Parameters after the same number of iterations, and densities, relative to their scale: two programs add the same terms in
/// different orders, and 3000 iterations contract what differs.
const SAME: f64 = 1e-9;

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(list) => list.iter().flat_map(numbers).collect(),
        number => vec![number.as_f64().unwrap()],
    }
}

fn table(value: &Value) -> Array2<f64> {
    let rows = value.as_array().unwrap();
    Array2::from_shape_vec((rows.len(), numbers(&rows[0]).len()), numbers(value)).unwrap()
}

struct Case {
    json: Value,
    kind: CovarianceType,
    data: Array2<f64>,
}

impl Case {
    fn mixture(&self, parameters: &Value) -> MultivariateGaussianMixture {
        let means = table(&parameters["means"]);
        let (k, d) = means.dim();
        let values = numbers(&parameters["covariances"]);
        let covariances = match self.kind {
            CovarianceType::Full => {
                Covariances::Full(Array3::from_shape_vec((k, d, d), values).unwrap())
            }
            CovarianceType::Tied => {
                Covariances::Tied(Array2::from_shape_vec((d, d), values).unwrap())
            }
            CovarianceType::Diagonal => {
                Covariances::Diagonal(Array2::from_shape_vec((k, d), values).unwrap())
            }
            _ => Covariances::Spherical(Array1::from_vec(values)),
        };
        let weights = numbers(&parameters["weights"]);
        MultivariateGaussianMixture::new(weights, &means, covariances).unwrap()
    }

    fn options(&self, k: usize) -> FitOptions<MultivariateGaussianMixture> {
        FitOptions::multivariate(k, self.kind).with_tolerance(0.0)
    }

    /// Exactly so many iterations: a fit would stop where the likelihood stands still, some digits earlier than the parameters.
    fn after(&self, iterations: u64) -> MultivariateGaussianMixture {
        let mut mixture = self.mixture(&self.json["start"]);
        let options = self.options(mixture.n_components());
        for _ in 0..iterations {
            let mut moments = Moments::new(&mixture);
            moments.add(&self.data).unwrap();
            mixture = moments.m_step(&options).unwrap();
        }
        mixture
    }

    fn name(&self) -> &str {
        self.json["name"].as_str().unwrap()
    }
}

fn reference() -> (u64, u64, Vec<Case>) {
    let json: Value = serde_json::from_str(include_str!("reference/scikit_learn.json")).unwrap();
    let old_faithful = include_str!("data/old_faithful.csv").lines().skip(1);
    let old_faithful: Vec<Vec<f64>> =
        old_faithful.map(|l| l.split(',').map(|x| x.parse().unwrap()).collect()).collect();
    let columns = |columns: std::ops::Range<usize>| {
        let values = old_faithful.iter().flat_map(|row| row[columns.clone()].to_vec());
        Array2::from_shape_vec((old_faithful.len(), columns.len()), values.collect()).unwrap()
    };
    let case = |json: &Value| Case {
        kind: match json["type"].as_str().unwrap() {
            "full" => CovarianceType::Full,
            "tied" => CovarianceType::Tied,
            "diag" => CovarianceType::Diagonal,
            "spherical" => CovarianceType::Spherical,
            other => panic!("no such type: {other}"),
        },
        data: match json["data"].as_str() {
            Some("waiting") => columns(1..2),
            Some(_) => columns(0..2),
            None => table(&json["data"]),
        },
        json: json.clone(),
    };
    let iterations = numbers(&json["iterations"]);
    let cases: Vec<Case> = json["cases"].as_array().unwrap().iter().map(case).collect();
    assert_eq!(cases.len(), 16);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    (iterations[0] as u64, iterations[1] as u64, cases)
}

/// All parameters in units of the component's own standard deviations.
fn assert_same(a: &MultivariateGaussianMixture, b: &MultivariateGaussianMixture, name: &str) {
    for k in 0..a.n_components() {
        assert!((a.weights()[k] - b.weights()[k]).abs() < SAME, "{name}: weight {k}");
        let (c, expected) = (a.covariance(k).unwrap(), b.covariance(k).unwrap());
        let s = expected.diag().mapv(f64::sqrt);
        for i in 0..a.dim() {
            let shift = (a.means()[[k, i]] - b.means()[[k, i]]) / s[i];
            assert!(shift.abs() < SAME, "{name}: mean {k}, {i}: off by {shift:e}");
            for j in 0..a.dim() {
                let off = (c[[i, j]] - expected[[i, j]]) / (s[i] * s[j]);
                assert!(off.abs() < SAME, "{name}: covariance {k}, {i}, {j}: off by {off:e}");
            }
        }
    }
}

#[test]
fn the_same_start_takes_the_same_path_to_the_same_end() {
    let (early, late, cases) = reference();
    for case in &cases {
        assert_same(&case.after(early), &case.mixture(&case.json["early"]), case.name());
        assert_same(&case.after(late), &case.mixture(&case.json["late"]), case.name());
    }
}

#[test]
fn a_fit_ends_where_the_iterations_do() {
    let (_, _, cases) = reference();
    for case in &cases {
        let start = case.mixture(&case.json["start"]);
        let options = case
            .options(start.n_components())
            .with_start(Start::Mixture(start))
            .with_max_iterations(5000);
        let fit = MultivariateGaussianMixture::fit(&case.data, &options).unwrap();
        let near = |found: f64, key: &str| {
            let expected = case.json[key].as_f64().unwrap();
            assert!((found / expected - 1.0).abs() < SAME, "{}: {key} {found}", case.name());
        };
        near(fit.report.mean_ln_likelihood(), "mean_ln_likelihood");
        near(fit.report.aic(), "aic");
        near(fit.report.bic(), "bic");
        assert_eq!(fit.report.n_parameters as u64, case.json["n_parameters"].as_u64().unwrap());
        assert_eq!(fit.mixture.n_parameters(), fit.report.n_parameters);
    }
}

#[test]
fn densities_and_responsibilities_are_the_same() {
    let (_, _, cases) = reference();
    for case in &cases {
        let mixture = case.mixture(&case.json["late"]);
        let rows = case.data.slice(ndarray::s![..5, ..]);
        let ln_pdf = mixture.ln_pdf(&rows).unwrap();
        for (a, b) in ln_pdf.iter().zip(numbers(&case.json["ln_pdf"])) {
            assert!((a - b).abs() < SAME * b.abs(), "{}: {a} {b}", case.name());
        }
        let r = mixture.responsibilities(&rows).unwrap();
        for (a, b) in r.iter().zip(numbers(&case.json["responsibilities"])) {
            assert!((a - b).abs() < SAME, "{}: {a} {b}", case.name());
        }
    }
}

#[test]
fn one_dimension_takes_that_path_too() {
    let (early, late, cases) = reference();
    for case in cases.iter().filter(|case| case.data.ncols() == 1) {
        let as_one = |parameters: &Value| case.mixture(parameters).marginal_axis(0).unwrap();
        let as_table = |m: GaussianMixture| MultivariateGaussianMixture::try_from(m).unwrap();
        let mut mixture = as_one(&case.json["start"]);
        let options = FitOptions::new(2).with_covariance_type(case.kind);
        for iteration in 1..=late {
            let mut moments = Moments::new(&mixture);
            moments.add(&case.data.column(0)).unwrap();
            mixture = moments.m_step(&options).unwrap();
            if iteration == early {
                let expected = as_one(&case.json["early"]);
                assert_same(&as_table(mixture.clone()), &as_table(expected), case.name());
            }
        }
        assert_same(&as_table(mixture), &as_table(as_one(&case.json["late"])), case.name());
    }
}

/// R's mclust 6.0.0 on the waiting times, unequal variances: weights 0.3618, 0.6382; means 54.647, 80.111; variances 34.794,
/// 34.199; log-likelihood −1034.007. It stops at a relative change of 1e-5 of the log-likelihood, a little before the end.
#[test]
fn mclust_stops_on_the_way_to_the_same_end() {
    let (_, _, cases) = reference();
    let waiting = cases[0].data.column(0);
    let fit = GaussianMixture::fit(&waiting, &FitOptions::new(2).with_tolerance(1e-12)).unwrap();
    assert!(fit.report.ln_likelihood() > -1034.007 && fit.report.ln_likelihood() < -1033.997);
    let [left, right] = fit.mixture.components_by_mean()[..] else { panic!("two components") };
    let published = [(0.3618, 54.647, 34.794), (0.6382, 80.111, 34.199)];
    for (c, (weight, mean, variance)) in [left, right].iter().zip(published) {
        // What is left to go after its last step: 3e-3 of a weight, 6e-4 of a mean, 9e-3 of a variance.
        assert!((c.weight / weight - 1.0).abs() < 0.003 && (c.mean / mean - 1.0).abs() < 0.001);
        assert!((c.std_dev.powi(2) / variance - 1.0).abs() < 0.01);
    }
    // Its likelihood is that before its last step: its parameters are a little better, and on the way to ours.
    let theirs = GaussianMixture::new(
        [0.3618, 0.6382],
        [54.647, 80.111],
        [34.794_f64.sqrt(), 34.199_f64.sqrt()],
    );
    let ln_likelihood: f64 = theirs.unwrap().ln_pdf(&waiting).sum();
    assert!(ln_likelihood > -1034.007 && ln_likelihood < fit.report.ln_likelihood());
}
