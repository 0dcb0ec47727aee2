//! ln(wₖ Nₖ(x)) for every component k: where every density, responsibility and E-step begins.

use crate::log_sum_exp::{log_sum_exp, softmax_in_place};

/// ½ ln 2π, from the constant 1/(σ√(2π)) that makes a Gaussian integrate to 1.
pub(crate) const HALF_LN_2_PI: f64 = 0.918_938_533_204_672_8;

/// The function x ↦ ln(wₖ Nₖ(x)) = ln wₖ − ln σₖ − ½ ln 2π − ½((x − μₖ)/σₖ)², with what does not depend on x worked out
/// once.
pub(crate) struct LnJoint<'a> {
    means: &'a [f64],
    std_devs: &'a [f64],
    /// ln wₖ − ln σₖ − ½ ln 2π; −∞ for a weight of 0.
    offsets: Vec<f64>,
}

impl<'a> LnJoint<'a> {
    /// Of as many weights and means as standard deviations, the latter positive.
    pub(crate) fn new(weights: &[f64], means: &'a [f64], std_devs: &'a [f64]) -> Self {
        let offset = |(w, s): (&f64, &f64)| w.ln() - s.ln() - HALF_LN_2_PI;
        Self { means, std_devs, offsets: weights.iter().zip(std_devs).map(offset).collect() }
    }

    /// ln f(x) = ln Σₖ wₖ Nₖ(x); `terms` is working space of one entry per component.
    pub(crate) fn ln_pdf(&self, x: f64, terms: &mut [f64]) -> f64 {
        self.evaluate(x, terms);
        log_sum_exp(terms)
    }

    /// ln f(x), and the responsibilities wₖ Nₖ(x) / f(x) for x in `shares`, which sum to 1.
    pub(crate) fn shares(&self, x: f64, shares: &mut [f64]) -> f64 {
        self.evaluate(x, shares);
        let ln_pdf = softmax_in_place(shares);
        if ln_pdf == f64::NEG_INFINITY {
            // So far out that every squared distance overflows. The nearest component, in its own standard
            // deviations, outweighs all others there.
            let nearest = self.nearest(x);
            shares.fill(0.0);
            shares[nearest] = 1.0;
        }
        ln_pdf
    }

    /// The component of the smallest |x − μₖ|/σₖ; where rounding makes some equal, the one whose mean lies furthest on x's
    /// own side.
    fn nearest(&self, x: f64) -> usize {
        // Quarters, so that no difference overflows.
        let distance = |k: usize| ((0.25 * x - 0.25 * self.means[k]) / self.std_devs[k]).abs();
        let behind = |k: usize| -self.means[k] * x.signum();
        (0..self.means.len())
            .filter(|&k| self.offsets[k] > f64::NEG_INFINITY)
            .min_by(|&a, &b| {
                distance(a).total_cmp(&distance(b)).then(behind(a).total_cmp(&behind(b)))
            })
            .unwrap_or(0)
    }

    fn evaluate(&self, x: f64, terms: &mut [f64]) {
        let parameters = self.means.iter().zip(self.std_devs).zip(&self.offsets);
        for (term, ((mean, std_dev), offset)) in terms.iter_mut().zip(parameters) {
            // A quotient, not a product with 1/σ: the reciprocal of a tiny σ overflows, and 0·∞ is NaN.
            let z = (x - mean) / std_dev;
            *term = offset - 0.5 * z * z;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_half_logarithm_of_two_pi() {
        // The literal is the nearest f64 to the true value; the logarithm of a rounded 2π may be one off.
        let computed = 0.5 * (2.0 * std::f64::consts::PI).ln();
        assert!((HALF_LN_2_PI - computed).abs() <= f64::EPSILON);
    }
}
