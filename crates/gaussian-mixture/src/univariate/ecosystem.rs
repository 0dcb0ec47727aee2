//! The traits of statrs, so that a mixture goes wherever a continuous distribution is expected.

use crate::GaussianMixture;
use statrs::distribution::{Continuous, ContinuousCDF};
use statrs::statistics::{Distribution, Max, Median, Min, Mode};

impl Continuous<f64, f64> for GaussianMixture {
    fn pdf(&self, x: f64) -> f64 {
        GaussianMixture::pdf(self, x)
    }

    fn ln_pdf(&self, x: f64) -> f64 {
        GaussianMixture::ln_pdf(self, x)
    }
}

impl ContinuousCDF<f64, f64> for GaussianMixture {
    fn cdf(&self, x: f64) -> f64 {
        GaussianMixture::cdf(self, x)
    }

    fn sf(&self, x: f64) -> f64 {
        GaussianMixture::sf(self, x)
    }

    /// [`quantile`](GaussianMixture::quantile), and NaN where that is an error: the trait has no room for one.
    fn inverse_cdf(&self, p: f64) -> f64 {
        self.quantile(p).unwrap_or(f64::NAN)
    }
}

impl Min<f64> for GaussianMixture {
    fn min(&self) -> f64 {
        f64::NEG_INFINITY
    }
}

impl Max<f64> for GaussianMixture {
    fn max(&self) -> f64 {
        f64::INFINITY
    }
}

impl Distribution<f64> for GaussianMixture {
    fn mean(&self) -> Option<f64> {
        Some(GaussianMixture::mean(self))
    }

    fn variance(&self) -> Option<f64> {
        Some(GaussianMixture::variance(self))
    }

    fn std_dev(&self) -> Option<f64> {
        Some(GaussianMixture::std_dev(self))
    }

    fn entropy(&self) -> Option<f64> {
        Some(GaussianMixture::entropy(self))
    }

    fn skewness(&self) -> Option<f64> {
        Some(GaussianMixture::skewness(self))
    }
}

impl Median<f64> for GaussianMixture {
    fn median(&self) -> f64 {
        self.quantile_at(0.5)
    }
}

/// The location of the highest mode, the leftmost of equal ones.
impl Mode<Option<f64>> for GaussianMixture {
    fn mode(&self) -> Option<f64> {
        let modes = self.modes().into_iter().rev();
        modes.max_by(|a, b| a.density.total_cmp(&b.density)).map(|mode| mode.location)
    }
}
