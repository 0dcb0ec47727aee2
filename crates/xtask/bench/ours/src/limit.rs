//! What this machine can do at best: exponentials, logarithms and fused multiply-adds in vectors, on data in the nearest cache.
//! Nothing that needs so many of them can be faster.

// Vector instructions beyond the oldest processor's exist only in functions that say so, and calling those is unsafe.
#![allow(unsafe_code)]
// What is not inlined into such a function is compiled for the oldest processor.
#![allow(clippy::inline_always)]

use std::hint::black_box;
use std::thread;
use std::time::Instant;

/// Half of the smallest usual nearest cache, 32 kB, with the results beside them.
const N: usize = 1024;
/// Enough in flight to hide a latency of 4 at two per cycle, and to leave registers for the operands.
const ACCUMULATORS: usize = 10;
const LANES: usize = 4;
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
    over(|i| -20.0 * i as f64 / N as f64, map_exp)
}

fn lns() -> usize {
    over(|i| 1.0 + i as f64 / N as f64, map_ln)
}

fn over(x: impl Fn(usize) -> f64, map: fn(&[f64; N], &mut [f64; N])) -> usize {
    let (from, mut to) = (std::array::from_fn(x), [0.0; N]);
    for _ in 0..OPERATIONS / N {
        map(black_box(&from), black_box(&mut to));
    }
    OPERATIONS
}

fn fmas() -> usize {
    let start = [[0.5; LANES]; ACCUMULATORS];
    black_box(multiply_add(black_box(start), black_box([0.999; LANES]), black_box([1e-3; LANES])));
    OPERATIONS
}

/// Defines a function twice, for any processor and for one with vectors of four and fused multiply-adds, and the one
/// that chooses.
macro_rules! for_each_processor {
    ($name:ident, ($($argument:ident: $type:ty),*) $(-> $result:ty)?, $body:expr) => {
        fn $name($($argument: $type),*) $(-> $result)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,fma")]
                fn wide($($argument: $type),*) $(-> $result)? {
                    $body
                }
                if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                    // SAFETY: this processor has both.
                    return unsafe { wide($($argument),*) };
                }
            }
            $body
        }
    };
}

for_each_processor!(map_exp, (from: &[f64; N], to: &mut [f64; N]), {
    for (y, x) in to.iter_mut().zip(from) {
        *y = exp(*x);
    }
});

for_each_processor!(map_ln, (from: &[f64; N], to: &mut [f64; N]), {
    for (y, x) in to.iter_mut().zip(from) {
        *y = ln(*x);
    }
});

for_each_processor!(
    multiply_add,
    (start: [[f64; LANES]; ACCUMULATORS], factor: [f64; LANES], term: [f64; LANES])
        -> [[f64; LANES]; ACCUMULATORS],
    {
        let mut sums = start;
        for _ in 0..OPERATIONS / (LANES * ACCUMULATORS) {
            for sum in &mut sums {
                for ((s, f), t) in sum.iter_mut().zip(factor).zip(term) {
                    *s = s.mul_add(f, t);
                }
            }
        }
        sums
    }
);

/// Adding it brings the whole part of a small number into the last bits.
const TO_WHOLE: f64 = 1.5 * (1_u64 << 52) as f64;

/// eˣ = 2ⁿ eʳ with n the whole number nearest to x / ln 2, from −700 to 700: Taylor's series of eʳ to r¹³, as |r| < 0.35.
#[inline(always)]
fn exp(x: f64) -> f64 {
    const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    let shifted = x.mul_add(std::f64::consts::LOG2_E, TO_WHOLE);
    let n = shifted - TO_WHOLE;
    let r = n.mul_add(-LN_2_LOW, n.mul_add(-LN_2_HIGH, x));
    let series = [
        1.0,
        1.0,
        1.0 / 2.0,
        1.0 / 6.0,
        1.0 / 24.0,
        1.0 / 120.0,
        1.0 / 720.0,
        1.0 / 5_040.0,
        1.0 / 40_320.0,
        1.0 / 362_880.0,
        1.0 / 3_628_800.0,
        1.0 / 39_916_800.0,
        1.0 / 479_001_600.0,
        1.0 / 6_227_020_800.0,
    ];
    let scale = shifted.to_bits() << 52;
    f64::from_bits(polynomial(r, series).to_bits().wrapping_add(scale))
}

/// ln x = n ln 2 + 2 artanh s with s = (m − 1) / (m + 1), for m = x / 2ⁿ between √½ and √2, where |s| < 0.18; x positive and
/// normal.
#[inline(always)]
fn ln(x: f64) -> f64 {
    const SQRT_HALF: u64 = std::f64::consts::FRAC_1_SQRT_2.to_bits();
    const ONE: u64 = 1.0_f64.to_bits();
    // The exponent as a number, by way of the last bits of a large one.
    let bits = x.to_bits().wrapping_add(ONE - SQRT_HALF);
    let n = f64::from_bits((bits >> 52) | TO_WHOLE.to_bits()) - (TO_WHOLE + 1023.0);
    let m = f64::from_bits((bits & (u64::MAX >> 12)) + SQRT_HALF);
    let s = (m - 1.0) / (m + 1.0);
    let odd = [1.0, 3.0, 5.0, 7.0, 9.0, 11.0, 13.0, 15.0, 17.0, 19.0, 21.0];
    n.mul_add(std::f64::consts::LN_2, 2.0 * s * polynomial(s * s, odd.map(|n| 1.0 / n)))
}

/// Four sums by Horner's rule in x⁴, which a processor computes side by side.
#[inline(always)]
fn polynomial<const N: usize>(x: f64, coefficients: [f64; N]) -> f64 {
    let square = x * x;
    let fourth = square * square;
    let mut sums = [0.0; 4];
    for (i, coefficient) in coefficients.into_iter().enumerate().rev() {
        let sum = &mut sums[i % 4];
        *sum = if i + 4 < N { fourth.mul_add(*sum, coefficient) } else { coefficient };
    }
    square.mul_add(x.mul_add(sums[3], sums[2]), x.mul_add(sums[1], sums[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A few roundings. Less work than that would not be the whole function, and no limit.
    const ROUNDING: f64 = 1e-15;

    #[test]
    fn what_is_timed_is_the_whole_function() {
        let (x, mut y) = (std::array::from_fn(|i| -700.0 + 1.37 * i as f64), [0.0; N]);
        map_exp(&x, &mut y);
        assert!(x.iter().zip(y).all(|(x, y)| (y / x.exp() - 1.0).abs() < ROUNDING));
        let x = y;
        map_ln(&x, &mut y);
        assert!(x.iter().zip(y).all(|(x, y)| (y - x.ln()).abs() <= ROUNDING * x.ln().abs()));
    }

    #[test]
    fn other_requests_are_left_to_others() {
        assert_eq!(answer("fit full 3 1 10 a b c"), None);
        assert_eq!(answer("limit sqrt - - 1 - - -"), None);
    }
}
