//! ln(wₖ Nₖ(x)) for every component k: where every density, responsibility and E-step begins.

mod lanes;

pub(crate) use lanes::{Responsibilities, Term};

use crate::log_sum_exp::{Softmax, softmax_in_place};
use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

/// ½ ln 2π, from the constant 1/(σ√(2π)) that makes a Gaussian integrate to 1.
pub(crate) const HALF_LN_2_PI: f64 = 0.918_938_533_204_672_8;

/// ½ ln π.
const HALF_LN_PI: f64 = 0.572_364_942_924_700_1;

/// The function x ↦ ln(wₖ Nₖ(x)) = ln wₖ − ln σₖ − ½ ln 2π − ½((x − μₖ)/σₖ)² of every component, with what does not depend
/// on x worked out once.
pub(crate) struct LnJoint {
    components: Vec<LnComponent>,
}

#[derive(Clone, Copy)]
struct LnComponent {
    mean: f64,
    std_dev: f64,
    /// 1/(√2 σₖ), so that ½((x − μₖ)/σₖ)² is a plain square; none where 1/σₖ overflows.
    reciprocal: Option<f64>,
    /// ln wₖ − ln σₖ − ½ ln 2π; −∞ for a weight of 0.
    offset: f64,
}

impl LnJoint {
    /// Of as many weights and means as standard deviations, the latter positive.
    pub(crate) fn new(weights: &[f64], means: &[f64], std_devs: &[f64]) -> Self {
        let parameters = weights.iter().zip(means).zip(std_devs);
        let component =
            |((&w, &mean), &std_dev): ((&f64, &f64), &f64)| LnComponent::new(w, mean, std_dev);
        Self { components: parameters.map(component).collect() }
    }

    /// ln f(x) of one point, for searches that go from point to point: to rounding what [`fill`](Self::fill) gives.
    pub(crate) fn ln_pdf(&self, x: f64) -> f64 {
        let terms = || self.components.iter().map(|c| c.at(x));
        let max = terms().fold(f64::NEG_INFINITY, f64::max);
        if !max.is_finite() {
            return if x.is_nan() { x } else { max };
        }
        max + terms().map(|t| (t - max).exp()).sum::<f64>().ln()
    }

    /// ln f(x), and the responsibilities wₖ Nₖ(x) / f(x) for x in `shares`, which sum to 1.
    pub(crate) fn shares(&self, x: f64, shares: &mut [f64]) -> Softmax {
        self.evaluate(x, shares);
        let softmax = softmax_in_place(shares);
        if softmax.ln_sum == f64::NEG_INFINITY {
            self.nearest_alone(x, shares);
        }
        softmax
    }

    /// The responsibilities so far out that every squared distance overflows. The nearest component, in its own standard
    /// deviations, outweighs all others there.
    pub(crate) fn nearest_alone(&self, x: f64, shares: &mut [f64]) {
        let nearest = self.nearest(x);
        shares.fill(0.0);
        shares[nearest] = 1.0;
    }

    /// The component of the smallest |x − μₖ|/σₖ; where rounding makes some equal, the one whose mean lies furthest on x's
    /// own side.
    fn nearest(&self, x: f64) -> usize {
        // Quarters, so that no difference overflows.
        let distance = |c: &LnComponent| ((0.25 * x - 0.25 * c.mean) / c.std_dev).abs();
        let behind = |c: &LnComponent| -c.mean * x.signum();
        let present = self.components.iter().enumerate();
        present
            .filter(|(_, c)| c.offset > f64::NEG_INFINITY)
            .min_by(|(_, a), (_, b)| {
                distance(a).total_cmp(&distance(b)).then(behind(a).total_cmp(&behind(b)))
            })
            .map_or(0, |(k, _)| k)
    }

    fn evaluate(&self, x: f64, terms: &mut [f64]) {
        for (term, c) in terms.iter_mut().zip(&self.components) {
            *term = c.at(x);
        }
    }
}

impl LnComponent {
    fn new(weight: f64, mean: f64, std_dev: f64) -> Self {
        let reciprocal = Some(FRAC_1_SQRT_2 / std_dev).filter(|r| (r * SQRT_2).is_finite());
        // With the rounding that squares have: so their errors cancel, where a million samples would add them up.
        let ln_scale = match reciprocal {
            Some(reciprocal) => reciprocal.ln() - HALF_LN_PI,
            None => -std_dev.ln() - HALF_LN_2_PI,
        };
        Self { mean, std_dev, reciprocal, offset: weight.ln() + ln_scale }
    }

    /// As in [`LnComponent::lanes`].
    fn at(&self, x: f64) -> f64 {
        let deviation = x - self.mean;
        // The reciprocal of a tiny σ overflows, and 0·∞ is NaN.
        let u = match self.reciprocal {
            Some(reciprocal) => deviation * reciprocal,
            None => deviation / self.std_dev * FRAC_1_SQRT_2,
        };
        self.offset - u * u
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_half_logarithms_of_pi_and_two_pi() {
        // The literals are the nearest f64 to the true values; the logarithm of a rounded π may be one off.
        let pi = std::f64::consts::PI;
        for (literal, computed) in
            [(HALF_LN_2_PI, 0.5 * (2.0 * pi).ln()), (HALF_LN_PI, 0.5 * pi.ln())]
        {
            assert!((literal - computed).abs() <= f64::EPSILON);
        }
    }
}
