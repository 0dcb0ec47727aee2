//! What this machine can do at best: exponentials, logarithms and fused multiply-adds in vectors, on data in the nearest cache.
//! Nothing that needs so many of them can be faster.

#[allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "all of the module is taken in, and a part used"
)]
#[path = "../../../../gaussian-mixture/src/simd/mod.rs"]
mod simd;

use simd::{Function, Kernel, LANES, Lanes};
use std::hint::black_box;
use std::thread;
use std::time::Instant;

/// Half of the smallest usual nearest cache, 32 kB, with the results beside them.
const N: usize = 1024;
/// Enough in flight to hide a latency of 4 or 5 at two per cycle, and few enough to leave registers for the operands: where a
/// register holds all lanes there are twice as many, and fewer lanes take several each.
const ACCUMULATORS: usize = 5;
const IN_ONE_REGISTER: usize = 2 * ACCUMULATORS;

/// Operations between two looks at the clock, about a millisecond's worth.
const OPERATIONS: usize = 1 << 20;
const LOOKS: usize = 200;

/// The seconds that one operation takes, at best, on so many threads at once; none if the request is of another kind.
pub(crate) fn answer(request: &str) -> Option<String> {
    let mut words = request.split(' ');
    let operation: fn() -> usize = match (words.next(), words.next()) {
        (Some("limit"), Some("exp")) => exps,
        (Some("limit"), Some("ln")) => lns,
        (Some("limit"), Some("fma")) => fmas,
        _ => return None,
    };
    let threads: usize = words.nth(2)?.parse().ok()?;
    let per_thread = thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(move || best(operation))).collect();
        all.into_iter().filter_map(|thread| thread.join().ok()).fold(0.0, f64::max)
    });
    let seconds = per_thread / threads as f64;
    Some(format!("{{\"seconds\": {seconds:?}, \"value\": 0.0, \"iterations\": 0}}"))
}

/// The least of many times, per operation: what slowed the others down was not the operation.
fn best(operation: fn() -> usize) -> f64 {
    let time = |_| {
        let start = Instant::now();
        let n = operation();
        start.elapsed().as_secs_f64() / n as f64
    };
    (0..LOOKS).map(time).fold(f64::INFINITY, f64::min)
}

fn exps() -> usize {
    // What responsibilities need: differences of logarithms, most of them not far below 0.
    over(|i| -20.0 * i as f64 / N as f64, |from, to| simd::evaluate(Exp, from, to))
}

fn lns() -> usize {
    over(|i| 1.0 + i as f64 / N as f64, |from, to| simd::evaluate(Ln, from, to))
}

fn over(x: impl Fn(usize) -> f64, map: fn(&[f64], &mut [f64])) -> usize {
    let (from, mut to): ([f64; N], _) = (std::array::from_fn(x), [0.0; N]);
    for _ in 0..OPERATIONS / N {
        map(black_box(&from), black_box(&mut to));
    }
    OPERATIONS
}

fn fmas() -> usize {
    black_box(simd::run(black_box(Fmas { factor: 0.999, term: 1e-3 })));
    OPERATIONS
}

struct Exp;

impl Function for Exp {
    #[inline(always)]
    fn at<L: Lanes>(&mut self, x: L) -> L {
        simd::exp_of_negative(x)
    }
}

struct Ln;

impl Function for Ln {
    #[inline(always)]
    fn at<L: Lanes>(&mut self, x: L) -> L {
        simd::ln(x)
    }
}

struct Fmas {
    factor: f64,
    term: f64,
}

impl Kernel for Fmas {
    type Output = f64;

    #[inline(always)]
    fn run<L: Lanes>(self, zero: L) -> f64 {
        if L::ONE_REGISTER {
            self.chains::<L, IN_ONE_REGISTER>(zero)
        } else {
            self.chains::<L, ACCUMULATORS>(zero)
        }
    }
}

impl Fmas {
    /// The mean of what N independent chains of products come to.
    #[inline(always)]
    fn chains<L: Lanes, const N: usize>(self, zero: L) -> f64 {
        let (factor, term) = (zero.splat(self.factor), zero.splat(self.term));
        let mut sums = [zero.splat(0.5); N];
        for _ in 0..OPERATIONS / (LANES * N) {
            for sum in &mut sums {
                *sum = sum.mul_add(factor, term);
            }
        }
        sums.iter().map(|sum| sum.sum()).sum::<f64>() / (LANES * N) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A few roundings. Less work than that would not be the whole function, and no limit.
    const ROUNDING: f64 = 1e-15;

    #[test]
    fn what_is_timed_is_the_whole_function() {
        let (x, mut y): ([f64; N], _) = (std::array::from_fn(|i| -0.68 * i as f64), [0.0; N]);
        simd::evaluate(Exp, &x, &mut y);
        assert!(x.iter().zip(y).all(|(x, y)| (y / x.exp() - 1.0).abs() < ROUNDING));
        let x = y;
        simd::evaluate(Ln, &x, &mut y);
        assert!(x.iter().zip(y).all(|(x, y)| (y - x.ln()).abs() <= ROUNDING * x.ln().abs()));
        // x' = 0.5 x + 1 comes to 2, in every lane of every sum.
        let mean = simd::run(Fmas { factor: 0.5, term: 1.0 });
        assert!((mean / 2.0 - 1.0).abs() < ROUNDING);
    }

    #[test]
    fn other_requests_are_left_to_others() {
        assert_eq!(answer("fit full 3 1 10 a b c"), None);
        assert_eq!(answer("limit sqrt - - 1 - - -"), None);
    }
}
