//! Several dimensions: iterations of EM with each type of covariances, and a density at many points. All on one thread.

use divan::Bencher;
use divan::counter::ItemsCount;
use gaussian_mixture::{
    CovarianceType, Covariances, FitOptions, MultivariateGaussianMixture, Start, Weights,
    with_threads,
};
use ndarray::{Array1, Array2, Array3};
use rand::SeedableRng;
use rand::distr::Distribution;
use rand::rngs::Xoshiro256PlusPlus;
use rand_distr::StandardNormal;
use std::fmt;

fn main() {
    divan::main();
}

/// Of each, so that what a fit does before the first does not count.
const N_ITERATIONS: usize = 10;

/// n samples of k components in d dimensions.
struct Workload {
    covariances: CovarianceType,
    n: usize,
    d: usize,
    k: usize,
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { covariances, n, d, k } = self;
        write!(f, "{covariances} n={n} d={d} k={k}")
    }
}

const fn of(covariances: CovarianceType, [n, d, k]: [usize; 3]) -> Workload {
    Workload { covariances, n, d, k }
}

const WORKLOADS: [Workload; 6] = [
    of(CovarianceType::Full, [100_000, 2, 5]),
    of(CovarianceType::Full, [20_000, 8, 8]),
    of(CovarianceType::Full, [10_000, 32, 16]),
    of(CovarianceType::Tied, [20_000, 8, 8]),
    of(CovarianceType::Diagonal, [20_000, 16, 16]),
    of(CovarianceType::Spherical, [20_000, 8, 8]),
];

impl Workload {
    /// Components that overlap, and correlations, where there are any, that halve from each coordinate to the next.
    fn mixture(&self) -> MultivariateGaussianMixture {
        let &Self { covariances, d, k, .. } = self;
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
        let means = Array2::from_shape_simple_fn((k, d), || 2.0 * normal());
        let entry = |i: usize, j: usize| (-(i.abs_diff(j) as f64)).exp2();
        let covariances = match covariances {
            CovarianceType::Full => {
                Covariances::Full(Array3::from_shape_fn((k, d, d), |(_, i, j)| entry(i, j)))
            }
            CovarianceType::Tied => {
                Covariances::Tied(Array2::from_shape_fn((d, d), |(i, j)| entry(i, j)))
            }
            CovarianceType::Diagonal => Covariances::Diagonal(Array2::ones((k, d))),
            _ => Covariances::Spherical(Array1::ones(k)),
        };
        let weights = Weights::uniform(k).expect("components");
        MultivariateGaussianMixture::new(weights, &means, covariances).expect("valid")
    }

    fn draw(&self) -> Array2<f64> {
        self.mixture().sample_rows(self.n, &mut Xoshiro256PlusPlus::seed_from_u64(2))
    }
}

#[divan::bench(args = WORKLOADS, sample_count = 10)]
fn em_iterations(bencher: Bencher, workload: &Workload) {
    let options = FitOptions::multivariate(workload.k, workload.covariances)
        .with_start(Start::Mixture(workload.mixture()))
        .with_tolerance(0.0)
        .with_max_iterations(N_ITERATIONS)
        .with_threads(1);
    let samples = workload.draw();
    bencher.counter(ItemsCount::new(N_ITERATIONS * workload.n)).bench(|| {
        MultivariateGaussianMixture::fit(divan::black_box(&samples), &options).expect("a fit")
    });
}

#[divan::bench(args = [of(CovarianceType::Full, [100_000, 8, 8])], sample_count = 10)]
fn ln_pdf(bencher: Bencher, workload: &Workload) {
    let (mixture, points) = (workload.mixture(), workload.draw());
    bencher
        .counter(ItemsCount::new(workload.n))
        .bench(|| with_threads(1, || mixture.ln_pdf(divan::black_box(&points))));
}
