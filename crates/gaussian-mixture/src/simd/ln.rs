//! ln x.
//!
//! With x = 2ᵉ·m, √½ ≤ m < √2, and s = (m − 1)/(m + 1), it is e·ln 2 + ln((1 + s)/(1 − s)) = e·ln 2 + 2s + s³·R(s²) with the
//! polynomial R of least greatest error ("Elementary Functions: Algorithms and Implementation", chapter 11, 2016).

use super::{LN_2_HIGH, LN_2_LOW, Lanes, polynomial};
use std::f64::consts::FRAC_1_SQRT_2;

/// 2⁵⁴ makes every positive number a normal one.
const SCALE: f64 = 18_014_398_509_481_984.0;
const SCALE_EXPONENT: f64 = 54.0;

/// The bits of a number below 2⁵², joined with those of 2⁵², are that number plus 2⁵².
const TWO_TO_52: f64 = 4_503_599_627_370_496.0;
const BIAS: f64 = 1023.0;

/// What separates the bits of √½ from those of 1: with it added, the exponent changes at √2 and not at 2.
const TO_ONE: u64 = 1.0_f64.to_bits() - FRAC_1_SQRT_2.to_bits();
const MANTISSA: u64 = (1 << 52) - 1;

/// The coefficients of R from s⁰, of absolute error 3e-18 in s³·R (`tests/reference/exp_ln.py`).
#[allow(clippy::unreadable_literal)]
const R: [f64; 7] = [
    0.6666666666666734,
    0.399999999994143,
    0.2857142874247994,
    0.22222198562971948,
    0.18183564892244652,
    0.15314035214520555,
    0.14796111324523414,
];

/// ln x, within 1 unit in the last place: −∞ at 0, NaN below, ∞ at ∞.
#[inline(always)]
pub(crate) fn ln<L: Lanes>(x: L) -> L {
    let (zero, one) = (x.splat(0.0), x.splat(1.0));
    let smallest = x.splat(f64::MIN_POSITIVE);
    let scaled = x.if_less(smallest, x * x.splat(SCALE), x);
    let scale = x.if_less(smallest, x.splat(SCALE_EXPONENT), zero);

    let shifted = scaled.bits_add(x.splat(f64::from_bits(TO_ONE)));
    let biased = shifted.exponent_to_bits().bits_or(x.splat(TWO_TO_52));
    let e = biased - (x.splat(TWO_TO_52 + BIAS) + scale);
    let mantissa = shifted.bits_and(x.splat(f64::from_bits(MANTISSA)));
    let f = mantissa.bits_add(x.splat(FRAC_1_SQRT_2)) - one;

    let s = f / (f + x.splat(2.0));
    let square = s * s;
    let fourth = square * square;
    let [c0, c1, c2, c3, c4, c5, c6] = R;
    let even = polynomial(fourth, [c6, c4, c2, c0]);
    let odd = polynomial(fourth, [c5, c3, c1]);
    let r = odd.mul_add(square, even) * square;
    // 2s = f − s·f exactly, and s·f = f²/2 − s·f²/2: so the leading term f is not rounded.
    let half = f * f * x.splat(0.5);
    let low = s.mul_add(half + r, e * x.splat(LN_2_LOW));
    let finite = e.mul_add(x.splat(LN_2_HIGH), f - (half - low));

    let above_zero = x.if_less(x.splat(f64::INFINITY), finite, x);
    let at_zero = x.if_less(zero, x.splat(f64::NAN), x + x.splat(f64::NEG_INFINITY));
    zero.if_less(x, above_zero, at_zero)
}
