//! The probabilities on either side of a point, a point in every lane.

use super::Component;
use super::density::narrowest;
use crate::GaussianMixture;
use crate::normal::{Coefficient, Scale, mills_lanes};
use crate::root::Curve;
use crate::simd::{Function, Kernel, LANES, Lanes, evaluate, run};

/// The probabilities below or above each of a list of points.
#[derive(Clone)]
pub(super) struct Tails {
    terms: Vec<Term>,
    side: Side,
    /// What lengths are measured in.
    unit: f64,
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
    /// σₖ, in units of length.
    width: f64,
    weight: f64,
    /// wₖ/√(2π).
    coefficient: Coefficient,
}

impl Tails {
    /// None for parameters at the ends of the range of `f64`.
    pub(super) fn new(mixture: &GaussianMixture, side: Side) -> Option<Self> {
        let unit = narrowest(mixture.components());
        let term = |c: Component| {
            let scale = Scale::new(c.mean, c.std_dev)?;
            let coefficient = Coefficient::new(c.weight, 1.0);
            Some(Term { scale, width: c.std_dev / unit, weight: c.weight, coefficient })
        };
        let terms = mixture.components().map(term).collect::<Option<_>>()?;
        Some(Self { terms, side, unit })
    }

    pub(super) fn evaluate(&self, points: &[f64], values: &mut [f64]) {
        evaluate(self, points, values);
    }

    /// The probabilities between each pair of points, the lower one first; NaN where one would have lost its digits.
    pub(super) fn between(&self, ends: &[[f64; 2]], values: &mut [f64]) {
        run(Between { terms: &self.terms, ends, values });
    }
}

impl Term {
    /// z, wₖΦ(−|z|) = wₖφ(z)·M(|z|), and the Mills ratio M(|z|).
    #[inline(always)]
    fn smaller_tail<L: Lanes>(&self, x: L) -> (L, L, L) {
        let at = self.scale.at(x);
        let mills = mills_lanes((x.splat(0.0) - at.z).max(at.z));
        (at.z, at.gaussian(mills, self.coefficient), mills)
    }
}

impl Function for &Tails {
    #[inline(always)]
    fn at<L: Lanes>(&mut self, x: L) -> L {
        Curve::at(*self, x).0
    }
}

impl Curve for Tails {
    /// Each component's larger tail is what the smaller one leaves.
    #[inline(always)]
    fn at<L: Lanes>(&self, x: L) -> (L, L) {
        let zero = x.splat(0.0);
        let (mut this_side, mut other_side, mut density) = (zero, zero, zero);
        for term in &self.terms {
            let (z, tail, mills) = term.smaller_tail(x);
            density = density + tail / (mills * x.splat(term.width));
            let rest = x.splat(term.weight) - tail;
            let z = match self.side {
                Side::Below => z,
                Side::Above => zero - z,
            };
            this_side = this_side + z.if_less(zero, tail, rest);
            other_side = other_side + z.if_less(zero, rest, tail);
        }
        // From the other tail, so that it is 1 at the end however the weights are rounded.
        let probability = x.splat(0.5).if_less(this_side, x.splat(1.0) - other_side, this_side);
        (probability, probability / density * x.splat(self.unit))
    }
}

/// How many times what they come to the probabilities may be whose differences are taken.
const LOSS: f64 = 16.0;

struct Between<'a> {
    terms: &'a [Term],
    ends: &'a [[f64; 2]],
    values: &'a mut [f64],
}

impl Kernel for Between<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, zero: L) {
        for (ends, values) in self.ends.chunks(LANES).zip(self.values.chunks_mut(LANES)) {
            let mut lanes = [[0.0; LANES]; 2];
            for (i, &[low, high]) in ends.iter().enumerate() {
                (lanes[0][i], lanes[1][i]) = (low, high);
            }
            let between = between(self.terms, zero.load(&lanes[0]), zero.load(&lanes[1]));
            values.copy_from_slice(&between.to_array()[..values.len()]);
        }
    }
}

/// On either side of a mean the difference of two tails, and across it what both leave.
#[inline(always)]
fn between<L: Lanes>(terms: &[Term], low: L, high: L) -> L {
    let zero = low.splat(0.0);
    let (mut sum, mut size) = (zero, zero);
    for term in terms {
        let (a, tail_a, _) = term.smaller_tail(low);
        let (b, tail_b, _) = term.smaller_tail(high);
        let (weight, tails) = (low.splat(term.weight), tail_a + tail_b);
        let left_of_it = b.if_less(zero, tail_b - tail_a, weight - tails);
        sum = sum + zero.if_less(a, tail_a - tail_b, left_of_it);
        size = size + zero.if_less(a, tails, b.if_less(zero, tails, weight));
    }
    size.if_less(low.splat(LOSS) * sum, sum, low.splat(f64::NAN))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{evaluate_on_each, run_on_each};

    /// What the documentation promises.
    const PROMISED: f64 = 1e-13;

    #[test]
    fn both_tails_are_those_computed_one_by_one_on_every_instruction_set() {
        let m = GaussianMixture::new([0.2, 0.0, 0.8], [0.1, 0.0, -0.4], [0.5, 1.0, 1.3]).unwrap();
        let points: Vec<f64> = (-1000..=1000).map(|i| 0.05 * f64::from(i)).collect();
        let one_by_one =
            [|m: &GaussianMixture, x| m.cdf_at(x), |m: &GaussianMixture, x| m.sf_at(x)];
        for (side, one) in [Side::Below, Side::Above].into_iter().zip(one_by_one) {
            let tails = Tails::new(&m, side).unwrap();
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
        let below = Tails::new(&m, Side::Below).unwrap();
        for (set, values) in
            evaluate_on_each(&&below, &[f64::NEG_INFINITY, f64::INFINITY, f64::NAN])
        {
            assert_eq!(values[..2], [0.0, 1.0], "{set}");
            assert!(values[2].is_nan(), "{set}");
        }
    }

    #[test]
    fn between_two_points_lies_what_is_found_for_one_interval_or_nothing_is_said() {
        let m = GaussianMixture::new([0.2, 0.0, 0.8], [0.1, 0.0, -0.4], [0.5, 1.0, 1.3]).unwrap();
        let points: Vec<f64> = (-60..=60).map(|i| 0.5 * f64::from(i)).collect();
        let ends: Vec<[f64; 2]> = points.windows(2).map(|pair| [pair[0], pair[1]]).collect();
        let wide = ends.iter().map(|[low, high]| [low - 1.0, high + 3.0]);
        let ends: Vec<[f64; 2]> = ends.iter().copied().chain(wide).collect();
        let terms = Tails::new(&m, Side::Below).unwrap().terms;
        for (set, values) in run_on_each(Pairs(&terms, &ends)) {
            for ([low, high], found) in ends.iter().zip(values) {
                let expected = m.between(*low, *high);
                assert!((found - expected).abs() <= PROMISED * expected, "{low} {high} on {set}");
            }
        }
        let narrow = [[1.0, 1.0 + 1e-6], [-3.0, -3.0 + 1e-9]];
        for (set, values) in run_on_each(Pairs(&terms, &narrow)) {
            assert!(values.iter().all(|p| p.is_nan()), "{values:?} on {set}");
        }
    }

    #[derive(Clone)]
    struct Pairs<'a>(&'a [Term], &'a [[f64; 2]]);

    impl Kernel for Pairs<'_> {
        type Output = Vec<f64>;

        #[inline(always)]
        fn run<L: Lanes>(self, zero: L) -> Vec<f64> {
            let mut values = vec![0.0; self.1.len()];
            Between { terms: self.0, ends: self.1, values: &mut values }.run(zero);
            values
        }
    }
}
