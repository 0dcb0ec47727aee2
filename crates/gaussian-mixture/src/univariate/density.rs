//! Terms wₖNₖ(x) of the density, a point in every lane.
//!
//! exp(−z²/2) multiplies the relative error of z by z²: at z = 37 a rounding would cost three digits. So z and its square are
//! carried along with their rounding.

use super::Component;
use crate::normal::{Coefficient, Scale};
use crate::simd::{Function, Lanes, evaluate};

/// Puts the sum of the components' terms at each point into `values`.
pub(super) fn density(components: &[Component], points: &[f64], values: &mut [f64]) {
    if let Some(terms) = components.iter().map(Term::new).collect() {
        return evaluate(Density(terms), points, values);
    }
    for (value, &x) in values.iter_mut().zip(points) {
        *value = components.iter().map(|c| c.weighted_pdf(x)).sum();
    }
}

#[derive(Clone)]
struct Density(Vec<Term>);

/// wₖNₖ, with what does not depend on x worked out once.
#[derive(Clone, Copy)]
struct Term {
    scale: Scale,
    /// wₖ/(σₖ√(2π)).
    coefficient: Coefficient,
}

impl Term {
    fn new(c: &Component) -> Option<Self> {
        let scale = Scale::new(c.mean, c.std_dev)?;
        Some(Self { scale, coefficient: Coefficient::new(c.weight, c.std_dev) })
    }
}

impl Function for Density {
    #[inline(always)]
    fn at<L: Lanes>(&mut self, x: L) -> L {
        let mut sum = x.splat(0.0);
        for term in &self.0 {
            sum = sum + term.scale.at(x).gaussian(x.splat(1.0), term.coefficient);
        }
        sum
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
            let terms: Vec<Term> = components.iter().map(|c| Term::new(c).unwrap()).collect();
            let points = points.map(|z| z * std_dev);
            for (set, values) in evaluate_on_each(&Density(terms), &points) {
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
        for (set, values) in evaluate_on_each(&Density(vec![Term::new(&one).unwrap()]), &[f64::NAN])
        {
            assert!(values[0].is_nan(), "{set}");
        }
    }
}
