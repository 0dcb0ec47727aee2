//! P-values of many points at a time.

use super::Component;
use super::density::Density;
use super::highest_density::Landscape;
use super::tails::{Side, Tails};
use crate::points::shared;
use crate::root::Stretch;
use crate::{GaussianMixture, Points};

/// As many points as have their working space in the second cache.
const BLOCK: usize = 1024;

impl GaussianMixture {
    /// The p-value of a point x under the mixture, P(f(X) ≤ f(x)), at one point or at each of a list: the probability of a
    /// draw where the density is no higher than at x. It is 0 at ±∞ and NaN at NaN.
    ///
    /// Under the mixture itself it is uniform on (0, 1), whatever the unit of x, and it is small in a valley between two
    /// modes as it is in the tails, where it keeps its digits. The region of highest density with content 1 − p ends where
    /// the p-value is p.
    ///
    /// ```
    /// use gaussian_mixture::GaussianMixture;
    ///
    /// let one = GaussianMixture::new([1.0], [0.0], [1.0])?;
    /// assert!((one.p_value(30.0) / (2.0 * one.sf(30.0)) - 1.0).abs() < 1e-12);
    /// let two = GaussianMixture::new([0.5, 0.5], [-10.0, 10.0], [1.0, 1.0])?;
    /// assert!(two.p_value(0.0) < 1e-20);
    /// # Ok::<(), gaussian_mixture::ParameterError>(())
    /// ```
    pub fn p_value<P: Points>(&self, x: P) -> P::Values {
        let landscape = Landscape::new(self);
        let levels = Levels::new(self, &landscape);
        shared(x, self.n_components(), &|points, values| {
            p_values(&landscape, levels.as_ref(), points, values);
        })
    }
}

fn p_values(
    landscape: &Landscape,
    levels: Option<&Levels<'_>>,
    points: &[f64],
    values: &mut [f64],
) {
    for (points, values) in points.chunks(BLOCK).zip(values.chunks_mut(BLOCK)) {
        match levels {
            Some(levels) => levels.p_values(points, values),
            None => values.fill(f64::NAN),
        }
        for (value, &x) in values.iter_mut().zip(points).filter(|(value, _)| value.is_nan()) {
            *value = landscape.p_value(x);
        }
    }
}

/// Where the density passes through each of many levels, and the probability of what lies below them.
struct Levels<'a> {
    mixture: &'a GaussianMixture,
    density: Density,
    /// From left to right: the density rises on the first, then falls and rises in turn.
    pieces: Vec<Piece>,
    below: Tails,
    above: Tails,
}

/// What lies between two neighbouring points where the density turns, or from the outermost as far out as it is an `f64`.
struct Piece {
    ends: [f64; 2],
    /// The densities there.
    heights: [f64; 2],
    stretch: Stretch,
}

/// A point, on the way from left to right along its level.
struct Walk {
    index: usize,
    x: f64,
    level: f64,
    /// Whether x was one of the crossings so far.
    met: bool,
    /// The crossing on the piece at hand.
    crossing: Option<f64>,
    /// Where the density last fell below the level.
    fell: f64,
    /// The probability of what lay below the level so far; none before the first crossing.
    p_value: Option<f64>,
}

impl<'a> Levels<'a> {
    /// None for parameters at the ends of the range of `f64`, and for widths that are nothing next to the means.
    fn new(mixture: &'a GaussianMixture, landscape: &Landscape) -> Option<Self> {
        let components: Vec<Component> = mixture.components().collect();
        let density = Density::new(&components)?;
        let knots = mixture.knots();
        let turns = landscape.critical.iter().map(|(x, _)| *x);
        let outermost = [*knots.first()?, *knots.last()?];
        let ends: Vec<f64> =
            [outermost[0]].into_iter().chain(turns).chain([outermost[1]]).collect();
        if !ends.is_sorted_by(|a, b| a < b) {
            return None;
        }
        let piece = |ends: &[f64]| Piece::new([ends[0], ends[1]], &knots, &density);
        let pieces = ends.windows(2).map(piece).collect();
        let tails = |side| Tails::new(mixture, side);
        Some(Self {
            mixture,
            density,
            pieces,
            below: tails(Side::Below)?,
            above: tails(Side::Above)?,
        })
    }

    /// NaN where the density is no normal number, or a crossing was not found.
    fn p_values(&self, points: &[f64], values: &mut [f64]) {
        self.density.evaluate(points, values);
        let mut walks: Vec<Walk> = self.walks(points, values);
        values.fill(f64::NAN);
        for piece in &self.pieces {
            self.cross(piece, &mut walks);
            // From where the crossing was not found, nothing leads on.
            walks.retain(|walk| !walk.crossing.is_some_and(f64::is_nan));
            if piece.rises() {
                self.rise(&mut walks);
            } else {
                for walk in &mut walks {
                    walk.fell = walk.crossing.unwrap_or(walk.fell);
                }
            }
        }
        let fell = |walk: &Walk| walk.p_value.map(|_| walk.fell);
        each(&mut walks, fell, |x, values| self.above.evaluate(x, values), Walk::add);
        for walk in walks {
            values[walk.index] = walk.p_value.map_or(1.0, |p| p.min(1.0));
        }
    }

    /// Those points whose density is higher than at the ends.
    fn walks(&self, points: &[f64], levels: &[f64]) -> Vec<Walk> {
        let lowest = self.pieces.first().map_or(0.0, |piece| piece.heights[0]);
        let lowest = self.pieces.last().map_or(0.0, |piece| piece.heights[1]).max(lowest);
        let points = points.iter().zip(levels).enumerate();
        points
            .filter(|(_, (_, level))| level.is_normal() && **level > lowest)
            .map(|(index, (&x, &level))| Walk::new(index, x, level))
            .collect()
    }

    /// Where each level is met on a piece: where it is the point's own, at the point.
    fn cross(&self, piece: &Piece, walks: &mut [Walk]) {
        for walk in walks.iter_mut() {
            let crosses = piece.crosses(walk.level);
            let own = crosses && !walk.met && piece.holds(walk.x);
            walk.met |= own;
            walk.crossing = crosses.then_some(if own { walk.x } else { f64::NAN });
        }
        let sought = |walk: &Walk| walk.crossing.filter(|x| x.is_nan()).map(|_| walk.level);
        let solve =
            |levels: &[f64], roots: &mut [f64]| piece.stretch.solve(&self.density, levels, roots);
        each(walks, sought, solve, |walk, root| walk.crossing = Some(root));
    }

    /// Adds what lies on the left of a crossing where the density rises: a tail, or a valley.
    fn rise(&self, walks: &mut [Walk]) {
        let valley = |walk: &Walk| walk.p_value.and(walk.crossing).map(|x| [walk.fell, x]);
        each(walks, valley, |ends, values| self.valleys(ends, values), Walk::add);
        let first = |walk: &Walk| walk.crossing.filter(|_| walk.p_value.is_none());
        each(walks, first, |x, values| self.below.evaluate(x, values), Walk::add);
    }

    fn valleys(&self, ends: &[[f64; 2]], values: &mut [f64]) {
        self.below.between(ends, values);
        for (value, [low, high]) in values.iter_mut().zip(ends).filter(|(value, _)| value.is_nan())
        {
            *value = self.mixture.between(*low, *high);
        }
    }
}

impl Piece {
    fn new(ends: [f64; 2], knots: &[f64], density: &Density) -> Self {
        let inner = knots.iter().copied().filter(|x| (ends[0] < *x) && (*x < ends[1]));
        let points: Vec<f64> = [ends[0]].into_iter().chain(inner).chain([ends[1]]).collect();
        let mut values = vec![f64::NAN; points.len()];
        density.evaluate(&points, &mut values);
        let heights = [values[0], values[values.len() - 1]];
        Self { ends, heights, stretch: Stretch::new(&points, &values) }
    }

    fn rises(&self) -> bool {
        self.heights[0] < self.heights[1]
    }

    fn crosses(&self, level: f64) -> bool {
        (self.heights[0] >= level) != (self.heights[1] >= level)
    }

    fn holds(&self, x: f64) -> bool {
        (self.ends[0]..=self.ends[1]).contains(&x)
    }
}

impl Walk {
    fn new(index: usize, x: f64, level: f64) -> Self {
        Self { index, x, level, met: false, crossing: None, fell: f64::NAN, p_value: None }
    }

    fn add(&mut self, probability: f64) {
        self.p_value = Some(self.p_value.unwrap_or(0.0) + probability);
    }
}

/// Evaluates a function of lists at the arguments of those walks that have one, and hands each its value.
fn each<T>(
    walks: &mut [Walk],
    argument: impl Fn(&Walk) -> Option<T>,
    function: impl FnOnce(&[T], &mut [f64]),
    take: impl Fn(&mut Walk, f64),
) {
    let (places, arguments): (Vec<usize>, Vec<T>) =
        walks.iter().enumerate().filter_map(|(i, walk)| Some((i, argument(walk)?))).unzip();
    let mut values = vec![f64::NAN; arguments.len()];
    function(&arguments, &mut values);
    places.into_iter().zip(values).for_each(|(i, value)| take(&mut walks[i], value));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of two ways to the same crossings, one of them by way of logarithms as low as −700.
    const SOLVED: f64 = 1e-11;

    /// Of ln f, to the turns of the density: nearer to one, the rounding of the level moves a crossing by its square root.
    const CLEAR: f64 = 1e-3;

    /// Below the logarithm of the highest density: a little before its tails leave the ordinary numbers.
    const DEEP: f64 = 650.0;

    fn mixture(weights: &[f64], means: &[f64], std_devs: &[f64]) -> GaussianMixture {
        GaussianMixture::new(weights, means, std_devs).unwrap()
    }

    /// One mode and many, narrow in wide, far apart, far from 0, in a tiny unit.
    fn mixtures() -> [GaussianMixture; 9] {
        [
            mixture(&[1.0], &[0.0], &[1.0]),
            mixture(&[1.0], &[5e5], &[1e-3]),
            mixture(&[2.0 / 17.0, 5.0 / 17.0, 10.0 / 17.0], &[-0.5, -0.1, 0.2], &[0.2, 0.07, 0.13]),
            mixture(&[0.5, 0.5], &[0.0, 0.3], &[1e-6, 1.0]),
            mixture(&[0.3, 0.7], &[0.0, 1000.0], &[1.0, 1.0]),
            mixture(&[1e-10, 1.0 - 1e-10], &[0.0, 30.0], &[1.0, 1.0]),
            mixture(&[0.2, 0.0, 0.8], &[0.0, 0.3, 10.0], &[0.5, 1.0, 1.3]),
            mixture(&[0.2, 0.8], &[1e-199, 0.0], &[1e-200, 1e-199]),
            mixture(
                &[0.1; 10],
                &[0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0, 45.0],
                &[1.0; 10],
            ),
        ]
    }

    /// Around every component, and between every two turns.
    fn points(m: &GaussianMixture, landscape: &Landscape) -> Vec<f64> {
        let around =
            |c: Component| (-100..=100).map(move |i| c.mean + 0.37 * f64::from(i) * c.std_dev);
        let inner = landscape.critical.windows(2).flat_map(|pair| {
            let [low, high] = [pair[0].0, pair[1].0];
            (0..=30).map(move |i| low + (high - low) * f64::from(i) / 30.0)
        });
        m.components().flat_map(around).chain(inner).collect()
    }

    #[test]
    fn many_at_a_time_they_are_those_found_one_by_one() {
        for m in mixtures() {
            let landscape = Landscape::new(&m);
            let all = points(&m, &landscape);
            let clear =
                |x: &f64| landscape.critical.iter().all(|(_, f)| (f - m.ln_pdf(x)).abs() > CLEAR);
            let x: Vec<f64> = all.into_iter().filter(clear).collect();
            for (&x, found) in x.iter().zip(m.p_value(&x)) {
                let expected = landscape.p_value(x);
                let close =
                    (found - expected).abs() <= SOLVED * expected || expected < f64::MIN_POSITIVE;
                assert!(close, "{m:?}: {x:e} {found:e} {expected:e}");
            }
        }
    }

    #[test]
    fn hardly_any_is_left_to_be_found_by_itself() {
        for m in mixtures() {
            let landscape = Landscape::new(&m);
            let top = landscape.critical.iter().map(|(_, f)| *f).fold(f64::NEG_INFINITY, f64::max);
            let seen = |x: &f64| m.ln_pdf(x) > top - DEEP;
            let x: Vec<f64> = points(&m, &landscape).into_iter().filter(seen).collect();
            let mut p = vec![f64::NAN; x.len()];
            Levels::new(&m, &landscape).unwrap().p_values(&x, &mut p);
            let left: Vec<&f64> =
                x.iter().zip(&p).filter_map(|(x, p)| p.is_nan().then_some(x)).collect();
            assert!(left.len() <= x.len() / 20, "{m:?}: of {} {left:?}", x.len());
        }
    }

    /// At the ends of the range of `f64`.
    #[test]
    fn a_list_is_as_its_points_where_many_at_a_time_cannot_be_found() {
        let m = [
            mixture(&[1.0], &[0.0], &[1e-310]),
            mixture(&[0.5, 0.5], &[0.0, 1e308], &[1e307, 1e307]),
        ];
        for m in m {
            assert!(Levels::new(&m, &Landscape::new(&m)).is_none(), "{m:?}");
            let x: Vec<f64> = m.components().map(|c| c.mean + 1.5 * c.std_dev).collect();
            let alone: Vec<f64> = x.iter().map(|x| m.p_value(x)).collect();
            assert_eq!(m.p_value(&x), alone);
            assert!(alone.iter().all(|p| *p > 0.0 && *p <= 1.0), "{m:?} {alone:?}");
        }
    }

    #[test]
    fn it_does_not_matter_where_in_a_list_a_point_stands() {
        for m in &mixtures()[..4] {
            let mut x = points(m, &Landscape::new(m));
            let forwards = m.p_value(&x);
            x.reverse();
            x.push(f64::NAN);
            let mut backwards = m.p_value(&x);
            assert!(backwards.pop().unwrap().is_nan());
            backwards.reverse();
            assert_eq!(forwards, backwards);
        }
    }
}
