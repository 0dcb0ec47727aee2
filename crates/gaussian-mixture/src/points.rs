//! Numbers in: at a point or at each of a list, single or double, in whatever container holds them.
//!
//! One dimension needs no matrix. A slice, a `Vec`, an array or an ndarray vector is a list of samples as it stands,
//! and nobody reshapes it to (n, 1).

use crate::Weights;
use crate::threads;
use ndarray::{Array1, ArrayBase, ArrayView1, Data, Ix1};
use std::borrow::Cow;

/// A number that a list may hold: `f64`, or `f32`, which is widened before anything is computed.
///
/// Sealed: these two.
pub trait Element: Copy + sealed::Sealed + 'static {
    /// The same number as an `f64`.
    fn widen(self) -> f64;

    /// The same numbers, borrowed if they are `f64` already.
    fn widen_slice(slice: &[Self]) -> Cow<'_, [f64]>;
}

impl Element for f64 {
    fn widen(self) -> f64 {
        self
    }

    fn widen_slice(slice: &[f64]) -> Cow<'_, [f64]> {
        Cow::Borrowed(slice)
    }
}

impl Element for f32 {
    fn widen(self) -> f64 {
        f64::from(self)
    }

    fn widen_slice(slice: &[f32]) -> Cow<'_, [f64]> {
        Cow::Owned(slice.iter().map(|&x| f64::from(x)).collect())
    }
}

/// A list of numbers: `[f64]`, `[f64; N]`, `Vec<f64>`, or a one-dimensional ndarray, owned or a view, strided or not; or
/// the same of `f32`.
///
/// Sealed: the list above is complete.
pub trait Samples: sealed::Sealed {
    /// What a function of every entry is collected into: `Array1<f64>` for an ndarray, else `Vec<f64>`.
    type Values;

    /// The numbers in order, borrowed wherever they lie side by side in memory as `f64`.
    fn samples(&self) -> Cow<'_, [f64]>;

    /// `values` in the container that [`Samples::Values`] promises.
    fn collect(values: Vec<f64>) -> Self::Values;
}

/// A number, or a list of numbers as a reference or as a view: `0.5`, `&grid`, `grid.view()`. A density of an `f64` is an
/// `f64`; of a list it is a list of the same kind and length.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither an f64 nor a reference to a list of numbers",
    note = "pass a number such as `0.5`, or a reference such as `&grid`"
)]
pub trait Points: sealed::Sealed {
    /// `f64` for a number; [`Samples::Values`] for a list.
    type Values;

    /// Calls `function(points, values)` once, which must fill in `values[i]` for `points[i]`.
    fn evaluate(self, function: impl FnOnce(&[f64], &mut [f64])) -> Self::Values;
}

/// The values of a function that goes through so many components for each point: a large list is shared among threads.
pub(crate) fn shared<P: Points>(
    points: P,
    n_components: usize,
    fill: &(dyn Fn(&[f64], &mut [f64]) + Sync),
) -> P::Values {
    points.evaluate(|points, values| {
        threads::fill((points, 1), (values, 1), n_components, fill);
    })
}

/// What a list of parameters may be given as: an array, a slice, a `Vec`, a one-dimensional ndarray or [`Weights`],
/// owned or by reference.
///
/// Sealed: the list above is complete.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of numbers",
    note = "pass an array such as `[0.3, 0.7]`, a slice, a Vec or a one-dimensional ndarray"
)]
pub trait IntoList: sealed::Sealed {
    /// The numbers in order.
    fn into_list(self) -> Vec<f64>;
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
        // Zeros: the system hands them out without a pass over the memory.
        let mut values = vec![0.0; points.len()];
        function(&points, &mut values);
        S::collect(values)
    }
}

impl<E: Element> Points for ArrayView1<'_, E> {
    type Values = Array1<f64>;

    fn evaluate(self, function: impl FnOnce(&[f64], &mut [f64])) -> Array1<f64> {
        (&self).evaluate(function)
    }
}

impl<E: Element> Samples for [E] {
    type Values = Vec<f64>;

    fn samples(&self) -> Cow<'_, [f64]> {
        E::widen_slice(self)
    }

    fn collect(values: Vec<f64>) -> Vec<f64> {
        values
    }
}

impl<E: Element, const N: usize> Samples for [E; N] {
    type Values = Vec<f64>;

    fn samples(&self) -> Cow<'_, [f64]> {
        E::widen_slice(self)
    }

    fn collect(values: Vec<f64>) -> Vec<f64> {
        values
    }
}

impl<E: Element> Samples for Vec<E> {
    type Values = Vec<f64>;

    fn samples(&self) -> Cow<'_, [f64]> {
        E::widen_slice(self)
    }

    fn collect(values: Vec<f64>) -> Vec<f64> {
        values
    }
}

impl<E: Element, S: Data<Elem = E>> Samples for ArrayBase<S, Ix1> {
    type Values = Array1<f64>;

    fn samples(&self) -> Cow<'_, [f64]> {
        match self.as_slice() {
            Some(slice) => E::widen_slice(slice),
            None => Cow::Owned(self.iter().map(|x| x.widen()).collect()),
        }
    }

    fn collect(values: Vec<f64>) -> Array1<f64> {
        Array1::from_vec(values)
    }
}

impl<S: Samples + ?Sized> IntoList for &S {
    fn into_list(self) -> Vec<f64> {
        self.samples().into_owned()
    }
}

impl<E: Element, const N: usize> IntoList for [E; N] {
    fn into_list(self) -> Vec<f64> {
        self.samples().into_owned()
    }
}

impl<E: Element> IntoList for Vec<E> {
    fn into_list(self) -> Vec<f64> {
        self.samples().into_owned()
    }
}

impl<E: Element, S: Data<Elem = E>> IntoList for ArrayBase<S, Ix1> {
    fn into_list(self) -> Vec<f64> {
        self.samples().into_owned()
    }
}

impl Samples for Weights {
    type Values = Vec<f64>;

    fn samples(&self) -> Cow<'_, [f64]> {
        Cow::Borrowed(self.as_slice())
    }

    fn collect(values: Vec<f64>) -> Vec<f64> {
        values
    }
}

impl IntoList for Weights {
    fn into_list(self) -> Vec<f64> {
        self.as_slice().to_vec()
    }
}

mod sealed {
    use super::{ArrayBase, Data, Element, Ix1, Samples, Weights};

    pub trait Sealed {}
    impl Sealed for f64 {}
    impl Sealed for f32 {}
    impl Sealed for &f64 {}
    impl Sealed for Weights {}
    impl<E: Element> Sealed for [E] {}
    impl<E: Element, const N: usize> Sealed for [E; N] {}
    impl<E: Element> Sealed for Vec<E> {}
    impl<E: Element, S: Data<Elem = E>> Sealed for ArrayBase<S, Ix1> {}
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
    fn single_precision_is_widened_before_anything_else() {
        let single = [0.1_f32, -2.5];
        let widened = [f64::from(0.1_f32), -2.5];
        assert_eq!(single.samples().as_ref(), widened);
        assert_eq!(array![0.1_f32, -2.5].view().samples().as_ref(), widened);
        assert_eq!(single.into_list(), widened);
    }

    #[test]
    fn an_empty_list_gives_an_empty_list() {
        assert!(Vec::<f64>::new().as_slice().evaluate(|_, _| ()).is_empty());
    }
}
