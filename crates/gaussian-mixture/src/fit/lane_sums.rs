//! Sums over the samples of a batch, a sum in every lane: what E-steps are made of.

use crate::multivariate::batch::{Column, Filled, WIDE};
use crate::simd::{self, Aligned, LANES, Lanes};

/// A sum in every lane: adding the lanes up costs more than adding a batch to them, so it is done once, at the end.
pub(super) type LaneSum = Aligned<[f64; LANES]>;

/// The lanes of each added up.
pub(super) fn totals(sums: &[LaneSum]) -> Vec<f64> {
    let mut totals = vec![0.0; sums.len()];
    for (total, lanes) in totals.iter_mut().zip(sums) {
        *total = simd::sum(lanes);
    }
    totals
}

/// As many as there are places for.
#[inline(always)]
pub(super) fn add_to_each<L: Lanes>(sums: &mut [LaneSum], more: &[L]) {
    for (sum, more) in sums.iter_mut().zip(more) {
        add_to(sum, *more);
    }
}

#[inline(always)]
pub(super) fn add_to<L: Lanes>(sum: &mut LaneSum, more: L) {
    (more.load(sum) + more).store(sum);
}

/// Adds Σ r z, and Σ r z² or the sum of these, of coordinates that are uncorrelated: each is a sample's times 1/σ and a shift.
#[inline(always)]
pub(super) fn add_uncorrelated<L: Lanes>(
    zero: L,
    (r, filled): (&Column, Filled),
    x: &[Column],
    (inverse, shift): (&[f64], &[f64]),
    first_sums: &mut [LaneSum],
    second_sums: &mut [LaneSum],
) {
    let last = second_sums.len() - 1;
    let parameters = inverse.iter().zip(shift);
    let coordinates = x.iter().zip(parameters).zip(first_sums);
    for (j, ((x, (p, shift)), first_sum)) in coordinates.enumerate() {
        let (p, shift) = (zero.splat(*p), zero.splat(*shift));
        let (mut first, mut second) = (zero, zero);
        for g in filled.groups() {
            for w in 0..WIDE {
                let z = zero.load(&x[g * WIDE + w]).mul_add(p, shift);
                let product = zero.load(&r[g * WIDE + w]) * z;
                first = first + product;
                second = product.mul_add(z, second);
            }
        }
        add_to(first_sum, first);
        add_to(&mut second_sums[j.min(last)], second);
    }
}

/// Adds Σ r z zᵀ, of which the lower triangle lies row by row, in tiles of T rows and columns; and Σ r z where there is space for it.
#[inline(always)]
pub(super) fn add_correlated<L: Lanes, const T: usize>(
    zero: L,
    r: (&Column, Filled),
    z: &[Column],
    working: &mut [Column],
    first: &mut [LaneSum],
    second: &mut [LaneSum],
) {
    for i in (0..z.len()).step_by(T) {
        let first = first.get_mut(i..).unwrap_or_default();
        match z.len() - i {
            1 => add_rows::<L, 1, T>(zero, r, z, i, working, first, second),
            2 if T > 2 => add_rows::<L, 2, T>(zero, r, z, i, working, first, second),
            3 if T > 3 => add_rows::<L, 3, T>(zero, r, z, i, working, first, second),
            _ => add_rows::<L, T, T>(zero, r, z, i, working, first, second),
        }
    }
}

/// N rows, from row i on.
#[inline(always)]
fn add_rows<L: Lanes, const N: usize, const T: usize>(
    zero: L,
    r: (&Column, Filled),
    z: &[Column],
    i: usize,
    working: &mut [Column],
    first: &mut [LaneSum],
    second: &mut [LaneSum],
) {
    let (before, own) = z.split_at(i);
    let (Some(own), Some(scaled)) = (own.first_chunk::<N>(), working.first_chunk_mut::<N>()) else {
        return;
    };
    // The first tile has nothing to its left.
    let (means, squares) = corner(zero, r, own, (i > 0).then_some(&mut *scaled));
    add_to_each(first, &means);
    for n in 0..N {
        add_to_each(&mut second[row(i + n) + i..][..=n], &squares[n]);
    }
    let (tiles, _) = before.as_chunks::<T>();
    for (j, columns) in tiles.iter().enumerate() {
        let sums = products(zero, scaled, columns, r.1);
        for n in 0..N {
            add_to_each(&mut second[row(i + n) + j * T..][..T], &sums[n]);
        }
    }
}

/// Σ r z and the lower triangle of Σ r z zᵀ of N coordinates, in every lane; leaves r z where there is space for it.
#[inline(always)]
fn corner<L: Lanes, const N: usize>(
    zero: L,
    (r, filled): (&Column, Filled),
    z: &[Column; N],
    mut scaled: Option<&mut [Column; N]>,
) -> ([L; N], [[L; N]; N]) {
    let (mut first, mut second) = ([zero; N], [[zero; N]; N]);
    for v in filled.registers() {
        let r = zero.load(&r[v]);
        for i in 0..N {
            let product = r * zero.load(&z[i][v]);
            if let Some(scaled) = &mut scaled {
                product.store(&mut scaled[i][v]);
            }
            first[i] = first[i] + product;
            for j in 0..=i {
                second[i][j] = product.mul_add(zero.load(&z[j][v]), second[i][j]);
            }
        }
    }
    (first, second)
}

/// Where a row of a triangle begins.
#[inline(always)]
pub(super) fn row(i: usize) -> usize {
    i * (i + 1) / 2
}

/// Σ aᵢ bⱼ over the samples, in every lane.
#[inline(always)]
pub(super) fn products<L: Lanes, const A: usize, const B: usize>(
    zero: L,
    a: &[Column; A],
    b: &[Column; B],
    filled: Filled,
) -> [[L; B]; A] {
    let mut sums = [[zero; B]; A];
    for v in filled.registers() {
        let mut columns = [zero; B];
        for j in 0..B {
            columns[j] = zero.load(&b[j][v]);
        }
        for i in 0..A {
            let a = zero.load(&a[i][v]);
            for j in 0..B {
                sums[i][j] = a.mul_add(columns[j], sums[i][j]);
            }
        }
    }
    sums
}
