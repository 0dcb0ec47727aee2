//! The probabilities on either side of a point, a point in every lane.

use super::Component;
use crate::normal::{Coefficient, Scale, mills_lanes};
use crate::root::Curve;
use crate::simd::{Function, Lanes, evaluate};

/// The probabilities below or above each of a list of points.
#[derive(Clone)]
pub(super) struct Tails {
    terms: Vec<Term>,
    side: Side,
}

/// Which probability is asked for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Side {
    Below,
    Above,
}

impl Side {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Below => Self::Above,
            Self::Above => Self::Below,
        }
    }
}

/// wₖΦ((x − μₖ)/σₖ), with what does not depend on x worked out once.
#[derive(Clone, Copy)]
struct Term {
    scale: Scale,
    std_dev: f64,
    weight: f64,
    /// wₖ/√(2π).
    coefficient: Coefficient,
}

impl Tails {
    /// None for parameters at the ends of the range of `f64`.
    pub(super) fn new(components: impl Iterator<Item = Component>, side: Side) -> Option<Self> {
        let term = |c: Component| {
            let scale = Scale::new(c.mean, c.std_dev)?;
            let coefficient = Coefficient::new(c.weight, 1.0);
            Some(Term { scale, std_dev: c.std_dev, weight: c.weight, coefficient })
        };
        Some(Self { terms: components.map(term).collect::<Option<_>>()?, side })
    }

    pub(super) fn evaluate(&self, points: &[f64], values: &mut [f64]) {
        evaluate(self, points, values);
    }
}

impl Function for &Tails {
    #[inline(always)]
    fn at<L: Lanes>(&mut self, x: L) -> L {
        Curve::at(*self, x).0
    }
}

impl Curve for Tails {
    /// Each component's smaller tail is φ(z)·M(|z|), with M the Mills ratio, and the other one is what that leaves.
    #[inline(always)]
    fn at<L: Lanes>(&self, x: L) -> (L, L) {
        let zero = x.splat(0.0);
        let (mut this_side, mut other_side, mut density) = (zero, zero, zero);
        for term in &self.terms {
            let at = term.scale.at(x);
            let mills = mills_lanes((zero - at.z).max(at.z));
            let tail = at.gaussian(mills, term.coefficient);
            density = density + tail / (mills * x.splat(term.std_dev));
            let rest = x.splat(term.weight) - tail;
            let z = match self.side {
                Side::Below => at.z,
                Side::Above => zero - at.z,
            };
            this_side = this_side + z.if_less(zero, tail, rest);
            other_side = other_side + z.if_less(zero, rest, tail);
        }
        // From the other tail, so that it is 1 at the end however the weights are rounded.
        let probability = x.splat(0.5).if_less(this_side, x.splat(1.0) - other_side, this_side);
        (probability, density)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GaussianMixture;
    use crate::simd::evaluate_on_each;

    /// What the documentation promises.
    const PROMISED: f64 = 1e-13;

    #[test]
    fn both_tails_are_those_computed_one_by_one_on_every_instruction_set() {
        let m = GaussianMixture::new([0.2, 0.0, 0.8], [0.1, 0.0, -0.4], [0.5, 1.0, 1.3]).unwrap();
        let points: Vec<f64> = (-1000..=1000).map(|i| 0.05 * f64::from(i)).collect();
        let one_by_one =
            [|m: &GaussianMixture, x| m.cdf_at(x), |m: &GaussianMixture, x| m.sf_at(x)];
        for (side, one) in [Side::Below, Side::Above].into_iter().zip(one_by_one) {
            let tails = Tails::new(m.components(), side).unwrap();
            for (set, values) in evaluate_on_each(&&tails, &points) {
                for (&x, found) in points.iter().zip(values) {
                    let expected = one(&m, x);
                    let off = (found - expected).abs();
                    assert!(
                        off <= PROMISED * expected || expected < f64::MIN_POSITIVE,
                        "{x:e} on {set}: {found:e} {expected:e}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_ends_have_nothing_or_everything_outside_on_every_instruction_set() {
        let m = GaussianMixture::new([0.2, 0.8], [0.1, -0.4], [0.5, 1.3]).unwrap();
        let below = Tails::new(m.components(), Side::Below).unwrap();
        for (set, values) in
            evaluate_on_each(&&below, &[f64::NEG_INFINITY, f64::INFINITY, f64::NAN])
        {
            assert_eq!(values[..2], [0.0, 1.0], "{set}");
            assert!(values[2].is_nan(), "{set}");
        }
    }
}
