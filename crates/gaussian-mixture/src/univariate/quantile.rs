//! Quantiles of a mixture, from either tail.

use super::Component;
use super::tails::{Side, Tails};
use crate::root::{Stretch, bracketed};
use crate::threads;
use crate::{GaussianMixture, Points, ProbabilityError};
use std::f64::consts::LN_2;

/// The ends of the bracket are moved outwards by this much of a standard deviation and of the mean, for their rounding.
const MARGIN: f64 = 1e-12;

impl GaussianMixture {
    /// The quantile of a probability p, the x with P(X ≤ x) = p, for one p or for each of a list: −∞ for 0, ∞ for 1.
    ///
    /// The cumulative probability there is p to its last places, or to 1e-12 where it or the unit of x is at the ends of the
    /// range of `f64`. How much that says about x depends on the density: the error is the relative error of p, times
    /// p/f(x). Close to 1, p itself has lost its digits; ask for
    /// [`upper_quantile`](Self::upper_quantile) there.
    ///
    /// # Errors
    ///
    /// [`ProbabilityError::Outside`] with the index of the first p that is below 0, above 1 or NaN.
    ///
    /// ```
    /// use gaussian_mixture::GaussianMixture;
    ///
    /// let mixture = GaussianMixture::new([0.5, 0.5], [-1.0, 1.0], [0.5, 0.5])?;
    /// assert!(mixture.quantile(0.5)?.abs() < 1e-15);
    /// let quartiles = mixture.quantile(&[0.25, 0.75])?;
    /// assert!((mixture.cdf(quartiles[1]) - 0.75).abs() < 1e-15);
    /// assert!(mixture.quantile(1.5).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "inverse_cdf")]
    #[doc(alias = "ppf")]
    pub fn quantile<P: Points>(&self, p: P) -> Result<P::Values, ProbabilityError> {
        self.quantiles(p, Side::Below)
    }

    /// The x with P(X > x) = q, for one q or for each of a list: the quantile of 1 − q, without rounding 1 − q.
    ///
    /// # Errors
    ///
    /// [`ProbabilityError::Outside`] with the index of the first q that is below 0, above 1 or NaN.
    ///
    /// ```
    /// use gaussian_mixture::GaussianMixture;
    ///
    /// let mixture = GaussianMixture::new([1.0], [0.0], [1.0])?;
    /// let x = mixture.upper_quantile(1e-100)?;
    /// assert!((mixture.sf(x) / 1e-100 - 1.0).abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "isf")]
    #[doc(alias = "inverse_sf")]
    pub fn upper_quantile<P: Points>(&self, q: P) -> Result<P::Values, ProbabilityError> {
        self.quantiles(q, Side::Above)
    }

    /// The x with each probability on that side, or the error of the first that is none.
    fn quantiles<P: Points>(&self, p: P, side: Side) -> Result<P::Values, ProbabilityError> {
        let mut found = Ok(());
        let values = p.evaluate(|p, x| found = self.checked(p, side, x));
        found.map(|()| values)
    }

    fn checked(&self, p: &[f64], side: Side, x: &mut [f64]) -> Result<(), ProbabilityError> {
        if let Some(index) = p.iter().position(|p| !(0.0..=1.0).contains(p)) {
            return Err(ProbabilityError::Outside { index, value: p[index] });
        }
        self.solve(p, side, x);
        Ok(())
    }

    /// Of a p from [0, 1].
    pub(super) fn quantile_at(&self, p: f64) -> f64 {
        let mut x = [f64::NAN];
        self.solve(&[p], Side::Below, &mut x);
        x[0]
    }

    /// `x[i]` with the probability `p[i]` on that side, from whichever side has the smaller one.
    fn solve(&self, p: &[f64], side: Side, x: &mut [f64]) {
        let sides = [side, side.other()];
        let is_own = |p: f64, from: Side| (p <= 0.5) == (from == side);
        let solvers = sides.map(|from| {
            p.iter().any(|&p| is_own(p, from)).then(|| Solver::new(self, from)).flatten()
        });
        threads::fill((p, 1), (x, 1), self.n_components(), &|p, x| {
            for (from, solver) in sides.into_iter().zip(&solvers) {
                let smaller = |p: f64| if from == side { p } else { 1.0 - p };
                let places: Vec<usize> = (0..p.len()).filter(|&i| is_own(p[i], from)).collect();
                let probabilities: Vec<f64> = places.iter().map(|&i| smaller(p[i])).collect();
                let found = self.quantiles_from(from, solver.as_ref(), &probabilities);
                for (&i, found) in places.iter().zip(found) {
                    x[i] = found;
                }
            }
        });
    }

    /// The points with each of these probabilities ≤ ½ on that side: many at a time, and one by one where that fails, in a tail
    /// beyond all normal numbers or in units at the ends of their range.
    fn quantiles_from(
        &self,
        side: Side,
        solver: Option<&Solver>,
        probabilities: &[f64],
    ) -> Vec<f64> {
        let mut found = vec![f64::NAN; probabilities.len()];
        if let Some(Solver { tails, stretch }) = solver {
            stretch.solve(tails, probabilities, &mut found);
        }
        for (x, &p) in found.iter_mut().zip(probabilities).filter(|(x, _)| x.is_nan()) {
            *x = match side {
                Side::Below => self.lower(p),
                Side::Above => self.upper(p),
            };
        }
        found
    }

    /// The x with P(X ≤ x) = p ≤ ½.
    fn lower(&self, p: f64) -> f64 {
        if p == 0.0 {
            return f64::NEG_INFINITY;
        }
        let (low, high) = self.bracket(p, |c, reach| (c.mean - reach * c.std_dev, c.mean));
        let ln_p = p.ln();
        bracketed(low, high, |x| self.ln_cdf_at(x) - ln_p)
    }

    /// The x with P(X > x) = q ≤ ½.
    fn upper(&self, q: f64) -> f64 {
        if q == 0.0 {
            return f64::INFINITY;
        }
        let (low, high) = self.bracket(q, |c, reach| (c.mean, c.mean + reach * c.std_dev));
        let ln_q = q.ln();
        bracketed(low, high, |x| ln_q - self.ln_sf_at(x))
    }

    /// A mixture's quantile lies between the outermost quantiles of its components. For one component, P(Z < −t) ≤
    /// ½ exp(−t²/2), so that its quantile of p ≤ ½ is within √(2 ln(1/(2p))) standard deviations of the mean.
    fn bracket(&self, p: f64, ends: impl Fn(Component, f64) -> (f64, f64)) -> (f64, f64) {
        let reach = (-2.0 * (p.ln() + LN_2)).max(0.0).sqrt();
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for c in self.components().filter(|c| c.weight > 0.0) {
            let (left, right) = ends(c, reach);
            let margin = MARGIN * c.std_dev + MARGIN * c.mean.abs();
            low = low.min(left - margin);
            high = high.max(right + margin);
        }
        (low.max(-f64::MAX), high.min(f64::MAX))
    }
}

/// What finds many quantiles at a time.
struct Solver {
    tails: Tails,
    stretch: Stretch,
}

impl Solver {
    /// None for parameters at the ends of the range of `f64`.
    fn new(mixture: &GaussianMixture, side: Side) -> Option<Self> {
        let tails = Tails::new(mixture, side)?;
        let knots = mixture.knots();
        let mut values = vec![f64::NAN; knots.len()];
        tails.evaluate(&knots, &mut values);
        Some(Self { tails, stretch: Stretch::new(&knots, &values) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In units of the rounding of p: the cumulative probability is right to a few of them, and so is met no better.
    const LAST_PLACES: f64 = 8.0;

    /// Of two ways to the same root, each right to this much of p.
    const PROMISED: f64 = 1e-13;

    fn mixture(weights: &[f64], means: &[f64], std_devs: &[f64]) -> GaussianMixture {
        GaussianMixture::new(weights, means, std_devs).unwrap()
    }

    /// Narrow in wide, far apart with nothing between, far from 0, in tiny and huge units.
    fn mixtures() -> [GaussianMixture; 9] {
        [
            mixture(&[1.0], &[0.0], &[1.0]),
            mixture(&[1.0], &[5e5], &[1e-3]),
            mixture(&[0.5, 0.5], &[0.0, 1.0], &[1e-8, 1e8]),
            mixture(&[0.5, 0.3, 0.2], &[0.0, 0.3, 0.0], &[1.0, 1e-6, 1e-3]),
            mixture(&[0.3, 0.7], &[0.0, 1000.0], &[1.0, 1.0]),
            mixture(&[1e-10, 1.0 - 1e-10], &[0.0, 30.0], &[1.0, 1.0]),
            mixture(&[1e-200, 1.0], &[0.0, 60.0], &[1.0, 1.0]),
            mixture(&[0.2, 0.0, 0.8], &[1e-201, 0.0, 0.0], &[1e-200, 1.0, 1e-199]),
            mixture(&[1.0], &[1e9], &[1e5]),
        ]
    }

    /// Everywhere, deep in the tails, and at the edges of gaps.
    fn probabilities() -> Vec<f64> {
        let evenly = (1..=500).map(|i| f64::from(i) / 1000.0);
        let tails = (0..1000).map(|i| 0.3 * (-0.66 * f64::from(i)).exp());
        let edges =
            [0.3, 1e-10, 1e-200].into_iter().flat_map(|p| [p * (1.0 - 1e-9), p * (1.0 + 1e-9)]);
        evenly.chain(tails).chain(edges).collect()
    }

    #[test]
    fn the_probability_at_a_quantile_is_met_to_its_last_places() {
        for m in mixtures() {
            for side in [Side::Below, Side::Above] {
                let p = probabilities();
                let x = m.quantiles_from(side, Solver::new(&m, side).as_ref(), &p);
                let held = if side == Side::Below { m.cdf(&x) } else { m.sf(&x) };
                for ((p, x), held) in p.into_iter().zip(x).zip(held) {
                    let spacing = (x.abs().next_up() - x.abs()) * m.pdf(x);
                    let rounding = LAST_PLACES * f64::EPSILON * p;
                    assert!((held - p).abs() <= rounding + spacing, "{m:?}: {p:e} {x:e} {held:e}");
                }
            }
        }
    }

    #[test]
    fn many_at_a_time_they_are_those_found_one_by_one() {
        for m in mixtures() {
            let p = probabilities();
            let found = m.quantiles_from(Side::Below, Solver::new(&m, Side::Below).as_ref(), &p);
            for (p, found) in p.into_iter().zip(found) {
                let expected = m.lower(p);
                let off = (found - expected).abs() * (m.pdf(expected) / p);
                let spacing = 4.0 * f64::EPSILON * expected.abs() * (m.pdf(expected) / p);
                assert!(off <= PROMISED + spacing, "{m:?}: {p:e} {found:e} {expected:e}");
            }
        }
    }

    #[test]
    fn hardly_any_is_left_to_be_found_by_itself() {
        for m in mixtures() {
            for side in [Side::Below, Side::Above] {
                let p = probabilities();
                let mut found = vec![f64::NAN; p.len()];
                let Solver { tails, stretch } = Solver::new(&m, side).unwrap();
                stretch.solve(&tails, &p, &mut found);
                let left: Vec<&f64> =
                    p.iter().zip(found).filter_map(|(p, x)| x.is_nan().then_some(p)).collect();
                assert!(left.len() <= p.len() / 100, "{m:?}: {left:?}");
            }
        }
    }
}
