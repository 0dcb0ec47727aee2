//! Samples side by side: a batch of them turned from rows into columns, so that a register holds one coordinate of several
//! samples.

use crate::simd::{Aligned, LANES, Lanes};
use std::ops::Range;

/// Registers per column: few enough that a batch with all its components stays in the cache, and enough that what is done
/// once per batch does not count.
pub(crate) const VECTORS: usize = 16;

/// Registers of samples at a time, where there are enough of them: each number that is read serves them all.
pub(crate) const WIDE: usize = 4;

/// Samples per batch.
pub(crate) const BATCH: usize = VECTORS * LANES;

/// One number for each sample of a batch.
pub(crate) type Column = Aligned<[[f64; LANES]; VECTORS]>;

pub(crate) const ZEROS: Column = Aligned([[0.0; LANES]; VECTORS]);

/// How many of a column's registers are in use: all but in the last batch, which may be that of a single sample.
#[derive(Clone, Copy)]
pub(crate) struct Filled {
    /// Of [`WIDE`] registers each.
    n_groups: usize,
}

impl Filled {
    #[inline(always)]
    fn by(n_samples: usize) -> Self {
        Self { n_groups: n_samples.div_ceil(WIDE * LANES) }
    }

    /// The numbers of the groups.
    #[inline(always)]
    pub(crate) fn groups(self) -> Range<usize> {
        // The minimum changes nothing: it shows the compiler that every place is within a column.
        0..self.n_groups.min(VECTORS / WIDE)
    }

    /// The numbers of the registers.
    #[inline(always)]
    pub(crate) fn registers(self) -> Range<usize> {
        0..self.groups().end * WIDE
    }
}

/// At most [`BATCH`] rows as one column per coordinate. The first stands in for those that the last group lacks.
#[inline(always)]
pub(crate) fn fill_columns<L: Lanes>(zero: L, columns: &mut [Column], rows: &[f64]) -> Filled {
    let d = columns.len();
    let filled = Filled::by(rows.len() / d);
    let mut first = 0;
    // In parts whose width is a constant.
    while first < d {
        let columns = &mut columns[first..];
        first += match d - first {
            1 => fill::<1>(columns, rows, d, first),
            2 if L::ONE_REGISTER && d == 2 => transpose::<L, 2>(zero, columns, rows, d, first),
            2 => fill::<2>(columns, rows, d, first),
            3 => fill::<3>(columns, rows, d, first),
            4 if L::ONE_REGISTER && d == 4 => transpose::<L, 4>(zero, columns, rows, d, first),
            4..8 => fill::<4>(columns, rows, d, first),
            _ if L::ONE_REGISTER => transpose::<L, LANES>(zero, columns, rows, d, first),
            _ => fill::<8>(columns, rows, d, first),
        };
    }
    for (column, x) in columns.iter_mut().zip(rows) {
        column.as_flattened_mut()[rows.len() / d..filled.registers().end * LANES].fill(*x);
    }
    filled
}

/// Fills D columns with the coordinates from the given one on, and returns D.
#[inline(always)]
fn fill<const D: usize>(columns: &mut [Column], rows: &[f64], d: usize, first: usize) -> usize {
    let Some(columns) = columns.first_chunk_mut::<D>() else { return D };
    for (n, row) in rows.chunks_exact(d).enumerate() {
        let Some(part) = row[first..].first_chunk::<D>() else { return D };
        for j in 0..D {
            columns[j][n / LANES][n % LANES] = part[j];
        }
    }
    D
}

/// The same in registers, of which D hold as many rows as one has lanes: every row has D coordinates, or D is the number of lanes.
#[inline(always)]
fn transpose<L: Lanes, const D: usize>(
    zero: L,
    columns: &mut [Column],
    rows: &[f64],
    d: usize,
    first: usize,
) -> usize {
    let Some(columns) = columns.first_chunk_mut::<D>() else { return D };
    let mut n = 0;
    for rows in rows.chunks_exact(d * LANES) {
        let mut parts = [zero; D];
        for (i, part) in parts.iter_mut().enumerate() {
            let from = if D == LANES { i * d + first } else { i * LANES };
            let Some(values) = rows[from..].first_chunk() else { return D };
            *part = zero.load(values);
        }
        // As often as D can be halved: then the coordinates are in order again.
        parts = evens_first(parts);
        if D > 2 {
            parts = evens_first(parts);
        }
        if D > 4 {
            parts = evens_first(parts);
        }
        for j in 0..D {
            parts[j].store(&mut columns[j][n]);
        }
        n += 1;
    }
    let rest = rows.chunks_exact(d).skip(n * LANES);
    for (i, row) in rest.enumerate() {
        for (column, x) in columns.iter_mut().zip(&row[first..]) {
            column[n][i] = *x;
        }
    }
    D
}

/// The numbers in even places, then those in odd ones.
#[inline(always)]
fn evens_first<L: Lanes, const N: usize>(parts: [L; N]) -> [L; N] {
    let mut sorted = parts;
    for i in 0..N / 2 {
        (sorted[i], sorted[N / 2 + i]) = parts[2 * i].evens_and_odds(parts[2 * i + 1]);
    }
    sorted
}

/// Working space for a batch.
pub(crate) struct Batch {
    /// The samples, one column per coordinate.
    pub(crate) x: Vec<Column>,
    /// What one component needs for a moment, a column per coordinate; or where all have one L, and are not far away, L⁻¹ times the samples
    /// as seen from the mixture's center.
    pub(crate) working: Vec<Column>,
    /// L⁻¹(x − μ) of each component, if it is kept.
    pub(crate) z: Vec<Column>,
    /// One column per component: ln(wₖ Nₖ(x)), and what is made of it.
    pub(crate) terms: Vec<Column>,
}

impl Batch {
    pub(crate) fn new(n_components: usize, dim: usize, keep_z: bool) -> Self {
        let columns = |n| vec![ZEROS; n];
        Self {
            x: columns(dim),
            working: columns(dim),
            z: columns(if keep_z { n_components * dim } else { 0 }),
            terms: columns(n_components),
        }
    }
}
