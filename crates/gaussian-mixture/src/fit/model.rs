//! What EM needs of a mixture: one iteration is an E-step, which turns samples into sums, and an M-step, which turns sums
//! into the next mixture.

use super::options::{Frozen, VarianceFloor};
use super::sums::Sums;
use crate::{CovarianceType, FitError};
use std::fmt::Debug;

/// A mixture that can be fitted: [`GaussianMixture`](crate::GaussianMixture) or
/// [`MultivariateGaussianMixture`](crate::MultivariateGaussianMixture). Sealed.
pub trait Mixture: Model {}

/// How the M-step is held back.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    pub(super) floor: VarianceFloor,
    pub(super) frozen: Frozen,
    /// All components get one common covariance.
    pub(super) pooled: bool,
}

/// The parameters that an M-step comes to.
#[derive(Debug)]
pub struct Maximum<M> {
    pub(super) mixture: M,
    pub(super) collapsed: Vec<usize>,
}

#[allow(missing_docs)]
pub trait Model: Clone + Debug + PartialEq + Sized {
    fn n_components(&self) -> usize;
    fn dim(&self) -> usize;

    /// The number of free covariance parameters.
    fn n_covariance_parameters(&self, covariance_type: CovarianceType) -> usize;

    /// K copies of one Gaussian with uncorrelated coordinates, for `Spherical` of one standard deviation.
    fn reference(
        n_components: usize,
        center: &[f64],
        std_devs: &[f64],
        covariance_type: CovarianceType,
    ) -> Result<Self, FitError>;

    /// This mixture with covariances of another type.
    fn converted(self, covariance_type: CovarianceType) -> Result<Self, FitError>;

    /// Sums of nothing.
    fn zero(&self) -> Sums;

    /// Adds a sample to component k's sums, given in that component's coordinates.
    fn add(sums: &mut Sums, k: usize, responsibility: f64, z: &[f64]);

    /// The sums of rows with one weight each, or of weight 1.
    fn e_step_rows(&self, rows: &[f64], weights: Option<&[f64]>) -> Sums;

    /// The sums of counts in bins.
    fn e_step_bins(&self, edges: &[f64], counts: &[f64]) -> Sums;

    /// The parameters that maximise the expected log-likelihood, given sums about the present ones, under the rules.
    fn m_step(&self, sums: &Sums, rules: &Rules) -> Result<Maximum<Self>, FitError>;
}

/// Below this share of the mean square, what is left of it after the squared mean is taken off is rounding.
pub(super) const CANCELLED: f64 = 1e-14;
