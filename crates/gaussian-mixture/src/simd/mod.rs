//! Eight numbers at a time: arithmetic on [`Lanes`], compiled once for every instruction set, and the best of them picked when
//! the program runs.
//!
//! A computation is written once, generic in [`Lanes`], as a [`Kernel`]; [`run`] calls the variant for the processor at hand.
//! All instruction sets share that one text and the number of lanes, so what is tested on one is the algorithm of every
//! other. They differ in whether a product is rounded before it is added to, and in nothing else.
//!
//! Whatever a kernel calls per sample is `#[inline(always)]`: a function that is left standing by itself is compiled for the
//! oldest processor, and one in another codegen unit may be out of the optimiser's reach.

// This file is a `mod.rs` so that the benchmark of the machine's limit can take it in by its path.

mod aligned;
mod exp;
mod function;
mod instruction_sets;
mod ln;
mod remainder;

pub(crate) use aligned::Aligned;
pub(crate) use exp::{exp_of_negative, exp_parts, times_power_of_two};
pub(crate) use function::{Function, evaluate, padded};
pub(crate) use instruction_sets::{prefetch, run};
pub(crate) use ln::ln;
pub(crate) use remainder::remainder;
#[cfg(test)]
pub(crate) use {
    exp::exp,
    function::evaluate_on_each,
    instruction_sets::{FUSED, run_on_each},
};

use std::ops::{Add, Div, Mul, Sub};

/// The numbers in one [`Lanes`]: one register of the widest instruction set, several of the others, whose operations then
/// overlap.
pub(crate) const LANES: usize = 8;

/// ln 2 in two parts. The first has 33 bits: its product with an exponent is exact, whether it is fused or not.
const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// [`LANES`] numbers in registers. Operations are lane by lane and round as those of `f64` do.
///
/// Whoever holds one may make more of its kind: there is a first one only where the processor has the instructions.
pub(crate) trait Lanes:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
    /// Whether [`mul_add`](Self::mul_add) rounds once.
    const FUSED: bool;

    /// Whether all lanes are in one register. Such processors have registers for many [`Lanes`], and need as many at work at
    /// once to be busy; others hold few.
    const ONE_REGISTER: bool;

    /// `value` in each lane.
    fn splat(self, value: f64) -> Self;

    /// One number per lane.
    fn load(self, values: &[f64; LANES]) -> Self;

    /// One number per lane.
    fn store(self, values: &mut [f64; LANES]);

    /// self · factor + term, rounded once where the hardware does it, else twice.
    fn mul_add(self, factor: Self, term: Self) -> Self;

    /// term − self · factor, rounded as [`mul_add`](Self::mul_add) is.
    fn negated_mul_add(self, factor: Self, term: Self) -> Self;

    /// The greater; where either is NaN, `other`.
    fn max(self, other: Self) -> Self;

    /// The smaller; where either is NaN, `other`.
    fn min(self, other: Self) -> Self;

    /// `then` where self < bound, else `otherwise`; NaN is not less.
    fn if_less(self, bound: Self, then: Self, otherwise: Self) -> Self;

    /// The sum of the bits as whole numbers.
    fn bits_add(self, other: Self) -> Self;

    /// The difference of the bits as whole numbers.
    fn bits_sub(self, other: Self) -> Self;

    /// The bits that both have.
    fn bits_and(self, other: Self) -> Self;

    /// The bits that either has.
    fn bits_or(self, other: Self) -> Self;

    /// The bits as a whole number, halved.
    fn bits_half(self) -> Self;

    /// Sign and exponent moved down to where a whole number begins.
    fn exponent_to_bits(self) -> Self;

    /// A whole number moved up to where the exponent is.
    fn bits_to_exponent(self) -> Self;

    /// The lanes 0, 2, 4, 6 of this one and of the next, and the others.
    #[inline(always)]
    fn evens_and_odds(self, next: Self) -> (Self, Self) {
        let (a, b, mut evens, mut odds) =
            (self.to_array(), next.to_array(), [0.0; LANES], [0.0; LANES]);
        for i in 0..LANES / 2 {
            (evens[i], odds[i]) = (a[2 * i], a[2 * i + 1]);
            (evens[LANES / 2 + i], odds[LANES / 2 + i]) = (b[2 * i], b[2 * i + 1]);
        }
        (self.load(&evens), self.load(&odds))
    }

    /// The lanes as an array.
    #[inline(always)]
    fn to_array(self) -> [f64; LANES] {
        let mut values = [0.0; LANES];
        self.store(&mut values);
        values
    }

    /// The [sum] of all lanes.
    #[inline(always)]
    fn sum(self) -> f64 {
        sum(&self.to_array())
    }
}

/// The sum of what is in all lanes, in an order that is the same everywhere.
#[inline(always)]
pub(crate) fn sum([a, b, c, d, e, f, g, h]: &[f64; LANES]) -> f64 {
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

/// The polynomial with these coefficients, that of the highest power first, by Horner's rule.
#[inline(always)]
pub(crate) fn polynomial<L: Lanes, const N: usize>(x: L, coefficients: [f64; N]) -> L {
    let mut sum = x.splat(coefficients[0]);
    for &c in &coefficients[1..] {
        sum = sum.mul_add(x, x.splat(c));
    }
    sum
}

/// A computation that is compiled for every instruction set.
pub(crate) trait Kernel {
    /// What it comes to.
    type Output;

    /// The computation; to be marked `#[inline(always)]`. `zero` is what all other lanes are made from.
    fn run<L: Lanes>(self, zero: L) -> Self::Output;
}

#[cfg(test)]
mod tests;
