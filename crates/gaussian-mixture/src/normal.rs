//! The standard normal distribution in its tails and on narrow intervals, without cancellation.

mod lanes;
mod mills;

pub(crate) use lanes::{Coefficient, Scale};
pub(crate) use mills::mills_lanes;

use crate::quadrature::kronrod;
use crate::univariate::ln_joint::HALF_LN_2_PI;
use mills::mills;

/// 1/√(2π).
pub(crate) const INV_SQRT_2_PI: f64 = 0.398_942_280_401_432_7;

/// Where the quadrature of an interval is good to a rounding: half its width, and that times its midpoint.
const NARROW: f64 = 1.0;
const FLAT: f64 = 2.0;

/// Below this standard deviation a remainder of the division may be subnormal.
pub(crate) const TINY: f64 = 1e-250;

/// z = (x − μ)/σ as the unevaluated sum `hi + lo`.
///
/// exp(−z²/2) multiplies the relative error of z by z²: at z = 37 a rounding would cost three digits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standardised {
    hi: f64,
    lo: f64,
}

impl Standardised {
    /// Of any x, ±∞ included; NaN for NaN.
    pub(crate) fn new(x: f64, mean: f64, std_dev: f64) -> Self {
        if std_dev < TINY && x.abs() < 1.0 && mean.abs() < 1.0 {
            let scale = 2.0_f64.powi(300);
            return Self::quotient(scale * x, scale * mean, scale * std_dev);
        }
        if x.is_finite() && !(x - mean).is_finite() {
            return Self::quotient(0.25 * x, 0.25 * mean, 0.25 * std_dev);
        }
        Self::quotient(x, mean, std_dev)
    }

    fn quotient(x: f64, mean: f64, std_dev: f64) -> Self {
        let d = x - mean;
        let hi = d / std_dev;
        if !hi.is_finite() {
            return Self { hi, lo: 0.0 };
        }
        // TwoSum: d + error is x − μ exactly ("Accurate Sum and Dot Product", SIAM Journal on Scientific Computing, 2005).
        let back = d - x;
        let error = (x - (d - back)) + (-mean - back);
        let remainder = (-hi).mul_add(std_dev, d);
        let lo = (remainder + error) / std_dev;
        Self { hi, lo: if lo.is_finite() { lo } else { 0.0 } }
    }

    fn negated(self) -> Self {
        Self { hi: -self.hi, lo: -self.lo }
    }

    /// z, rounded.
    pub(crate) fn value(self) -> f64 {
        self.hi + self.lo
    }

    /// z²/2, again as a sum of two; (∞, 0) where the square overflows.
    fn half_square(self) -> (f64, f64) {
        let square = self.hi * self.hi;
        if !square.is_finite() {
            return (square, 0.0);
        }
        let error = self.hi.mul_add(self.hi, -square);
        (0.5 * square, 0.5 * error + self.hi * self.lo)
    }

    /// exp(−z²/4), whose square is exp(−z²/2): it does not underflow before that has been multiplied by 1/σ.
    pub(crate) fn root_gaussian(self) -> f64 {
        let (high, low) = self.half_square();
        // Beyond, the square is 0 even over the smallest σ, and the exponential of `low` may overflow.
        if high > 1e4 {
            return 0.0;
        }
        (-0.5 * high).exp() * (-0.5 * low).exp()
    }

    /// exp(−z²/2).
    fn gaussian(self) -> f64 {
        let (high, low) = self.half_square();
        if high > 1e4 {
            return 0.0;
        }
        (-high).exp() * (-low).exp()
    }

    /// P(Z > z), to a relative error of 1e-13 as long as it is a normal number.
    pub(crate) fn sf(self) -> f64 {
        if self.hi < 0.0 {
            return 1.0 - self.negated().sf();
        }
        let density = self.gaussian() * INV_SQRT_2_PI;
        if density == 0.0 { 0.0 } else { density * mills(self.hi) }
    }

    /// P(Z < z).
    pub(crate) fn cdf(self) -> f64 {
        self.negated().sf()
    }

    /// ln P(Z > z), finite until z² overflows.
    pub(crate) fn ln_sf(self) -> f64 {
        if self.hi >= 0.0 {
            self.ln_gaussian_times(mills(self.hi))
        } else if self.hi < -1.0 {
            (-self.cdf()).ln_1p()
        } else {
            self.sf().ln()
        }
    }

    /// ln P(Z < z).
    pub(crate) fn ln_cdf(self) -> f64 {
        self.negated().ln_sf()
    }

    /// ln(φ(z)·factor).
    fn ln_gaussian_times(self, factor: f64) -> f64 {
        let (high, low) = self.half_square();
        if high.is_infinite() { -high } else { (factor.ln() - HALF_LN_2_PI - low) - high }
    }
}

/// ln P(α < Z < β), E[Z | α < Z < β] and E[Z² | α < Z < β] for one standardised interval.
#[derive(Debug, Clone, Copy)]
#[allow(dead_code, reason = "for the fit of binned samples")]
pub(crate) struct IntervalMoments {
    pub(crate) ln_probability: f64,
    pub(crate) first: f64,
    pub(crate) second: f64,
}

/// The moments of (x − `mean`)/`std_dev` between `low` and `high`, in units of x and possibly ∓∞, with `low` < `high`.
///
/// An interval so far out that (x − μ)/σ is no `f64` has ln P = −∞ and the moments of its nearest end, cut to what `f64`
/// holds. Nothing is NaN.
#[allow(dead_code, reason = "for the fit of binned samples")]
pub(crate) fn interval_moments(low: f64, high: f64, mean: f64, std_dev: f64) -> IntervalMoments {
    let interval = Interval::new(low, high, mean, std_dev);
    let (mass, first, second) = interval.moments();
    let ln_probability = match mass {
        Mass::Tail { factor, ln_scale } => interval.low.ln_gaussian_times(factor) + ln_scale,
        Mass::Central { outside } => (-outside).ln_1p(),
    };
    let first = if interval.mirrored { -first } else { first };
    IntervalMoments {
        ln_probability,
        first: first.clamp(-f64::MAX, f64::MAX),
        second: second.min(f64::MAX),
    }
}

/// P(`low` < X < `high`) for X normal with `mean` and `std_dev`, to a relative error of 1e-13 however narrow or far out.
pub(crate) fn interval(low: f64, high: f64, mean: f64, std_dev: f64) -> f64 {
    let interval = Interval::new(low, high, mean, std_dev);
    match interval.moments().0 {
        Mass::Tail { factor, ln_scale } => {
            let root = interval.low.root_gaussian();
            (root * INV_SQRT_2_PI * factor * ln_scale.exp()) * root
        }
        Mass::Central { outside } => 1.0 - outside,
    }
}

/// The probability of an interval in the form that loses nothing.
enum Mass {
    /// φ(α)·factor·exp(ln_scale).
    Tail { factor: f64, ln_scale: f64 },
    /// 1 − outside, for intervals wider than one standard deviation on either side of a point within them.
    Central { outside: f64 },
}

/// A standardised interval (α, β), mirrored so that |α| ≤ β.
struct Interval {
    low: Standardised,
    high: Standardised,
    mirrored: bool,
    /// Half its width, (β − α)/2, from the width and not from the ends.
    half: f64,
    /// What remains of ln half where half itself is too small for an `f64`.
    ln_scale: f64,
}

impl Interval {
    fn new(low: f64, high: f64, mean: f64, std_dev: f64) -> Self {
        let a = Standardised::new(low, mean, std_dev);
        let b = Standardised::new(high, mean, std_dev);
        let width = if low.is_finite() && high.is_finite() && !(high - low).is_finite() {
            0.5 * high - 0.5 * low
        } else {
            0.5 * (high - low)
        };
        let (mut half, mut ln_scale) = (width / std_dev, 0.0);
        if half < f64::MIN_POSITIVE && width > 0.0 {
            (half, ln_scale) = (width, -std_dev.ln());
        }
        // Also for −∞ and ∞, whose sum is NaN.
        if -a.hi > b.hi {
            Self { low: b.negated(), high: a.negated(), mirrored: true, half, ln_scale }
        } else {
            Self { low: a, high: b, mirrored: false, half, ln_scale }
        }
    }

    /// Its probability, E[Z] and E[Z²].
    fn moments(&self) -> (Mass, f64, f64) {
        let (a, b) = (self.low.value(), self.high.value());
        if a == f64::INFINITY {
            return (Mass::Tail { factor: 1.0, ln_scale: 0.0 }, a, a);
        }
        if a == f64::NEG_INFINITY {
            return (Mass::Central { outside: 0.0 }, 0.0, 1.0);
        }
        if self.ln_scale != 0.0 {
            return (Mass::Tail { factor: 2.0 * self.half, ln_scale: self.ln_scale }, a, a * a);
        }
        if self.half <= NARROW && self.half * (a + self.half) <= FLAT {
            self.narrow(a)
        } else if a < 0.0 {
            self.central(a, b)
        } else {
            self.tail(a, b)
        }
    }

    /// With z = α + hu: P = h φ(α) ∫₀² exp(−αhu − h²u²/2) du, and the same integral over z and z².
    fn narrow(&self, a: f64) -> (Mass, f64, f64) {
        let h = self.half;
        let (mut mass, mut first, mut second) = (0.0, 0.0, 0.0);
        kronrod(|t, weight| {
            let step = h * (1.0 + t);
            let (share, z) = (weight * (-step * (a + 0.5 * step)).exp(), a + step);
            mass += share;
            first += share * z;
            second += share * z * z;
        });
        (Mass::Tail { factor: h * mass, ln_scale: 0.0 }, first / mass, second / mass)
    }

    /// With M the Mills ratio and r = φ(β)/φ(α): P = φ(α)(M(α) − r M(β)), in which little cancels because r is small
    /// here; E[Z] = (φ(α) − φ(β))/P and E[Z²] = 1 + (αφ(α) − βφ(β))/P.
    fn tail(&self, a: f64, b: f64) -> (Mass, f64, f64) {
        let exponent = -self.half * (a + b);
        let ratio = exponent.exp();
        let factor = if ratio > 0.0 { mills(a) - ratio * mills(b) } else { mills(a) };
        let last = if ratio > 0.0 { ratio * b } else { 0.0 };
        let first = -exponent.exp_m1() / factor;
        (Mass::Tail { factor, ln_scale: 0.0 }, first, 1.0 + (a - last) / factor)
    }

    /// The same where α < 0 < β.
    fn central(&self, a: f64, b: f64) -> (Mass, f64, f64) {
        let outside = self.low.cdf() + self.high.sf();
        let density = INV_SQRT_2_PI * self.low.gaussian() / (1.0 - outside);
        let exponent = -self.half * (a + b);
        let ratio = exponent.exp();
        let last = if ratio > 0.0 { ratio * b } else { 0.0 };
        let first = -exponent.exp_m1() * density;
        // A density of 0 against an end of −1e200 is 0.
        let ends = if density > 0.0 { density * (a - last) } else { 0.0 };
        (Mass::Central { outside }, first, 1.0 + ends)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the module promises.
    const PROMISED: f64 = 1e-13;

    /// z and Q(z) = P(Z > z), from 60-digit arithmetic.
    #[allow(clippy::unreadable_literal)]
    const TAILS: [(f64, f64); 9] = [
        (0.0, 0.5),
        (0.3, 0.3820885778110474),
        (1.0, 0.15865525393145705),
        (3.0, 0.0013498980316300946),
        (4.9, 4.79183276590319e-07),
        (5.1, 1.6982674071476014e-07),
        (10.0, 7.619853024160525e-24),
        (20.0, 2.7536241186062337e-89),
        (37.0, 5.725571222524577e-300),
    ];

    /// α, β, ln P(α < Z < β), E[Z] and E[Z²] there, from 200-digit arithmetic.
    #[allow(clippy::unreadable_literal)]
    const INTERVALS: [(f64, f64, f64, f64, f64); 19] = [
        (-1.0, 2.0, -0.2001662943244626, 0.22963717909132897, 0.5724957732325571),
        (0.0, f64::INFINITY, -std::f64::consts::LN_2, 0.7978845608028654, 1.0),
        (f64::NEG_INFINITY, 2.5, -0.006229025485860002, -0.017637825486916735, 0.9559054362827082),
        (0.25, 0.2500001, -17.068284196634238, 0.2500000499999998, 0.06250002500000323),
        (-1e-09, 2e-09, -20.543592081482974, 5e-10, 1e-18),
        (3.0, 3.5, -6.796868006683432, 3.1855943984006725, 10.166240393032863),
        (0.5, 2.5, -1.1962431770139121, 1.1065371595026001, 1.4373130094201108),
        (0.5, 3.0, -1.180296510632677, 1.1316649249513497, 1.5297645366802197),
        (10.0, 10.001, -57.8316898117743, 10.000499166626417, 100.00998366502857),
        (10.0, 11.0, -53.23131022558312, 10.09806837493302, 101.98040567672473),
        (30.0, 30.5, -454.3212442218851, 30.033259534806877, 901.9977819903481),
        (37.0, f64::INFINITY, -689.0305855768906, 37.02698768612699, 1370.9985443866985),
        (36.5, 37.25, -670.6420000003146, 36.527356284474294, 1334.248504383285),
        (1000.0, 1000.0005, -500008.7594459783, 1000.0002292529538, 1000000.4585059807),
        (1000.0, f64::INFINITY, -500007.82669481216, 1000.000999998, 1000001.999998),
        (1000000.0, 1000001.0, -500000000014.73444, 1000000.000001, 1000000000002.0),
        (-3.0, 4.0, -0.0013825245202196512, 0.004303964411157656, 0.9861499991254807),
        (-0.5, 0.75, -0.7660725408041005, 0.10956120489763609, 0.1354230138688186),
        (-6.0, -0.0, -0.6931471825331206, -0.7978845502254658, 0.9999999270894057),
    ];

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= PROMISED * expected.abs(), "{found:e} {expected:e}");
    }

    fn z(value: f64) -> Standardised {
        Standardised::new(value, 0.0, 1.0)
    }

    #[test]
    fn the_tail_has_its_published_values() {
        for (at, q) in TAILS {
            close(z(at).sf(), q);
            close(z(-at).cdf(), q);
            close(z(at).ln_sf(), q.ln());
            close(z(-at).sf(), 1.0 - q);
            close(z(-at).ln_sf(), (-q).ln_1p());
        }
    }

    #[test]
    fn intervals_have_their_high_precision_moments() {
        for (low, high, ln_p, first, second) in INTERVALS {
            let m = interval_moments(low, high, 0.0, 1.0);
            close(m.ln_probability, ln_p);
            close(m.first, first);
            close(m.second, second);
            let mirror = interval_moments(-high, -low, 0.0, 1.0);
            close(mirror.ln_probability, ln_p);
            close(mirror.first, -first);
            close(mirror.second, second);
        }
    }

    #[test]
    fn far_tails_are_finite_and_never_nan() {
        for at in [1e3, 1e6, 1e150] {
            for width in [1e-3 / at, 1.0 / at, 1.0, at, f64::INFINITY] {
                let m = interval_moments(at, at + width, 0.0, 1.0);
                if at + width > at {
                    assert!(m.ln_probability.is_finite(), "{at} {width}: {m:?}");
                }
                assert!((m.first - at).abs() <= 2.0 / at + 4.0 * f64::EPSILON * at, "{m:?}");
                assert!(m.second.is_finite());
            }
        }
        let ends = [f64::NEG_INFINITY, -f64::MAX, -1e200, -1.0, -1e-320, 0.0, 1e-300, 1e155, 1e308];
        for mean in [-1e300, 0.0, 1e300] {
            for std_dev in [5e-324, 1e-300, 1.0, f64::MAX] {
                for (i, &low) in ends.iter().enumerate() {
                    for &high in ends[i + 1..].iter().chain(&[f64::INFINITY]) {
                        let m = interval_moments(low, high, mean, std_dev);
                        assert!(m.ln_probability <= 1e-15, "{low} {high} {mean} {std_dev} {m:?}");
                        assert!(m.first.is_finite() && m.second.is_finite(), "{m:?}");
                        assert!((0.0..=1.0 + 1e-15).contains(&interval(low, high, mean, std_dev)));
                    }
                }
            }
        }
    }
}
