//! Every point where the derivative of a mixture's density changes its sign; none is missed while the budget of halvings lasts.

use super::Component;
use crate::GaussianMixture;
use crate::root::bracketed;

/// Halvings after which an interval that still cannot be decided is given up: it is then 2⁻⁵⁰ of the whole, or of the width
/// of a component.
const DEPTH: u32 = 60;

/// Intervals looked at before the search stops halving those left: a plateau, where the derivative is 0 up to rounding,
/// would ask for all of them.
const BUDGET: usize = 20_000;

/// Rounding of a term of the derivative, relative to its size.
const ROUNDING: f64 = 8.0 * f64::EPSILON;

/// How far from each mean, in its standard deviations, the search is divided from the start, so that halving need not
/// first come down to the scale of a narrow component.
const REACH: [f64; 7] = [-40.0, -8.0, -2.0, 0.0, 2.0, 8.0, 40.0];

/// How far outside the outermost means, in standard deviations, f′ has its sign for certain.
const OUTSIDE: f64 = 1e-6;

impl GaussianMixture {
    /// The points where f′ changes its sign, in increasing order: maxima and minima in turn, the first and the last a
    /// maximum. Between two of them, and beyond the outermost, f is monotone.
    ///
    /// They all lie between the outermost means, outside which the terms of f′ all have one sign. An interval there is
    /// done with when bounds on f′ exclude a zero, or bounds on f″ exclude a second one; otherwise it is halved
    /// ("Interval Analysis", 1966).
    pub(super) fn critical_points(&self) -> Vec<f64> {
        let components: Vec<Component> = self.components().filter(|c| c.weight > 0.0).collect();
        let knots = knots(&components);
        let mut search = Search { components, found: Vec::new(), left: BUDGET };
        for pair in knots.windows(2) {
            search.interval(pair[0], pair[1], DEPTH);
        }
        search.found
    }
}

/// Where the search begins, is divided, and ends.
fn knots(components: &[Component]) -> Vec<f64> {
    let outside = |c: &Component, sign: f64| c.mean + sign * OUTSIDE * c.std_dev;
    let low = |c: &Component| outside(c, -1.0).min(c.mean.next_down()).max(-f64::MAX);
    let high = |c: &Component| outside(c, 1.0).max(c.mean.next_up()).min(f64::MAX);
    let by_mean = |a: &&Component, b: &&Component| a.mean.total_cmp(&b.mean);
    let first = components.iter().min_by(by_mean).map_or(0.0, low);
    let last = components.iter().max_by(by_mean).map_or(0.0, high);
    let mut knots: Vec<f64> = components
        .iter()
        .flat_map(|c| REACH.map(|reach| (c.mean + reach * c.std_dev).clamp(first, last)))
        .chain(components.iter().flat_map(|c| [c.mean.next_down(), c.mean.next_up()]))
        .chain([first, last])
        .filter(|x| (first..=last).contains(x))
        .collect();
    knots.sort_by(f64::total_cmp);
    knots.dedup();
    knots
}

struct Search {
    components: Vec<Component>,
    /// In increasing order.
    found: Vec<f64>,
    /// How many more intervals may be halved.
    left: usize,
}

impl Search {
    fn interval(&mut self, low: f64, high: f64, depth: u32) {
        let Some((first, second)) = self.bounds(low, high) else {
            return self.root(low, high);
        };
        if excludes_zero(first) {
            return;
        }
        let middle = 0.5 * low + 0.5 * high;
        let done = depth == 0 || self.left == 0 || middle <= low || middle >= high;
        if done || excludes_zero(second) {
            return self.root(low, high);
        }
        self.left -= 1;
        self.interval(low, middle, depth - 1);
        self.interval(middle, high, depth - 1);
    }

    /// Whether f′ is positive is asked of the ends alone, so that no change of sign is found twice or between two
    /// intervals.
    fn root(&mut self, low: f64, high: f64) {
        if (self.slope(low) > 0.0) != (self.slope(high) > 0.0) {
            self.found.push(bracketed(low, high, |x| self.slope(x)));
        }
    }

    /// f′(x), up to a positive factor.
    fn slope(&self, x: f64) -> f64 {
        let Some((scale, unit)) = self.greatest(x, x) else {
            return self.pull_of_the_nearest(x);
        };
        let term = |c: &Component| {
            let z = c.standardised(x).value();
            let value = (ln_height(*c) - 0.5 * z * z - scale).exp();
            -times(times(z, value), unit / c.std_dev)
        };
        self.components.iter().map(term).sum()
    }

    /// The direction of the component of the smallest |z|, where all z² overflow.
    fn pull_of_the_nearest(&self, x: f64) -> f64 {
        // Where even z overflows, by the plain distance.
        let all =
            self.components.iter().map(|c| (c.standardised(x).value(), 0.25 * x - 0.25 * c.mean));
        let nearest = all.min_by(|(z, d), (other, e)| {
            z.abs().total_cmp(&other.abs()).then(d.abs().total_cmp(&e.abs()))
        });
        nearest.map_or(0.0, |(z, _)| -z.signum())
    }

    /// The logarithm of the greatest value of any term on the interval, by which all are divided, and the standard
    /// deviation of that term, in which derivatives are measured. `None` where all z² overflow.
    fn greatest(&self, low: f64, high: f64) -> Option<(f64, f64)> {
        let value =
            |c: &Component| (ln_height(*c) - 0.5 * nearest(*c, low, high).powi(2), c.std_dev);
        let greatest = self.components.iter().map(value).max_by(|a, b| a.0.total_cmp(&b.0));
        greatest.filter(|(scale, _)| scale.is_finite())
    }

    /// Bounds on f′ and f″ from `low` to `high`, up to a positive factor each: component by component, −zφ(z) is extreme
    /// at ±1 and (z² − 1)φ(z) at 0 and ±√3.
    fn bounds(&self, low: f64, high: f64) -> Option<([f64; 2], [f64; 2])> {
        let (scale, unit) = self.greatest(low, high)?;
        let root = 3.0_f64.sqrt();
        let (mut first, mut second) = (Bounds::default(), Bounds::default());
        for c in &self.components {
            let (a, b) = (c.standardised(low).value(), c.standardised(high).value());
            let (height, width) = (ln_height(*c) - scale, unit / c.std_dev);
            let value = |z: f64| (height - 0.5 * z * z).exp();
            first.add(a, b, &[-1.0, 1.0], |z| -times(times(z, value(z)), width));
            second
                .add(a, b, &[-root, 0.0, root], |z| times((z * z - 1.0) * width * width, value(z)));
        }
        Some((first.widened(), second.widened()))
    }
}

fn excludes_zero([low, high]: [f64; 2]) -> bool {
    low > 0.0 || high < 0.0
}

/// A lower and an upper bound on a sum, and the sum of the sizes of its terms, for their rounding.
#[derive(Default)]
struct Bounds {
    low: f64,
    high: f64,
    size: f64,
}

impl Bounds {
    /// Adds the range of `term` from `a` to `b`, whose extremes are at the ends or at `turns`.
    fn add(&mut self, a: f64, b: f64, turns: &[f64], term: impl Fn(f64) -> f64) {
        let (at_a, at_b) = (term(a), term(b));
        let (mut low, mut high) = (at_a.min(at_b), at_a.max(at_b));
        for &turn in turns.iter().filter(|t| a < **t && **t < b) {
            low = low.min(term(turn));
            high = high.max(term(turn));
        }
        self.low += low;
        self.high += high;
        self.size += low.abs().max(high.abs());
    }

    fn widened(&self) -> [f64; 2] {
        [self.low - ROUNDING * self.size, self.high + ROUNDING * self.size]
    }
}

/// ln(wₖ/σₖ): the height of the k-th term, up to a common factor.
fn ln_height(c: Component) -> f64 {
    c.weight.ln() - c.std_dev.ln()
}

/// The smallest |z| between two points.
fn nearest(c: Component, low: f64, high: f64) -> f64 {
    let (a, b) = (c.standardised(low).value(), c.standardised(high).value());
    if a <= 0.0 && b >= 0.0 { 0.0 } else { a.abs().min(b.abs()) }
}

/// A product in which 0 beats ∞.
fn times(a: f64, value: f64) -> f64 {
    if a == 0.0 || value == 0.0 { 0.0 } else { a * value }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn critical(weights: &[f64], means: &[f64], std_devs: &[f64]) -> Vec<f64> {
        GaussianMixture::new(weights, means, std_devs).unwrap().critical_points()
    }

    #[test]
    fn one_component_and_equal_ones_have_their_mean() {
        assert_eq!(critical(&[1.0], &[0.3], &[2.0]), [0.3]);
        assert_eq!(critical(&[0.5, 0.5], &[0.3, 0.3], &[2.0, 1e-6]), [0.3]);
        assert_eq!(critical(&[0.5, 0.5], &[0.3, 0.3], &[2.0, 2.0]), [0.3]);
    }

    #[test]
    fn two_equal_widths_part_at_two_standard_deviations() {
        // Two modes just if the means are more than 2σ apart ("Some descriptive properties of normal mixtures", 1969).
        assert_eq!(critical(&[0.5, 0.5], &[-0.999, 0.999], &[1.0, 1.0]).len(), 1);
        assert_eq!(critical(&[0.5, 0.5], &[-1.001, 1.001], &[1.0, 1.0]).len(), 3);
        assert_eq!(critical(&[0.5, 0.5], &[-1.0, 1.0], &[1.0, 1.0]).len(), 1);
    }

    #[test]
    fn scales_however_different_hide_none() {
        assert_eq!(critical(&[0.5, 0.5], &[0.0, 3e7], &[1e8, 1e-8]).len(), 3);
        assert_eq!(critical(&[0.5, 0.5], &[0.0, 1.0], &[1e-300, 1.0]).len(), 3);
        assert_eq!(critical(&[0.5, 0.5], &[-1e300, 1e300], &[1.0, 1.0]).len(), 3);
        assert_eq!(critical(&[0.5, 0.5], &[0.0, 1000.0], &[1.0, 1.0]).len(), 3);
        let comb: Vec<f64> = (0..30).map(|i| 5.0 * f64::from(i)).collect();
        assert_eq!(critical(&[1.0 / 30.0; 30], &comb, &[1.0; 30]).len(), 59);
        // A plateau, flat to many digits: few or many, but soon and in turn.
        assert!(critical(&[1.0 / 30.0; 30], &comb, &[5.0; 30]).len() % 2 == 1);
    }
}
