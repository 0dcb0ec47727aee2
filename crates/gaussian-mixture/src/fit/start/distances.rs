//! Squared distances of many points from a few, and the groups of those that are nearest to the same one.

use crate::multivariate::batch::{BATCH, Column, VECTORS, ZEROS, fill_columns};
use crate::simd::{self, Aligned, Kernel, LANES, Lanes};

/// Gives `each` batch after batch of the rows: the number of its first row, and for each of the centers the squared distances of the
/// rows from it.
pub(super) fn for_each_batch(
    rows: &[f64],
    centers: &[f64],
    dim: usize,
    each: impl FnMut(usize, &[&[f64]]),
) {
    simd::run(Distances { rows, centers, dim, each });
}

struct Distances<'a, F> {
    rows: &'a [f64],
    centers: &'a [f64],
    dim: usize,
    each: F,
}

impl<F: FnMut(usize, &[&[f64]])> Kernel for Distances<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(mut self, zero: L) {
        let d = self.dim;
        let mut x = vec![ZEROS; d];
        let mut distances = vec![ZEROS; self.centers.len() / d];
        for (i, rows) in self.rows.chunks(BATCH * d).enumerate() {
            fill_columns(&mut x, rows);
            for (distances, center) in distances.iter_mut().zip(self.centers.chunks_exact(d)) {
                *distances = squared_distances(zero, &x, center);
            }
            let given: Vec<&[f64]> =
                distances.iter().map(|column| &column.as_flattened()[..rows.len() / d]).collect();
            (self.each)(i * BATCH, &given);
        }
    }
}

#[inline(always)]
fn squared_distances<L: Lanes>(zero: L, x: &[Column], center: &[f64]) -> Column {
    let mut distances = ZEROS;
    for (v, distance) in distances.iter_mut().enumerate() {
        let mut sum = zero;
        for (x, center) in x.iter().zip(center) {
            let difference = zero.load(&x[v]) - zero.splat(*center);
            sum = difference.mul_add(difference, sum);
        }
        sum.store(distance);
    }
    distances
}

/// The sum of the weights of each center's group, those of its coordinates, and that of all squared distances.
pub(super) struct Groups {
    pub(super) counts: Vec<f64>,
    pub(super) sums: Vec<f64>,
    pub(super) distances: f64,
}

/// The groups of the rows, each of which goes to the first of the centers that are nearest to it.
pub(super) fn groups(rows: &[f64], weights: Option<&[f64]>, centers: &[f64], dim: usize) -> Groups {
    simd::run(Grouping { rows, weights, centers, dim })
}

#[derive(Clone)]
struct Grouping<'a> {
    rows: &'a [f64],
    weights: Option<&'a [f64]>,
    centers: &'a [f64],
    dim: usize,
}

impl Kernel for Grouping<'_> {
    type Output = Groups;

    #[inline(always)]
    fn run<L: Lanes>(self, zero: L) -> Groups {
        let (d, k) = (self.dim, self.centers.len() / self.dim);
        let mut groups = Groups { counts: vec![0.0; k], sums: vec![0.0; k * d], distances: 0.0 };
        let (mut x, mut distances) = (vec![ZEROS; d], vec![ZEROS; k]);
        for (i, rows) in self.rows.chunks(BATCH * d).enumerate() {
            fill_columns(&mut x, rows);
            let n = rows.len() / d;
            // What stands in for missing rows has the weight 0.
            let mut left = ZEROS;
            match self.weights {
                Some(all) => left.as_flattened_mut()[..n].copy_from_slice(&all[i * BATCH..][..n]),
                None => left.as_flattened_mut()[..n].fill(1.0),
            }
            let mut least = Aligned([[f64::INFINITY; LANES]; VECTORS]);
            for (distances, center) in distances.iter_mut().zip(self.centers.chunks_exact(d)) {
                *distances = squared_distances(zero, &x, center);
                for (least, distance) in least.iter_mut().zip(distances.iter()) {
                    zero.load(least).min(zero.load(distance)).store(least);
                }
            }
            for (weights, least) in left.iter().zip(least.iter()) {
                groups.distances += (zero.load(weights) * zero.load(least)).sum();
            }
            let each = groups.counts.iter_mut().zip(groups.sums.chunks_exact_mut(d));
            for (distances, (count, sums)) in distances.iter().zip(each) {
                let own = take_nearest(zero, distances, &least, &mut left);
                let total: f64 = own.as_flattened().iter().sum();
                if total > 0.0 {
                    *count += total;
                    add_products(zero, &own, &x, sums);
                }
            }
        }
        groups
    }
}

/// The weights that are left of the rows at the least distance, which are then gone.
#[inline(always)]
fn take_nearest<L: Lanes>(
    zero: L,
    distances: &Column,
    least: &Column,
    left: &mut Column,
) -> Column {
    let mut own = ZEROS;
    for v in 0..VECTORS {
        let weights = zero.load(&left[v]);
        let [distance, least] = [distances, least].map(|column| zero.load(&column[v]));
        let taken = least.if_less(distance, zero, weights);
        taken.store(&mut own[v]);
        (weights - taken).store(&mut left[v]);
    }
    own
}

/// Adds the sum of weight times x to each coordinate's.
#[inline(always)]
fn add_products<L: Lanes>(zero: L, weights: &Column, x: &[Column], sums: &mut [f64]) {
    for (x, sum) in x.iter().zip(sums) {
        let mut total = zero;
        for (weights, x) in weights.iter().zip(x.iter()) {
            total = zero.load(weights).mul_add(zero.load(x), total);
        }
        *sum += total.sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::run_on_each;

    /// Of a few hundred terms of order 1.
    const ROUNDING: f64 = 1e-12;

    /// More rows than a batch, some as near to one center as to another.
    #[test]
    fn groups_are_those_of_a_search_one_by_one_on_every_instruction_set() {
        for d in 1..=5 {
            let at = |i: usize| ((i * 7919) % 31) as f64 / 8.0 - 2.0;
            let rows: Vec<f64> = (0..150 * d).map(at).collect();
            let centers: Vec<f64> = (0..4 * d).map(|i| at(3 * i + 1)).collect();
            let weights: Vec<f64> = (0..150).map(|n| f64::from(n % 4)).collect();
            let (mut counts, mut sums, mut all) = (vec![0.0; 4], vec![0.0; 4 * d], 0.0);
            for (row, weight) in rows.chunks_exact(d).zip(&weights) {
                let distance =
                    |c: &[f64]| -> f64 { row.iter().zip(c).map(|(a, b)| (a - b).powi(2)).sum() };
                let to_each: Vec<f64> = centers.chunks_exact(d).map(distance).collect();
                let least = to_each.iter().copied().fold(f64::INFINITY, f64::min);
                let k = to_each.iter().position(|x| *x == least).unwrap();
                counts[k] += weight;
                all += weight * least;
                (0..d).for_each(|j| sums[k * d + j] += weight * row[j]);
            }
            let task = Grouping { rows: &rows, weights: Some(&weights), centers: &centers, dim: d };
            for (set, found) in run_on_each(task) {
                assert_eq!(found.counts, counts, "{set}, d = {d}");
                assert!((found.distances - all).abs() < ROUNDING * all, "{set}, d = {d}");
                let near = |(a, b): (&f64, &f64)| (a - b).abs() < ROUNDING;
                assert!(found.sums.iter().zip(&sums).all(near), "{set}, d = {d}");
            }
        }
    }
}
