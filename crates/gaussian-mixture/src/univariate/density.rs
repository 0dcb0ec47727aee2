//! Terms wₖNₖ(x) of the density, a point in every lane.
//!
//! exp(−z²/2) multiplies the relative error of z by z²: at z = 37 a rounding would cost three digits. So z and its square are
//! carried along with their rounding, and the exponential is kept apart from its power of two until it has met that of
//! wₖ/σₖ: nothing under- or overflows unless the term does.

use super::Component;
use crate::normal::{INV_SQRT_2_PI, TINY};
use crate::simd::{ExpParts, Function, Lanes, evaluate, exp_parts, remainder, times_power_of_two};

/// Within these, neither a difference to a mean nor a remainder of the division by a standard deviation leaves the range of
/// `f64` where the term is not 0 anyway.
const LARGE: f64 = 1e300;

/// Of z²/2: beyond, a term is 0 whatever its width.
const FAR: f64 = 1e4;

/// Beyond these powers of two a number below 2 is 0 or ∞.
const LOWEST: f64 = -1100.0;
const HIGHEST: f64 = 1100.0;

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
    mean: f64,
    std_dev: f64,
    reciprocal: f64,
    /// wₖ/(σₖ√(2π)) = factor · 2^exponent.
    factor: f64,
    exponent: f64,
}

impl Term {
    /// None for parameters at the ends of the range of `f64`.
    fn new(&Component { weight, mean, std_dev, .. }: &Component) -> Option<Self> {
        if !(TINY..LARGE).contains(&std_dev) || mean.abs() > LARGE {
            return None;
        }
        let (w, s) = (libm::frexp(weight), libm::frexp(std_dev));
        let (factor, exponent) = (w.0 * INV_SQRT_2_PI / s.0, f64::from(w.1 - s.1));
        Some(Self { mean, std_dev, reciprocal: std_dev.recip(), factor, exponent })
    }

    #[inline(always)]
    fn at<L: Lanes>(&self, x: L) -> L {
        let (mean, std_dev) = (x.splat(self.mean), x.splat(self.std_dev));
        let d = x - mean;
        let z = d / std_dev;
        // TwoSum: d + error is x − μ exactly ("Accurate Sum and Dot Product", SIAM Journal on Scientific Computing, 2005).
        let back = d - x;
        let error = (x - (d - back)) - (mean + back);
        let rest = (remainder(d, z, std_dev) + error) * x.splat(self.reciprocal);

        let square = z * z;
        let high = x.splat(0.5) * square;
        // −z²/2 is −high plus this.
        let low = x.splat(0.5) * remainder(square, z, z) - z * rest;
        let zero = x.splat(0.0);
        let ExpParts { factor, exponent } = exp_parts(zero - high, low);
        let exponent = exponent + x.splat(self.exponent);
        let exponent = x.splat(HIGHEST).min(x.splat(LOWEST).max(exponent));
        let value = times_power_of_two(factor * x.splat(self.factor), exponent);
        x.splat(FAR).if_less(high, zero, value)
    }
}

impl Function for Density {
    #[inline(always)]
    fn at<L: Lanes>(&mut self, x: L) -> L {
        let mut sum = x.splat(0.0);
        for term in &self.0 {
            sum = sum + term.at(x);
        }
        sum
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
                    assert!(off <= PROMISED * expected, "{x:e} on {set}: {found:e} {expected:e}");
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
