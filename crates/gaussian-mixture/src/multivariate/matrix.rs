//! Products, quotients and factors of d×d matrices, row after row.
//!
//! A product is made of whole rows, Σₘ aᵢₘ bₘ, so that several of its entries are computed at a time; each of them is still the
//! sum of its terms in their order.

/// The product A B.
pub(crate) fn product(a: &[f64], b: &[f64], d: usize) -> Vec<f64> {
    let mut product = vec![0.0; d * d];
    for (row, a) in product.chunks_exact_mut(d).zip(a.chunks_exact(d)) {
        add_rows(row, a, b);
    }
    product
}

/// L⁻¹B in place of B, with L's lower triangle.
pub(crate) fn quotient(l: &[f64], b: &mut [f64], d: usize) {
    let mut known = vec![0.0; d];
    for (i, l) in l.chunks_exact(d).enumerate() {
        let (above, rest) = b.split_at_mut(i * d);
        known.fill(0.0);
        add_rows(&mut known, &l[..i], above);
        for (b, known) in rest.iter_mut().zip(&known) {
            *b = (*b - known) / l[i];
        }
    }
}

/// L⁻¹.
pub(crate) fn inverse(l: &[f64], d: usize) -> Vec<f64> {
    let mut inverse = vec![0.0; d * d];
    inverse.iter_mut().step_by(d + 1).for_each(|entry| *entry = 1.0);
    quotient(l, &mut inverse, d);
    inverse
}

/// A Aᵀ.
pub(crate) fn gram(a: &[f64], d: usize) -> Vec<f64> {
    product(a, &transposed(a, d), d)
}

/// Aᵀ.
pub(crate) fn transposed(a: &[f64], d: usize) -> Vec<f64> {
    (0..d * d).map(|e| a[e % d * d + e / d]).collect()
}

/// Adds Σₘ aₘ bₘ to a row. Of a triangle, half of the terms are 0.
fn add_rows(row: &mut [f64], a: &[f64], b: &[f64]) {
    for (&a, b) in a.iter().zip(b.chunks_exact(row.len())) {
        if a != 0.0 {
            row.iter_mut().zip(b).for_each(|(sum, b)| *sum += a * b);
        }
    }
}

/// Turns the lower triangle of a row-major d×d `matrix` into its Cholesky factor, with zeros above. `Err` names the pivot that is
/// not positive, counted from 0, and what was left there.
pub(crate) fn cholesky(matrix: &mut [f64], d: usize) -> Result<(), (usize, f64)> {
    for i in 0..d {
        for j in 0..=i {
            let known: f64 = (0..j).map(|m| matrix[i * d + m] * matrix[j * d + m]).sum();
            let left = matrix[i * d + j] - known;
            if i != j {
                matrix[i * d + j] = left / matrix[j * d + j];
            } else if left > 0.0 && left.is_finite() {
                matrix[i * d + i] = left.sqrt();
            } else {
                return Err((i, left));
            }
        }
        matrix[i * d + i + 1..(i + 1) * d].fill(0.0);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of sums of a few terms of order 1.
    const ROUNDING: f64 = 1e-14;

    const D: usize = 7;

    /// A lower triangle with a diagonal between 1 and 2.
    fn triangle() -> Vec<f64> {
        let entry = |i: usize, j: usize| ((3 * i + 5 * j) as f64).sin();
        let lower = |i: usize, j: usize| if i == j { 1.5 + 0.5 * entry(i, j) } else { entry(i, j) };
        (0..D * D).map(|e| if e % D > e / D { 0.0 } else { lower(e / D, e % D) }).collect()
    }

    fn is_near(a: &[f64], b: &[f64]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < ROUNDING)
    }

    #[test]
    fn a_product_has_the_sums_of_its_terms_as_entries() {
        let (a, b) = (triangle(), (0..D * D).map(|e| (e as f64).cos()).collect::<Vec<f64>>());
        for (e, found) in product(&a, &b, D).into_iter().enumerate() {
            let sum: f64 = (0..D).map(|m| a[e / D * D + m] * b[m * D + e % D]).sum();
            assert_eq!(found, sum, "entry {e}");
        }
    }

    #[test]
    fn a_quotient_times_its_divisor_is_what_was_divided() {
        let (l, b) = (triangle(), (0..D * D).map(|e| (e as f64).cos()).collect::<Vec<f64>>());
        let mut divided = b.clone();
        quotient(&l, &mut divided, D);
        assert!(is_near(&product(&l, &divided, D), &b));
        let mut unit = inverse(&l, D);
        unit = product(&unit, &l, D);
        unit.iter_mut().step_by(D + 1).for_each(|entry| *entry -= 1.0);
        assert!(is_near(&unit, &[0.0; D * D]));
    }

    #[test]
    fn a_factor_is_found_from_its_square() {
        let l = triangle();
        let mut found = gram(&l, D);
        cholesky(&mut found, D).unwrap();
        assert!(is_near(&found, &l));
        let mut flat = gram(&l, D);
        flat[3 * D + 3] = 0.0;
        assert_eq!(cholesky(&mut flat, D).unwrap_err().0, 3);
    }
}
