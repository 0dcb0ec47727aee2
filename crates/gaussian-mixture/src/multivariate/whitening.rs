//! z = L⁻¹(x − μ) and −½|z|² for a batch of samples, by products with the inverse factor.
//!
//! A product runs over samples side by side, where forward substitution would divide and wait for each coordinate in turn. What
//! it costs in accuracy: with P the computed inverse of L, column by column by substitution,
//!
//! ```text
//! |P·b − L⁻¹b| ≤ c·d·ε·|L⁻¹| |L| |L⁻¹| |b|,   by substitution   c·d·ε·|L⁻¹| |L| |L⁻¹b|
//! ```
//!
//! ("Accuracy and Stability of Numerical Algorithms", sections 8.1 and 14.2, 2002). The rounding of b, which is x − μ or x minus the
//! mixture's [center](super::origin), itself moves z by ε·|L⁻¹| |b|: so the product loses no more than a factor |L⁻¹| |L| on what
//! the samples have lost before, and that factor does not depend on the units of the coordinates.

use super::batch::{Column, Filled, WIDE, ZEROS};
use super::factors::Factors;
use super::matrix::inverse;
use crate::simd::Lanes;
use std::ops::RangeInclusive;

/// Rows of L⁻¹ at a time.
const ROWS: usize = 4;

/// The inverse factors of all components.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Whitening {
    /// Of a triangle, bands of [`ROWS`] rows, each column by column up to the band's last entry on the diagonal; of
    /// uncorrelated coordinates, d numbers per component.
    values: Vec<f64>,
    dim: usize,
    /// How many of the values a component has, and how far the next component's are from them: 0 where all share them.
    len: usize,
    stride: usize,
    triangular: bool,
}

impl Whitening {
    /// `None` if an entry leaves the range of `f64`.
    pub(crate) fn of(factors: &Factors, n_components: usize, dim: usize) -> Option<Self> {
        let triangular = factors.is_matrix();
        let n_factors = if factors.is_tied() { 1 } else { n_components };
        let mut values = Vec::new();
        for k in 0..n_factors {
            let l = factors.component(k);
            if triangular {
                pack(&inverse(l, dim), dim, &mut values);
            } else {
                values.extend(l.iter().cycle().take(dim).map(|s| 1.0 / s));
            }
        }
        let len = values.len() / n_factors;
        let stride = if factors.is_tied() { 0 } else { len };
        values.iter().all(|p| p.is_finite()).then_some(Self {
            values,
            dim,
            len,
            stride,
            triangular,
        })
    }

    /// 1/σ of each coordinate of component k; none if its coordinates are correlated.
    pub(crate) fn uncorrelated(&self, k: usize) -> Option<&[f64]> {
        (!self.triangular).then(|| self.component(k))
    }

    fn component(&self, k: usize) -> &[f64] {
        &self.values[k * self.stride..][..self.len]
    }

    /// Whether the coordinates are correlated.
    pub(crate) fn is_triangular(&self) -> bool {
        self.triangular
    }

    /// Whether all components share one.
    pub(super) fn is_common(&self) -> bool {
        self.stride == 0
    }

    /// Where in a row of L⁻¹ there are entries.
    pub(super) fn columns(&self, row: usize) -> RangeInclusive<usize> {
        if self.triangular { 0..=row } else { row..=row }
    }

    /// Such an entry.
    pub(super) fn entry(&self, k: usize, row: usize, column: usize) -> f64 {
        let entries = self.component(k);
        if self.triangular { entries[place(row, column, self.dim)] } else { entries[row] }
    }

    /// `offset` − ½|z|² of component k as its term, where z = L⁻¹x + `shift`; and z itself where there is space for it and coordinates
    /// are correlated.
    #[inline(always)]
    pub(super) fn whiten<L: Lanes>(
        &self,
        offset: L,
        (k, shift): (usize, &[f64]),
        (x, filled): (&[Column], Filled),
        z: &mut [Column],
        term: &mut Column,
    ) {
        let (zero, inverse) = (offset.splat(0.0), self.component(k));
        let squares = match (self.triangular, shift.len()) {
            (true, 1) => return few::<L, 1>(offset, inverse, shift, (x, filled), z, term),
            (true, 2) => return few::<L, 2>(offset, inverse, shift, (x, filled), z, term),
            (true, 3) => return few::<L, 3>(offset, inverse, shift, (x, filled), z, term),
            (true, 4) if L::ONE_REGISTER => {
                return few::<L, 4>(offset, inverse, shift, (x, filled), z, term);
            }
            (true, 5) if L::ONE_REGISTER => {
                return few::<L, 5>(offset, inverse, shift, (x, filled), z, term);
            }
            (true, 6) if L::ONE_REGISTER => {
                return few::<L, 6>(offset, inverse, shift, (x, filled), z, term);
            }
            (true, 7) if L::ONE_REGISTER => {
                return few::<L, 7>(offset, inverse, shift, (x, filled), z, term);
            }
            (true, 8) if L::ONE_REGISTER => {
                return few::<L, 8>(offset, inverse, shift, (x, filled), z, term);
            }
            (true, _) => triangle(zero, inverse, Some(shift), (x, filled), z),
            (false, _) => diagonal(zero, inverse, shift, (x, filled)),
        };
        for v in filled.registers() {
            minus_half(offset, zero.load(&squares[v])).store(&mut term[v]);
        }
    }

    /// L⁻¹x, with the L that all components share.
    #[inline(always)]
    pub(super) fn product<L: Lanes>(
        &self,
        zero: L,
        x: (&[Column], Filled),
        product: &mut [Column],
    ) {
        triangle(zero, self.component(0), None, x, product);
    }
}

/// The same as [`whiten`](Whitening::whiten), from the product L⁻¹x.
#[inline(always)]
pub(super) fn shifted<L: Lanes>(
    offset: L,
    shift: &[f64],
    (product, filled): (&[Column], Filled),
    z: &mut [Column],
    term: &mut Column,
) {
    let zero = offset.splat(0.0);
    for g in filled.groups() {
        let mut sums = [zero; WIDE];
        for (j, (product, shift)) in product.iter().zip(shift).enumerate() {
            let shift = zero.splat(*shift);
            for w in 0..WIDE {
                let here = zero.load(&product[g * WIDE + w]) + shift;
                sums[w] = here.mul_add(here, sums[w]);
                if let Some(z) = z.get_mut(j) {
                    here.store(&mut z[g * WIDE + w]);
                }
            }
        }
        for w in 0..WIDE {
            minus_half(offset, sums[w]).store(&mut term[g * WIDE + w]);
        }
    }
}

/// `offset` − ½·`square`.
#[inline(always)]
fn minus_half<L: Lanes>(offset: L, square: L) -> L {
    square.mul_add(square.splat(-0.5), offset)
}

fn pack(inverse: &[f64], d: usize, values: &mut Vec<f64>) {
    for first in (0..d).step_by(ROWS) {
        let end = d.min(first + ROWS);
        values.extend((0..end).flat_map(|j| (first..end).map(move |i| inverse[i * d + j])));
    }
}

/// Where [`pack`] puts an entry on or below the diagonal of a triangle of d rows.
#[inline(always)]
const fn place(row: usize, column: usize, d: usize) -> usize {
    let band = row / ROWS;
    let first = band * ROWS;
    let n_rows = if d - first < ROWS { d - first } else { ROWS };
    ROWS * ROWS * (band * (band + 1) / 2) + column * n_rows + (row - first)
}

/// |z|² of a few registers of samples at a time. z is not kept: to compute it anew costs less than to fetch it.
#[inline(always)]
fn diagonal<L: Lanes>(
    zero: L,
    inverse: &[f64],
    shift: &[f64],
    (x, filled): (&[Column], Filled),
) -> Column {
    let mut squares = ZEROS;
    for g in filled.groups() {
        let mut sums = [zero; WIDE];
        for ((p, shift), x) in inverse.iter().zip(shift).zip(x) {
            let (p, shift) = (zero.splat(*p), zero.splat(*shift));
            for (w, sum) in sums.iter_mut().enumerate() {
                let z = zero.load(&x[g * WIDE + w]).mul_add(p, shift);
                *sum = z.mul_add(z, *sum);
            }
        }
        for (w, sum) in sums.iter().enumerate() {
            sum.store(&mut squares[g * WIDE + w]);
        }
    }
    squares
}

/// All N coordinates and the term at once: |z|² never leaves the registers.
#[inline(always)]
fn few<L: Lanes, const N: usize>(
    offset: L,
    inverse: &[f64],
    shift: &[f64],
    (x, filled): (&[Column], Filled),
    z: &mut [Column],
    term: &mut Column,
) {
    let zero = offset.splat(0.0);
    let (Some(shift), Some(x)) = (shift.first_chunk::<N>(), x.first_chunk::<N>()) else { return };
    // So long that no place in it has to be checked.
    let inverse = &inverse[..=place(N - 1, N - 1, N)];
    let mut z = z.first_chunk_mut::<N>();
    for v in filled.registers() {
        let mut sums = [zero; N];
        for i in 0..N {
            sums[i] = zero.splat(shift[i]);
        }
        for j in 0..N {
            let x = zero.load(&x[j][v]);
            for i in j..N {
                sums[i] = x.mul_add(zero.splat(inverse[place(i, j, N)]), sums[i]);
            }
        }
        let mut square = zero;
        for sum in sums {
            square = sum.mul_add(sum, square);
        }
        if let Some(z) = &mut z {
            for i in 0..N {
                sums[i].store(&mut z[i][v]);
            }
        }
        minus_half(offset, square).store(&mut term[v]);
    }
}

/// |z|², and z where there is space for it; without a shift only that.
#[inline(always)]
fn triangle<L: Lanes>(
    zero: L,
    mut inverse: &[f64],
    shift: Option<&[f64]>,
    (x, filled): (&[Column], Filled),
    z: &mut [Column],
) -> Column {
    let mut squares = ZEROS;
    for first in (0..x.len()).step_by(ROWS) {
        let n_rows = ROWS.min(x.len() - first);
        let (band, rest) = inverse.split_at((first + n_rows) * n_rows);
        let x = (&x[..first + n_rows], filled);
        let shift = shift.map_or(&[0.0; ROWS][..], |shift| &shift[first..]);
        let z = if z.is_empty() { &mut [] } else { &mut z[first..] };
        match n_rows {
            1 => rows::<L, 1>(zero, (band, shift), x, z, &mut squares),
            2 => rows::<L, 2>(zero, (band, shift), x, z, &mut squares),
            3 => rows::<L, 3>(zero, (band, shift), x, z, &mut squares),
            _ => rows::<L, ROWS>(zero, (band, shift), x, z, &mut squares),
        }
        inverse = rest;
    }
    squares
}

/// N rows of the product.
#[inline(always)]
fn rows<L: Lanes, const N: usize>(
    zero: L,
    (band, shift): (&[f64], &[f64]),
    (x, filled): (&[Column], Filled),
    z: &mut [Column],
    squares: &mut Column,
) {
    let (band, _) = band.as_chunks::<N>();
    let Some(shift) = shift.first_chunk::<N>() else { return };
    let mut z = z.first_chunk_mut::<N>();
    if L::ONE_REGISTER {
        for g in filled.groups() {
            tile::<L, N, WIDE>(zero, (band, shift), x, g * WIDE, z.as_deref_mut(), squares);
        }
    } else {
        for v in filled.registers() {
            tile::<L, N, 1>(zero, (band, shift), x, v, z.as_deref_mut(), squares);
        }
    }
}

/// N rows for W registers of samples, from the given one on.
#[inline(always)]
fn tile<L: Lanes, const N: usize, const W: usize>(
    zero: L,
    (band, shift): (&[[f64; N]], &[f64; N]),
    x: &[Column],
    first: usize,
    z: Option<&mut [Column; N]>,
    squares: &mut Column,
) {
    let mut sums = [[zero; W]; N];
    for i in 0..N {
        sums[i] = [zero.splat(shift[i]); W];
    }
    for (p, x) in band.iter().zip(x) {
        let mut loaded = [zero; W];
        for w in 0..W {
            loaded[w] = zero.load(&x[first + w]);
        }
        for i in 0..N {
            let p = zero.splat(p[i]);
            for w in 0..W {
                sums[i][w] = loaded[w].mul_add(p, sums[i][w]);
            }
        }
    }
    for w in 0..W {
        let mut square = zero.load(&squares[first + w]);
        for sums in &sums {
            square = sums[w].mul_add(sums[w], square);
        }
        square.store(&mut squares[first + w]);
    }
    let Some(z) = z else { return };
    for i in 0..N {
        for w in 0..W {
            sums[i][w].store(&mut z[i][first + w]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_found_where_it_was_packed() {
        for d in 1..=13 {
            let matrix: Vec<f64> = (0..d * d).map(|e| e as f64).collect();
            let mut packed = Vec::new();
            pack(&matrix, d, &mut packed);
            for row in 0..d {
                for column in 0..=row {
                    assert_eq!(packed[place(row, column, d)], matrix[row * d + column], "{d}");
                }
            }
        }
    }
}
