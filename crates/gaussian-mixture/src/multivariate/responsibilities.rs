//! Which component a row came from, as a probability for each.

use super::ln_joint::MultivariateLnJoint;
use crate::threads;
use crate::{MultivariateGaussianMixture, Rows, SampleError};
use ndarray::Array2;

impl MultivariateGaussianMixture {
    /// The responsibility rₙₖ = wₖ Nₖ(xₙ) / Σⱼ wⱼ Nⱼ(xₙ) of component k for row n: the probability that k produced it,
    /// given that one of the components did, as an array of shape (n_samples, K) whose rows sum to 1. It says nothing about
    /// whether the mixture explains the sample: far from all components, one of them still gets nearly 1.
    ///
    /// # Errors
    ///
    /// A [`SampleError`] for rows of another dimension, or an entry that is infinite or NaN.
    #[doc(alias = "predict_proba")]
    pub fn responsibilities<R: Rows + ?Sized>(&self, rows: &R) -> Result<Array2<f64>, SampleError> {
        let table = rows.rows().checked(self.dim())?;
        let mut responsibilities = Array2::zeros((table.n_samples(), self.n_components()));
        if let Some(shares) = responsibilities.as_slice_mut() {
            let (k, ln_joint) = (self.n_components(), &MultivariateLnJoint::new(self));
            threads::fill((table.values(), self.dim()), (shares, k), k, &|rows, shares| {
                ln_joint.responsibilities(rows, shares);
            });
        }
        Ok(responsibilities)
    }

    /// The component with the greatest responsibility for each row; of equal ones the first.
    ///
    /// # Errors
    ///
    /// As [`responsibilities`](Self::responsibilities).
    pub fn predict<R: Rows + ?Sized>(&self, rows: &R) -> Result<Vec<usize>, SampleError> {
        let responsibilities = self.responsibilities(rows)?;
        let greatest = |row: ndarray::ArrayView1<'_, f64>| {
            row.iter().enumerate().fold(0, |best, (k, r)| if *r > row[best] { k } else { best })
        };
        Ok(responsibilities.outer_iter().map(greatest).collect())
    }
}
