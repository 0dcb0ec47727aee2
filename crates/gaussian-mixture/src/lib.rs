//! Gaussian mixtures in one and several dimensions: fit one to samples, evaluate it, draw from it, ask it for probabilities, and check
//! that it integrates to 1.
//!
//! ```
//! use gaussian_mixture::{Fit, FitOptions, GaussianMixture, trapezoid};
//! use rand::{SeedableRng, distr::Distribution, rngs::Xoshiro256PlusPlus};
//!
//! // 17 000 samples from three Gaussians.
//! let truth = GaussianMixture::new([2.0 / 17.0, 5.0 / 17.0, 10.0 / 17.0], [-0.5, -0.1, 0.2], [0.2, 0.07, 0.13])?;
//! let rng = Xoshiro256PlusPlus::seed_from_u64(1);
//! let samples: Vec<f64> = truth.sample_iter(rng).take(17_000).collect();
//!
//! // A list of numbers is all that a fit needs.
//! let Fit { mixture, report } = GaussianMixture::fit(&samples, &FitOptions::new(3))?;
//! assert!(report.collapsed.is_empty());
//!
//! // The density at each point of a grid, and the area below it.
//! let grid = mixture.grid()?;
//! let density = mixture.pdf(&grid);
//! assert!((trapezoid(&grid, &density)? - 1.0).abs() < 1e-9);
//!
//! // A density is no probability. An interval has one, and so has "as unlikely as this, or more".
//! let between = mixture.probability(0.0..0.3)?;
//! assert!((0.4..0.5).contains(&between));
//! assert!(mixture.p_value(1.0) < 1e-6);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is here
//!
//! | for | see |
//! |---|---|
//! | one dimension | [`GaussianMixture`]: density, cumulative probability, quantile, interval, moments, modes, entropy, regions of highest density, exact novelty p-value, responsibilities, draws |
//! | several dimensions | [`MultivariateGaussianMixture`] with [full, tied, diagonal or spherical](CovarianceType) covariances: density, marginals, conditionals, p-value by simulation, ellipses |
//! | weights that sum to 1, because no others can be built | [`Weights`] |
//! | a fit and the account of how it went | [`GaussianMixture::fit`], [`MultivariateGaussianMixture::fit`], [`FitOptions`], [`FitReport`] |
//! | samples with weights, counts in bins | [`Weighted`], [`Binned`] |
//! | samples in chunks that never fit in memory together | [`Moments`] |
//! | how many components, which covariances | [`GaussianMixture::select`], [`Criterion`] |
//! | the area under a curve, and bars whose areas are shares | [`trapezoid`], [`cumulative_trapezoid`], [`trapezoid_with_error`], [`GaussianMixture::grid`], [`Histogram`] |
//!
//! Lists are `&[f64]`, `&[f64; N]`, `&Vec<f64>` or a one-dimensional ndarray ([`Samples`]); what is computed for each
//! entry comes back in the same kind of list. Samples of several dimensions are rows of a table ([`Rows`]). `f32` is widened before
//! anything is computed. Input that cannot be used gives a typed error that names what, where and what was expected. Nothing
//! panics on input. The same seed gives the same bits, whatever the machine's number of cores. Processors without fused
//! products (x86 before AVX2) may differ from the others in the last digits.
//!
//! In one dimension, densities and probabilities are right to about 1e-13 relative wherever `f64` can hold them, in both tails.
//!
//! The mixture also is a distribution for others: statrs' `Continuous`, `ContinuousCDF`, `Distribution`, `Min`, `Max`, and
//! rand's `Distribution`.
//!
//! # Features
//!
//! - `serde` (off): [`Weights`], [`GaussianMixture`], [`MultivariateGaussianMixture`] and [`Histogram`] can be stored and read back
//!   with the same bits in every parameter, if the format keeps them (serde_json does with its feature `float_roundtrip`). What is read is checked as what is built is.
//!
//! # What is not here
//!
//! Missing values; priors on the parameters (the maximum of the likelihood is all that is fitted, held by a floor on the
//! variances); bins in several dimensions; cumulative probabilities in several dimensions, other than of
//! [one coordinate](MultivariateGaussianMixture::marginal_axis); components that are not Gaussian. What is said of a fitted mixture
//! takes its parameters as known: it does not say how uncertain they are. Nothing is plotted or printed. Threads are started
//! for a million samples or points × components × dimensions and more, end with the call, and can be [limited](with_threads).

mod error;
mod fit;
mod histogram;
mod integral;
mod log_sum_exp;
mod multivariate;
mod normal;
mod points;
mod quadrature;
mod root;
mod rows;
mod samples;
mod simd;
#[cfg(feature = "serde")]
mod stored;
mod threads;
mod univariate;
mod weights;

pub use error::{
    AxisError, FitError, GridError, HistogramError, IntervalError, ParameterError,
    ProbabilityError, SampleError,
};
pub use fit::{
    Acceleration, Binned, Candidate, Criterion, Fit, FitOptions, FitReport, Frozen, Mixture,
    Moments, Observations, Progress, Restart, Selection, Start, Stop, VarianceFloor, Weighted,
};
pub use histogram::Histogram;
pub use integral::{Area, cumulative_trapezoid, trapezoid, trapezoid_with_error};
pub use multivariate::{CovarianceType, Covariances, MultivariateGaussianMixture};
pub use points::{Element, IntoList, Points, Samples};
pub use rows::Rows;
pub use threads::with_threads;
pub use univariate::{Component, GaussianMixture, HighestDensityRegion, Mode};
pub use weights::Weights;

/// The example in the README is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
