//! One dimension: an iteration of EM, and each function at many points, on one thread. Compare items per second with those of the benchmark
//! `limit`.

use divan::Bencher;
use divan::counter::ItemsCount;
use gaussian_mixture::{FitOptions, GaussianMixture, Moments, with_threads};
use rand::SeedableRng;
use rand::distr::Distribution;
use rand::rngs::Xoshiro256PlusPlus;

fn main() {
    divan::main();
}

const MANY: usize = 1_000_000;

fn mixture() -> GaussianMixture {
    let weights = [2.0 / 17.0, 5.0 / 17.0, 10.0 / 17.0];
    GaussianMixture::new(weights, [-0.5, -0.1, 0.2], [0.2, 0.07, 0.13]).expect("valid")
}

fn draw(n: usize) -> Vec<f64> {
    mixture().sample_iter(Xoshiro256PlusPlus::seed_from_u64(1)).take(n).collect()
}

/// One E-step and one M-step, by way of the moments. A million samples are shared among the machine's threads.
#[divan::bench(args = [17_000, MANY])]
fn em_iteration(bencher: Bencher, n: usize) {
    let (samples, options) = (draw(n), FitOptions::new(3));
    bencher.counter(ItemsCount::new(n)).bench(|| {
        let mut moments = Moments::new(&mixture());
        moments.add(divan::black_box(&samples)).expect("finite");
        moments.m_step(&options).expect("a mixture")
    });
}

/// An E-step over a million samples that come in chunks of a size, of which the largest is shared among threads.
#[divan::bench(args = [700, 100_000, MANY])]
fn moments_of_chunks(bencher: Bencher, size: usize) {
    let (samples, mixture) = (draw(MANY), mixture());
    bencher.counter(ItemsCount::new(MANY)).bench(|| {
        let mut moments = Moments::new(&mixture);
        for chunk in divan::black_box(&samples).chunks(size) {
            moments.add(chunk).expect("finite");
        }
        moments
    });
}

/// Twenty iterations and what a fit does before and after them.
#[divan::bench(args = [17_000, MANY], sample_count = 10)]
fn fit_of_20_iterations(bencher: Bencher, n: usize) {
    let start = gaussian_mixture::Start::Mixture(mixture());
    let options = FitOptions::new(3).with_start(start).with_tolerance(0.0).with_max_iterations(20);
    let samples = draw(n);
    bencher
        .counter(ItemsCount::new(20 * n))
        .bench(|| GaussianMixture::fit(divan::black_box(&samples), &options).expect("a fit"));
}

/// A function of a list.
fn at_points<V>(
    bencher: Bencher,
    n: usize,
    function: impl Fn(&GaussianMixture, &[f64]) -> V + Sync,
) {
    let (m, points) = (mixture(), draw(n));
    bencher
        .counter(ItemsCount::new(n))
        .bench(|| with_threads(1, || function(&m, divan::black_box(&points))));
}

#[divan::bench(args = [5 * MANY], sample_count = 10)]
fn pdf(bencher: Bencher, n: usize) {
    at_points(bencher, n, |m, x| m.pdf(x));
}

#[divan::bench(args = [5 * MANY], sample_count = 10)]
fn ln_pdf(bencher: Bencher, n: usize) {
    at_points(bencher, n, |m, x| m.ln_pdf(x));
}

#[divan::bench(args = [MANY], sample_count = 10)]
fn responsibilities(bencher: Bencher, n: usize) {
    at_points(bencher, n, GaussianMixture::responsibilities);
}

#[divan::bench(args = [MANY], sample_count = 10)]
fn cdf(bencher: Bencher, n: usize) {
    at_points(bencher, n, |m, x| m.cdf(x));
}

#[divan::bench(args = [100_000], sample_count = 20)]
fn p_value(bencher: Bencher, n: usize) {
    at_points(bencher, n, |m, x| m.p_value(x));
}

#[divan::bench(args = [100_000], sample_count = 20)]
fn quantile(bencher: Bencher, n: usize) {
    let probabilities: Vec<f64> = (0..n).map(|i| (i as f64 + 0.5) / n as f64).collect();
    let m = mixture();
    bencher
        .counter(ItemsCount::new(n))
        .bench(|| with_threads(1, || m.quantile(divan::black_box(&probabilities))));
}

#[divan::bench(args = [10 * MANY], sample_count = 3)]
fn sampling(bencher: Bencher, n: usize) {
    bencher.counter(ItemsCount::new(n)).bench(|| draw(divan::black_box(n)));
}

/// One point at a time: what a list of one costs.
#[divan::bench]
fn pdf_of_one_point(bencher: Bencher) {
    let m = mixture();
    bencher.bench(|| m.pdf(divan::black_box(0.1)));
}

/// One point at a time: what a list of one costs.
#[divan::bench]
fn ln_pdf_of_one_point(bencher: Bencher) {
    let m = mixture();
    bencher.bench(|| m.ln_pdf(divan::black_box(0.1)));
}
