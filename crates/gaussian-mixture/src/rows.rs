//! Samples of several dimensions: one sample per row, one coordinate per column.

use crate::samples::first_not_finite;
use crate::{Element, SampleError};
use ndarray::{ArrayBase, Data, Ix2};
use std::borrow::Cow;

/// A table of shape (n_samples, dim), one sample per row: a two-dimensional ndarray, owned or a view, in any memory order;
/// or a slice, `Vec` or array of rows `[x, y, …]`. Entries are `f64`, or `f32`, which is widened first.
///
/// Sealed: the list above is complete. A plain list of numbers is no table, as it could be one sample or many; the compiler says
/// what to pass instead:
///
/// ```compile_fail,E0277
/// # use gaussian_mixture::{Covariances, MultivariateGaussianMixture};
/// # use ndarray::array;
/// let mixture = MultivariateGaussianMixture::new([1.0], &[[0.0, 0.0]], Covariances::Spherical(array![1.0])).unwrap();
/// // the trait bound `[f64; 2]: Rows` is not satisfied: `[f64; 2]` is not a table of samples with one sample per row …
/// mixture.pdf(&[0.5, 2.0]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a table of samples with one sample per row",
    note = "for one sample of several coordinates pass a table of one row, such as `&array![[0.5, 2.0]]` or `&[[0.5, 2.0]]`",
    note = "for many samples of one number each use `GaussianMixture`, which takes a plain list; or, with ndarray, `x.insert_axis(Axis(1))`"
)]
pub trait Rows: sealed::Sealed {
    /// The table, borrowed wherever its rows lie one after the other in memory as `f64`.
    fn rows(&self) -> Table<'_>;
}

/// A table of numbers, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Table<'a> {
    values: Cow<'a, [f64]>,
    n_samples: usize,
    dim: usize,
}

impl<'a> Table<'a> {
    /// All entries, row after row.
    pub(crate) fn into_values(self) -> Cow<'a, [f64]> {
        self.values
    }

    /// The number of rows.
    pub fn n_samples(&self) -> usize {
        self.n_samples
    }

    /// The number of columns.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// All entries, row after row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The rows in order. A table without columns has none.
    pub fn iter(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks_exact(self.dim.max(1))
    }

    /// This table, if it has `dim` columns and finite entries.
    pub(crate) fn checked(self, dim: usize) -> Result<Self, SampleError> {
        self.of_dim(dim)?.finite()
    }

    /// This table, if it has `dim` columns.
    pub(crate) fn of_dim(self, dim: usize) -> Result<Self, SampleError> {
        if self.dim != dim {
            return Err(SampleError::Dimension {
                expected: dim,
                n_samples: self.n_samples,
                found: self.dim,
            });
        }
        Ok(self)
    }

    /// This table, if its entries are finite.
    pub(crate) fn finite(self) -> Result<Self, SampleError> {
        match first_not_finite(&self.values) {
            Some(i) => Err(SampleError::EntryNotFinite {
                row: i / self.dim,
                column: i % self.dim,
                value: self.values[i],
            }),
            None => Ok(self),
        }
    }
}

impl<E: Element, S: Data<Elem = E>> Rows for ArrayBase<S, Ix2> {
    fn rows(&self) -> Table<'_> {
        let (n_samples, dim) = self.dim();
        let values = match self.as_slice() {
            Some(slice) => E::widen_slice(slice),
            None => Cow::Owned(self.iter().map(|x| x.widen()).collect()),
        };
        Table { values, n_samples, dim }
    }
}

impl<E: Element, const D: usize> Rows for [[E; D]] {
    fn rows(&self) -> Table<'_> {
        Table { values: E::widen_slice(self.as_flattened()), n_samples: self.len(), dim: D }
    }
}

impl<E: Element, const D: usize, const N: usize> Rows for [[E; D]; N] {
    fn rows(&self) -> Table<'_> {
        self.as_slice().rows()
    }
}

impl<E: Element, const D: usize> Rows for Vec<[E; D]> {
    fn rows(&self) -> Table<'_> {
        self.as_slice().rows()
    }
}

mod sealed {
    use super::{ArrayBase, Data, Element, Ix2};

    pub trait Sealed {}
    impl<E: Element, S: Data<Elem = E>> Sealed for ArrayBase<S, Ix2> {}
    impl<E: Element, const D: usize> Sealed for [[E; D]] {}
    impl<E: Element, const D: usize, const N: usize> Sealed for [[E; D]; N] {}
    impl<E: Element, const D: usize> Sealed for Vec<[E; D]> {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{ShapeBuilder, array};

    #[test]
    fn every_memory_order_reads_row_by_row() {
        let table = array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
        let expected = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let mut columns_first = ndarray::Array2::zeros((3, 2).f());
        columns_first.assign(&table);
        assert!(!columns_first.is_standard_layout());
        assert_eq!(table.rows().values(), expected);
        assert_eq!(columns_first.rows().values(), expected);
        assert_eq!([[1.0_f32, 2.0], [3.0, 4.0], [5.0, 6.0]].rows().values(), expected);
        let rows: Vec<Vec<f64>> =
            vec![[1.0, 2.0], [3.0, 4.0]].rows().iter().map(<[f64]>::to_vec).collect();
        assert_eq!(rows, [[1.0, 2.0], [3.0, 4.0]]);
    }

    #[test]
    fn a_table_of_another_width_says_what_to_pass() {
        let lying = array![[1.0, 2.0, 3.0]];
        let error = lying.rows().checked(1).unwrap_err();
        assert_eq!(error, SampleError::Dimension { expected: 1, n_samples: 1, found: 3 });
        assert!(error.to_string().contains("(3, 1)"), "{error}");
        let error = array![[1.0, f64::NAN]].rows().checked(2).unwrap_err();
        assert!(matches!(error, SampleError::EntryNotFinite { row: 0, column: 1, .. }));
    }
}
