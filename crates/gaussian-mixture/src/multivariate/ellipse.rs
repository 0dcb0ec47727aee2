//! Curves of constant density, for figures in two dimensions.

use crate::{AxisError, MultivariateGaussianMixture};
use ndarray::Array2;
use std::f64::consts::TAU;

impl MultivariateGaussianMixture {
    /// The ellipse around the mean of component k on which that component's density is constant and within which it has the
    /// probability `content`: points μ + r L (cos θ, sin θ) with r² = −2 ln(1 − content), of shape (n_points, 2), the last one equal
    /// to the first.
    ///
    /// # Errors
    ///
    /// An [`AxisError`]: a mixture that is not of two dimensions, no component k, a content that is not between 0 and 1, or
    /// fewer than two points.
    ///
    /// ```
    /// use gaussian_mixture::{Covariances, MultivariateGaussianMixture};
    /// use ndarray::array;
    ///
    /// let mixture = MultivariateGaussianMixture::new(
    ///     [1.0], &[[1.0, 2.0]], Covariances::Diagonal(array![[4.0, 9.0]]))?;
    /// // One standard deviation holds 1 − exp(−1/2) of a Gaussian in the plane, 39 %.
    /// let ellipse = mixture.ellipse(0, 1.0 - (-0.5_f64).exp(), 101)?;
    /// assert!((ellipse[[0, 0]] - 3.0).abs() < 1e-12 && (ellipse[[25, 1]] - 5.0).abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn ellipse(
        &self,
        k: usize,
        content: f64,
        n_points: usize,
    ) -> Result<Array2<f64>, AxisError> {
        self.check_component(k)?;
        if self.dim() != 2 {
            return Err(AxisError::NotAPlane { dim: self.dim() });
        }
        if !(content > 0.0 && content < 1.0) {
            return Err(AxisError::Content { value: content });
        }
        if n_points < 2 {
            return Err(AxisError::TooFewPoints { n_points });
        }
        let radius = (-2.0 * (-content).ln_1p()).sqrt();
        let mut points = Array2::zeros((n_points, 2));
        for (i, mut point) in points.outer_iter_mut().enumerate() {
            // The last is the first again, to the bit.
            let angle = TAU * (i % (n_points - 1)) as f64 / (n_points - 1) as f64;
            let mut z = [radius * angle.cos(), radius * angle.sin()];
            self.factors().color(k, &mut z);
            point[0] = self.means()[[k, 0]] + z[0];
            point[1] = self.means()[[k, 1]] + z[1];
        }
        Ok(points)
    }
}
