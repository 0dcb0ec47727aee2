//! Where samples are measured from.
//!
//! With c the mean of the mixture,
//!
//! ```text
//! z = L⁻¹(x − μ) = L⁻¹(x − c) + L⁻¹(c − μ)
//! ```
//!
//! so that one difference serves all components, one product all those with a common L, and L⁻¹(c − μ) is where the sums of the others
//! begin. The price is that a sample's distance is rounded as that from c, not as that from μ. Where a component is far away for its
//! width this costs too much, and x − μ is computed for each of them.

use super::batch::{Column, Filled};
use super::factors::Factors;
use crate::Weights;
use crate::simd::Lanes;
use ndarray::{Array1, Array2};

/// So many widths from c a component may be: ten of the 53 bits of z may be lost.
const NEAR: f64 = 1024.0;

/// And so many for squares of such distances: ten bits as well.
const CLOSE: f64 = 32.0;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Origin {
    /// c; none where each component has its own.
    center: Option<Array1<f64>>,
    is_close: bool,
    /// L⁻¹(c − μ), component after component.
    shifts: Vec<f64>,
}

impl Origin {
    pub(super) fn of(weights: &Weights, means: &Array2<f64>, factors: &Factors) -> Self {
        let center = super::mean(weights, means);
        match shifts(&center, means, factors) {
            Some((shifts, reach)) if reach <= NEAR => {
                Self { center: Some(center), is_close: reach <= CLOSE, shifts }
            }
            _ => Self { center: None, is_close: false, shifts: vec![0.0; means.len()] },
        }
    }

    pub(super) fn is_common(&self) -> bool {
        self.center.is_some()
    }

    /// Whether squares may be measured from c.
    pub(super) fn is_close(&self) -> bool {
        self.is_close
    }

    /// L⁻¹(c − μ) of component k; 0 where samples are measured from μ.
    pub(super) fn shift(&self, k: usize, d: usize) -> &[f64] {
        &self.shifts[k * d..][..d]
    }

    /// The samples as seen from c, if it serves all components.
    #[inline(always)]
    pub(super) fn subtract_common<L: Lanes>(&self, zero: L, (x, filled): (&mut [Column], Filled)) {
        let Some(center) = &self.center else { return };
        for (x, center) in x.iter_mut().zip(center) {
            let center = zero.splat(*center);
            for v in filled.registers() {
                (zero.load(&x[v]) - center).store(&mut x[v]);
            }
        }
    }

    /// As seen from component k's origin; those from its mean are made in `working`.
    #[inline(always)]
    pub(super) fn seen_by<'a, L: Lanes>(
        &self,
        zero: L,
        mean: &[f64],
        (x, filled): (&'a [Column], Filled),
        working: &'a mut [Column],
    ) -> &'a [Column] {
        if self.is_common() {
            return x;
        }
        for ((deviation, x), mean) in working.iter_mut().zip(x).zip(mean) {
            let mean = zero.splat(*mean);
            for v in filled.registers() {
                (zero.load(&x[v]) - mean).store(&mut deviation[v]);
            }
        }
        working
    }
}

/// They, and how many widths the farthest component is from there; none if the factors have no inverse, or a distance is no number.
fn shifts(center: &Array1<f64>, means: &Array2<f64>, factors: &Factors) -> Option<(Vec<f64>, f64)> {
    let whitening = factors.whitening()?;
    let (mut shifts, mut reach) = (Vec::with_capacity(means.len()), 0.0_f64);
    for (k, mean) in means.outer_iter().enumerate() {
        for row in 0..center.len() {
            let (mut sum, mut size) = (0.0, 0.0);
            for column in whitening.columns(row) {
                let term = whitening.entry(k, row, column) * (center[column] - mean[column]);
                sum += term;
                size += term.abs();
            }
            if size.is_nan() {
                return None;
            }
            reach = reach.max(size);
            shifts.push(sum);
        }
    }
    Some((shifts, reach))
}

#[cfg(test)]
mod tests {
    use crate::multivariate::ln_joint::MultivariateLnJoint;
    use crate::{CovarianceType, Covariances, MultivariateGaussianMixture};
    use ndarray::{Array2, Array3, array};

    /// Of logarithms of order 10, whose z has lost three of sixteen digits at most.
    const ROUNDING: f64 = 1e-12;

    /// Two components with widths of about `width`, one at 0 and one at 1.
    fn mixture(kind: CovarianceType, width: f64) -> MultivariateGaussianMixture {
        let matrix = array![[2.0, 0.6, 0.0], [0.6, 1.0, -0.3], [0.0, -0.3, 0.5]] * width.powi(2);
        let covariances = match kind {
            CovarianceType::Full => {
                Covariances::Full(Array3::from_shape_fn((2, 3, 3), |(_, i, j)| matrix[[i, j]]))
            }
            CovarianceType::Tied => Covariances::Tied(matrix),
            CovarianceType::Diagonal => {
                Covariances::Diagonal(Array2::from_shape_fn((2, 3), |(_, j)| matrix[[j, j]]))
            }
            CovarianceType::Spherical => Covariances::Spherical(array![1.0, 2.0] * width.powi(2)),
        };
        let means = array![[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]];
        MultivariateGaussianMixture::new([0.25, 0.75], &means, covariances).unwrap()
    }

    const TYPES: [CovarianceType; 4] = [
        CovarianceType::Full,
        CovarianceType::Tied,
        CovarianceType::Diagonal,
        CovarianceType::Spherical,
    ];

    #[test]
    fn a_common_origin_is_taken_where_all_components_are_near() {
        for kind in TYPES {
            let is_common = |width| mixture(kind, width).origin.is_common();
            assert!(is_common(1.0) && is_common(0.01) && !is_common(1e-6), "{kind}");
        }
    }

    /// Also where the widths are 1e-9 of the distance between the means: measured from a common origin, z would have seven digits left.
    #[test]
    fn from_either_origin_densities_are_those_of_forward_substitution() {
        for kind in TYPES {
            for width in [1.0, 0.01, 1e-9] {
                let m = mixture(kind, width);
                let step = width * 2.0_f64.powi(-3);
                let rows: Vec<f64> =
                    (0..60).map(|i| f64::from(i / 30) + step * f64::from(i % 30 - 15)).collect();
                let ln_joint = MultivariateLnJoint::new(&m);
                let mut values = vec![0.0; rows.len() / 3];
                ln_joint.ln_pdf(&rows, &mut values);
                for (row, found) in rows.chunks_exact(3).zip(values) {
                    let expected = ln_joint.shares(row, &mut [0.0; 2], &mut [0.0; 6]).ln_sum;
                    let error = (found - expected).abs();
                    assert!(
                        error < ROUNDING * expected.abs().max(1.0),
                        "{kind} {width}: {error:e}"
                    );
                }
            }
        }
    }
}
