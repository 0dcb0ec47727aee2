//! Samples side by side: a batch of them turned from rows into columns, so that a register holds one coordinate of several
//! samples.

use crate::simd::{Aligned, LANES};

/// Registers per column: few enough that a batch with all its components stays in the cache, and enough that what is done
/// once per batch does not count.
pub(crate) const VECTORS: usize = 8;

/// Samples per batch.
pub(crate) const BATCH: usize = VECTORS * LANES;

/// One number for each sample of a batch.
pub(crate) type Column = Aligned<[[f64; LANES]; VECTORS]>;

pub(crate) const ZEROS: Column = Aligned([[0.0; LANES]; VECTORS]);

/// The rows as one column per coordinate. Where there are fewer than [`BATCH`], the first stands in for those that are missing.
#[inline(always)]
pub(crate) fn fill_columns(columns: &mut [Column], rows: &[f64]) {
    let d = columns.len();
    match d {
        1 => return fill_few::<1>(columns, rows),
        2 => return fill_few::<2>(columns, rows),
        3 => return fill_few::<3>(columns, rows),
        _ => {}
    }
    let n = rows.len() / d;
    for (j, column) in columns.iter_mut().enumerate() {
        let (given, missing) = column.as_flattened_mut().split_at_mut(n);
        given.iter_mut().zip(rows[j..].iter().step_by(d)).for_each(|(to, from)| *to = *from);
        missing.fill(rows[j]);
    }
}

/// The same for so few coordinates that a row is moved at once.
#[inline(always)]
fn fill_few<const D: usize>(columns: &mut [Column], rows: &[f64]) {
    let (rows, _) = rows.as_chunks::<D>();
    let Some(columns) = columns.first_chunk_mut::<D>() else { return };
    for j in 0..D {
        let (given, missing) = columns[j].as_flattened_mut().split_at_mut(rows.len());
        given.iter_mut().zip(rows).for_each(|(to, row)| *to = row[j]);
        missing.fill(rows[0][j]);
    }
}

/// Working space for a batch.
pub(crate) struct Batch {
    /// The samples, one column per coordinate.
    pub(crate) x: Vec<Column>,
    /// What one component needs for a moment, a column per coordinate.
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
