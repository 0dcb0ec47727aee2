//! Fitting a mixture to samples by expectation–maximisation.

mod em;
mod moments;
mod start;
mod unit;

use crate::samples::range;
use crate::{FitError, GaussianMixture, Samples};
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use unit::Unit;

/// How to fit: the number of components, when to stop, how often to start anew, and with which seed.
///
/// ```
/// use gaussian_mixture::FitOptions;
///
/// let options = FitOptions::new(3).with_tolerance(1e-3).with_seed(7);
/// assert_eq!(options.max_iterations, FitOptions::new(3).max_iterations);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FitOptions {
    /// The number K of components, at least 1.
    pub n_components: usize,
    /// EM stops when the mean log-likelihood per sample rises by no more than this in one iteration. 0 asks for the
    /// last bit. Default 1e-6.
    pub tolerance: f64,
    /// EM stops after this many iterations in any case; 0 returns the start itself. Default 1000.
    pub max_iterations: usize,
    /// The number of independent starts, at least 1, of which the one with the greatest log-likelihood is returned.
    /// Default 4.
    pub restarts: usize,
    /// The seed of the random starts: the same seed and samples give the same fit. Default 0.
    pub seed: u64,
    /// No component's variance falls below this fraction of the variance of all samples, from 1e-20 to 1. Without such a
    /// floor a component can shrink onto a single sample, where the likelihood has no upper limit. Default 1e-12: a
    /// millionth of the samples' standard deviation.
    pub variance_floor: f64,
}

impl FitOptions {
    /// The defaults, for K = `n_components`.
    pub fn new(n_components: usize) -> Self {
        Self {
            n_components,
            tolerance: 1e-6,
            max_iterations: 1000,
            restarts: 4,
            seed: 0,
            variance_floor: 1e-12,
        }
    }

    /// These options with another [`tolerance`](Self::tolerance).
    #[must_use]
    pub fn with_tolerance(self, tolerance: f64) -> Self {
        Self { tolerance, ..self }
    }

    /// These options with another [limit of iterations](Self::max_iterations).
    #[must_use]
    pub fn with_max_iterations(self, max_iterations: usize) -> Self {
        Self { max_iterations, ..self }
    }

    /// These options with another [number of starts](Self::restarts).
    #[doc(alias = "n_init")]
    #[must_use]
    pub fn with_restarts(self, restarts: usize) -> Self {
        Self { restarts, ..self }
    }

    /// These options with another [`seed`](Self::seed).
    #[doc(alias = "random_state")]
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// These options with another [`variance_floor`](Self::variance_floor).
    #[doc(alias = "reg_covar")]
    #[must_use]
    pub fn with_variance_floor(self, variance_floor: f64) -> Self {
        Self { variance_floor, ..self }
    }

    fn check(&self, n_samples: usize) -> Result<(), FitError> {
        let n_components = self.n_components;
        if n_components == 0 {
            return Err(FitError::NoComponents);
        }
        if n_samples < n_components {
            return Err(FitError::TooFewSamples { n_samples, n_components });
        }
        let option = |option, expected, value| Err(FitError::Option { option, expected, value });
        if !(self.tolerance.is_finite() && self.tolerance >= 0.0) {
            return option("tolerance", "finite and not negative", self.tolerance);
        }
        // Below 1e-20 the M-step's difference of squares has no digits left to be right with.
        if !(1e-20..=1.0).contains(&self.variance_floor) {
            return option("variance_floor", "from 1e-20 to 1", self.variance_floor);
        }
        if self.restarts == 0 {
            return Err(FitError::NoRestarts);
        }
        Ok(())
    }
}

/// A fitted mixture and the account of how it came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// The mixture with the greatest log-likelihood of all starts.
    pub mixture: GaussianMixture,
    /// How it was reached.
    pub report: FitReport,
}

/// How a fit went.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FitReport {
    /// The number of samples.
    pub n_samples: usize,
    /// The log-likelihood Σₙ ln f(xₙ) of the start, and after each iteration. The last entry belongs to the returned
    /// mixture, up to the rounding of its means to the unit of the samples, which shows where these lie 10¹⁵ times further
    /// from 0 than from each other.
    pub ln_likelihoods: Vec<f64>,
    /// Why the iteration ended.
    pub stop: Stop,
    /// The indices of the components that collapsed: their variance is at the floor, or no sample is left to them.
    pub collapsed: Vec<usize>,
    /// What every start came to, in order.
    pub restarts: Vec<Restart>,
    /// Which of them was the best and is returned.
    pub best_restart: usize,
}

impl FitReport {
    /// The number of iterations from the start to the returned mixture.
    pub fn n_iterations(&self) -> usize {
        self.ln_likelihoods.len() - 1
    }

    /// The log-likelihood Σₙ ln f(xₙ) of the returned mixture.
    pub fn ln_likelihood(&self) -> f64 {
        self.ln_likelihoods[self.ln_likelihoods.len() - 1]
    }

    /// The log-likelihood per sample.
    #[doc(alias = "score")]
    pub fn mean_ln_likelihood(&self) -> f64 {
        self.ln_likelihood() / self.n_samples as f64
    }
}

/// Why an iteration ended. Either is an answer, none is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stop {
    /// The last iteration raised the mean log-likelihood by no more than the tolerance.
    Converged,
    /// The limit of iterations was reached first.
    IterationLimit,
}

/// What one start came to.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Restart {
    /// The log-likelihood that it reached.
    pub ln_likelihood: f64,
    /// The number of iterations that it took.
    pub n_iterations: usize,
    /// Why it ended.
    pub stop: Stop,
}

impl GaussianMixture {
    /// Fits a mixture to samples by maximum likelihood: k-means++ starts, expectation–maximisation from each, the best
    /// result returned.
    ///
    /// `samples` is a plain list of n numbers; nothing has to be reshaped. The order of the fitted components depends on
    /// the start; [`components_by_mean`](Self::components_by_mean) does not. Shifting or scaling the samples shifts or
    /// scales the fit.
    ///
    /// EM: "Maximum likelihood from incomplete data via the EM algorithm",
    /// Journal of the Royal Statistical Society B 39, 1977.
    ///
    /// # Errors
    ///
    /// A [`FitError`]: no samples, a sample that is infinite or NaN (with its index), samples that are all equal, fewer
    /// samples than components, no components, or an option without a meaning. Not converging is no error: see
    /// [`FitReport::stop`].
    ///
    /// ```
    /// use gaussian_mixture::{Fit, FitOptions, GaussianMixture};
    /// use rand::{SeedableRng, distr::Distribution, rngs::Xoshiro256PlusPlus};
    ///
    /// let truth = GaussianMixture::new([0.4, 0.6], [-2.0, 1.0], [0.5, 0.8])?;
    /// let rng = Xoshiro256PlusPlus::seed_from_u64(1);
    /// let samples: Vec<f64> = truth.sample_iter(rng).take(10_000).collect();
    ///
    /// let Fit { mixture, report } = GaussianMixture::fit(&samples, &FitOptions::new(2))?;
    /// let left = mixture.components_by_mean()[0];
    /// assert!((left.weight - 0.4).abs() < 0.02 && (left.mean + 2.0).abs() < 0.05);
    /// assert!(report.ln_likelihoods.is_sorted());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fit<S: Samples + ?Sized>(samples: &S, options: &FitOptions) -> Result<Fit, FitError> {
        let samples = samples.samples();
        let (low, high) = range_for(&samples, options)?;
        let unit = Unit::new(low, high)?;
        let points: Vec<f64> = samples.iter().map(|&x| unit.convert(x)).collect();
        let least_std_dev = (options.variance_floor * start::variance(&points)).sqrt();
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(options.seed);
        let runs = (0..options.restarts).map(|_| {
            let start =
                start::k_means_plus_plus(&points, options.n_components, least_std_dev, &mut rng);
            em::run(start, &points, least_std_dev, options)
        });
        best_of(&runs.collect::<Vec<_>>(), samples.len(), unit)
    }
}

/// The checks in the order in which a user would mend what they find, and the range of the samples.
fn range_for(samples: &[f64], options: &FitOptions) -> Result<(f64, f64), FitError> {
    let range = range(samples);
    match range {
        // Too few samples says more than that all of them are equal.
        Err(crate::SampleError::Constant { .. }) | Ok(_) => options.check(samples.len())?,
        Err(_) => {}
    }
    Ok(range?)
}

fn best_of(runs: &[em::Run], n_samples: usize, unit: Unit) -> Result<Fit, FitError> {
    let restarts: Vec<Restart> = runs.iter().map(|run| run.summary(n_samples, unit)).collect();
    let best_restart = (0..restarts.len())
        .reduce(|a, b| if restarts[b].ln_likelihood > restarts[a].ln_likelihood { b } else { a })
        .unwrap_or(0);
    let run = &runs[best_restart];
    let mixture = unit.restore(&run.parameters)?;
    let ln_likelihoods =
        run.ln_likelihoods.iter().map(|l| unit.restore_ln_likelihood(*l, n_samples));
    let report = FitReport {
        n_samples,
        ln_likelihoods: ln_likelihoods.collect(),
        stop: run.stop,
        collapsed: run.collapsed.clone(),
        restarts,
        best_restart,
    };
    Ok(Fit { mixture, report })
}
