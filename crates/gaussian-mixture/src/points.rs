//! Where a function of one variable is evaluated: at a number, or at each entry of anything that holds numbers.
//!
//! One dimension needs no matrix. A slice, a `Vec`, an array or an ndarray vector is a list of samples as it stands,
//! and nobody reshapes it to (n, 1).

use ndarray::{Array1, ArrayBase, Data, Ix1};
use std::borrow::Cow;

/// A list of numbers: `[f64]`, `[f64; N]`, `Vec<f64>`, or a one-dimensional ndarray, owned or a view, strided or not.
///
/// Sealed: the list above is complete.
pub trait Samples: sealed::Sealed {
    /// What a function of every entry is collected into: `Array1<f64>` for an ndarray, else `Vec<f64>`.
    type Values;

    /// The numbers in order, borrowed wherever they lie side by side in memory.
    fn samples(&self) -> Cow<'_, [f64]>;

    /// `values` in the container that [`Samples::Values`] promises.
    fn collect(values: Vec<f64>) -> Self::Values;
}

/// One number, or a reference to one or to [`Samples`]. A density of an `f64` is an `f64`; of a list it is a list of the same
/// kind and length.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither an f64 nor a reference to a list of f64",
    note = "pass a number such as `0.5`, or a reference such as `&grid`"
)]
pub trait Points: sealed::Sealed {
    /// `f64` for a number; [`Samples::Values`] for a list.
    type Values;

    /// Calls `function(points, values)` once, which must fill in `values[i]` for `points[i]`.
    fn evaluate(self, function: impl FnOnce(&[f64], &mut [f64])) -> Self::Values;
}

impl Points for f64 {
    type Values = f64;

    fn evaluate(self, function: impl FnOnce(&[f64], &mut [f64])) -> f64 {
        let mut value = [f64::NAN];
        function(&[self], &mut value);
        value[0]
    }
}

impl Points for &f64 {
    type Values = f64;

    fn evaluate(self, function: impl FnOnce(&[f64], &mut [f64])) -> f64 {
        (*self).evaluate(function)
    }
}

impl<S: Samples + ?Sized> Points for &S {
    type Values = S::Values;

    fn evaluate(self, function: impl FnOnce(&[f64], &mut [f64])) -> S::Values {
        let points = self.samples();
        let mut values = vec![f64::NAN; points.len()];
        function(&points, &mut values);
        S::collect(values)
    }
}

impl Samples for [f64] {
    type Values = Vec<f64>;

    fn samples(&self) -> Cow<'_, [f64]> {
        Cow::Borrowed(self)
    }

    fn collect(values: Vec<f64>) -> Vec<f64> {
        values
    }
}

impl<const N: usize> Samples for [f64; N] {
    type Values = Vec<f64>;

    fn samples(&self) -> Cow<'_, [f64]> {
        Cow::Borrowed(self)
    }

    fn collect(values: Vec<f64>) -> Vec<f64> {
        values
    }
}

impl Samples for Vec<f64> {
    type Values = Vec<f64>;

    fn samples(&self) -> Cow<'_, [f64]> {
        Cow::Borrowed(self)
    }

    fn collect(values: Vec<f64>) -> Vec<f64> {
        values
    }
}

impl<S: Data<Elem = f64>> Samples for ArrayBase<S, Ix1> {
    type Values = Array1<f64>;

    fn samples(&self) -> Cow<'_, [f64]> {
        match self.as_slice() {
            Some(slice) => Cow::Borrowed(slice),
            None => Cow::Owned(self.to_vec()),
        }
    }

    fn collect(values: Vec<f64>) -> Array1<f64> {
        Array1::from_vec(values)
    }
}

mod sealed {
    use super::{ArrayBase, Data, Ix1, Samples};

    pub trait Sealed {}
    impl Sealed for f64 {}
    impl Sealed for &f64 {}
    impl Sealed for [f64] {}
    impl<const N: usize> Sealed for [f64; N] {}
    impl Sealed for Vec<f64> {}
    impl<S: Data<Elem = f64>> Sealed for ArrayBase<S, Ix1> {}
    impl<S: Samples + ?Sized> Sealed for &S {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{array, s};

    fn double(points: impl Fn(&[f64]) -> f64) -> impl FnOnce(&[f64], &mut [f64]) {
        move |xs, ys| {
            for (i, y) in ys.iter_mut().enumerate() {
                *y = 2.0 * points(&xs[i..=i]);
            }
        }
    }

    #[test]
    fn each_kind_of_input_gives_its_own_kind_of_output() {
        let twice = || double(|x| x[0]);
        let number: f64 = 1.5.evaluate(twice());
        let from_slice: Vec<f64> = [1.0, 2.0].as_slice().evaluate(twice());
        let from_array: Vec<f64> = (&[1.0, 2.0]).evaluate(twice());
        let from_vec: Vec<f64> = (&vec![1.0, 2.0]).evaluate(twice());
        let from_ndarray: Array1<f64> = (&array![1.0, 2.0]).evaluate(twice());
        let borrowed: Vec<f64> = [1.5, 2.0].iter().map(|x| x.evaluate(twice())).collect();
        assert_eq!(number, 3.0);
        assert_eq!(borrowed, [3.0, 4.0]);
        assert_eq!(from_slice, [2.0, 4.0]);
        assert_eq!(from_array, from_slice);
        assert_eq!(from_vec, from_slice);
        assert_eq!(from_ndarray, array![2.0, 4.0]);
    }

    #[test]
    fn a_strided_view_keeps_its_order() {
        let table = array![[1.0, -1.0], [2.0, -2.0], [3.0, -3.0]];
        assert_eq!(table.column(0).samples().as_ref(), [1.0, 2.0, 3.0]);
        let backwards = array![1.0, 2.0, 3.0];
        assert_eq!(backwards.slice(s![..;-1]).samples().as_ref(), [3.0, 2.0, 1.0]);
    }

    #[test]
    fn an_empty_list_gives_an_empty_list() {
        assert!(Vec::new().as_slice().evaluate(|_, _| ()).is_empty());
    }
}
