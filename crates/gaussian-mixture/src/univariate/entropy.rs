//! The differential entropy of a mixture.

use super::Component;
use super::ln_joint::HALF_LN_2_PI;
use crate::GaussianMixture;
use crate::log_sum_exp::log_sum_exp;
use crate::normal::INV_SQRT_2_PI;
use crate::quadrature::integrate;

/// φ(10) is 1e-22 of φ(0), and −ln f is of the order of z² there.
const REACH: f64 = 10.0;

/// Where the integral is divided, in standard deviations of each component: the logarithm of the density changes its
/// character there.
const KNOTS: [f64; 9] = [-40.0, -10.0, -4.0, -1.5, 0.0, 1.5, 4.0, 10.0, 40.0];

/// The poorer rule of each piece may be this far off; the sum is the better one's.
const TOLERANCE: f64 = 1e-11;

/// Halvings of a piece.
const DEPTH: u32 = 30;

impl GaussianMixture {
    /// The differential entropy −∫ f(x) ln f(x) dx in nats, by adaptive quadrature, to about 1e-12.
    ///
    /// Unlike the entropy of a discrete distribution it may be negative, and it depends on the unit of x: in a unit c times
    /// smaller it is ln c larger. For one component it is ½ ln(2πeσ²).
    ///
    /// ```
    /// use gaussian_mixture::GaussianMixture;
    ///
    /// let one = GaussianMixture::new([1.0], [3.0], [1.0])?;
    /// assert!((one.entropy() - 1.4189385332046727).abs() < 1e-12);
    /// // Two components that do not touch: a choice of one in two, ln 2, more.
    /// let two = GaussianMixture::new([0.5, 0.5], [-50.0, 50.0], [1.0, 1.0])?;
    /// assert!((two.entropy() - one.entropy() - 2.0_f64.ln()).abs() < 1e-12);
    /// # Ok::<(), gaussian_mixture::ParameterError>(())
    /// ```
    pub fn entropy(&self) -> f64 {
        let components: Vec<Component> = self.components().filter(|c| c.weight > 0.0).collect();
        components.iter().map(|c| c.weight * surprise(*c, &components)).sum()
    }
}

/// −E[ln f(X)] for X from component k: −∫ φ(z) ln f(μₖ + σₖz) dz.
///
/// In z, component by component, widths that differ by any factor are all of order 1, each in its own integral.
fn surprise(own: Component, components: &[Component]) -> f64 {
    let integrand = |z: f64| {
        let terms: Vec<f64> = components.iter().map(|c| ln_term(*c, own, z)).collect();
        -log_sum_exp(&terms) * INV_SQRT_2_PI * (-0.5 * z * z).exp()
    };
    let knots = knots(own, components);
    knots
        .windows(2)
        .map(|pair| integrate(pair[0], pair[1], TOLERANCE * (pair[1] - pair[0]), DEPTH, &integrand))
        .sum()
}

/// ln(wⱼNⱼ(μₖ + σₖz)), without the rounding of its argument.
fn ln_term(c: Component, own: Component, z: f64) -> f64 {
    let distance = apart(own, c) + z * (own.std_dev / c.std_dev);
    let square = 0.5 * distance * distance;
    // Finite, so that no sum of terms is without one.
    c.weight.ln() - c.std_dev.ln() - HALF_LN_2_PI - square.min(f64::MAX)
}

/// (μₖ − μⱼ)/σⱼ.
fn apart(own: Component, c: Component) -> f64 {
    let distance = c.standardised(own.mean).value();
    distance.clamp(-f64::MAX, f64::MAX)
}

fn knots(own: Component, components: &[Component]) -> Vec<f64> {
    let mut knots = vec![-REACH, REACH];
    for c in components {
        let centre = own.standardised(c.mean).value();
        let width = c.std_dev / own.std_dev;
        knots.extend(KNOTS.map(|knot| centre + knot * width).iter().filter(|z| z.abs() < REACH));
    }
    knots.sort_by(f64::total_cmp);
    knots.dedup();
    knots
}
