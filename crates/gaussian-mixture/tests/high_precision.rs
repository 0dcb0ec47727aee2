//! Against 60-digit arithmetic: what the documentation promises as accuracy.

use gaussian_mixture::GaussianMixture;
use serde_json::Value;

/// The relative accuracy that is promised.
const PROMISED: f64 = 1e-13;

/// An integral by adaptive quadrature, of order 1 to 20.
const ENTROPY: f64 = 1e-11;

fn number(value: &Value) -> f64 {
    value.as_str().and_then(|text| text.parse().ok()).expect("a number as text")
}

fn list(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(number).collect()
}

fn close(what: &str, found: f64, expected: f64) {
    // Numbers below the smallest normal one have fewer digits.
    let error = (found - expected).abs();
    assert!(
        error <= PROMISED * expected.abs() || expected.abs() < f64::MIN_POSITIVE,
        "{what}: {found:e}, {expected:e}, relative error {:e}",
        error / expected.abs()
    );
}

#[test]
fn every_function_is_right_to_thirteen_digits() {
    let text = include_str!("reference/high_precision.json");
    let cases: Value = serde_json::from_str(text).expect("JSON");
    for case in cases.as_array().expect("a list") {
        let parameters = ["weights", "means", "std_devs"].map(|name| list(&case[name]));
        let [weights, means, std_devs] = parameters;
        let m = GaussianMixture::new(weights, means, std_devs).expect("valid");
        for row in case["points"].as_array().expect("points") {
            let x = number(&row["x"]);
            close(&format!("pdf({x})"), m.pdf(x), number(&row["pdf"]));
            close(&format!("ln_pdf({x})"), m.ln_pdf(x), number(&row["ln_pdf"]));
            close(&format!("cdf({x})"), m.cdf(x), number(&row["cdf"]));
            close(&format!("sf({x})"), m.sf(x), number(&row["sf"]));
            close(&format!("ln_cdf({x})"), m.ln_cdf(x), number(&row["ln_cdf"]));
            close(&format!("ln_sf({x})"), m.ln_sf(x), number(&row["ln_sf"]));
        }
        for row in case["intervals"].as_array().expect("intervals") {
            let (low, high) = (number(&row["low"]), number(&row["high"]));
            let found = m.probability(low..high).expect("an interval");
            close(&format!("P({low}, {high})"), found, number(&row["probability"]));
        }
        for row in case["p_values"].as_array().expect("p-values") {
            let x = number(&row["x"]);
            close(&format!("p_value({x})"), m.p_value(x), number(&row["p"]));
        }
        for row in case["quantiles"].as_array().expect("quantiles") {
            let (p, x) = (number(&row["p"]), number(&row["x"]));
            // What x is off by, as a share of the probability below it: a few neighbouring numbers in a tail.
            let found = m.quantile(p).expect("a probability");
            let off = (found - x).abs() * (m.pdf(x) / p);
            let spacing = 4.0 * f64::EPSILON * x.abs() * (m.pdf(x) / p);
            assert!(off <= PROMISED + spacing, "quantile({p:e}): {found:e}, {x:e}");
        }
        let (entropy, expected) = (m.entropy(), number(&case["entropy"]));
        assert!((entropy - expected).abs() < ENTROPY, "entropy {entropy}, {expected}");
        close("mean", m.mean(), number(&case["mean"]));
        close("variance", m.variance(), number(&case["variance"]));
        if m.n_components() > 1 {
            close("skewness", m.skewness(), number(&case["skewness"]));
        }
        close("kurtosis", m.kurtosis(), number(&case["kurtosis"]));
    }
}
