//! Where a monotone positive curve passes through each of many levels, one in every lane: Newton's method within a bracket.

use crate::simd::{Kernel, LANES, Lanes, ln, padded, run};
use std::array::from_fn;

/// A root that has not been found after as many evaluations is left to [`bracketed`](super::bracketed). Few take ten.
const ROUNDS: usize = 30;

/// Of the logarithm of value over level: closer than this, they differ by the rounding of the value.
const SAME: f64 = 2.0 * f64::EPSILON;

/// A positive function f of x, in every lane.
pub(crate) trait Curve {
    /// f, and f/|f′|, of which a few digits will do: a length, so that no unit of x takes it out of the range of `f64`. To be
    /// marked `#[inline(always)]`.
    fn at<L: Lanes>(&self, x: L) -> (L, L);
}

/// Points from one end to the other of a stretch on which a curve rises, or falls, with its values.
#[derive(Clone)]
pub(crate) struct Stretch {
    knots: Vec<Knot>,
    rising: bool,
    top: f64,
    /// ln of the greatest over the smallest value.
    ln_range: f64,
}

#[derive(Clone, Copy)]
struct Knot {
    x: f64,
    value: f64,
    place: f64,
}

impl Stretch {
    /// Of points in increasing order with the curve's values there.
    pub(crate) fn new(points: &[f64], values: &[f64]) -> Self {
        let ends = [values.first(), values.last()].map(|end| end.copied().unwrap_or(f64::NAN));
        let [bottom, top] = [ends[0].min(ends[1]), ends[0].max(ends[1])];
        let ln_range = (top / bottom.max(f64::MIN_POSITIVE)).ln();
        let mut stretch = Self { knots: Vec::new(), rising: ends[0] < ends[1], top, ln_range };
        let knot = |(&x, &value)| Knot { x, value, place: stretch.place(value) };
        stretch.knots = points.iter().zip(values).map(knot).collect();
        stretch
    }

    /// The x at which the curve has each of the levels, to the rounding of its value; NaN for a level that none of the values at
    /// the points is above or none below, and where it was not found.
    pub(crate) fn solve(&self, curve: &impl Curve, levels: &[f64], roots: &mut [f64]) {
        run(Solve { stretch: self, curve, levels, roots });
    }

    /// A level on a scale on which x is about linear: of a Gaussian bump, the logarithm falls as the square of the distance from
    /// the top, and from the floor of a valley it rises so.
    fn place(&self, level: f64) -> f64 {
        let depth = (self.top / level.max(f64::MIN_POSITIVE)).ln() / self.ln_range;
        depth.sqrt() - (1.0 - depth).sqrt()
    }

    /// A bracket of a level, and a point in it to begin with.
    fn begin(&self, level: f64) -> [f64; 3] {
        let before =
            |knot: &Knot| if self.rising { knot.value < level } else { knot.value > level };
        let behind = self.knots.partition_point(before);
        let (Some(high), Some(low)) = (self.knots.get(behind), self.knots[..behind].last()) else {
            return [f64::NAN; 3];
        };
        let share = (self.place(level) - low.place) / (high.place - low.place);
        let guess = low.x + share * (high.x - low.x);
        let inside = guess > low.x && guess < high.x;
        [low.x, high.x, if inside { guess } else { 0.5 * low.x + 0.5 * high.x }]
    }
}

struct Solve<'a, C> {
    stretch: &'a Stretch,
    curve: &'a C,
    levels: &'a [f64],
    roots: &'a mut [f64],
}

impl<C: Curve> Kernel for Solve<'_, C> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, zero: L) {
        for (levels, roots) in self.levels.chunks(LANES).zip(self.roots.chunks_mut(LANES)) {
            let levels = padded(levels);
            let begin = levels.map(|level| self.stretch.begin(level));
            let [low, high, x] = from_fn(|i| zero.load(&begin.map(|bracket| bracket[i])));
            let bracket = Bracket { low, high, x, rising: self.stretch.rising };
            let found = bracket.solve(self.curve, zero.load(&levels)).to_array();
            roots.copy_from_slice(&found[..roots.len()]);
        }
    }
}

struct Bracket<L> {
    low: L,
    high: L,
    x: L,
    rising: bool,
}

impl<L: Lanes> Bracket<L> {
    /// Lanes that have arrived stay where they are until all have. None looks at another, so that a level has the same root
    /// whatever its neighbours are.
    #[inline(always)]
    fn solve(mut self, curve: &impl Curve, level: L) -> L {
        let (zero, one) = (level.splat(0.0), level.splat(1.0));
        let mut moved = one;
        for _ in 0..ROUNDS {
            let next = self.step(curve, level);
            moved = zero.if_less(size(next - self.x), one, zero);
            self.x = next;
            if moved.sum() == 0.0 {
                break;
            }
        }
        zero.if_less(moved, level.splat(f64::NAN), self.x)
    }

    /// A step for the logarithm of the value, of which tails and bumps have a more even slope than of the value; or to the
    /// middle where it would leave the bracket.
    #[inline(always)]
    fn step(&mut self, curve: &impl Curve, level: L) -> L {
        let (x, zero) = (self.x, level.splat(0.0));
        let (value, length) = curve.at(x);
        let ln_ratio = ln(value / level);
        let excess = if self.rising { ln_ratio } else { zero - ln_ratio };
        self.low = excess.if_less(zero, x, self.low);
        self.high = zero.if_less(excess, x, self.high);
        // Where it left that range nevertheless, no step must look like arrival.
        let newton = zero.if_less(length, x - excess * length, level.splat(f64::NAN));
        let half = level.splat(0.5);
        let middle = half * self.low + half * self.high;
        let inside = newton.if_less(self.high, newton, middle);
        let next = self.low.if_less(newton, inside, middle);
        let next = size(newton - x).if_less(level.splat(f64::MIN_POSITIVE), x, next);
        size(excess).if_less(level.splat(SAME), x, next)
    }
}

#[inline(always)]
fn size<L: Lanes>(x: L) -> L {
    (x.splat(0.0) - x).max(x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{exp, run_on_each};

    /// Of the curve: a few roundings.
    const ROUNDING: f64 = 1e-14;

    /// exp(−(x/s)²/2), on either side of its top.
    #[derive(Clone)]
    struct Bump(f64);

    impl Curve for Bump {
        #[inline(always)]
        fn at<L: Lanes>(&self, x: L) -> (L, L) {
            let z = x / x.splat(self.0);
            let value = exp(x.splat(-0.5) * z * z);
            (value, x.splat(self.0) / size(z))
        }
    }

    /// 1 left of 0 and 2 right of it.
    #[derive(Clone)]
    struct Jump;

    impl Curve for Jump {
        #[inline(always)]
        fn at<L: Lanes>(&self, x: L) -> (L, L) {
            let zero = x.splat(0.0);
            (x.if_less(zero, x.splat(1.0), x.splat(2.0)), x.splat(f64::INFINITY))
        }
    }

    #[derive(Clone)]
    struct Roots<'a, C>(&'a Stretch, C, &'a [f64]);

    impl<C: Curve> Kernel for Roots<'_, C> {
        type Output = Vec<f64>;

        #[inline(always)]
        fn run<L: Lanes>(self, zero: L) -> Vec<f64> {
            let mut roots = vec![0.0; self.2.len()];
            let Self(stretch, curve, levels) = self;
            Solve { stretch, curve: &curve, levels, roots: &mut roots }.run(zero);
            roots
        }
    }

    fn bump(x: f64, scale: f64) -> f64 {
        (-0.5 * (x / scale).powi(2)).exp()
    }

    #[test]
    fn levels_of_a_bump_are_found_on_either_side_on_every_instruction_set() {
        let levels: Vec<f64> =
            (1..1000).map(|i| (-0.6 * f64::from(i)).exp()).chain([0.5, 0.99, 1.0 - 1e-9]).collect();
        for scale in [1e-200, 1.0, 1e8] {
            for ends in [[-37.0, 0.0], [0.0, 37.0]] {
                let points = ends.map(|x| x * scale);
                let stretch = Stretch::new(&points, &points.map(|x| bump(x, scale)));
                for (set, roots) in run_on_each(Roots(&stretch, Bump(scale), &levels)) {
                    for (level, x) in levels.iter().zip(roots) {
                        // The exponential multiplies the rounding of x by (x/s)².
                        let rounding = ROUNDING * (1.0 - level.ln());
                        assert!(
                            (bump(x, scale) / level - 1.0).abs() < rounding,
                            "{set}: {level} {x}"
                        );
                        assert!(points[0] <= x && x <= points[1], "{set}: {x}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_level_that_is_not_reached_or_jumped_over_has_no_root_and_harms_no_other() {
        let points = [0.0, 10.0];
        let stretch = Stretch::new(&points, &points.map(|x| bump(x, 1.0)));
        let half = (2.0 * std::f64::consts::LN_2).sqrt();
        for (set, roots) in
            run_on_each(Roots(&stretch, Bump(1.0), &[2.0, 0.5, 1e-100, f64::NAN, 0.5]))
        {
            assert!([0, 2, 3].iter().all(|&i| roots[i].is_nan()), "{set}: {roots:?}");
            assert!((roots[1] - half).abs() < ROUNDING && roots[1] == roots[4], "{set}: {roots:?}");
        }
        let jump = Stretch::new(&[-1e300, 1e300], &[1.0, 2.0]);
        for (set, roots) in run_on_each(Roots(&jump, Jump, &[1.5])) {
            assert!(roots[0].is_nan(), "{set}: {roots:?}");
        }
    }
}
