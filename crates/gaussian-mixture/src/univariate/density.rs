//! Terms wₖNₖ(x) of the density, a point in every lane.
//!
//! exp(−z²/2) multiplies the relative error of z by z²: at z = 37 a rounding would cost three digits. So z and its square are
//! carried along with their rounding.

use super::Component;
use crate::normal::{Coefficient, Scale};
use crate::root::Curve;
use crate::simd::{Function, Lanes, evaluate};

/// Puts the sum of the components' terms at each point into `values`.
pub(super) fn density(components: &[Component], points: &[f64], values: &mut [f64]) {
    if let Some(density) = Density::new(components) {
        return density.evaluate(points, values);
    }
    for (value, &x) in values.iter_mut().zip(points) {
        *value = components.iter().map(|c| c.weighted_pdf(x)).sum();
    }
}

/// x ↦ Σₖ wₖNₖ(x).
pub(super) struct Density {
    terms: Vec<Term>,
    /// What lengths are measured in.
    unit: f64,
}

/// wₖNₖ, with what does not depend on x worked out once.
#[derive(Clone, Copy)]
struct Term {
    scale: Scale,
    /// 1/σₖ, per unit of length.
    reciprocal: f64,
    /// wₖ/(σₖ√(2π)).
    coefficient: Coefficient,
}

impl Term {
    fn new(c: &Component, unit: f64) -> Option<Self> {
        let scale = Scale::new(c.mean, c.std_dev)?;
        let coefficient = Coefficient::new(c.weight, c.std_dev);
        Some(Self { scale, reciprocal: unit / c.std_dev, coefficient })
    }
}

impl Density {
    /// None for parameters at the ends of the range of `f64`.
    pub(super) fn new(components: &[Component]) -> Option<Self> {
        let unit = narrowest(components.iter().copied());
        let terms = components.iter().map(|c| Term::new(c, unit)).collect::<Option<_>>()?;
        Some(Self { terms, unit })
    }

    pub(super) fn evaluate(&self, points: &[f64], values: &mut [f64]) {
        evaluate(self, points, values);
    }
}

/// The smallest standard deviation.
pub(super) fn narrowest(components: impl Iterator<Item = Component>) -> f64 {
    let present = components.filter(|c| c.weight > 0.0);
    present.map(|c| c.std_dev).fold(f64::INFINITY, f64::min)
}

impl Function for &Density {
    #[inline(always)]
    fn at<L: Lanes>(&mut self, x: L) -> L {
        Curve::at(*self, x).0
    }
}

impl Curve for Density {
    #[inline(always)]
    fn at<L: Lanes>(&self, x: L) -> (L, L) {
        let zero = x.splat(0.0);
        let (mut sum, mut slope) = (zero, zero);
        for term in &self.terms {
            let at = term.scale.at(x);
            let value = at.gaussian(x.splat(1.0), term.coefficient);
            sum = sum + value;
            slope = slope + at.z * value * x.splat(term.reciprocal);
        }
        (sum, sum / (zero - slope).max(slope) * x.splat(self.unit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GaussianMixture;
    use crate::simd::evaluate_on_each;

    /// Two ways that are each right to a few roundings. Without the rounding of z it would be 1e-13 at z = 37.
    const SAME: f64 = 1e-14;

    #[test]
    fn terms_are_those_computed_one_by_one_on_every_instruction_set() {
        let points = [-37.0, -8.1, -0.3, 0.0, 1.7, 24.0, 36.9, 1e300, f64::NEG_INFINITY];
        for std_dev in [1e-249, 1e-8, 1.0, 3.3, 1e299] {
            let m = GaussianMixture::new([0.3, 0.7], [0.1 * std_dev, 0.0], [std_dev; 2]).unwrap();
            let components: Vec<Component> = m.components().collect();
            let density = Density::new(&components).unwrap();
            let points = points.map(|z| z * std_dev);
            for (set, values) in evaluate_on_each(&&density, &points) {
                for (x, found) in points.into_iter().zip(values) {
                    let expected: f64 = components.iter().map(|c| c.weighted_pdf(x)).sum();
                    let off = (found - expected).abs();
                    assert!(off <= SAME * expected, "{x:e} on {set}: {found:e} {expected:e}");
                }
            }
        }
    }

    #[test]
    fn a_point_that_is_no_number_has_no_density_on_any_instruction_set() {
        let one = Component { index: 0, weight: 1.0, mean: 0.0, std_dev: 1.0 };
        let density = Density::new(&[one]).unwrap();
        for (set, values) in evaluate_on_each(&&density, &[f64::NAN]) {
            assert!(values[0].is_nan(), "{set}");
        }
    }
}
