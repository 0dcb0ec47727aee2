//! Cumulative probabilities of a mixture: left of a point, right of it, and within an interval.

use super::tails::{Side, Tails};
use crate::log_sum_exp::log_sum_exp;
use crate::normal::{Standardised, interval};
use crate::points::shared;
use crate::{GaussianMixture, IntervalError, Points};
use std::ops::{Bound, RangeBounds};

impl GaussianMixture {
    /// The cumulative probability P(X ≤ x) = Σₖ wₖ Φ((x − μₖ)/σₖ) at one point or at each of a list.
    ///
    /// Its relative error is of the order of 1e-15, in the lower tail as well, as far as `f64` reaches. Near 1 it is the upper tail that
    /// holds the digits: [`sf`](Self::sf). NaN at NaN.
    ///
    /// ```
    /// use gaussian_mixture::GaussianMixture;
    ///
    /// let mixture = GaussianMixture::new([0.5, 0.5], [-1.0, 1.0], [0.5, 0.5])?;
    /// assert_eq!(mixture.cdf(0.0), 0.5);
    /// assert!(mixture.cdf(-15.0) > 0.0 && mixture.cdf(-15.0) < 1e-170);
    /// # Ok::<(), gaussian_mixture::ParameterError>(())
    /// ```
    #[doc(alias = "cumulative distribution function")]
    pub fn cdf<P: Points>(&self, x: P) -> P::Values {
        self.tail(x, Side::Below)
    }

    /// The probability P(X > x) = Σₖ wₖ Φ((μₖ − x)/σₖ) at one point or at each of a list: the survival function,
    /// without the cancellation of 1 − [`cdf`](Self::cdf).
    ///
    /// ```
    /// use gaussian_mixture::GaussianMixture;
    ///
    /// let mixture = GaussianMixture::new([0.6, 0.4], [0.0, 6.0], [1.0, 0.5])?;
    /// assert_eq!(1.0 - mixture.cdf(20.0), 0.0);
    /// assert!((mixture.sf(20.0) - 1.652e-89).abs() < 1e-92);
    /// # Ok::<(), gaussian_mixture::ParameterError>(())
    /// ```
    #[doc(alias = "survival function")]
    pub fn sf<P: Points>(&self, x: P) -> P::Values {
        self.tail(x, Side::Above)
    }

    /// ln P(X ≤ x), finite far out in the lower tail, where [`cdf`](Self::cdf) has long become 0.
    ///
    /// ```
    /// use gaussian_mixture::GaussianMixture;
    ///
    /// let mixture = GaussianMixture::new([1.0], [0.0], [1.0])?;
    /// assert_eq!(mixture.cdf(-100.0), 0.0);
    /// assert!((mixture.ln_cdf(-100.0) + 5005.524).abs() < 1e-3);
    /// # Ok::<(), gaussian_mixture::ParameterError>(())
    /// ```
    pub fn ln_cdf<P: Points>(&self, x: P) -> P::Values {
        self.each(x, Self::ln_cdf_at)
    }

    /// ln P(X > x), finite far out in the upper tail, where [`sf`](Self::sf) has long become 0.
    ///
    /// ```
    /// use gaussian_mixture::GaussianMixture;
    ///
    /// let mixture = GaussianMixture::new([1.0], [0.0], [1.0])?;
    /// assert_eq!(mixture.ln_sf(100.0), mixture.ln_cdf(-100.0));
    /// # Ok::<(), gaussian_mixture::ParameterError>(())
    /// ```
    pub fn ln_sf<P: Points>(&self, x: P) -> P::Values {
        self.each(x, Self::ln_sf_at)
    }

    /// The probability that a draw falls into an interval: `0.2..0.5`, `..=1.0`, `3.0..`. Whether an end belongs to it makes
    /// no difference.
    ///
    /// It is not the difference of two cumulative probabilities, and loses nothing for narrow intervals or in the tails.
    ///
    /// # Errors
    ///
    /// An [`IntervalError`] if an end is NaN or the lower one lies above the upper.
    ///
    /// ```
    /// use gaussian_mixture::GaussianMixture;
    ///
    /// let mixture = GaussianMixture::new([1.0], [0.0], [1.0])?;
    /// assert!((mixture.probability(-1.96..1.96)? - 0.95).abs() < 1e-4);
    /// assert_eq!(mixture.probability(..)?, 1.0);
    /// assert_eq!(mixture.probability(2.0..)?, mixture.sf(2.0));
    /// assert!(mixture.probability(1.0..-1.0).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn probability(&self, range: impl RangeBounds<f64>) -> Result<f64, IntervalError> {
        let low = end(range.start_bound(), f64::NEG_INFINITY);
        let high = end(range.end_bound(), f64::INFINITY);
        if low.is_nan() || high.is_nan() {
            return Err(IntervalError::NotANumber { low, high });
        }
        if low > high {
            return Err(IntervalError::Reversed { low, high });
        }
        Ok(self.between(low, high))
    }

    /// P(low < X < high) for `low` ≤ `high`, neither of them NaN.
    pub(super) fn between(&self, low: f64, high: f64) -> f64 {
        if low == high {
            0.0
        } else if low == f64::NEG_INFINITY {
            self.cdf(high)
        } else if high == f64::INFINITY {
            self.sf(low)
        } else {
            let share = |k: usize| interval(low, high, self.means()[k], self.std_devs()[k]);
            (0..self.n_components()).map(|k| self.weights()[k] * share(k)).sum::<f64>().min(1.0)
        }
    }

    fn tail<P: Points>(&self, x: P, side: Side) -> P::Values {
        match (Tails::new(self, side), side) {
            (Some(tails), _) => {
                shared(x, self.n_components(), &|points, values| tails.evaluate(points, values))
            }
            (None, Side::Below) => self.each(x, Self::cdf_at),
            (None, Side::Above) => self.each(x, Self::sf_at),
        }
    }

    fn each<P: Points>(&self, x: P, function: fn(&Self, f64) -> f64) -> P::Values {
        shared(x, self.n_components(), &|points, values| {
            for (value, &x) in values.iter_mut().zip(points) {
                *value = function(self, x);
            }
        })
    }

    pub(super) fn cdf_at(&self, x: f64) -> f64 {
        let cdf = self.weighted(x, Standardised::cdf);
        // From the other tail, so that it is 1 at ∞ however the weights are rounded.
        if cdf > 0.5 { 1.0 - self.weighted(x, Standardised::sf) } else { cdf }
    }

    pub(super) fn sf_at(&self, x: f64) -> f64 {
        let sf = self.weighted(x, Standardised::sf);
        if sf > 0.5 { 1.0 - self.weighted(x, Standardised::cdf) } else { sf }
    }

    pub(super) fn ln_cdf_at(&self, x: f64) -> f64 {
        if self.weighted(x, Standardised::cdf) > 0.5 {
            (-self.weighted(x, Standardised::sf)).ln_1p()
        } else {
            self.ln_weighted(x, Standardised::ln_cdf)
        }
    }

    pub(super) fn ln_sf_at(&self, x: f64) -> f64 {
        if self.weighted(x, Standardised::sf) > 0.5 {
            (-self.weighted(x, Standardised::cdf)).ln_1p()
        } else {
            self.ln_weighted(x, Standardised::ln_sf)
        }
    }

    fn weighted(&self, x: f64, tail: impl Fn(Standardised) -> f64) -> f64 {
        self.components().map(|c| c.weight * tail(c.standardised(x))).sum()
    }

    fn ln_weighted(&self, x: f64, ln_tail: impl Fn(Standardised) -> f64) -> f64 {
        let terms: Vec<f64> =
            self.components().map(|c| c.weight.ln() + ln_tail(c.standardised(x))).collect();
        log_sum_exp(&terms)
    }
}

fn end(bound: Bound<&f64>, unbounded: f64) -> f64 {
    match bound {
        Bound::Included(&x) | Bound::Excluded(&x) => x,
        Bound::Unbounded => unbounded,
    }
}
