//! Quantiles of a mixture, from either tail.

use crate::root::bracketed;
use crate::univariate::Component;
use crate::{GaussianMixture, Points, ProbabilityError};
use std::f64::consts::LN_2;

/// The ends of the bracket are moved outwards by this much of a standard deviation and of the mean, for their rounding.
const MARGIN: f64 = 1e-12;

impl GaussianMixture {
    /// The quantile of a probability p, the x with P(X ≤ x) = p, for one p or for each of a list: −∞ for 0, ∞ for 1.
    ///
    /// It is the zero of the cumulative probability to the last bit. How much that says about x depends on the density:
    /// the error is the relative error of p, times p/f(x). Close to 1, p itself has lost its digits; ask for
    /// [`upper_quantile`](Self::upper_quantile) there.
    ///
    /// # Errors
    ///
    /// [`ProbabilityError::Outside`] with the index of the first p that is below 0, above 1 or NaN.
    ///
    /// ```
    /// use gaussian_mixture::GaussianMixture;
    ///
    /// let mixture = GaussianMixture::new([0.5, 0.5], [-1.0, 1.0], [0.5, 0.5])?;
    /// assert!(mixture.quantile(0.5)?.abs() < 1e-15);
    /// let quartiles = mixture.quantile(&[0.25, 0.75])?;
    /// assert!((mixture.cdf(quartiles[1]) - 0.75).abs() < 1e-15);
    /// assert!(mixture.quantile(1.5).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "inverse_cdf")]
    #[doc(alias = "ppf")]
    pub fn quantile<P: Points>(&self, p: P) -> Result<P::Values, ProbabilityError> {
        each(p, |p| self.quantile_at(p))
    }

    /// The x with P(X > x) = q, for one q or for each of a list: the quantile of 1 − q, without rounding 1 − q.
    ///
    /// # Errors
    ///
    /// [`ProbabilityError::Outside`] with the index of the first q that is below 0, above 1 or NaN.
    ///
    /// ```
    /// use gaussian_mixture::GaussianMixture;
    ///
    /// let mixture = GaussianMixture::new([1.0], [0.0], [1.0])?;
    /// let x = mixture.upper_quantile(1e-100)?;
    /// assert!((mixture.sf(x) / 1e-100 - 1.0).abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "isf")]
    #[doc(alias = "inverse_sf")]
    pub fn upper_quantile<P: Points>(&self, q: P) -> Result<P::Values, ProbabilityError> {
        each(q, |q| self.upper_quantile_at(q))
    }

    /// Of a p from [0, 1].
    pub(super) fn quantile_at(&self, p: f64) -> f64 {
        if p <= 0.5 { self.lower(p) } else { self.upper(1.0 - p) }
    }

    fn upper_quantile_at(&self, q: f64) -> f64 {
        if q <= 0.5 { self.upper(q) } else { self.lower(1.0 - q) }
    }

    /// The x with P(X ≤ x) = p ≤ ½.
    fn lower(&self, p: f64) -> f64 {
        if p == 0.0 {
            return f64::NEG_INFINITY;
        }
        let (low, high) = self.bracket(p, |c, reach| (c.mean - reach * c.std_dev, c.mean));
        let ln_p = p.ln();
        bracketed(low, high, |x| self.ln_cdf_at(x) - ln_p)
    }

    /// The x with P(X > x) = q ≤ ½.
    fn upper(&self, q: f64) -> f64 {
        if q == 0.0 {
            return f64::INFINITY;
        }
        let (low, high) = self.bracket(q, |c, reach| (c.mean, c.mean + reach * c.std_dev));
        let ln_q = q.ln();
        bracketed(low, high, |x| ln_q - self.ln_sf_at(x))
    }

    /// A mixture's quantile lies between the outermost quantiles of its components. For one component, P(Z < −t) ≤
    /// ½ exp(−t²/2), so that its quantile of p ≤ ½ is within √(2 ln(1/(2p))) standard deviations of the mean.
    fn bracket(&self, p: f64, ends: impl Fn(Component, f64) -> (f64, f64)) -> (f64, f64) {
        let reach = (-2.0 * (p.ln() + LN_2)).max(0.0).sqrt();
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for c in self.components().filter(|c| c.weight > 0.0) {
            let (left, right) = ends(c, reach);
            let margin = MARGIN * c.std_dev + MARGIN * c.mean.abs();
            low = low.min(left - margin);
            high = high.max(right + margin);
        }
        (low.max(-f64::MAX), high.min(f64::MAX))
    }
}

/// `quantile` of each of a list of probabilities, or the error of the first that is none.
fn each<P: Points>(p: P, quantile: impl Fn(f64) -> f64) -> Result<P::Values, ProbabilityError> {
    let mut found = Ok(());
    let values = p.evaluate(|points, values| {
        found = points
            .iter()
            .position(|p| !(0.0..=1.0).contains(p))
            .map_or(Ok(()), |index| Err(ProbabilityError::Outside { index, value: points[index] }));
        if found.is_ok() {
            for (value, &p) in values.iter_mut().zip(points) {
                *value = quantile(p);
            }
        }
    });
    found.map(|()| values)
}
