//! The EM loop: samples → moments (E-step) → parameters (M-step), until the likelihood stands still.

use super::model::{Model, Rules};
use super::observations::Observed;
use super::report::{Progress, Restart, Stop};
use super::sums::Sums;
use super::{FitOptions, Mixture};
use crate::FitError;

/// Samples per block of the E-step. Each block is summed by itself and the sums are added in order, so that rounding grows
/// with the number of blocks, not of samples, and the bits do not depend on who computes which block.
pub(super) const BLOCK: usize = 1024;

/// One run of EM from one start.
pub(super) struct Run<M> {
    pub(super) mixture: M,
    pub(super) ln_likelihoods: Vec<f64>,
    pub(super) stop: Stop,
    pub(super) collapsed: Vec<usize>,
    /// Of the mixture.
    pub(super) sums: Sums,
}

impl<M> Run<M> {
    pub(super) fn summary(&self) -> Restart {
        Restart {
            ln_likelihood: self.ln_likelihoods.last().copied().unwrap_or(f64::NAN),
            n_iterations: self.ln_likelihoods.len().saturating_sub(1),
            stop: self.stop,
        }
    }
}

pub(super) fn run<M: Mixture>(
    start: M,
    observed: &Observed<'_>,
    options: &FitOptions<M>,
    rules: &Rules,
    restart: usize,
    progress: &mut dyn FnMut(Progress<'_, M>),
) -> Result<Run<M>, FitError> {
    let mut mixture = start;
    let mut sums = e_step(&mixture, observed);
    let mut ln_likelihoods = vec![sums.ln_likelihood];
    let (mut stop, mut collapsed) = (Stop::IterationLimit, Vec::new());
    progress(Progress {
        restart,
        iteration: 0,
        ln_likelihood: sums.ln_likelihood,
        mixture: &mixture,
    });
    for iteration in 1..=options.max_iterations {
        let maximum = mixture.m_step(&sums, rules)?;
        let before = sums.ln_likelihood;
        (mixture, collapsed) = (maximum.mixture, maximum.collapsed);
        sums = e_step(&mixture, observed);
        let ln_likelihood = sums.ln_likelihood;
        ln_likelihoods.push(ln_likelihood);
        progress(Progress { restart, iteration, ln_likelihood, mixture: &mixture });
        if (ln_likelihood - before) / sums.n_samples <= options.tolerance {
            stop = Stop::Converged;
            break;
        }
    }
    Ok(Run { mixture, ln_likelihoods, stop, collapsed, sums })
}

/// The sums of all observations under the present parameters, block by block.
pub(super) fn e_step<M: Model>(mixture: &M, observed: &Observed<'_>) -> Sums {
    let mut total = mixture.zero();
    match observed {
        Observed::Rows { values, dim, weights, .. } => {
            for (i, rows) in values.chunks(BLOCK * dim).enumerate() {
                let first = i * BLOCK;
                let weights = weights.as_ref().map(|w| &w[first..first + rows.len() / dim]);
                total.add(&mixture.e_step_rows(rows, weights));
            }
        }
        Observed::Bins { edges, counts } => {
            for (i, counts) in counts.chunks(BLOCK).enumerate() {
                let first = i * BLOCK;
                total.add(&mixture.e_step_bins(&edges[first..=first + counts.len()], counts));
            }
        }
    }
    total
}
