//! z = L⁻¹(x − μ) and −½|z|² for a batch of samples, by products with the inverse factor.
//!
//! A product runs over samples side by side, where forward substitution would divide and wait for each coordinate in turn. What
//! it costs in accuracy: with P the computed inverse of L, column by column by substitution,
//!
//! ```text
//! |P·b − L⁻¹b| ≤ c·d·ε·|L⁻¹| |L| |L⁻¹| |b|,   by substitution   c·d·ε·|L⁻¹| |L| |L⁻¹b|
//! ```
//!
//! ("Accuracy and Stability of Numerical Algorithms", sections 8.1 and 14.2, 2002). The rounding of b = x − μ itself moves z by
//! ε·|L⁻¹| |b|: so the product loses no more than a factor |L⁻¹| |L| on what the samples have lost before, and that factor does
//! not depend on the units of the coordinates.

use super::batch::{Column, ZEROS};
use super::factors::Factors;
use crate::simd::Lanes;

/// Rows of L⁻¹ at a time: as many sums as a processor adds up at once.
const ROWS: usize = 4;

/// Up to so many coordinates are held in registers all at once.
const FEW: usize = 3;

/// The inverse factors of all components.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Whitening {
    /// Of a triangle, bands of [`ROWS`] rows, each column by column up to the band's last entry on the diagonal; of
    /// uncorrelated coordinates, d numbers per component.
    values: Vec<f64>,
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
        values.iter().all(|p| p.is_finite()).then_some(Self { values, len, stride, triangular })
    }

    /// z of component k, whose mean is μ, and `offset` − ½|z|² as its term. `deviations` is working space.
    #[inline(always)]
    pub(crate) fn whiten<L: Lanes>(
        &self,
        offset: L,
        (k, mean): (usize, &[f64]),
        x: &[Column],
        deviations: &mut [Column],
        z: &mut [Column],
        term: &mut Column,
    ) {
        let (zero, inverse) = (offset.splat(0.0), &self.values[k * self.stride..][..self.len]);
        let squares = match (self.triangular, mean.len()) {
            (true, 1) => return few::<L, 1>(offset, inverse, mean, x, z, term),
            (true, 2) => return few::<L, 2>(offset, inverse, mean, x, z, term),
            (true, FEW) => return few::<L, FEW>(offset, inverse, mean, x, z, term),
            (true, _) => triangle(zero, inverse, mean, x, deviations, z),
            (false, _) => diagonal(zero, inverse, mean, x, z),
        };
        for (term, square) in term.iter_mut().zip(&squares) {
            minus_half(offset, zero.load(square)).store(term);
        }
    }
}

/// `offset` − ½·`square`.
#[inline(always)]
fn minus_half<L: Lanes>(offset: L, square: L) -> L {
    square.mul_add(square.splat(-0.5), offset)
}

/// L⁻¹, row by row: its columns are what it makes of the unit vectors.
fn inverse(l: &[f64], d: usize) -> Vec<f64> {
    let mut inverse = vec![0.0; d * d];
    for j in 0..d {
        inverse[j * d + j] = 1.0 / l[j * d + j];
        for i in j + 1..d {
            let known: f64 = (j..i).map(|m| l[i * d + m] * inverse[m * d + j]).sum();
            inverse[i * d + j] = -known / l[i * d + i];
        }
    }
    inverse
}

fn pack(inverse: &[f64], d: usize, values: &mut Vec<f64>) {
    for first in (0..d).step_by(ROWS) {
        let end = d.min(first + ROWS);
        values.extend((0..end).flat_map(|j| (first..end).map(move |i| inverse[i * d + j])));
    }
}

#[inline(always)]
fn diagonal<L: Lanes>(
    zero: L,
    inverse: &[f64],
    mean: &[f64],
    x: &[Column],
    z: &mut [Column],
) -> Column {
    let mut squares = ZEROS;
    for (((p, mean), x), z) in inverse.iter().zip(mean).zip(x).zip(z) {
        let (p, mean) = (zero.splat(*p), zero.splat(*mean));
        for ((x, z), square) in x.iter().zip(z).zip(&mut squares) {
            let value = p * (zero.load(x) - mean);
            value.store(z);
            value.mul_add(value, zero.load(square)).store(square);
        }
    }
    squares
}

/// All N coordinates and the term at once: |z|² never leaves the registers.
#[inline(always)]
fn few<L: Lanes, const N: usize>(
    offset: L,
    inverse: &[f64],
    mean: &[f64],
    x: &[Column],
    z: &mut [Column],
    term: &mut Column,
) {
    let zero = offset.splat(0.0);
    let (columns, _) = inverse.as_chunks::<N>();
    let all = (columns.first_chunk::<N>(), mean.first_chunk::<N>(), x.first_chunk::<N>());
    let (Some(columns), Some(mean), Some(x)) = all else { return };
    let Some(z) = z.first_chunk_mut::<N>() else { return };
    for (v, term) in term.iter_mut().enumerate() {
        let mut sums = [zero; N];
        for j in 0..N {
            let deviation = zero.load(&x[j][v]) - zero.splat(mean[j]);
            for i in j..N {
                sums[i] = deviation.mul_add(zero.splat(columns[j][i]), sums[i]);
            }
        }
        let mut square = zero;
        for i in 0..N {
            sums[i].store(&mut z[i][v]);
            square = sums[i].mul_add(sums[i], square);
        }
        minus_half(offset, square).store(term);
    }
}

#[inline(always)]
fn triangle<L: Lanes>(
    zero: L,
    mut inverse: &[f64],
    mean: &[f64],
    x: &[Column],
    deviations: &mut [Column],
    z: &mut [Column],
) -> Column {
    for ((deviation, x), mean) in deviations.iter_mut().zip(x).zip(mean) {
        let mean = zero.splat(*mean);
        for (deviation, x) in deviation.iter_mut().zip(x) {
            (zero.load(x) - mean).store(deviation);
        }
    }
    let mut squares = ZEROS;
    let mut known = 0;
    for z in z.chunks_mut(ROWS) {
        known += z.len();
        let (band, rest) = inverse.split_at(known * z.len());
        let x = &deviations[..known];
        match z.len() {
            1 => rows::<L, 1>(zero, band, x, z, &mut squares),
            2 => rows::<L, 2>(zero, band, x, z, &mut squares),
            3 => rows::<L, 3>(zero, band, x, z, &mut squares),
            _ => rows::<L, ROWS>(zero, band, x, z, &mut squares),
        }
        inverse = rest;
    }
    squares
}

/// N rows of the product.
#[inline(always)]
fn rows<L: Lanes, const N: usize>(
    zero: L,
    band: &[f64],
    x: &[Column],
    z: &mut [Column],
    squares: &mut Column,
) {
    let (band, _) = band.as_chunks::<N>();
    let Some(z) = z.first_chunk_mut::<N>() else { return };
    for v in 0..squares.len() {
        let mut sums = [zero; N];
        for (p, x) in band.iter().zip(x) {
            let x = zero.load(&x[v]);
            for i in 0..N {
                sums[i] = x.mul_add(zero.splat(p[i]), sums[i]);
            }
        }
        let mut square = zero.load(&squares[v]);
        for i in 0..N {
            sums[i].store(&mut z[i][v]);
            square = sums[i].mul_add(sums[i], square);
        }
        square.store(&mut squares[v]);
    }
}
