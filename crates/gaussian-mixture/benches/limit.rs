//! The limit that the other benchmarks are measured by: what the exponentials and logarithms alone cost, on data that is in
//! the first cache. One iteration of EM, or a density with its logarithm, needs K exponentials and one logarithm per sample.

#[allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "all of the module is taken in, and a part used"
)]
#[path = "../src/simd/mod.rs"]
mod simd;

use divan::Bencher;
use divan::counter::ItemsCount;
use simd::{Kernel, Lanes, exp_of_negative, ln, run};

fn main() {
    divan::main();
}

/// As many as the first cache holds with room to spare.
const N: usize = 1024;
const N_COMPONENTS: usize = 3;

/// The sum of what K exponentials and a logarithm of each number come to.
struct Limit<'a>(&'a [f64]);

impl Kernel for Limit<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<L: Lanes>(self, zero: L) -> f64 {
        let mut sum = zero;
        for x in self.0.as_chunks().0 {
            let x = zero.load(x);
            for k in 0..N_COMPONENTS {
                sum = sum + exp_of_negative(x - zero.splat(k as f64));
            }
            sum = sum + ln(x * x);
        }
        sum.sum()
    }
}

#[divan::bench]
fn exponentials_and_logarithms_of_1024_samples_of_3_components(bencher: Bencher) {
    let samples: Vec<f64> = (0..N).map(|i| -0.5 - 1e-3 * i as f64).collect();
    bencher.counter(ItemsCount::new(N)).bench(|| run(Limit(divan::black_box(&samples))));
}
