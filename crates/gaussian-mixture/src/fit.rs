//! Fitting a mixture to samples by expectation–maximisation.
//!
//! "Maximum likelihood from incomplete data via the EM algorithm", Journal of the Royal Statistical Society B 39, 1977.

mod accelerate;
mod coarse;
mod common_sums;
mod e_step;
mod eigen;
mod em;
mod lane_sums;
mod model;
mod moment_sums;
mod moments;
mod multivariate;
mod observations;
mod options;
mod report;
mod select;
mod start;
mod sums;
mod univariate;

pub use model::Mixture;
pub use moments::Moments;
pub use observations::{Binned, Observations, Weighted};
pub use options::{Acceleration, FitOptions, Frozen, Start, VarianceFloor};
pub use report::{Fit, FitReport, Progress, Restart, Stop};
pub use select::{Candidate, Criterion, Selection};

use crate::{CovarianceType, FitError, GaussianMixture, MultivariateGaussianMixture, SampleError};
use model::Rules;
use observations::Observed;
use start::{Best, Starts};

impl GaussianMixture {
    /// Fits a mixture by maximum likelihood: expectation–maximisation from each of several starts, the best result returned.
    ///
    /// The data are a plain list of n numbers (nothing has to be reshaped), [`Weighted`] samples or [`Binned`] counts. The
    /// order of the fitted components depends on the start; [`components_by_mean`](Self::components_by_mean) does not.
    /// Shifting or scaling the samples shifts or scales the fit.
    ///
    /// "Maximum likelihood from incomplete data via the EM algorithm",
    /// Journal of the Royal Statistical Society B 39, 1977.
    ///
    /// # Errors
    ///
    /// A [`FitError`]: no samples, a sample that is infinite or NaN (with its index), samples that are all equal (unless the
    /// [variance floor](FitOptions::variance_floor) is absolute), fewer samples than components, no components, or an option
    /// or start without a meaning. Not converging is no error: see [`FitReport::stop`]. Nor is a component that collapses:
    /// its variance stays on the floor, and [`FitReport::collapsed`] names it.
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
    pub fn fit<D: Observations<Self> + ?Sized>(
        data: &D,
        options: &FitOptions,
    ) -> Result<Fit, FitError> {
        Self::fit_observed(&data.observe()?, options, &mut |_| ())
    }

    /// As [`fit`](Self::fit), and calls `progress` at every start and after every iteration.
    ///
    /// # Errors
    ///
    /// As [`fit`](Self::fit).
    pub fn fit_with_progress<D: Observations<Self> + ?Sized>(
        data: &D,
        options: &FitOptions,
        mut progress: impl FnMut(Progress<'_, Self>),
    ) -> Result<Fit, FitError> {
        Self::fit_observed(&data.observe()?, options, &mut progress)
    }

    /// Fits one mixture for each number of components and covariance type, and chooses among them.
    ///
    /// In one dimension `Tied` means one common width, all other types mean a width for each component. The `options` hold
    /// for every fit, except for their number of components and covariance type. A candidate that cannot be fitted is in the
    /// table with its error and is not chosen.
    ///
    /// # Errors
    ///
    /// A [`FitError`] if there is no candidate, or if none can be fitted (the first one's error).
    ///
    /// ```
    /// use gaussian_mixture::{CovarianceType, Criterion, FitOptions, GaussianMixture};
    /// use rand::{SeedableRng, distr::Distribution, rngs::Xoshiro256PlusPlus};
    ///
    /// let truth = GaussianMixture::new([0.5, 0.5], [-2.0, 2.0], [0.5, 0.8])?;
    /// let samples: Vec<f64> = truth.sample_iter(Xoshiro256PlusPlus::seed_from_u64(1)).take(2000).collect();
    ///
    /// let selection =
    ///     GaussianMixture::select(&samples, 1..=4, &[CovarianceType::Full], Criterion::Bic, &FitOptions::new(1))?;
    /// assert_eq!(selection.best.mixture.n_components(), 2);
    /// assert_eq!(selection.table.len(), 4);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn select<D: Observations<Self> + ?Sized>(
        data: &D,
        n_components: impl IntoIterator<Item = usize>,
        covariance_types: &[CovarianceType],
        criterion: Criterion,
        options: &FitOptions,
    ) -> Result<Selection<Self>, FitError> {
        select::select(data, n_components, covariance_types, criterion, options)
    }

    /// Nothing in it is generic, so that it is compiled with this crate, and not in each cell of a notebook that fits.
    fn fit_observed(
        observed: &Observed<'_>,
        options: &FitOptions,
        progress: &mut dyn FnMut(Progress<'_, Self>),
    ) -> Result<Fit, FitError> {
        fit(observed, options, progress)
    }
}

impl MultivariateGaussianMixture {
    /// Fits a mixture by maximum likelihood: expectation–maximisation from each of several starts, the best result returned.
    ///
    /// The data are a table of shape (n_samples, dim), one sample per row, in any memory order, or a [`Weighted`] one.
    /// Shifting or scaling the samples shifts or scales the fit; a spherical covariance follows a scale that is common to
    /// all coordinates.
    ///
    /// # Errors
    ///
    /// As [`GaussianMixture::fit`]; also for a coordinate that is the same in all samples, and for a single row, which may
    /// have been meant as a column.
    ///
    /// ```
    /// use gaussian_mixture::{CovarianceType, FitOptions, MultivariateGaussianMixture};
    ///
    /// let samples: Vec<[f64; 2]> = (0..200)
    ///     .map(|i| {
    ///         let (t, side) = (0.7 * f64::from(i), f64::from(i % 2));
    ///         [t.sin() + 8.0 * side, (2.3 * t).cos()]
    ///     })
    ///     .collect();
    /// let options = FitOptions::multivariate(2, CovarianceType::Full);
    /// let fit = MultivariateGaussianMixture::fit(&samples, &options)?;
    /// assert!((fit.mixture.weights()[0] - 0.5).abs() < 0.01);
    /// assert_eq!(fit.report.n_parameters, 11);
    /// # Ok::<(), gaussian_mixture::FitError>(())
    /// ```
    pub fn fit<D: Observations<Self> + ?Sized>(
        data: &D,
        options: &FitOptions<Self>,
    ) -> Result<Fit<Self>, FitError> {
        Self::fit_observed(&observe_rows(data)?, options, &mut |_| ())
    }

    /// As [`fit`](Self::fit), and calls `progress` at every start and after every iteration.
    ///
    /// # Errors
    ///
    /// As [`fit`](Self::fit).
    pub fn fit_with_progress<D: Observations<Self> + ?Sized>(
        data: &D,
        options: &FitOptions<Self>,
        mut progress: impl FnMut(Progress<'_, Self>),
    ) -> Result<Fit<Self>, FitError> {
        Self::fit_observed(&observe_rows(data)?, options, &mut progress)
    }

    /// Fits one mixture for each number of components and covariance type, and chooses among them.
    ///
    /// The `options` hold for every fit, except for their number of components and covariance type. A candidate that
    /// cannot be fitted is in the table with its error and is not chosen.
    ///
    /// # Errors
    ///
    /// A [`FitError`] if there is no candidate, or if none can be fitted (the first one's error).
    pub fn select<D: Observations<Self> + ?Sized>(
        data: &D,
        n_components: impl IntoIterator<Item = usize>,
        covariance_types: &[CovarianceType],
        criterion: Criterion,
        options: &FitOptions<Self>,
    ) -> Result<Selection<Self>, FitError> {
        select::select(data, n_components, covariance_types, criterion, options)
    }

    /// Nothing in it is generic, so that it is compiled with this crate, and not in each cell of a notebook that fits.
    fn fit_observed(
        observed: &Observed<'_>,
        options: &FitOptions<Self>,
        progress: &mut dyn FnMut(Progress<'_, Self>),
    ) -> Result<Fit<Self>, FitError> {
        fit(observed, options, progress)
    }
}

/// One row is fewer than most fits need, and most often a list that was meant as a column.
fn observe_rows<D: Observations<MultivariateGaussianMixture> + ?Sized>(
    data: &D,
) -> Result<Observed<'_>, FitError> {
    match data.observe()? {
        Observed::Rows { n_given: 1, dim, .. } if dim > 1 => {
            Err(SampleError::SingleRow { dim }.into())
        }
        observed => Ok(observed),
    }
}

/// From some of the samples if there are many, then with all.
fn fit<M: Mixture>(
    observed: &Observed<'_>,
    options: &FitOptions<M>,
    progress: &mut dyn FnMut(Progress<'_, M>),
) -> Result<Fit<M>, FitError> {
    check(observed, options)?;
    let coarse = coarse::start(observed, options);
    from_every_start(observed, coarse.as_ref().unwrap_or(options), progress)
}

/// From every start, and the best of the results.
fn from_every_start<M: Mixture>(
    observed: &Observed<'_>,
    options: &FitOptions<M>,
    progress: &mut dyn FnMut(Progress<'_, M>),
) -> Result<Fit<M>, FitError> {
    let mut starts = Starts::new(observed, options)?;
    let rules = rules_for(observed, &mut starts, options)?;
    let n_restarts = if options.start.is_given() { 1 } else { options.restarts };
    let n_threads = e_step::n_threads(observed, options.n_components, options.n_threads);
    let runs = e_step::with_threads(observed, n_threads, |e_step| {
        let mut runs: Vec<em::Run<M>> = Vec::new();
        for restart in 0..n_restarts {
            let best = best_of(&runs);
            // A component that has collapsed stays where it is.
            let sound = best.filter(|&best| runs[best].end.collapsed.is_empty());
            let sound = sound.map(|run| Best { run, place: &runs[run].end });
            let Some(start) = starts.next(sound, e_step, &rules)? else { break };
            let best = best.map(|best| runs[best].summary());
            runs.push(em::run(start, e_step, options, &rules, restart, best, progress)?);
        }
        Ok::<_, FitError>(runs)
    })?;
    Ok(returned(runs, options))
}

/// The checks in the order in which a user would mend what they find.
fn check<M>(observed: &Observed<'_>, options: &FitOptions<M>) -> Result<(), FitError> {
    let (n_components, n_samples) = (options.n_components, observed.n_occupied());
    if n_components == 0 {
        return Err(FitError::NoComponents);
    }
    if n_samples < n_components {
        return Err(FitError::TooFewSamples { n_samples, n_components });
    }
    options.check()
}

fn rules<M>(options: &FitOptions<M>) -> Rules {
    Rules {
        floor: options.variance_floor,
        frozen: options.frozen,
        pooled: options.covariance_type == CovarianceType::Tied,
    }
}

/// Bins say nothing of the samples' own variance: what the moments make of it depends on the mixture, and would shrink with
/// a component in a single bin. So there the floor comes from the bins themselves.
fn rules_for<M: Mixture>(
    observed: &Observed<'_>,
    starts: &mut Starts<'_, M>,
    options: &FitOptions<M>,
) -> Result<Rules, FitError> {
    let floor = match (observed, options.variance_floor) {
        (Observed::Bins { .. }, VarianceFloor::Relative(share)) => {
            let variance = share * starts.std_dev(0)?.powi(2);
            VarianceFloor::Absolute(variance.clamp(f64::MIN_POSITIVE, f64::MAX))
        }
        (_, floor) => floor,
    };
    Ok(Rules { floor, ..rules(options) })
}

/// Starts that come to the same mixture differ by a few roundings, which must not choose among them: their components may be in
/// different orders.
const SAME: f64 = 1e-12;

/// The first of those that nothing is better than.
fn best_of<M: Mixture>(runs: &[em::Run<M>]) -> Option<usize> {
    let better = |best: usize, next: usize| {
        let [a, b] = [best, next].map(|run| runs[run].summary().ln_likelihood);
        let margin = SAME * (runs[best].end.sums.n_samples + b.abs());
        if b - a > margin { next } else { best }
    };
    (0..runs.len()).reduce(better)
}

fn returned<M: Mixture>(mut runs: Vec<em::Run<M>>, options: &FitOptions<M>) -> Fit<M> {
    let restarts: Vec<Restart> = runs.iter().map(em::Run::summary).collect();
    let best_restart = best_of(&runs).unwrap_or(0);
    let em::Run { end, ln_likelihoods, n_e_steps, stop } = runs.swap_remove(best_restart);
    let em::Place { mixture, collapsed, sums } = end;
    let n_parameters = n_free_parameters(options, mixture.dim());
    let report = FitReport {
        n_samples: sums.n_samples,
        ln_likelihoods,
        n_e_steps,
        stop,
        collapsed,
        restarts,
        best_restart,
        n_parameters,
        ln_certainty: sums.ln_certainty,
    };
    Fit { mixture, report }
}

fn n_free_parameters<M>(options: &FitOptions<M>, dim: usize) -> usize {
    let k = options.n_components;
    let free = |frozen: bool, n: usize| if frozen { 0 } else { n };
    free(options.frozen.weights, k - 1)
        + free(options.frozen.means, k * dim)
        + free(options.frozen.covariances, options.covariance_type.n_parameters(k, dim))
}

/// p/(2n): by so much the mean log-likelihood of the best of p parameters is above that of the truth by chance alone, as twice the
/// difference of the log-likelihoods is χ² with p degrees of freedom.
///
/// "The large-sample distribution of the likelihood ratio for testing composite hypotheses", Annals of Mathematical Statistics 9, 1938.
fn by_chance(n_parameters: usize, n_samples: f64) -> f64 {
    n_parameters as f64 / (2.0 * n_samples)
}
