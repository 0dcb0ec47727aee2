//! Mixtures for property tests.

use gaussian_mixture::{GaussianMixture, Weights};
use proptest::prelude::*;

/// One to five components of different weights and widths, near each other or apart.
pub(crate) fn mixtures() -> impl Strategy<Value = GaussianMixture> {
    let component = (0.01..1.0_f64, -5.0..5.0_f64, 0.05..3.0_f64);
    prop::collection::vec(component, 1..6).prop_map(|components| {
        let (shares, rest): (Vec<f64>, Vec<(f64, f64)>) =
            components.into_iter().map(|(w, m, s)| (w, (m, s))).unzip();
        let (means, std_devs): (Vec<f64>, Vec<f64>) = rest.into_iter().unzip();
        let weights = Weights::from_proportions(shares).expect("positive proportions");
        GaussianMixture::new(weights, means, std_devs).expect("valid parameters")
    })
}
