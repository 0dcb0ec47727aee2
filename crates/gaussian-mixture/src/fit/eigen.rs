//! Eigenvalues of a small symmetric matrix, by Jacobi's rotations ("Numerical Recipes", section 11.1, 2007).

/// Sweeps after which a matrix of any size that one would write down has long converged: convergence is quadratic.
const MOST_SWEEPS: usize = 60;

/// Turns the symmetric row-major d×d `matrix` into a diagonal one and returns the orthogonal matrix of its eigenvectors,
/// one per column.
pub(super) fn eigen(matrix: &mut [f64], d: usize) -> Vec<f64> {
    let mut vectors: Vec<f64> = (0..d * d).map(|e| f64::from(u8::from(e / d == e % d))).collect();
    for _ in 0..MOST_SWEEPS {
        let mut rotated = false;
        for p in 0..d {
            for q in p + 1..d {
                rotated |= rotate(matrix, &mut vectors, d, p, q);
            }
        }
        if !rotated {
            break;
        }
    }
    vectors
}

/// The rotation in the plane of p and q that makes their off-diagonal entry 0, unless it is nothing beside both diagonal ones.
fn rotate(matrix: &mut [f64], vectors: &mut [f64], d: usize, p: usize, q: usize) -> bool {
    let (pp, qq, pq) = (matrix[p * d + p], matrix[q * d + q], matrix[p * d + q]);
    let small = f64::EPSILON * 0.5 * (pp.abs() * qq.abs()).sqrt();
    if pq.abs() <= small || !pq.is_finite() {
        return false;
    }
    let theta = (qq - pp) / (2.0 * pq);
    // The smaller of the two tangents, so that the rotation is by at most 45°.
    let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
    let cos = 1.0 / t.hypot(1.0);
    let sin = t * cos;
    for k in 0..d {
        let (kp, kq) = (matrix[k * d + p], matrix[k * d + q]);
        matrix[k * d + p] = cos * kp - sin * kq;
        matrix[k * d + q] = sin * kp + cos * kq;
    }
    for k in 0..d {
        let (pk, qk) = (matrix[p * d + k], matrix[q * d + k]);
        matrix[p * d + k] = cos * pk - sin * qk;
        matrix[q * d + k] = sin * pk + cos * qk;
        let (vp, vq) = (vectors[k * d + p], vectors[k * d + q]);
        vectors[k * d + p] = cos * vp - sin * vq;
        vectors[k * d + q] = sin * vp + cos * vq;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_is_its_eigenvectors_and_eigenvalues() {
        let given = [4.0, 1.0, -2.0, 1.0, 3.0, 0.5, -2.0, 0.5, 5.0];
        let mut diagonal = given;
        let v = eigen(&mut diagonal, 3);
        for (e, entry) in given.iter().enumerate() {
            let (i, j) = (e / 3, e % 3);
            let sum: f64 = (0..3).map(|m| v[i * 3 + m] * diagonal[m * 4] * v[j * 3 + m]).sum();
            // A few roundings of numbers of order 1.
            assert!((sum - entry).abs() < 1e-14);
        }
    }
}
