//! Mixtures of fewer dimensions: some coordinates alone, and some given others. Both are mixtures again, in closed form.

use super::matrix::cholesky;
use super::{CovarianceType, Covariances};
use crate::multivariate::ln_joint::MultivariateLnJoint;
use crate::{AxisError, GaussianMixture, MultivariateGaussianMixture, Weights};
use ndarray::{Array2, Array3};

impl MultivariateGaussianMixture {
    /// The distribution of the coordinates `axes` alone, in that order, whatever the others are: the same weights, and of means
    /// and covariances the rows and columns concerned. The type of covariance stays.
    ///
    /// # Errors
    ///
    /// An [`AxisError`]: no axis, one that the mixture does not have, or one named twice.
    ///
    /// ```
    /// use gaussian_mixture::{Covariances, MultivariateGaussianMixture};
    /// use ndarray::array;
    ///
    /// let mixture = MultivariateGaussianMixture::new(
    ///     [1.0], &[[1.0, 2.0]], Covariances::Tied(array![[4.0, 1.0], [1.0, 9.0]]))?;
    /// assert_eq!(mixture.marginal(&[1])?.covariance(0)?, array![[9.0]]);
    /// // Of the second coordinate given the first: mean 2 + 1/4 · (5 − 1), variance 9 − 1/4.
    /// let conditional = mixture.conditional(&[(0, 5.0)])?;
    /// assert!((conditional.means()[[0, 0]] - 3.0).abs() < 1e-15);
    /// assert!((conditional.covariance(0)?[[0, 0]] - 8.75).abs() < 1e-14);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn marginal(&self, axes: &[usize]) -> Result<Self, AxisError> {
        self.check_axes(axes)?;
        let (k, d) = (self.n_components(), axes.len());
        let covariances = match self.covariances() {
            Covariances::Full(c) => {
                Covariances::Full(Array3::from_shape_fn((k, d, d), |(k, i, j)| {
                    c[[k, axes[i], axes[j]]]
                }))
            }
            Covariances::Tied(c) => {
                Covariances::Tied(Array2::from_shape_fn((d, d), |(i, j)| c[[axes[i], axes[j]]]))
            }
            Covariances::Diagonal(c) => {
                Covariances::Diagonal(Array2::from_shape_fn((k, d), |(k, j)| c[[k, axes[j]]]))
            }
            Covariances::Spherical(c) => Covariances::Spherical(c.clone()),
        };
        let means = Array2::from_shape_fn((k, d), |(k, j)| self.means()[[k, axes[j]]]);
        Ok(Self::new(self.weights(), &means, covariances)?)
    }

    /// The distribution of one coordinate alone, as a mixture of one dimension with all that belongs to it: cumulative
    /// probabilities, quantiles, exact p-values.
    ///
    /// # Errors
    ///
    /// [`AxisError::OutOfRange`] if the mixture does not have that axis.
    pub fn marginal_axis(&self, axis: usize) -> Result<GaussianMixture, AxisError> {
        self.check_axes(&[axis])?;
        let variance = |k: usize| self.factors().covariance(k, axis, axis);
        let std_devs: Vec<f64> = (0..self.n_components()).map(|k| variance(k).sqrt()).collect();
        Ok(GaussianMixture::new(self.weights(), self.means().column(axis), std_devs)?)
    }

    /// The distribution of the remaining coordinates, in ascending order, where those in `given` have the values there. With A the
    /// given axes, B the remaining ones and a the values,
    ///
    /// ```text
    /// w′ₖ ∝ wₖ Nₖ(a),   μ′ₖ = μ_B + Σ_BA Σ_AA⁻¹ (a − μ_A),   Σ′ₖ = Σ_BB − Σ_BA Σ_AA⁻¹ Σ_AB
    /// ```
    ///
    /// The last two are read off the Cholesky factor of the covariance with the given axes first. The type of covariance stays.
    ///
    /// "Pattern Recognition and Machine Learning", section 2.3.1, 2006.
    ///
    /// # Errors
    ///
    /// An [`AxisError`]: no axis given or none remaining, one that the mixture does not have or that is given twice, or a value
    /// that is infinite or NaN.
    pub fn conditional(&self, given: &[(usize, f64)]) -> Result<Self, AxisError> {
        let axes: Vec<usize> = given.iter().map(|(axis, _)| *axis).collect();
        self.check_axes(&axes)?;
        if let Some(&(axis, value)) = given.iter().find(|(_, value)| !value.is_finite()) {
            return Err(AxisError::Value { axis, value });
        }
        let rest: Vec<usize> = (0..self.dim()).filter(|axis| !axes.contains(axis)).collect();
        if rest.is_empty() {
            return Err(AxisError::NoneLeft { dim: self.dim() });
        }
        let values: Vec<f64> = given.iter().map(|(_, value)| *value).collect();
        let weights = self.marginal(&axes)?.weights_given(&values)?;
        let k = self.n_components();
        let mut means = Array2::zeros((k, rest.len()));
        let mut matrices = Array3::zeros((k, rest.len(), rest.len()));
        for component in 0..k {
            let (mean, matrix) = self.component_given(component, given, &rest)?;
            means.row_mut(component).iter_mut().zip(mean).for_each(|(m, value)| *m = value);
            matrices.index_axis_mut(ndarray::Axis(0), component).assign(&matrix);
        }
        let covariances = match self.covariances() {
            Covariances::Full(_) => Covariances::Full(matrices),
            Covariances::Tied(_) => {
                Covariances::Tied(matrices.index_axis(ndarray::Axis(0), 0).to_owned())
            }
            Covariances::Diagonal(_) => {
                Covariances::Diagonal(Array2::from_shape_fn((k, rest.len()), |(k, j)| {
                    matrices[[k, j, j]]
                }))
            }
            Covariances::Spherical(c) => Covariances::Spherical(c.clone()),
        };
        Ok(Self::new(weights, &means, covariances)?)
    }

    /// The responsibilities for one point: the weights after it is known.
    fn weights_given(&self, point: &[f64]) -> Result<Weights, AxisError> {
        let mut shares = vec![0.0; self.n_components()];
        MultivariateLnJoint::new(self).responsibilities(point, &mut shares);
        Ok(Weights::from_proportions(shares)?)
    }

    /// Mean and covariance of one component's remaining coordinates.
    fn component_given(
        &self,
        k: usize,
        given: &[(usize, f64)],
        rest: &[usize],
    ) -> Result<(Vec<f64>, Array2<f64>), AxisError> {
        let n = rest.len();
        let mut mean: Vec<f64> = rest.iter().map(|&j| self.means()[[k, j]]).collect();
        if matches!(self.covariance_type(), CovarianceType::Diagonal | CovarianceType::Spherical) {
            // Coordinates without correlation say nothing of each other.
            let variances = rest.iter().map(|&j| self.factors().covariance(k, j, j));
            return Ok((mean, Array2::from_diag(&variances.collect::<ndarray::Array1<f64>>())));
        }
        // The factor of the reordered covariance, [[L_A, 0], [M, L_B]], has M L_Aᵀ = Σ_BA and L_B L_Bᵀ = Σ′.
        let order: Vec<usize> =
            given.iter().map(|(axis, _)| *axis).chain(rest.iter().copied()).collect();
        let (d, a) = (order.len(), given.len());
        let entry = |e: usize| self.factors().covariance(k, order[e / d], order[e % d]);
        let mut l: Vec<f64> = (0..d * d).map(entry).collect();
        cholesky(&mut l, d).map_err(|(pivot, value)| {
            crate::ParameterError::NotPositiveDefinite { component: k, pivot: order[pivot], value }
        })?;
        let mut z: Vec<f64> = Vec::with_capacity(a);
        for (i, &(axis, value)) in given.iter().enumerate() {
            let known: f64 = z.iter().zip(&l[i * d..]).map(|(z, l)| l * z).sum();
            z.push((value - self.means()[[k, axis]] - known) / l[i * d + i]);
        }
        for (i, mean) in mean.iter_mut().enumerate() {
            *mean += z.iter().zip(&l[(a + i) * d..]).map(|(z, m)| m * z).sum::<f64>();
        }
        let factor = |i: usize, j: usize| l[(a + i) * d + a + j];
        let covariance = Array2::from_shape_fn((n, n), |(i, j)| {
            (0..=i.min(j)).map(|m| factor(i, m) * factor(j, m)).sum()
        });
        Ok((mean, covariance))
    }

    fn check_axes(&self, axes: &[usize]) -> Result<(), AxisError> {
        if axes.is_empty() {
            return Err(AxisError::NoAxes);
        }
        for (i, &axis) in axes.iter().enumerate() {
            if axis >= self.dim() {
                return Err(AxisError::OutOfRange { axis, dim: self.dim() });
            }
            if axes[..i].contains(&axis) {
                return Err(AxisError::Twice { axis });
            }
        }
        Ok(())
    }
}
