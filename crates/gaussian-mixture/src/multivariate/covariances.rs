//! Covariances of all components, in the shape that their type has.

use ndarray::{Array1, Array2, Array3};
use std::fmt;

/// How much freedom the covariances of a mixture's components have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CovarianceType {
    /// Each component has a matrix of its own.
    Full,
    /// All components share one matrix.
    Tied,
    /// Each component has variances of its own, one per coordinate, and no correlation.
    #[doc(alias = "diag")]
    Diagonal,
    /// Each component has one variance for all coordinates.
    Spherical,
}

impl CovarianceType {
    /// The number of free parameters of K covariances in d dimensions: K·d(d+1)/2 full, d(d+1)/2 tied, K·d diagonal, K
    /// spherical.
    pub fn n_parameters(self, n_components: usize, dim: usize) -> usize {
        let matrix = dim * (dim + 1) / 2;
        match self {
            Self::Full => n_components * matrix,
            Self::Tied => matrix,
            Self::Diagonal => n_components * dim,
            Self::Spherical => n_components,
        }
    }
}

impl fmt::Display for CovarianceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Full => "full",
            Self::Tied => "tied",
            Self::Diagonal => "diagonal",
            Self::Spherical => "spherical",
        })
    }
}

/// The covariances of K components in d dimensions, in squared units of the samples: variances, not standard deviations.
#[derive(Debug, Clone, PartialEq)]
pub enum Covariances {
    /// Of shape (K, d, d): one symmetric positive definite matrix per component.
    Full(Array3<f64>),
    /// Of shape (d, d): one matrix for all.
    Tied(Array2<f64>),
    /// Of shape (K, d): one variance per component and coordinate.
    Diagonal(Array2<f64>),
    /// Of shape (K): one variance per component.
    Spherical(Array1<f64>),
}

impl Covariances {
    /// Which of the four it is.
    pub fn covariance_type(&self) -> CovarianceType {
        match self {
            Self::Full(_) => CovarianceType::Full,
            Self::Tied(_) => CovarianceType::Tied,
            Self::Diagonal(_) => CovarianceType::Diagonal,
            Self::Spherical(_) => CovarianceType::Spherical,
        }
    }
}
