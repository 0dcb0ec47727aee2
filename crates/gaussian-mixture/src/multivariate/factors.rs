//! Cholesky factors Σ = L Lᵀ: what densities, samples and fits are computed with, instead of the inverse or the determinant
//! of Σ.

use super::matrix::cholesky;
use super::whitening::Whitening;
use super::{CovarianceType, Covariances};
use crate::ParameterError;
use ndarray::{Array1, Array2, Array3, ArrayView2};

/// How far a matrix may be from its transpose, relative to the two standard deviations concerned: the rounding of matrices
/// that were computed or typed in with ten digits.
const ASYMMETRY: f64 = 1e-9;

/// So many rounds of power iteration: near the longest axis, though not on it where others are nearly as long.
const PULLS: usize = 4;

/// The factors of all components, row by row: K lower triangles of d×d numbers for full covariances, one for tied ones; K·d standard
/// deviations for diagonal and K for spherical ones.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Factors {
    covariance_type: CovarianceType,
    n_components: usize,
    dim: usize,
    values: Vec<f64>,
    /// ln det L of each.
    ln_dets: Vec<f64>,
    whitening: Option<Whitening>,
}

impl Factors {
    /// The factors of given covariances.
    pub(crate) fn of(
        covariances: &Covariances,
        n_components: usize,
        dim: usize,
    ) -> Result<Self, ParameterError> {
        let (k, d) = (n_components, dim);
        let values = match covariances {
            Covariances::Full(given) => {
                check_shape(given.shape(), &[k, d, d])?;
                let factors = given.outer_iter().enumerate().map(|(k, c)| factor(k, &c));
                factors.collect::<Result<Vec<_>, _>>()?.concat()
            }
            Covariances::Tied(given) => {
                check_shape(given.shape(), &[d, d])?;
                factor(0, &given.view())?
            }
            Covariances::Diagonal(given) => {
                check_shape(given.shape(), &[k, d])?;
                let variances = given.indexed_iter().map(|((k, j), &v)| std_dev(k, j, v));
                variances.collect::<Result<_, _>>()?
            }
            Covariances::Spherical(given) => {
                check_shape(given.shape(), &[k])?;
                given.indexed_iter().map(|(k, &v)| std_dev(k, 0, v)).collect::<Result<_, _>>()?
            }
        };
        Ok(Self::new(covariances.covariance_type(), k, d, values))
    }

    /// Factors that are known to be some.
    pub(crate) fn new(
        covariance_type: CovarianceType,
        n_components: usize,
        dim: usize,
        values: Vec<f64>,
    ) -> Self {
        let mut factors = Self {
            covariance_type,
            n_components,
            dim,
            values,
            ln_dets: Vec::new(),
            whitening: None,
        };
        factors.ln_dets = (0..n_components).map(|k| factors.sum_of_ln(k)).collect();
        factors.whitening = Whitening::of(&factors, n_components, dim);
        factors
    }

    /// The inverse factors; `None` where they leave the range of `f64`.
    pub(crate) fn whitening(&self) -> Option<&Whitening> {
        self.whitening.as_ref()
    }

    pub(crate) fn covariance_type(&self) -> CovarianceType {
        self.covariance_type
    }

    pub(crate) fn values(&self) -> &[f64] {
        &self.values
    }

    /// Component k's part of the values.
    pub(crate) fn component(&self, k: usize) -> &[f64] {
        let d = self.dim;
        let (k, stride) = match self.covariance_type {
            CovarianceType::Full => (k, d * d),
            CovarianceType::Tied => (0, d * d),
            CovarianceType::Diagonal => (k, d),
            CovarianceType::Spherical => (k, 1),
        };
        &self.values[k * stride..(k + 1) * stride]
    }

    pub(crate) fn n_components(&self) -> usize {
        self.n_components
    }

    pub(crate) fn dim(&self) -> usize {
        self.dim
    }

    pub(super) fn is_tied(&self) -> bool {
        self.covariance_type == CovarianceType::Tied
    }

    pub(super) fn is_matrix(&self) -> bool {
        matches!(self.covariance_type, CovarianceType::Full | CovarianceType::Tied)
    }

    /// L⁻¹ of a deviation x − μ, in place, by forward substitution.
    pub(crate) fn whiten(&self, k: usize, deviation: &mut [f64]) {
        let (l, d) = (self.component(k), self.dim);
        if self.is_matrix() {
            for i in 0..d {
                let row = &l[i * d..=i * d + i];
                let known: f64 = row[..i].iter().zip(&*deviation).map(|(l, z)| l * z).sum();
                deviation[i] = (deviation[i] - known) / row[i];
            }
        } else {
            deviation.iter_mut().zip(l.iter().cycle()).for_each(|(z, s)| *z /= s);
        }
    }

    /// L z, in place.
    pub(crate) fn color(&self, k: usize, z: &mut [f64]) {
        let (l, d) = (self.component(k), self.dim);
        if self.is_matrix() {
            for i in (0..d).rev() {
                z[i] = l[i * d..=i * d + i].iter().zip(&*z).map(|(l, z)| l * z).sum();
            }
        } else {
            z.iter_mut().zip(l.iter().cycle()).for_each(|(z, s)| *z *= s);
        }
    }

    /// A direction becomes one that is as long as the component is wide there, and nearly that in which it is the longest, measured in
    /// this unit of each coordinate. By power iteration: with D that unit and z = L⁻¹v, z ← Lᵀ D⁻² L z.
    pub(crate) fn to_long_axis(&self, k: usize, unit: &[f64], direction: &mut [f64]) {
        self.whiten(k, direction);
        for _ in 0..PULLS {
            self.color(k, direction);
            // One after the other, as the square of a unit may be out of range.
            direction.iter_mut().zip(unit).for_each(|(x, u)| *x = *x / u / u);
            self.color_transposed(k, direction);
            let length = direction.iter().map(|z| z * z).sum::<f64>().sqrt();
            for z in &mut *direction {
                *z /= length;
            }
        }
        self.color(k, direction);
    }

    /// Lᵀ z, in place.
    fn color_transposed(&self, k: usize, z: &mut [f64]) {
        let (l, d) = (self.component(k), self.dim);
        if self.is_matrix() {
            for j in 0..d {
                z[j] = (j..d).map(|i| l[i * d + j] * z[i]).sum();
            }
        } else {
            z.iter_mut().zip(l.iter().cycle()).for_each(|(z, s)| *z *= s);
        }
    }

    /// These factors with that of one component for another one, too.
    pub(crate) fn with_copy(&self, from: usize, to: usize) -> Self {
        let mut values = self.values.clone();
        let stride = self.component(0).len();
        if !self.is_tied() {
            values.copy_within(from * stride..(from + 1) * stride, to * stride);
        }
        Self::new(self.covariance_type, self.n_components, self.dim, values)
    }

    /// ln det L.
    pub(crate) fn ln_det(&self, k: usize) -> f64 {
        self.ln_dets[k]
    }

    /// Σⱼ ln Lⱼⱼ.
    fn sum_of_ln(&self, k: usize) -> f64 {
        let (l, d) = (self.component(k), self.dim);
        match self.covariance_type {
            CovarianceType::Full | CovarianceType::Tied => (0..d).map(|j| l[j * d + j].ln()).sum(),
            CovarianceType::Diagonal => l.iter().map(|s| s.ln()).sum(),
            CovarianceType::Spherical => d as f64 * l[0].ln(),
        }
    }

    /// (L Lᵀ)ᵢⱼ of component k.
    pub(crate) fn covariance(&self, k: usize, i: usize, j: usize) -> f64 {
        let (l, d) = (self.component(k), self.dim);
        match self.covariance_type {
            CovarianceType::Full | CovarianceType::Tied => {
                (0..=i.min(j)).map(|m| l[i * d + m] * l[j * d + m]).sum()
            }
            _ if i != j => 0.0,
            CovarianceType::Diagonal => l[i] * l[i],
            CovarianceType::Spherical => l[0] * l[0],
        }
    }

    /// L Lᵀ of all components.
    pub(crate) fn covariances(&self) -> Covariances {
        let (k, d) = (self.n_components, self.dim);
        match self.covariance_type {
            CovarianceType::Full => {
                Covariances::Full(Array3::from_shape_fn((k, d, d), |(k, i, j)| {
                    self.covariance(k, i, j)
                }))
            }
            CovarianceType::Tied => {
                Covariances::Tied(Array2::from_shape_fn((d, d), |(i, j)| self.covariance(0, i, j)))
            }
            CovarianceType::Diagonal => {
                Covariances::Diagonal(Array2::from_shape_fn((k, d), |(k, j)| {
                    self.covariance(k, j, j)
                }))
            }
            CovarianceType::Spherical => {
                Covariances::Spherical(Array1::from_shape_fn(k, |k| self.covariance(k, 0, 0)))
            }
        }
    }
}

fn check_shape(found: &[usize], expected: &[usize]) -> Result<(), ParameterError> {
    if found == expected {
        return Ok(());
    }
    Err(ParameterError::Shape {
        what: "covariances",
        expected: expected.to_vec(),
        found: found.to_vec(),
    })
}

fn std_dev(component: usize, pivot: usize, variance: f64) -> Result<f64, ParameterError> {
    if !variance.is_finite() {
        let (row, column, value) = (pivot, pivot, variance);
        return Err(ParameterError::CovarianceEntry { component, row, column, value });
    }
    if variance > 0.0 {
        Ok(variance.sqrt())
    } else {
        Err(ParameterError::NotPositiveDefinite { component, pivot, value: variance })
    }
}

fn factor(component: usize, covariance: &ArrayView2<'_, f64>) -> Result<Vec<f64>, ParameterError> {
    for ((row, column), &value) in covariance.indexed_iter() {
        if !value.is_finite() {
            return Err(ParameterError::CovarianceEntry { component, row, column, value });
        }
    }
    for ((row, column), &value) in covariance.indexed_iter() {
        let mirrored = covariance[[column, row]];
        let scale = covariance[[row, row]].abs().sqrt() * covariance[[column, column]].abs().sqrt();
        if (value - mirrored).abs() > ASYMMETRY * scale.max(value.abs().min(mirrored.abs())) {
            return Err(ParameterError::NotSymmetric { component, row, column, value, mirrored });
        }
    }
    let d = covariance.nrows();
    let mut matrix: Vec<f64> = covariance.iter().copied().collect();
    cholesky(&mut matrix, d).map_err(|(pivot, value)| ParameterError::NotPositiveDefinite {
        component,
        pivot,
        value,
    })?;
    Ok(matrix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    /// A few roundings of numbers of order 1.
    const ROUNDING: f64 = 1e-14;

    fn matrix() -> Array2<f64> {
        array![[4.0, 1.2, -0.6], [1.2, 2.0, 0.3], [-0.6, 0.3, 1.0]]
    }

    #[test]
    fn the_factor_times_its_transpose_is_the_covariance() {
        let factors = Factors::of(&Covariances::Tied(matrix()), 2, 3).unwrap();
        let Covariances::Tied(back) = factors.covariances() else { panic!("another type") };
        assert!((back - matrix()).iter().all(|e| e.abs() < ROUNDING));
        // det Σ = (det L)², by Sarrus' rule.
        let det = 4.0 * (2.0 - 0.09) - 1.2 * (1.2 + 0.18) - 0.6 * (0.36 + 1.2);
        assert!((2.0 * factors.ln_det(1) - f64::ln(det)).abs() < ROUNDING);
    }

    #[test]
    fn whitening_undoes_coloring() {
        for covariances in [
            Covariances::Tied(matrix()),
            Covariances::Diagonal(array![[4.0, 0.25, 9.0], [1.0, 2.0, 3.0]]),
            Covariances::Spherical(array![0.3, 7.0]),
        ] {
            let factors = Factors::of(&covariances, 2, 3).unwrap();
            for k in 0..2 {
                let mut z = [0.3, -1.0, 2.0];
                factors.color(k, &mut z);
                factors.whiten(k, &mut z);
                assert!(z.iter().zip([0.3, -1.0, 2.0]).all(|(a, b)| (a - b).abs() < ROUNDING));
            }
        }
    }

    #[test]
    fn what_is_no_covariance_is_named() {
        let error = |c: Covariances| Factors::of(&c, 1, 2).unwrap_err();
        let singular = error(Covariances::Full(array![[[1.0, 2.0], [2.0, 4.0]]]));
        let named = ParameterError::NotPositiveDefinite { component: 0, pivot: 1, value: 0.0 };
        assert_eq!(singular, named);
        let skew = error(Covariances::Tied(array![[1.0, 0.5], [0.4, 1.0]]));
        assert!(matches!(skew, ParameterError::NotSymmetric { row: 0, column: 1, .. }));
        let nan = error(Covariances::Diagonal(array![[1.0, f64::NAN]]));
        assert!(matches!(nan, ParameterError::CovarianceEntry { row: 1, column: 1, .. }));
        let negative = error(Covariances::Spherical(array![-1.0]));
        assert!(matches!(negative, ParameterError::NotPositiveDefinite { pivot: 0, .. }));
        let shape = error(Covariances::Spherical(array![1.0, 1.0]));
        assert_eq!(shape.to_string(), "expected covariances of shape [1], found the shape [2]");
    }
}
