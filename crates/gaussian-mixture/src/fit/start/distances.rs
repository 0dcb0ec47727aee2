//! Squared distances of many points from a few.

use crate::multivariate::batch::{BATCH, Column, ZEROS, fill_columns};
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
