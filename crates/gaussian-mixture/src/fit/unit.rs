//! The unit in which a fit computes: samples shifted and scaled to [−1, 1].
//!
//! There no square overflows or underflows, whatever unit the samples came in, and a fit of a·x + b is the fit of x, shifted
//! and scaled.

use super::em::Parameters;
use crate::{FitError, GaussianMixture, ParameterError, Weights};

/// x = center + `half_range` · u, with u in [−1, 1] for every sample.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    center: f64,
    half_range: f64,
}

impl Unit {
    /// For samples from `low` to `high`, which differ. Halves first: the difference of the two may overflow.
    pub(super) fn new(low: f64, high: f64) -> Result<Self, FitError> {
        let half_range = 0.5 * high - 0.5 * low;
        if half_range == 0.0 {
            return Err(FitError::TooClose { low, high });
        }
        Ok(Self { center: 0.5 * low + 0.5 * high, half_range })
    }

    pub(super) fn convert(self, x: f64) -> f64 {
        (x - self.center) / self.half_range
    }

    /// The mixture in the samples' own unit.
    pub(super) fn restore(
        self,
        parameters: &Parameters,
    ) -> Result<GaussianMixture, ParameterError> {
        let means = parameters.means.iter().map(|m| self.half_range.mul_add(*m, self.center));
        let std_devs = parameters.std_devs.iter().map(|s| self.half_range * s);
        GaussianMixture::new(
            Weights::from_proportions(parameters.weights.clone())?,
            means.collect::<Vec<f64>>(),
            std_devs.collect::<Vec<f64>>(),
        )
    }

    /// A density per unit of u is `half_range` times the density per unit of x, hence ln f(x) = ln f(u) − ln `half_range`.
    pub(super) fn restore_ln_likelihood(self, ln_likelihood: f64, n_samples: usize) -> f64 {
        ln_likelihood - n_samples as f64 * self.half_range.ln()
    }
}
