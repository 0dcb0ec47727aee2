//! What EM needs of a mixture: one iteration is an E-step, which turns samples into sums, and an M-step, which turns sums
//! into the next mixture.

use super::e_step::Blocks;
use super::options::{Frozen, VarianceFloor};
use super::sums::Sums;
use crate::{CovarianceType, FitError, Weights};
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
pub trait Model: Clone + Debug + PartialEq + Send + Sync + Sized {
    fn n_components(&self) -> usize;
    fn dim(&self) -> usize;

    /// K copies of one Gaussian with uncorrelated coordinates, for `Spherical` of one standard deviation.
    fn reference(
        n_components: usize,
        center: &[f64],
        std_devs: &[f64],
        covariance_type: CovarianceType,
    ) -> Result<Self, FitError>;

    /// This mixture with covariances of another type.
    fn converted(self, covariance_type: CovarianceType) -> Result<Self, FitError>;

    /// These parameters as seen from others, where those are 0 and every number is a parameter: of each component
    /// ln(w/w₀), L₀⁻¹(μ − μ₀), and L₀⁻¹L with the logarithm of its diagonal (in one dimension L is σ). Neither the place nor the
    /// unit of the samples matters there. None where a weight is 0 in one of them.
    fn coordinates(&self, origin: &Self) -> Option<Vec<f64>>;

    /// The mixture that has these [coordinates](Self::coordinates) about this one; none if it leaves the range of `f64`.
    fn moved(&self, coordinates: &[f64]) -> Option<Self>;

    /// The responsibilities of the components for each row, row after row.
    fn shares(&self, rows: &[f64]) -> Vec<f64>;

    /// Of one component two, each with half its weight and with its covariance, one width to either side of its mean; another one is
    /// `moved` to be the second of them. They lie along its longest axis in that unit, or nearly so: along what the direction towards a
    /// point becomes when it is pulled there.
    fn with_split(&self, split: usize, moved: usize, towards: &[f64], unit: &[f64])
    -> Option<Self>;

    /// Sums of nothing.
    fn zero(&self) -> Sums;

    /// Adds a sample to component k's sums, given in that component's coordinates.
    fn add(sums: &mut Sums, k: usize, responsibility: f64, z: &[f64]);

    /// The sums of rows with one weight each, or of weight 1.
    fn e_step_rows(&self, rows: &[f64], weights: Option<&[f64]>) -> Sums;

    /// Those of each block.
    fn e_step_blocks(&self, blocks: &mut dyn Blocks) {
        while let Some((rows, weights)) = blocks.next() {
            let sums = self.e_step_rows(rows, weights);
            blocks.done(sums);
        }
    }

    /// The sums of counts in bins.
    fn e_step_bins(&self, edges: &[f64], counts: &[f64]) -> Sums;

    /// The parameters that maximise the expected log-likelihood, given sums about the present ones, under the rules.
    fn m_step(&self, sums: &Sums, rules: &Rules) -> Result<Maximum<Self>, FitError>;
}

/// ln(w/w₀) of each component, unless a weight is 0.
pub(super) fn ln_ratios(weights: &Weights, origin: &Weights) -> Option<Vec<f64>> {
    let ratios: Vec<f64> = weights.iter().zip(origin.iter()).map(|(w, o)| (w / o).ln()).collect();
    ratios.iter().all(|r| r.is_finite()).then_some(ratios)
}

/// The weights in proportion to w₀·exp(coordinate).
pub(super) fn scaled(origin: &Weights, ln_ratios: &[f64]) -> Option<Weights> {
    let shares: Vec<f64> = origin.iter().zip(ln_ratios).map(|(w, r)| w * r.exp()).collect();
    Weights::from_proportions(shares).ok()
}

/// The weights once one component has given half of its own to another, and that one its own to all.
pub(super) fn halved(weights: &Weights, split: usize, moved: usize) -> Option<Weights> {
    let mut shares: Vec<f64> = weights.iter().copied().collect();
    shares[split] *= 0.5;
    shares[moved] = shares[split];
    Weights::from_proportions(shares).ok()
}

/// Below this share of the mean square, what is left of it after the squared mean is taken off is rounding.
pub(super) const CANCELLED: f64 = 1e-14;
