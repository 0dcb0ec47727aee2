//! eˣ.
//!
//! With n the whole number nearest to x/ln 2 and r = x − n·ln 2, |r| ≤ ½ ln 2, it is 2ⁿ·eʳ, and eʳ = 1 + r + r²·P(r) with the
//! polynomial P of least greatest error ("Elementary Functions: Algorithms and Implementation", chapters 3 and 11, 2016).

use super::{LN_2_HIGH, LN_2_LOW, Lanes, polynomial};
use std::f64::consts::LOG2_E;

/// 1.5·2⁵²: added to a number below 2⁵¹, it rounds that to a whole one, which then stands in the last bits of the sum.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// Of the exponent in an `f64`.
const BIAS: f64 = 1023.0;

/// With twice the bias added, what [`times_power_of_two`] halves is positive.
const TWICE_BIAS: f64 = 2.0 * BIAS;

/// Beyond these, eˣ is 0 and ∞.
#[cfg(test)]
const LOWEST: f64 = -746.0;
#[cfg(test)]
const HIGHEST: f64 = 710.0;

/// Here the exponent n is −1023, of which the bits with the bias are those of the number 0.
const LOWEST_OF_NEGATIVE: f64 = -709.0;

/// The coefficients of P from r⁰, of relative error 4e-18 in eʳ (`tests/reference/exp_ln.py`).
#[allow(clippy::unreadable_literal)]
const P: [f64; 10] = [
    0.5000000000000011,
    0.16666666666666413,
    0.041666666666530155,
    0.008333333333494461,
    0.0013888888943630134,
    0.00019841269506578723,
    2.4801493098888542e-05,
    2.7557586373786895e-06,
    2.7630248384948507e-07,
    2.500006162455485e-08,
];

/// eˣ as `factor` · 2^`exponent`, the factor between 0.7 and 1.5 and the exponent a whole number.
pub(crate) struct ExpParts<L> {
    pub(crate) factor: L,
    pub(crate) exponent: L,
}

/// eˣ, within 1 unit in the last place wherever it is a normal number; correct at 0, ±∞ and NaN. Densities put the same parts
/// together with factors of their own in between, so here the parts are tested by themselves.
#[cfg(test)]
#[inline(always)]
pub(crate) fn exp<L: Lanes>(x: L) -> L {
    // In this order a NaN passes.
    let x = x.splat(HIGHEST).min(x.splat(LOWEST).max(x));
    let ExpParts { factor, exponent } = exp_parts(x, x.splat(-0.0));
    times_power_of_two(factor, exponent)
}

/// eˣ for x ≤ 0, within 1 unit in the last place wherever it is a normal number, and 0 from e⁻⁷⁰⁹ on; NaN at NaN.
#[inline(always)]
pub(crate) fn exp_of_negative<L: Lanes>(x: L) -> L {
    // In this order a NaN passes.
    let bounded = x.splat(LOWEST_OF_NEGATIVE).max(x);
    // The last bits of what is rounded then hold the exponent with its bias: so far up it is that of a normal number, or of 0.
    let (ExpParts { factor, .. }, rounded) = parts(bounded, x.splat(-0.0), ROUND + BIAS);
    factor * rounded.bits_to_exponent()
}

/// exp(x + correction) for |x| < 10⁵ and a correction below a unit in the last place of 10⁵, or NaN.
#[inline(always)]
pub(crate) fn exp_parts<L: Lanes>(x: L, correction: L) -> ExpParts<L> {
    parts(x, correction, ROUND).0
}

/// Also the exponent plus `round`, a whole number that rounds as [`ROUND`] does.
#[inline(always)]
fn parts<L: Lanes>(x: L, correction: L, round: f64) -> (ExpParts<L>, L) {
    let rounded = x.mul_add(x.splat(LOG2_E), x.splat(round));
    let exponent = rounded - x.splat(round);
    let r = exponent.mul_add(x.splat(-LN_2_HIGH), x);
    let r = exponent.mul_add(x.splat(-LN_2_LOW), r + correction);
    // Even and odd powers apart: two chains, each half as long, that a processor works on at once.
    let square = r * r;
    let [c0, c1, c2, c3, c4, c5, c6, c7, c8, c9] = P;
    let even = polynomial(square, [c8, c6, c4, c2, c0]);
    let odd = polynomial(square, [c9, c7, c5, c3, c1]);
    let p = odd.mul_add(r, even);
    (ExpParts { factor: x.splat(1.0) + p.mul_add(square, r), exponent }, rounded)
}

/// x·2ⁿ for whole n from −2044 to 2046, rounded once unless x·2^(n/2) is below the normal numbers.
///
/// In two steps of half the exponent: 2ⁿ alone may be too large or too small where the product is not.
#[inline(always)]
pub(crate) fn times_power_of_two<L: Lanes>(x: L, n: L) -> L {
    // The last bits hold n and twice the bias; what stands above them is shifted out.
    let whole = n + x.splat(ROUND + TWICE_BIAS);
    let half = whole.bits_half();
    (x * half.bits_to_exponent()) * whole.bits_sub(half).bits_to_exponent()
}
