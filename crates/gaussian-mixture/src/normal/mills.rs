//! The Mills ratio M(z) = P(Z > z)/φ(z) of z ≥ 0, which neither under- nor overflows: from √(π/2) at 0 down to 1/z far out.
//!
//! (z + c)·M(z) lies between 1 and √(π/2)·c and is as good as a polynomial in t = (z − c)/(z + c), which maps all z ≥ 0 to
//! −1 ≤ t < 1 ("Chebyshev approximation of (1 + 2x)exp(x²)erfc x in 0 ≤ x < ∞", Mathematics of Computation 36, 1981).

use crate::simd::{Lanes, polynomial};

/// c: about where the series needs the fewest terms.
const MIDDLE: f64 = 5.0;

/// The coefficients from t⁰, of relative error 5e-17 (`tests/reference/mills.py`).
#[allow(clippy::unreadable_literal)]
const H: [f64; 24] = [
    1.9280810471531575,
    -1.66786659518896,
    1.241547061573877,
    -0.7859110755465453,
    0.41364471573217226,
    -0.17325473408715042,
    0.05212550242182693,
    -0.007503282820678759,
    -0.0019999620670556138,
    0.0013658591609424361,
    -0.00014883252854029777,
    -0.00012473565818721106,
    4.181269707272072e-05,
    9.974780085543423e-06,
    -6.940549848178933e-06,
    -8.360675980194061e-07,
    1.0865648093641122e-06,
    9.668428357366883e-08,
    -1.6898908396128595e-07,
    -1.7398124278799092e-08,
    2.3249183396418388e-08,
    3.1868668443393864e-09,
    -1.9688207967167296e-09,
    -3.336850488787937e-10,
];

/// M(z) for z ≥ 0, to a few units in the last place.
pub(super) fn mills(z: f64) -> f64 {
    let reciprocal = (z + MIDDLE).recip();
    let t = (z - MIDDLE) * reciprocal;
    H.iter().rev().fold(0.0, |sum, c| sum * t + c) * reciprocal
}

/// The same in every lane; NaN at ∞.
#[inline(always)]
pub(crate) fn mills_lanes<L: Lanes>(z: L) -> L {
    let reciprocal = z.splat(1.0) / (z + z.splat(MIDDLE));
    let t = (z - z.splat(MIDDLE)) * reciprocal;
    let square = t * t;
    let [h0, h1, h2, h3, h4, h5, h6, h7, h8, h9, h10, h11, rest @ ..] = H;
    let [h12, h13, h14, h15, h16, h17, h18, h19, h20, h21, h22, h23] = rest;
    let even = polynomial(square, [h22, h20, h18, h16, h14, h12, h10, h8, h6, h4, h2, h0]);
    let odd = polynomial(square, [h23, h21, h19, h17, h15, h13, h11, h9, h7, h5, h3, h1]);
    odd.mul_add(t, even) * reciprocal
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

    /// Of the error function of libm, which multiplies the rounding of its argument by z² ≤ 25.
    const ROUNDING: f64 = 1e-14;

    #[test]
    fn it_is_the_tail_over_the_density() {
        for i in 0..=500 {
            let z = 0.01 * f64::from(i);
            let density = 0.5 * FRAC_2_SQRT_PI * FRAC_1_SQRT_2 * (-0.5 * z * z).exp();
            let expected = 0.5 * libm::erfc(z * FRAC_1_SQRT_2) / density;
            assert!((mills(z) / expected - 1.0).abs() < ROUNDING, "{z}");
        }
    }

    #[test]
    fn far_out_it_is_the_asymptotic_series() {
        for z in [1e3, 1e8, 1e150] {
            let expected = (1.0 - 1.0 / (z * z) + 3.0 / (z * z * z * z)) / z;
            assert!((mills(z) / expected - 1.0).abs() < ROUNDING, "{z}");
        }
    }
}
