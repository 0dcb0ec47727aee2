//! Factors as seen from others: L₀⁻¹L, the unit matrix where both are the same, with the logarithms of its diagonal in place of that.

use super::factors::Factors;
use super::matrix::{product, quotient};

impl Factors {
    /// L₀⁻¹L of every component, for factors of the same type; laid out as [`values`](Self::values), and 0 where both are
    /// the same.
    pub(crate) fn relative_to(&self, origin: &Self) -> Vec<f64> {
        if !self.is_matrix() {
            return self.values().iter().zip(origin.values()).map(|(l, o)| (l / o).ln()).collect();
        }
        let mut values = self.values().to_vec();
        for (k, block) in values.chunks_exact_mut(self.dim() * self.dim()).enumerate() {
            quotient(origin.component(k), block, self.dim());
            each_pivot(block, self.dim(), f64::ln);
        }
        values
    }

    /// The factors that these values are relative to these: L = L₀(L₀⁻¹L).
    pub(crate) fn moved(&self, relative: &[f64]) -> Self {
        let mut values = relative.to_vec();
        if self.is_matrix() {
            for (k, block) in values.chunks_exact_mut(self.dim() * self.dim()).enumerate() {
                each_pivot(block, self.dim(), f64::exp);
                block.copy_from_slice(&product(self.component(k), block, self.dim()));
            }
        } else {
            values.iter_mut().zip(self.values()).for_each(|(r, o)| *r = o * r.exp());
        }
        Self::new(self.covariance_type(), self.n_components(), self.dim(), values)
    }
}

fn each_pivot(matrix: &mut [f64], d: usize, change: impl Fn(f64) -> f64) {
    matrix.iter_mut().step_by(d + 1).for_each(|pivot| *pivot = change(*pivot));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Covariances;
    use ndarray::{Array3, array};

    /// A few roundings of numbers of order 1.
    const ROUNDING: f64 = 1e-14;

    #[test]
    fn moving_by_the_difference_leads_there() {
        let full = |scale: f64| -> Array3<f64> {
            array![[[4.0 * scale, 1.2], [1.2, 2.0]], [[1.0, -0.3 * scale], [-0.3 * scale, 0.5]]]
        };
        let tied = |scale: f64| array![[4.0 * scale, 1.2], [1.2, 2.0]];
        let of = |covariances: Covariances| Factors::of(&covariances, 2, 2).unwrap();
        for [origin, other] in [
            [of(Covariances::Full(full(1.0))), of(Covariances::Full(full(1.5)))],
            [of(Covariances::Tied(tied(1.0))), of(Covariances::Tied(tied(1.5)))],
            [
                of(Covariances::Diagonal(array![[4.0, 0.25], [1.0, 2.0]])),
                of(Covariances::Diagonal(array![[1.0, 0.5], [9.0, 2.0]])),
            ],
            [
                of(Covariances::Spherical(array![0.3, 7.0])),
                of(Covariances::Spherical(array![0.5, 2.0])),
            ],
        ] {
            let back = origin.moved(&other.relative_to(&origin));
            assert_eq!(back.covariance_type(), other.covariance_type());
            let near = |(a, b): (&f64, &f64)| (a - b).abs() < ROUNDING;
            assert!(back.values().iter().zip(other.values()).all(near), "{back:?}");
            assert!(origin.relative_to(&origin).iter().all(|r| r.abs() < ROUNDING));
        }
    }
}
