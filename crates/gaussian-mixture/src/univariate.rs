//! A univariate Gaussian mixture: its parameters and its density.

mod critical_points;
mod density;
mod ecosystem;
mod entropy;
mod highest_density;
mod knots;
pub(crate) mod ln_joint;
mod modes;
mod p_value;
mod probability;
mod quantile;
mod responsibilities;
mod sampling;
mod summary;
mod tails;

pub use highest_density::HighestDensityRegion;
pub use modes::Mode;

use crate::normal::{INV_SQRT_2_PI, Standardised};
use crate::points::shared;
use crate::{IntoList, ParameterError, Points, Weights};
use density::density;
use ln_joint::LnJoint;
use std::fmt;

/// A mixture of K univariate Gaussians, with density
///
/// ```text
/// f(x) = Σₖ wₖ · 1/(σₖ √(2π)) · exp(−(x − μₖ)² / (2σₖ²))
/// ```
///
/// where wₖ = `weights[k]`, μₖ = `means[k]`, σₖ = `std_devs[k]` (standard deviations, not variances). Each Gaussian is
/// divided by its own integral σₖ√(2π) and the weights sum to 1 ([`Weights`]), so the density integrates to 1 and its
/// k-th term to wₖ.
///
/// ```
/// use gaussian_mixture::GaussianMixture;
///
/// let mixture = GaussianMixture::new([0.3, 0.7], [-1.0, 2.0], [0.5, 1.0])?;
/// let density: f64 = mixture.pdf(0.0);
/// let curve: Vec<f64> = mixture.pdf(&[-1.0, 0.0, 1.0]);
/// assert_eq!(curve[1], density);
/// assert!((mixture.ln_pdf(0.0).exp() - density).abs() < 1e-15);
/// # Ok::<(), gaussian_mixture::ParameterError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "crate::stored::Univariate", into = "crate::stored::Univariate")
)]
pub struct GaussianMixture {
    weights: Weights,
    means: Vec<f64>,
    std_devs: Vec<f64>,
}

/// One component of a [`GaussianMixture`], by value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Component {
    /// Its place in the mixture, counted from 0.
    pub index: usize,
    /// The share of the probability that it carries.
    pub weight: f64,
    /// Its mean, in the unit of the samples.
    pub mean: f64,
    /// Its standard deviation, in the unit of the samples.
    pub std_dev: f64,
}

impl Component {
    /// x in standard deviations from the mean.
    fn standardised(self, x: f64) -> Standardised {
        Standardised::new(x, self.mean, self.std_dev)
    }

    /// wₖNₖ(x) = wₖ/(σₖ√(2π)) · exp(−z²/2).
    fn weighted_pdf(self, x: f64) -> f64 {
        // In an order in which nothing under- or overflows unless the density does: exp(−z²/2) in two factors, one on
        // either side of 1/σ.
        let root = self.standardised(x).root_gaussian();
        if self.weight == 0.0 {
            return 0.0 * x.signum().abs();
        }
        if root == 0.0 { 0.0 } else { (self.weight * INV_SQRT_2_PI * root / self.std_dev) * root }
    }
}

impl GaussianMixture {
    /// Builds a mixture from its parameters, one of each per component.
    ///
    /// # Errors
    ///
    /// A [`ParameterError`] that names the list, the index and the value: no component, lists of different lengths,
    /// weights that [`Weights::new`] refuses, a mean that is not finite, a standard deviation that is not finite and
    /// positive.
    pub fn new(
        weights: impl IntoList,
        means: impl IntoList,
        std_devs: impl IntoList,
    ) -> Result<Self, ParameterError> {
        let weights = Weights::new(weights)?;
        let (means, std_devs) = (means.into_list(), std_devs.into_list());
        check_length("means", &means, weights.len())?;
        check_length("std_devs", &std_devs, weights.len())?;
        if let Some(index) = means.iter().position(|m| !m.is_finite()) {
            return Err(ParameterError::Mean { index, value: means[index] });
        }
        if let Some(index) = std_devs.iter().position(|s| !(s.is_finite() && *s > 0.0)) {
            return Err(ParameterError::StdDev { index, value: std_devs[index] });
        }
        Ok(Self { weights, means, std_devs })
    }

    /// The number K of components, at least 1.
    pub fn n_components(&self) -> usize {
        self.weights.len()
    }

    /// The mixing weights, one per component; they sum to 1.
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// The means, one per component, in the unit of the samples.
    pub fn means(&self) -> &[f64] {
        &self.means
    }

    /// The standard deviations (not variances), one per component, in the unit of the samples.
    pub fn std_devs(&self) -> &[f64] {
        &self.std_devs
    }

    /// The components in their own order.
    pub fn components(&self) -> impl Iterator<Item = Component> + '_ {
        (0..self.n_components()).map(|index| Component {
            index,
            weight: self.weights[index],
            mean: self.means[index],
            std_dev: self.std_devs[index],
        })
    }

    /// Component k.
    ///
    /// # Errors
    ///
    /// [`ParameterError::Component`] unless `k` is less than [`n_components`](Self::n_components).
    pub fn component(&self, k: usize) -> Result<Component, ParameterError> {
        let n_components = self.n_components();
        self.components().nth(k).ok_or(ParameterError::Component { index: k, n_components })
    }

    /// The components from the leftmost mean to the rightmost, each with its index in the mixture.
    ///
    /// The order in which a fit returns components depends on its random start; this one does not.
    pub fn components_by_mean(&self) -> Vec<Component> {
        let mut components: Vec<Component> = self.components().collect();
        components.sort_by(|a, b| a.mean.total_cmp(&b.mean));
        components
    }

    /// The density f(x), per unit of x, at one point or at each of a list: exp of [`ln_pdf`](Self::ln_pdf), up to the
    /// rounding of that logarithm.
    ///
    /// It is summed from its terms, each right to a relative error of 1e-13 also 37 standard deviations out, where the
    /// logarithm, near −700, has lost three digits of it. A density is not a probability and may exceed 1. It is 0 at ±∞ and
    /// wherever it is too small for an `f64`, infinite where it is too large, and NaN at NaN.
    #[doc(alias = "density")]
    pub fn pdf<P: Points>(&self, x: P) -> P::Values {
        let components: Vec<Component> = self.components().collect();
        shared(x, components.len(), &|points, values| density(&components, points, values))
    }

    /// The k-th term wₖNₖ(x) of the density, its weight included, at one point or at each of a list. The terms of all k
    /// add up to [`pdf`](Self::pdf); each integrates to its weight.
    ///
    /// # Errors
    ///
    /// [`ParameterError::Component`] unless `k` is less than [`n_components`](Self::n_components).
    ///
    /// ```
    /// use gaussian_mixture::GaussianMixture;
    ///
    /// let mixture = GaussianMixture::new([0.3, 0.7], [-1.0, 2.0], [0.5, 1.0])?;
    /// let sum = mixture.component_pdf(0, 0.5)? + mixture.component_pdf(1, 0.5)?;
    /// assert_eq!(sum, mixture.pdf(0.5));
    /// assert!(mixture.component_pdf(2, 0.5).is_err());
    /// # Ok::<(), gaussian_mixture::ParameterError>(())
    /// ```
    pub fn component_pdf<P: Points>(&self, k: usize, x: P) -> Result<P::Values, ParameterError> {
        let component = self.component(k)?;
        Ok(shared(x, 1, &|points, values| density(&[component], points, values)))
    }

    /// The logarithm of the density at one point or at each of a list:
    /// ln f(x) = ln Σₖ exp(ln wₖ − ln σₖ − ½ ln 2π − ½((x − μₖ)/σₖ)²), summed so that nothing overflows.
    ///
    /// It stays finite far out, where the density itself has long become 0, up to about 10¹⁵⁴ standard deviations, beyond
    /// which the square overflows and it is −∞, as at ±∞. It is NaN at NaN.
    #[doc(alias = "score_samples")]
    #[doc(alias = "logpdf")]
    pub fn ln_pdf<P: Points>(&self, x: P) -> P::Values {
        let ln_joint = self.ln_joint();
        shared(x, self.n_components(), &|points, values| ln_joint.fill(points, values))
    }

    pub(crate) fn ln_joint(&self) -> LnJoint {
        LnJoint::new(&self.weights, &self.means, &self.std_devs)
    }
}

fn check_length(what: &'static str, list: &[f64], expected: usize) -> Result<(), ParameterError> {
    if list.len() == expected {
        Ok(())
    } else {
        Err(ParameterError::Length { what, expected, found: list.len() })
    }
}

/// A table, one line per component from left to right, for `println!`.
impl fmt::Display for GaussianMixture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(4);
        let width = digits + 8;
        write!(f, "component {:>width$} {:>width$} {:>width$}", "weight", "mean", "std dev")?;
        for c in self.components_by_mean() {
            write!(
                f,
                "\n{:>9} {:>width$.digits$} {:>width$.digits$} {:>width$.digits$}",
                c.index, c.weight, c.mean, c.std_dev
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{Continuous, Normal};
    use std::f64::consts::PI;

    /// A few roundings in each of a handful of terms of order 1.
    const ROUNDING: f64 = 1e-14;

    fn mixture() -> GaussianMixture {
        GaussianMixture::new([0.2, 0.5, 0.3], [-1.5, 0.0, 2.0], [0.5, 0.1, 1.2]).unwrap()
    }

    #[test]
    fn the_density_is_the_formula_in_its_documentation() {
        let m = mixture();
        for x in [-3.0, -1.5, -0.07, 0.0, 0.4, 1.9, 4.0] {
            let literal: f64 = m
                .components()
                .map(|Component { weight: w, mean: mu, std_dev: sigma, .. }| {
                    w / (sigma * (2.0 * PI).sqrt())
                        * (-(x - mu).powi(2) / (2.0 * sigma.powi(2))).exp()
                })
                .sum();
            assert!((m.pdf(x) - literal).abs() < ROUNDING * literal);
            assert!((m.ln_pdf(x) - literal.ln()).abs() < ROUNDING);
        }
    }

    #[test]
    fn one_component_is_the_normal_distribution_of_statrs() {
        let one = GaussianMixture::new([1.0], [0.7], [0.3]).unwrap();
        let normal = Normal::new(0.7, 0.3).unwrap();
        for x in [-1.0, 0.5, 0.7, 1.1, 9.0] {
            assert!((one.ln_pdf(x) - normal.ln_pdf(x)).abs() <= ROUNDING * normal.ln_pdf(x).abs());
        }
    }

    #[test]
    fn far_out_the_logarithm_goes_on_where_the_density_has_ended() {
        let m = mixture();
        assert_eq!(m.pdf(1e6), 0.0);
        // The widest component alone is left there: ln(0.3/(1.2√2π)) − ½((10⁶ − 2)/1.2)² in rational arithmetic, to a rounding.
        let exact: f64 = -347_220_833_337.027_47;
        assert!((m.ln_pdf(1e6) - exact).abs() <= f64::EPSILON * exact.abs());
    }

    #[test]
    fn one_bad_point_does_not_spoil_the_others() {
        let m = mixture();
        let values = m.pdf(&[f64::NAN, 0.0, f64::INFINITY, 1e300, 0.0]);
        assert!(values[0].is_nan());
        assert_eq!(values[1..], [m.pdf(0.0), 0.0, 0.0, m.pdf(0.0)]);
    }

    #[test]
    fn a_component_of_weight_zero_changes_nothing() {
        let with =
            GaussianMixture::new([0.4, 0.0, 0.6], [0.0, 1.0, 2.0], [1.0, 1e-300, 1.0]).unwrap();
        let without = GaussianMixture::new([0.4, 0.6], [0.0, 2.0], [1.0, 1.0]).unwrap();
        for x in [-1.0, 1.0, 2.5] {
            assert_eq!(with.pdf(x), without.pdf(x));
        }
    }

    #[test]
    fn extreme_widths_give_no_nan() {
        for std_dev in [f64::MIN_POSITIVE / 1024.0, 1e-300, 1e300, f64::MAX] {
            let m = GaussianMixture::new([0.5, 0.5], [-1e300, 1e300], [std_dev, std_dev]).unwrap();
            for x in [-1e300, 0.0, 1e300, f64::MAX, f64::INFINITY] {
                assert!(!m.ln_pdf(x).is_nan(), "ln_pdf({x}) with std_dev {std_dev}");
            }
        }
    }

    #[test]
    fn wrong_parameters_are_named() {
        let new = |w: &[f64], m: &[f64], s: &[f64]| GaussianMixture::new(w, m, s).unwrap_err();
        assert_eq!(new(&[], &[], &[]), ParameterError::NoComponents);
        let length = ParameterError::Length { what: "means", expected: 2, found: 1 };
        assert_eq!(new(&[0.5, 0.5], &[0.0], &[1.0, 1.0]), length);
        let length = ParameterError::Length { what: "std_devs", expected: 2, found: 3 };
        assert_eq!(new(&[0.5, 0.5], &[0.0; 2], &[1.0; 3]), length);
        let infinite = ParameterError::Mean { index: 1, value: f64::INFINITY };
        assert_eq!(new(&[0.5, 0.5], &[0.0, f64::INFINITY], &[1.0, 1.0]), infinite);
        for value in [0.0, -1.0, f64::INFINITY] {
            assert_eq!(new(&[1.0], &[0.0], &[value]), ParameterError::StdDev { index: 0, value });
        }
        assert!(matches!(
            new(&[1.0], &[0.0], &[f64::NAN]),
            ParameterError::StdDev { index: 0, .. }
        ));
    }

    #[test]
    fn from_left_to_right_with_the_original_indices() {
        let m = GaussianMixture::new([0.2, 0.5, 0.3], [2.0, -1.0, 0.5], [1.0, 2.0, 3.0]).unwrap();
        let order: Vec<usize> = m.components_by_mean().iter().map(|c| c.index).collect();
        assert_eq!(order, [1, 2, 0]);
        let table = format!("{m:.2}");
        let rows: Vec<Vec<&str>> =
            table.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(rows[1], ["1", "0.50", "-1.00", "2.00"]);
        assert_eq!(rows[3], ["0", "0.20", "2.00", "1.00"]);
    }
}
