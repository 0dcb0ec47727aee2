//! The E-step's sums where components differ only in how they see one and the same y.
//!
//! Component by component, z = p·y + s, coordinate by coordinate: with uncorrelated coordinates y is the sample as seen from the mixture's
//! center, with one L for all it is L⁻¹ times that, and p = 1. Then
//!
//! ```text
//! Σ r z = p Σ r y + s Σ r
//! Σ r z² = p² Σ r y² + 2 p s Σ r y + s² Σ r
//! Σₖ Σₙ rₙₖ z zᵀ = Σₙ wₙ y yᵀ + Σₖ (sₖ gₖᵀ + gₖ sₖᵀ)   with gₖ = Σₙ rₙₖ y + ½ sₖ Σₙ rₙₖ and the samples' weights wₙ = Σₖ rₙₖ
//! ```
//!
//! so that for every sample and component only products of r with columns are left that belong to no component.

use super::lane_sums::{LaneSum, add_correlated, add_to_each, products, row, totals};
use crate::multivariate::batch::{Batch, Column, Filled, ZEROS};
use crate::multivariate::ln_joint::MultivariateLnJoint;
use crate::multivariate::whitening::Whitening;
use crate::simd::{Aligned, LANES, Lanes};

/// Columns at a time; their number is filled up to a multiple of it with zeros.
const TILE: usize = 4;

/// Of an `f64`.
const EXPONENT: u64 = 0x7FF0_0000_0000_0000;

/// The sums so far.
pub(super) struct CommonSums {
    /// What each coordinate is multiplied with to be one of y: a power of two near one over the greatest standard deviation, so that no
    /// square leaves the range of `f64`, whatever the unit of the samples is.
    units: Vec<f64>,
    /// y, and then its squares: each by itself, or their sum, or none.
    columns: Vec<Column>,
    n_squares: usize,
    /// Σ r times each column, component after component.
    moments: Vec<LaneSum>,
    /// Σ w y yᵀ if it is of use; its lower triangle lies row by row.
    triangle: Vec<LaneSum>,
}

impl CommonSums {
    /// None for full covariances, and where components are too far from the center for their widths.
    pub(super) fn new(
        ln_joint: &MultivariateLnJoint<'_>,
        whitening: &Whitening,
        (n_sums, n_shared): (usize, usize),
    ) -> Option<Self> {
        let (k, d) = ln_joint.shape();
        let is_full = whitening.is_triangular() && n_shared == 0;
        if is_full || !ln_joint.are_close() {
            return None;
        }
        let n_columns = (n_sums - 1).next_multiple_of(TILE);
        let none = Aligned([0.0; LANES]);
        Some(Self {
            units: units(whitening, (k, d)),
            columns: vec![ZEROS; n_columns],
            n_squares: n_sums - 1 - d,
            moments: vec![none; k * n_columns],
            triangle: vec![none; n_shared],
        })
    }

    /// Adds a batch whose terms are the responsibilities, given the samples' weights.
    #[inline(always)]
    pub(super) fn add<L: Lanes>(&mut self, zero: L, batch: &mut Batch, weights: (&Column, Filled)) {
        if L::ONE_REGISTER {
            self.add_tiles::<L, TILE>(zero, batch, weights);
        } else {
            self.add_tiles::<L, { TILE / 2 }>(zero, batch, weights);
        }
    }

    #[inline(always)]
    fn add_tiles<L: Lanes, const T: usize>(
        &mut self,
        zero: L,
        Batch { x, working, terms, .. }: &mut Batch,
        (weights, filled): (&Column, Filled),
    ) {
        let d = x.len();
        if self.triangle.is_empty() {
            self.fill(zero, (x, filled));
        } else {
            // What the batch was evaluated from.
            self.fill(zero, (working, filled));
            let y = &self.columns[..d];
            add_correlated::<L, T>(
                zero,
                (weights, filled),
                y,
                working,
                &mut [],
                &mut self.triangle,
            );
        }
        let n_columns = self.columns.len();
        let (tiles, rest) = terms.as_chunks::<T>();
        let (of_tiles, of_rest) = self.moments.split_at_mut(tiles.len() * T * n_columns);
        for (r, sums) in tiles.iter().zip(of_tiles.chunks_exact_mut(T * n_columns)) {
            add_products::<L, T, T>(zero, r, (&self.columns, filled), sums);
        }
        for (r, sums) in rest.iter().zip(of_rest.chunks_exact_mut(n_columns)) {
            add_products::<L, 1, T>(zero, std::array::from_ref(r), (&self.columns, filled), sums);
        }
    }

    /// The columns of a batch.
    #[inline(always)]
    fn fill<L: Lanes>(&mut self, zero: L, (x, filled): (&[Column], Filled)) {
        let (y, squares) = self.columns.split_at_mut(x.len());
        for (j, ((x, y), unit)) in x.iter().zip(y).zip(&self.units).enumerate() {
            let unit = zero.splat(*unit);
            for v in filled.registers() {
                (zero.load(&x[v]) * unit).store(&mut y[v]);
            }
            if self.n_squares == 0 {
                continue;
            }
            let square = &mut squares[j % self.n_squares];
            let is_first = j < self.n_squares;
            for v in filled.registers() {
                let before = if is_first { zero } else { zero.load(&square[v]) };
                let y = zero.load(&y[v]);
                y.mul_add(y, before).store(&mut square[v]);
            }
        }
    }

    /// The sums in each component's own coordinates, given their counts, and those that all have in common; and begins anew.
    pub(super) fn finish(
        &mut self,
        ln_joint: &MultivariateLnJoint<'_>,
        whitening: &Whitening,
        counts: &[f64],
    ) -> (Vec<f64>, Vec<f64>) {
        let (moments, mut triangle) = (totals(&self.moments), totals(&self.triangle));
        for sums in [&mut self.moments, &mut self.triangle] {
            sums.fill(Aligned([0.0; LANES]));
        }
        let (d, n_squares) = (self.units.len(), self.n_squares);
        let mut values = Vec::with_capacity(counts.len() * (1 + d + n_squares));
        let moments = moments.chunks_exact(self.columns.len());
        for (k, (&count, moments)) in counts.iter().zip(moments).enumerate() {
            let ((y, squares), s) = (moments.split_at(d), ln_joint.shift(k));
            let Some(inverse) = whitening.uncorrelated(k) else {
                values.push(count);
                values.extend(y.iter().zip(s).map(|(y, s)| y + s * count));
                add_shifted(&mut triangle, s, y, count);
                continue;
            };
            let scales = inverse.iter().zip(&self.units).map(|(p, unit)| p / unit);
            let y: Vec<f64> = scales.clone().zip(y).map(|(p, y)| p * y).collect();
            let squares = scales.zip(&squares[..n_squares]).map(|(p, q)| p * p * q);
            values.push(count);
            values.extend(y.iter().zip(s).map(|(y, s)| y + s * count));
            values.extend(shifted_squares(squares.collect(), s, &y, count));
        }
        (values, triangle)
    }
}

/// Powers of two, and 1 where y is already of order 1.
fn units(whitening: &Whitening, (n_components, d): (usize, usize)) -> Vec<f64> {
    let mut units = vec![1.0; d];
    for k in 0..n_components {
        let inverse = whitening.uncorrelated(k).unwrap_or_default();
        for (unit, p) in units.iter_mut().zip(inverse) {
            let power = f64::from_bits(p.to_bits() & EXPONENT);
            *unit = if k == 0 { power } else { power.min(*unit) };
        }
    }
    units
}

/// Σ r (y + s)² of each coordinate, or the sum of all, given Σ r y and Σ r y². Of what is nothing, rounding may leave less: it only has to
/// stay above 0, as a variance is made of it.
fn shifted_squares(squares: Vec<f64>, s: &[f64], y: &[f64], count: f64) -> Vec<f64> {
    let mut shifted = squares.clone();
    for (j, (s, y)) in s.iter().zip(y).enumerate() {
        shifted[j % squares.len()] += s * (2.0 * y + s * count);
    }
    shifted.iter().zip(squares).map(|(sum, square)| sum.max(f64::EPSILON * square)).collect()
}

/// Adds sₖ gₖᵀ + gₖ sₖᵀ to a triangle.
fn add_shifted(triangle: &mut [f64], s: &[f64], y: &[f64], count: f64) {
    let g: Vec<f64> = y.iter().zip(s).map(|(y, s)| y + 0.5 * s * count).collect();
    for i in 0..s.len() {
        for ((sum, s_j), g_j) in triangle[row(i)..].iter_mut().zip(&s[..=i]).zip(&g) {
            *sum += s[i] * g_j + g[i] * s_j;
        }
    }
}

/// Adds Σ r y of N components and all columns.
#[inline(always)]
fn add_products<L: Lanes, const N: usize, const T: usize>(
    zero: L,
    r: &[Column; N],
    (columns, filled): (&[Column], Filled),
    sums: &mut [LaneSum],
) {
    let (tiles, _) = columns.as_chunks::<T>();
    for (tile, columns) in tiles.iter().enumerate() {
        let products = products(zero, r, columns, filled);
        for (sums, products) in sums.chunks_exact_mut(tiles.len() * T).zip(&products) {
            add_to_each(&mut sums[tile * T..][..T], products);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::model::{Model, Rules};
    use crate::{Covariances, Frozen, MultivariateGaussianMixture, VarianceFloor};
    use ndarray::array;

    /// Each component is on samples that are all the same: rounding must not make a square below 0 of what is left.
    #[test]
    fn components_that_collapse_together_end_on_the_floor() {
        let means = array![[0.1, 0.7], [0.9, -0.3], [-0.4, 0.2]];
        let rows: Vec<f64> = (0..3000).flat_map(|n| means.row(n % 3).to_vec()).collect();
        let variance = 1e-3;
        for covariances in [
            Covariances::Tied(array![[variance, 0.0], [0.0, variance]]),
            Covariances::Diagonal(array![[variance; 2], [variance; 2], [variance; 2]]),
            Covariances::Spherical(array![variance, variance, variance]),
        ] {
            let m =
                MultivariateGaussianMixture::new([0.25, 0.25, 0.5], &means, covariances).unwrap();
            assert!(MultivariateLnJoint::new(&m).are_close());
            let floor = VarianceFloor::Absolute(1e-9);
            let rules = Rules { floor, frozen: Frozen::default(), pooled: false };
            let maximum = m.m_step(&m.e_step_rows(&rows, None), &rules).unwrap();
            assert_eq!(maximum.collapsed, [0, 1, 2]);
            let found = maximum.mixture.covariance(1).unwrap();
            assert!((found[[0, 0]] / 1e-9 - 1.0).abs() < 1e-6, "{found}");
        }
    }
}
