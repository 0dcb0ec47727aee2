//! What is left of a number when a product near it is taken off.

use super::Lanes;

/// 2²⁷ + 1, which splits a number into two halves of 26 bits.
const SPLIT: f64 = 134_217_729.0;

/// c − a·b without the rounding of the product, for c within a few roundings of it; not near the ends of the range of `f64`,
/// nor for a or b beyond 10³⁰⁰.
///
/// "A floating-point technique for extending the available precision", Numerische Mathematik 18, 1971.
#[inline(always)]
pub(crate) fn remainder<L: Lanes>(c: L, a: L, b: L) -> L {
    if L::FUSED {
        return (a.splat(0.0) - a).mul_add(b, c);
    }
    let ((a, a_low), (b, b_low)) = (halves(a), halves(b));
    (((c - a * b) - a * b_low) - a_low * b) - a_low * b_low
}

#[inline(always)]
fn halves<L: Lanes>(a: L) -> (L, L) {
    let scaled = a * a.splat(SPLIT);
    let high = scaled - (scaled - a);
    (high, a - high)
}
