//! How many threads work is worth, and points that are shared among them.

use std::cell::Cell;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Samples or points × components × dimensions from which on a second thread is worth starting: from here on, most work takes more than
/// half a millisecond, and a thread a tenth of one to start.
const WORTH: usize = 1_000_000;

/// Each thread has so many pieces of the points on average, so that the last to come is not waited for long.
const PIECES: usize = 4;

/// Pieces are a multiple of this, so that all but the last fill the processor's registers.
const WHOLE: usize = 64;

thread_local! {
    static LIMIT: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// Calls `work`, within which fits, [moments](crate::Moments), densities, probabilities and responsibilities of many points take at
/// most so many of the machine's threads; 0 is as good as 1. Limits within limits only lower them. It holds on the thread that calls
/// it and in no other that this starts, and in a notebook within its cell.
///
/// Results are the same to the last bit whatever the number of threads. None is started below a million points × components ×
/// dimensions, and none is left when a call returns.
///
/// ```
/// use gaussian_mixture::{GaussianMixture, with_threads};
///
/// let mixture = GaussianMixture::new([0.5, 0.5], [-1.0, 1.0], [0.5, 0.5])?;
/// let grid: Vec<f64> = (0..600_000).map(|i| f64::from(i) * 1e-5 - 3.0).collect();
/// let alone = with_threads(1, || mixture.ln_pdf(&grid));
/// assert_eq!(alone, mixture.ln_pdf(&grid));
/// # Ok::<(), gaussian_mixture::ParameterError>(())
/// ```
#[doc(alias = "n_jobs")]
pub fn with_threads<T>(n_threads: usize, work: impl FnOnce() -> T) -> T {
    let _before = Limit(LIMIT.replace(n_threads.clamp(1, LIMIT.get())));
    work()
}

/// What the limit was, and will be again, also after a panic.
struct Limit(usize);

impl Drop for Limit {
    fn drop(&mut self) {
        LIMIT.set(self.0);
    }
}

/// How many threads are worth so many samples or points × components × dimensions, of those that the machine has or the caller allows.
pub(crate) fn worth(work: usize, allowed: Option<usize>) -> usize {
    if work < WORTH {
        return 1;
    }
    let machine = || thread::available_parallelism().map_or(1, usize::from);
    allowed.unwrap_or_else(machine).min(LIMIT.get())
}

/// Fills `per_point` values for each of the points, which have `dim` coordinates and each so many components to go through: by one call of
/// `fill` or, on several threads, one for each of some pieces.
pub(crate) fn fill(
    (points, dim): (&[f64], usize),
    (values, per_point): (&mut [f64], usize),
    n_components: usize,
    fill: &(dyn Fn(&[f64], &mut [f64]) + Sync),
) {
    let n_threads = worth(points.len().saturating_mul(n_components), None);
    fill_on(n_threads, (points, dim), (values, per_point), fill);
}

fn fill_on(
    n_threads: usize,
    (points, dim): (&[f64], usize),
    (values, per_point): (&mut [f64], usize),
    fill: &(dyn Fn(&[f64], &mut [f64]) + Sync),
) {
    if n_threads == 1 {
        return fill(points, values);
    }
    let piece = (points.len() / dim).div_ceil(PIECES * n_threads).max(1).next_multiple_of(WHOLE);
    let pieces = points.chunks(piece * dim).zip(values.chunks_mut(piece * per_point));
    let n_threads = n_threads.min(pieces.len());
    let pieces = Mutex::new(pieces);
    let next = || pieces.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        while let Some((points, values)) = next() {
            fill(points, values);
        }
    };
    thread::scope(|scope| {
        for _ in 1..n_threads {
            // Where the system has no more threads to give, there are fewer.
            let _ = thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::panic::catch_unwind;
    use std::thread::ThreadId;

    #[test]
    fn every_point_is_filled_once_and_in_its_place() {
        let cases = [(1000, 1, 1), (4003, 3, 2), (1001, 1, 1), (65, 2, 3), (1, 1, 1), (0, 1, 1)];
        for ((n, dim, per_point), n_threads) in
            cases.into_iter().flat_map(|case| [1, 2, 3, 7].map(|n_threads| (case, n_threads)))
        {
            let points: Vec<f64> = (0..n * dim).map(|i| i as f64).collect();
            let mut values = vec![0.0; n * per_point];
            let to = (&mut *values, per_point);
            fill_on(n_threads, (&points, dim), to, &|points, values| {
                assert_eq!(points.len() / dim, values.len() / per_point);
                for (values, point) in values.chunks_mut(per_point).zip(points.chunks(dim)) {
                    for value in values {
                        *value += 1.0 + point[0];
                    }
                }
            });
            let is_right = |(i, value): (usize, &f64)| *value == 1.0 + (i / per_point * dim) as f64;
            assert!(values.iter().enumerate().all(is_right), "{n} {dim} {per_point} {n_threads}");
        }
    }

    /// The threads that fill so many values.
    fn threads(n: usize) -> usize {
        let (points, mut values) = (vec![0.0; n], vec![0.0; n]);
        let seen: Mutex<HashSet<ThreadId>> = Mutex::default();
        fill((&points, 1), (&mut values, 1), 1, &|_, _| {
            seen.lock().unwrap().insert(thread::current().id());
            // Long enough for all others to begin.
            thread::sleep(std::time::Duration::from_millis(20));
        });
        seen.into_inner().unwrap().len()
    }

    #[test]
    fn many_points_are_shared_and_few_are_not() {
        let machine = thread::available_parallelism().unwrap().get();
        assert_eq!(threads(WORTH - 1), 1);
        assert_eq!(threads(WORTH) > 1, machine > 1);
        assert_eq!(with_threads(1, || threads(WORTH)), 1);
        assert_eq!(with_threads(0, || threads(WORTH)), 1);
    }

    #[test]
    fn a_limit_holds_while_it_is_asked_for_and_for_fits_too() {
        let many = || worth(WORTH, Some(8));
        assert_eq!(many(), 8);
        with_threads(3, || {
            assert_eq!(many(), 3);
            assert_eq!(with_threads(2, many), 2);
            assert_eq!(with_threads(8, many), 3);
            assert_eq!(worth(WORTH, Some(2)), 2);
            assert!(catch_unwind(|| with_threads(1, || panic!("on purpose"))).is_err());
            assert_eq!(many(), 3);
            assert_eq!(thread::spawn(move || worth(WORTH, Some(8))).join().unwrap(), 8);
        });
        assert_eq!(many(), 8);
    }
}
