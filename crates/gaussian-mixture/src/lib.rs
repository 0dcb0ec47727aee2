//! Univariate Gaussian mixtures: fit one to samples, evaluate it, draw from it, and check that it integrates to 1.
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
//! let grid: Vec<f64> = (0..5000).map(|i| -2.0 + 3.5 * f64::from(i) / 4999.0).collect();
//! let density = mixture.pdf(&grid);
//! assert!((trapezoid(&grid, &density)? - 1.0).abs() < 1e-9);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is here
//!
//! - [`GaussianMixture`]: built from known parameters or by [`GaussianMixture::fit`]; density and log-density at a
//!   number or a list of numbers, cumulative probabilities and quantiles, moments, modes, regions of highest density,
//!   entropy, responsibilities, random draws. It implements statrs' traits and rand's `Distribution`.
//! - [`Weights`]: mixing weights that sum to 1, because no others can be built.
//! - [`FitOptions`], [`Fit`], [`FitReport`]: how to fit, and the account of how it went.
//! - [`trapezoid`] and [`Histogram`]: the area under a curve, and bars whose areas are shares.
//!
//! Lists are `&[f64]`, `&[f64; N]`, `&Vec<f64>` or a one-dimensional ndarray ([`Samples`]); what is computed for each
//! entry comes back in the same kind of list. Input that cannot be used gives a typed error that names what, where and
//! what was expected. Nothing panics on input. The same seed gives the same bits, whatever the machine's number of cores.
//!
//! # What is not here
//!
//! More than one dimension, weighted or binned samples, and the choice of the number of components. Nothing is plotted or printed, and no thread is started.

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
mod univariate;
mod weights;

pub use error::{
    AxisError, FitError, GridError, HistogramError, IntervalError, ParameterError, ProbabilityError,
    SampleError,
};
pub use fit::{
    Binned, Candidate, Criterion, Fit, FitOptions, FitReport, Frozen, Mixture, Moments,
    Observations, Progress, Restart, Selection, Start, Stop, VarianceFloor, Weighted,
};
pub use histogram::Histogram;
pub use integral::{Area, cumulative_trapezoid, trapezoid, trapezoid_with_error};
pub use multivariate::{CovarianceType, Covariances, MultivariateGaussianMixture};
pub use points::{Element, IntoList, Points, Samples};
pub use rows::Rows;
pub use univariate::{Component, GaussianMixture, HighestDensityRegion, Mode};
pub use weights::Weights;
