//! Squared distances of many points from a few, and the groups of those that are nearest to the same one.

use crate::multivariate::batch::{BATCH, Column, Filled, WIDE, ZEROS, fill_columns};
use crate::simd::{self, Kernel, Lanes};

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
            let filled = fill_columns(zero, &mut x, rows);
            squared_distances(zero, (&x, filled), self.centers, &mut distances);
            let given: Vec<&[f64]> =
                distances.iter().map(|column| &column.as_flattened()[..rows.len() / d]).collect();
            (self.each)(i * BATCH, &given);
        }
    }
}

/// Centers at a time: each coordinate that is read serves all of them.
const CENTERS: usize = 4;

/// The squared distances of the samples from each of the centers.
#[inline(always)]
fn squared_distances<L: Lanes>(
    zero: L,
    x: (&[Column], Filled),
    centers: &[f64],
    distances: &mut [Column],
) {
    let of_several = centers.chunks(CENTERS * x.0.len());
    for (distances, centers) in distances.chunks_mut(CENTERS).zip(of_several) {
        match distances.len() {
            1 => of_few::<L, 1>(zero, x, centers, distances),
            2 => of_few::<L, 2>(zero, x, centers, distances),
            3 => of_few::<L, 3>(zero, x, centers, distances),
            _ => of_few::<L, CENTERS>(zero, x, centers, distances),
        }
    }
}

/// Those from N centers.
#[inline(always)]
fn of_few<L: Lanes, const N: usize>(
    zero: L,
    (x, filled): (&[Column], Filled),
    centers: &[f64],
    distances: &mut [Column],
) {
    let Some(distances) = distances.first_chunk_mut::<N>() else { return };
    if L::ONE_REGISTER {
        for g in filled.groups() {
            tile::<L, N, WIDE>(zero, x, centers, g * WIDE, distances);
        }
    } else {
        for v in filled.registers() {
            tile::<L, N, 1>(zero, x, centers, v, distances);
        }
    }
}

/// Those from N centers, of W registers of samples from the given one on.
#[inline(always)]
fn tile<L: Lanes, const N: usize, const W: usize>(
    zero: L,
    x: &[Column],
    centers: &[f64],
    first: usize,
    distances: &mut [Column; N],
) {
    let mut sums = [[zero; W]; N];
    for (j, column) in x.iter().enumerate() {
        for i in 0..N {
            let center = zero.splat(centers[i * x.len() + j]);
            for w in 0..W {
                let difference = zero.load(&column[first + w]) - center;
                sums[i][w] = difference.mul_add(difference, sums[i][w]);
            }
        }
    }
    for i in 0..N {
        for w in 0..W {
            sums[i][w].store(&mut distances[i][first + w]);
        }
    }
}

/// The number of the first of the centers that are nearest to each row.
pub(super) fn nearest_of_each(rows: &[f64], centers: &[f64], dim: usize) -> Vec<usize> {
    simd::run(Nearest { rows, centers, dim })
}

struct Nearest<'a> {
    rows: &'a [f64],
    centers: &'a [f64],
    dim: usize,
}

impl Kernel for Nearest<'_> {
    type Output = Vec<usize>;

    #[inline(always)]
    fn run<L: Lanes>(self, zero: L) -> Vec<usize> {
        let d = self.dim;
        let (mut x, mut distances) = (vec![ZEROS; d], vec![ZEROS; self.centers.len() / d]);
        let mut numbers = Vec::with_capacity(self.rows.len() / d);
        for rows in self.rows.chunks(BATCH * d) {
            let filled = fill_columns(zero, &mut x, rows);
            squared_distances(zero, (&x, filled), self.centers, &mut distances);
            let (nearest, _) = nearest(zero, (&distances, filled));
            for number in &nearest.as_flattened()[..rows.len() / d] {
                numbers.push(as_number(*number));
            }
        }
        numbers
    }
}

/// The number of a center, which lanes hold as a float.
#[inline(always)]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is a whole number")]
fn as_number(center: f64) -> usize {
    center as usize
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
            let filled = fill_columns(zero, &mut x, rows);
            squared_distances(zero, (&x, filled), self.centers, &mut distances);
            let (nearest, least) = nearest(zero, (&distances, filled));
            let given = nearest.as_flattened().iter().zip(least.as_flattened());
            for (n, (row, (nearest, least))) in rows.chunks_exact(d).zip(given).enumerate() {
                let weight = match self.weights {
                    Some(weights) => weights[i * BATCH + n],
                    None => 1.0,
                };
                let k = as_number(*nearest);
                groups.distances += weight * least;
                groups.counts[k] += weight;
                for (sum, x) in groups.sums[k * d..][..d].iter_mut().zip(row) {
                    *sum += weight * x;
                }
            }
        }
        groups
    }
}

/// The number of the first center that is nearest to each row, and the squared distance from it.
#[inline(always)]
fn nearest<L: Lanes>(zero: L, (distances, filled): (&[Column], Filled)) -> (Column, Column) {
    let (mut nearest, mut least) = (ZEROS, ZEROS);
    for v in filled.registers() {
        let (mut k, mut found) = (zero, zero.splat(f64::INFINITY));
        for (center, distances) in distances.iter().enumerate() {
            let distance = zero.load(&distances[v]);
            k = distance.if_less(found, zero.splat(center as f64), k);
            found = distance.min(found);
        }
        k.store(&mut nearest[v]);
        found.store(&mut least[v]);
    }
    (nearest, least)
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
        for (d, n_centers) in (1..=5).flat_map(|d| (1..=7).map(move |k| (d, k))) {
            let at = |i: usize| ((i * 7919) % 31) as f64 / 8.0 - 2.0;
            let rows: Vec<f64> = (0..150 * d).map(at).collect();
            let centers: Vec<f64> = (0..n_centers * d).map(|i| at(3 * i + 1)).collect();
            let weights: Vec<f64> = (0..150).map(|n| f64::from(n % 4)).collect();
            let (mut counts, mut sums, mut all) =
                (vec![0.0; n_centers], vec![0.0; n_centers * d], 0.0);
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
                assert_eq!(found.counts, counts, "{set}, d = {d}, k = {n_centers}");
                assert!((found.distances - all).abs() < ROUNDING * all, "{set}, d = {d}");
                let near = |(a, b): (&f64, &f64)| (a - b).abs() < ROUNDING;
                assert!(found.sums.iter().zip(&sums).all(near), "{set}, d = {d}");
            }
        }
    }
}
