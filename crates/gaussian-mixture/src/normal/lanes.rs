//! (x − μ)/σ with its rounding, and exp(−z²/2) of it, a point in every lane.

use super::{INV_SQRT_2_PI, TINY};
use crate::simd::{Lanes, exp_parts, remainder, times_power_of_two};

/// Within [`TINY`] and this, neither a difference to a mean nor the remainder of a division by a standard deviation leaves the
/// range of `f64` where exp(−z²/2) is not 0 anyway.
const LARGE: f64 = 1e300;

/// Of z²/2: beyond, exp(−z²/2) is 0 whatever it is divided by.
const FAR: f64 = 1e4;

/// Beyond these powers of two a number below 8 is 0 or ∞.
const LOWEST: f64 = -1100.0;
const HIGHEST: f64 = 1100.0;

/// x ↦ z = (x − μ)/σ, with what does not depend on x worked out once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    mean: f64,
    std_dev: f64,
    reciprocal: f64,
}

/// z and −z²/2, the latter as the unevaluated sum `high + low`.
#[derive(Clone, Copy)]
pub(crate) struct ZLanes<L> {
    pub(crate) z: L,
    high: L,
    low: L,
}

impl Scale {
    /// None for parameters at the ends of the range of `f64`.
    pub(crate) fn new(mean: f64, std_dev: f64) -> Option<Self> {
        let ordinary = (TINY..LARGE).contains(&std_dev) && mean.abs() <= LARGE;
        ordinary.then(|| Self { mean, std_dev, reciprocal: std_dev.recip() })
    }

    /// As [`Standardised::new`](super::Standardised::new).
    #[inline(always)]
    pub(crate) fn at<L: Lanes>(&self, x: L) -> ZLanes<L> {
        let (mean, std_dev) = (x.splat(self.mean), x.splat(self.std_dev));
        let d = x - mean;
        let z = d / std_dev;
        // TwoSum: d + error is x − μ exactly ("Accurate Sum and Dot Product", SIAM Journal on Scientific Computing, 2005).
        let back = d - x;
        let error = (x - (d - back)) - (mean + back);
        let rest = (remainder(d, z, std_dev) + error) * x.splat(self.reciprocal);
        let (square, half) = (z * z, x.splat(0.5));
        ZLanes { z, high: x.splat(-0.5) * square, low: half * remainder(square, z, z) - z * rest }
    }
}

impl<L: Lanes> ZLanes<L> {
    /// c·factor·exp(−z²/2), for a factor between ½ and 8 or 0: the power of two of the exponential is kept apart until it has
    /// met that of c, so that nothing under- or overflows unless the product does.
    #[inline(always)]
    pub(crate) fn gaussian(self, factor: L, c: Coefficient) -> L {
        let x = self.z;
        let parts = exp_parts(self.high, self.low);
        let exponent = parts.exponent + x.splat(c.exponent);
        let exponent = x.splat(HIGHEST).min(x.splat(LOWEST).max(exponent));
        let value = times_power_of_two(parts.factor * x.splat(c.factor) * factor, exponent);
        self.high.if_less(x.splat(-FAR), x.splat(0.0), value)
    }
}

/// A positive number or 0 as factor · 2^exponent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Coefficient {
    factor: f64,
    exponent: f64,
}

impl Coefficient {
    /// a/(b√(2π)), which itself may be too large or too small for an `f64`.
    pub(crate) fn new(a: f64, b: f64) -> Self {
        let ((a, a_exponent), (b, b_exponent)) = (libm::frexp(a), libm::frexp(b));
        Self { factor: a * INV_SQRT_2_PI / b, exponent: f64::from(a_exponent - b_exponent) }
    }
}
