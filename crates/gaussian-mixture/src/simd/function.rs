//! A function of one number, at each of a list.

use super::{Kernel, LANES, Lanes, run};

/// A function of one number, computed for a number in every lane. The lanes do not know of each other, so that a number's
/// value is the same wherever in a list it stands, and by itself.
pub(crate) trait Function {
    /// The value; to be marked `#[inline(always)]`. It may use `self` as working space.
    fn at<L: Lanes>(&mut self, x: L) -> L;
}

/// `values[i]` = function(`points[i]`).
pub(crate) fn evaluate(function: impl Function, points: &[f64], values: &mut [f64]) {
    run(Evaluate { function, points, values });
}

struct Evaluate<'a, F> {
    function: F,
    points: &'a [f64],
    values: &'a mut [f64],
}

impl<F: Function> Kernel for Evaluate<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(mut self, zero: L) {
        for (points, values) in self.points.chunks(LANES).zip(self.values.chunks_mut(LANES)) {
            // One place that calls the function, so that it is compiled into it.
            let value = self.function.at(zero.load(&padded(points)));
            match values.first_chunk_mut() {
                Some(values) => value.store(values),
                None => values.copy_from_slice(&value.to_array()[..values.len()]),
            }
        }
    }
}

/// Up to [`LANES`] numbers; of fewer, the first fills the lanes that are left.
#[inline(always)]
pub(crate) fn padded(numbers: &[f64]) -> [f64; LANES] {
    if let Some(all) = numbers.first_chunk() {
        return *all;
    }
    let mut padded = [numbers.first().copied().unwrap_or(0.0); LANES];
    padded[..numbers.len()].copy_from_slice(numbers);
    padded
}

/// The values on each of the instruction sets that this processor has.
#[cfg(test)]
pub(crate) fn evaluate_on_each(
    function: &(impl Function + Clone),
    points: &[f64],
) -> Vec<(&'static str, Vec<f64>)> {
    #[derive(Clone)]
    struct Values<'a, F>(F, &'a [f64]);

    impl<F: Function> Kernel for Values<'_, F> {
        type Output = Vec<f64>;

        #[inline(always)]
        fn run<L: Lanes>(self, zero: L) -> Vec<f64> {
            let mut values = vec![0.0; self.1.len()];
            Evaluate { function: self.0, points: self.1, values: &mut values }.run(zero);
            values
        }
    }

    super::run_on_each(Values(function.clone(), points))
}
