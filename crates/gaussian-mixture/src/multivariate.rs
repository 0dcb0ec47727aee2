//! A Gaussian mixture in several dimensions: its parameters and its density.

pub(crate) mod batch;
mod conditional;
mod covariances;
mod ellipse;
pub(crate) mod factors;
mod far_out;
pub(crate) mod ln_joint;
pub(crate) mod matrix;
mod origin;
mod p_value;
mod relative;
mod responsibilities;
mod sampling;
pub(crate) mod whitening;

pub use covariances::{CovarianceType, Covariances};

use crate::threads;
use crate::{GaussianMixture, IntoList, ParameterError, Rows, SampleError, Weights};
use factors::Factors;
use ln_joint::MultivariateLnJoint;
use ndarray::{Array1, Array2, Axis};
use origin::Origin;
use std::fmt;

/// A mixture of K Gaussians in d dimensions, with density
///
/// ```text
/// f(x) = Σₖ wₖ · (2π)^(−d/2) · det(Σₖ)^(−1/2) · exp(−½ (x − μₖ)ᵀ Σₖ⁻¹ (x − μₖ))
/// ```
///
/// where wₖ = `weights[k]`, μₖ = `means[k, ..]` and Σₖ is the k-th covariance matrix. It is computed with the Cholesky factors of
/// the covariances and their inverses, never with the inverse of a covariance or a determinant.
///
/// Samples are rows of a table ([`Rows`]), here and in everything below.
///
/// ```
/// use gaussian_mixture::{Covariances, MultivariateGaussianMixture};
/// use ndarray::array;
///
/// let mixture = MultivariateGaussianMixture::new(
///     [0.4, 0.6],
///     &[[0.0, 0.0], [3.0, 1.0]],
///     Covariances::Full(array![[[1.0, 0.5], [0.5, 2.0]], [[0.3, 0.0], [0.0, 0.3]]]),
/// )?;
/// let density = mixture.pdf(&array![[0.0, 0.0], [3.0, 1.0]])?;
/// // At a mean far from the other, the density is the weight over 2π √det Σ.
/// assert!((density[1] - 0.6 / (2.0 * std::f64::consts::PI * 0.3)).abs() < 1e-3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "crate::stored::Multivariate", into = "crate::stored::Multivariate")
)]
pub struct MultivariateGaussianMixture {
    weights: Weights,
    /// In standard layout.
    means: Array2<f64>,
    covariances: Covariances,
    factors: Factors,
    origin: Origin,
}

/// Fills in a value for each of some rows.
type Fill<'a> = dyn Fn(&MultivariateLnJoint<'_>, &[f64], &mut [f64]) + Sync + 'a;

impl MultivariateGaussianMixture {
    /// Builds a mixture from K weights, means of shape (K, d) and covariances in the shape of their type.
    ///
    /// # Errors
    ///
    /// A [`ParameterError`] that names the list, the index and the value: no component or dimension, shapes that do not
    /// match, weights that [`Weights::new`] refuses, a mean or covariance that is not finite, a covariance that is not symmetric
    /// (within 1e-9 of the standard deviations' product; its lower triangle is taken) or not positive definite (with the
    /// pivot at which that showed).
    pub fn new<R: Rows + ?Sized>(
        weights: impl IntoList,
        means: &R,
        covariances: Covariances,
    ) -> Result<Self, ParameterError> {
        let weights = Weights::new(weights)?;
        let table = means.rows();
        let (k, d) = (table.n_samples(), table.dim());
        if k != weights.len() || d == 0 {
            let (expected, found) = (vec![weights.len(), d.max(1)], vec![k, d]);
            return Err(ParameterError::Shape { what: "means", expected, found });
        }
        let means = Array2::from_shape_fn((k, d), |(k, j)| table.values()[k * d + j]);
        let factors = Factors::of(&covariances, k, d)?;
        let origin = Origin::of(&weights, &means, &factors);
        Self { weights, means, covariances, factors, origin }.checked()
    }

    /// The mixture whose covariances are L Lᵀ.
    pub(crate) fn from_factors(
        weights: Weights,
        means: Array2<f64>,
        factors: Factors,
    ) -> Result<Self, ParameterError> {
        let covariances = factors.covariances();
        // Where L is finite, L Lᵀ may still leave the range of `f64`.
        for component in 0..means.nrows() {
            for pivot in 0..means.ncols() {
                let value = factors.covariance(component, pivot, pivot);
                if !(value.is_finite() && value > 0.0) {
                    return Err(ParameterError::NotPositiveDefinite { component, pivot, value });
                }
            }
        }
        let origin = Origin::of(&weights, &means, &factors);
        Self { weights, means, covariances, factors, origin }.checked()
    }

    fn checked(self) -> Result<Self, ParameterError> {
        match self.means.indexed_iter().find(|(_, mean)| !mean.is_finite()) {
            Some(((component, axis), &value)) => {
                Err(ParameterError::MeanEntry { component, axis, value })
            }
            None => Ok(self),
        }
    }

    pub(crate) fn factors(&self) -> &Factors {
        &self.factors
    }

    /// The number K of components, at least 1.
    pub fn n_components(&self) -> usize {
        self.weights.len()
    }

    /// The number d of coordinates, at least 1.
    pub fn dim(&self) -> usize {
        self.means.ncols()
    }

    /// The mixing weights, one per component; they sum to 1.
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// The means, of shape (K, d), in the units of the samples.
    pub fn means(&self) -> &Array2<f64> {
        &self.means
    }

    /// The covariances in the shape of their type, in squared units of the samples.
    pub fn covariances(&self) -> &Covariances {
        &self.covariances
    }

    /// Which freedom the covariances have.
    pub fn covariance_type(&self) -> CovarianceType {
        self.factors.covariance_type()
    }

    /// The covariance matrix of component k, of shape (d, d), whatever the type.
    ///
    /// # Errors
    ///
    /// [`ParameterError::Component`] if there is no component k.
    pub fn covariance(&self, k: usize) -> Result<Array2<f64>, ParameterError> {
        self.check_component(k)?;
        let d = self.dim();
        Ok(match &self.covariances {
            Covariances::Full(given) => given.index_axis(Axis(0), k).to_owned(),
            Covariances::Tied(given) => given.clone(),
            Covariances::Diagonal(given) => Array2::from_diag(&given.row(k)),
            Covariances::Spherical(given) => Array2::from_diag_elem(d, given[k]),
        })
    }

    fn check_component(&self, index: usize) -> Result<(), ParameterError> {
        let n_components = self.n_components();
        if index < n_components {
            Ok(())
        } else {
            Err(ParameterError::Component { index, n_components })
        }
    }

    /// The number of free parameters: K − 1 weights, K·d means and those of the
    /// [covariances](CovarianceType::n_parameters).
    pub fn n_parameters(&self) -> usize {
        let (k, d) = (self.n_components(), self.dim());
        k - 1 + k * d + self.covariance_type().n_parameters(k, d)
    }

    /// The indices of the components in the order of their means: by the first coordinate, then by the second, and so on.
    ///
    /// The order in which a fit returns components depends on its random start; this one does not.
    pub fn order_by_mean(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.n_components()).collect();
        order.sort_by(|&a, &b| {
            let pairs = self.means.row(a).into_iter().zip(self.means.row(b));
            pairs
                .map(|(a, b)| a.total_cmp(b))
                .fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
        });
        order
    }

    /// The density f(x) at each row, per unit of volume: one value per row.
    ///
    /// A density is not a probability and may exceed 1. It is 0 where a coordinate is infinite, or where it is too small for
    /// `f64`, and NaN where one is NaN.
    ///
    /// # Errors
    ///
    /// [`SampleError::Dimension`] if the rows do not have d coordinates.
    pub fn pdf<R: Rows + ?Sized>(&self, rows: &R) -> Result<Array1<f64>, SampleError> {
        self.evaluate(rows, &|ln_joint, rows, values| {
            ln_joint.ln_pdf(rows, values);
            for value in values {
                *value = value.exp();
            }
        })
    }

    /// The logarithm of the density at each row, ln f(x); finite far out, where the density itself has long become 0.
    ///
    /// # Errors
    ///
    /// [`SampleError::Dimension`] if the rows do not have d coordinates.
    #[doc(alias = "score_samples")]
    #[doc(alias = "logpdf")]
    pub fn ln_pdf<R: Rows + ?Sized>(&self, rows: &R) -> Result<Array1<f64>, SampleError> {
        self.evaluate(rows, &|ln_joint, rows, values| ln_joint.ln_pdf(rows, values))
    }

    /// A value for each row.
    fn evaluate<R: Rows + ?Sized>(
        &self,
        rows: &R,
        fill: &Fill<'_>,
    ) -> Result<Array1<f64>, SampleError> {
        let table = rows.rows().of_dim(self.dim())?;
        let ln_joint = &MultivariateLnJoint::new(self);
        let mut values = vec![0.0; table.n_samples()];
        let points = (table.values(), self.dim());
        threads::fill(points, (&mut values, 1), self.n_components(), &|rows, values| {
            fill(ln_joint, rows, values);
        });
        Ok(values.into())
    }

    /// The mean of the whole mixture, Σₖ wₖ μₖ, of shape (d).
    pub fn mean(&self) -> Array1<f64> {
        mean(&self.weights, &self.means)
    }

    /// The covariance of the whole mixture, Σₖ wₖ (Σₖ + (μₖ − m)(μₖ − m)ᵀ) with m its mean, of shape (d, d).
    pub fn total_covariance(&self) -> Array2<f64> {
        let (mean, d) = (self.mean(), self.dim());
        let from_mean = &self.means - &mean;
        Array2::from_shape_fn((d, d), |(i, j)| {
            let within = |k: usize| self.factors.covariance(k, i, j);
            let between = |k: usize| from_mean[[k, i]] * from_mean[[k, j]];
            self.weights.iter().enumerate().map(|(k, w)| w * (within(k) + between(k))).sum()
        })
    }
}

/// A table, one line per component in the order of their means, for `println!`.
impl fmt::Display for MultivariateGaussianMixture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(4);
        write!(
            f,
            "component {:>w$}  mean, std devs ({})",
            "weight",
            self.covariance_type(),
            w = digits + 8
        )?;
        for k in self.order_by_mean() {
            let std_devs: Array1<f64> =
                (0..self.dim()).map(|j| self.factors.covariance(k, j, j).sqrt()).collect();
            let (weight, mean) = (self.weights[k], self.means.row(k));
            write!(
                f,
                "\n{k:>9} {weight:>w$.digits$}  {mean:.digits$}, {std_devs:.digits$}",
                w = digits + 8
            )?;
        }
        Ok(())
    }
}

/// The same mixture with one coordinate, as full covariances. A standard deviation whose square leaves the range of `f64` is an error.
impl TryFrom<GaussianMixture> for MultivariateGaussianMixture {
    type Error = ParameterError;

    fn try_from(mixture: GaussianMixture) -> Result<Self, ParameterError> {
        let k = mixture.n_components();
        let means = Array2::from_shape_fn((k, 1), |(k, _)| mixture.means()[k]);
        let factors = Factors::new(CovarianceType::Full, k, 1, mixture.std_devs().to_vec());
        Self::from_factors(mixture.weights().clone(), means, factors)
    }
}

/// Σₖ wₖ μₖ.
fn mean(weights: &Weights, means: &Array2<f64>) -> Array1<f64> {
    let terms = means.outer_iter().zip(weights.iter()).map(|(mean, &weight)| &mean * weight);
    terms.fold(Array1::zeros(means.ncols()), |sum, term| sum + term)
}
