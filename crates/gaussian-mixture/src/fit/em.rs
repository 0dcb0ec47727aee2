//! The EM loop: samples → moments (E-step) → parameters (M-step), until the likelihood stands still.

use super::accelerate::Memory;
use super::e_step::EStep;
use super::model::{Maximum, Rules};
use super::report::{Progress, Restart, Stop};
use super::sums::Sums;
use super::{Acceleration, FitOptions, Mixture};
use crate::FitError;

/// One run of EM from one start.
pub(super) struct Run<M> {
    pub(super) end: Place<M>,
    pub(super) ln_likelihoods: Vec<f64>,
    pub(super) n_e_steps: usize,
    pub(super) stop: Stop,
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

/// EM crawls from when on an iteration gains more than this share of what the one before has gained.
const CRAWL: f64 = 0.2;

/// Where it crawls, a small gain does not mean that the end is near. So it ends only after so many small gains in a row: by then a
/// longer step has been tried, and EM's own step from there.
const STILL: usize = 3;

/// What an iteration gains is at most this share of what the one before it has gained, as far as anybody can tell from a few of them. So it
/// also ends with a gain so small that all which [follow](following) it come to less than the tolerance.
pub(super) const LARGEST_RATIO: f64 = 0.9;

/// Iterations that the pace of a run is taken from.
const PACE: usize = 3;

/// How far behind the best run another has to be to be given up, in mean log-likelihood. Where EM crawls it gains little for many
/// iterations before it leaves such a plateau.
const FAR: f64 = 0.01;

/// It is given so many iterations to catch up in any case: how many the best has needed says little where they were few.
const LEAST: usize = 10;

pub(super) fn run<M: Mixture>(
    start: Place<M>,
    e_step: &EStep<'_, M>,
    options: &FitOptions<M>,
    rules: &Rules,
    restart: usize,
    best: Option<Restart>,
    progress: &mut dyn FnMut(Progress<'_, M>),
) -> Result<Run<M>, FitError> {
    // The start's own.
    let n_e_steps = 1;
    let mut climb = Climb { e_step, rules, restart, progress, ln_likelihoods: vec![], n_e_steps };
    let mut here = start;
    climb.keep(&here);
    let mut stop = Stop::IterationLimit;
    let accelerates = options.acceleration == Acceleration::Anderson;
    let mut memory = Memory::new(&here.mixture);
    let mut must_be_plain = false;
    let (mut crawls, mut last_gain) = (false, f64::INFINITY);
    let mut n_still = 0;
    while climb.n_iterations() < options.max_iterations {
        let maximum = here.m_step(rules)?;
        // The floor of the variances lifts a component that collapses, from where the likelihood may be higher to where it is lower.
        let is_free = maximum.collapsed.is_empty();
        let is_known = crawls && is_free && memory.remember(&here.mixture, &maximum.mixture);
        // The last step of all is one of EM, whose result the floor holds for.
        let is_last = climb.n_iterations() + 1 == options.max_iterations;
        let far = if is_known && !must_be_plain && !is_last {
            climb.leap(&here, &mut memory)?
        } else {
            None
        };
        let is_plain = far.is_none();
        let next = far.unwrap_or_else(|| climb.look(maximum));
        climb.keep(&next);
        let before = std::mem::replace(&mut here, next);
        let gain = here.sums.ln_likelihood - before.sums.ln_likelihood;
        if accelerates && !crawls {
            memory.pass(before.mixture, is_free);
        }
        crawls |= accelerates && gain > CRAWL * last_gain;
        last_gain = gain;
        let gain = gain / here.sums.n_samples;
        n_still = if gain <= options.tolerance { n_still + 1 } else { 0 };
        let is_end = if crawls {
            n_still >= STILL || following(gain.abs()) < options.tolerance
        } else {
            n_still > 0
        };
        if is_plain && is_end {
            stop = Stop::Converged;
            break;
        }
        if best.is_some_and(|best| is_behind(&climb.ln_likelihoods, best, here.sums.n_samples)) {
            stop = Stop::Behind;
            break;
        }
        // Whether it has converged is for EM to say.
        must_be_plain = n_still > 0 && !is_plain;
    }
    let Climb { ln_likelihoods, n_e_steps, .. } = climb;
    Ok(Run { end: here, ln_likelihoods, n_e_steps, stop })
}

/// What all iterations after this gain come to at most, if each gains at most that share of the one before.
fn following(gain: f64) -> f64 {
    gain * LARGEST_RATIO / (1.0 - LARGEST_RATIO)
}

/// Whether a run with these log-likelihoods would not reach the best one at the pace of its last iterations, in as many as that took
/// altogether.
fn is_behind(ln_likelihoods: &[f64], best: Restart, n_samples: f64) -> bool {
    let Some(&[from, .., here]) = ln_likelihoods.last_chunk::<{ PACE + 1 }>() else {
        return false;
    };
    let (gap, pace) = (best.ln_likelihood - here, (here - from) / PACE as f64);
    gap > FAR * n_samples && gap > pace * best.n_iterations.max(LEAST) as f64
}

/// A mixture on the way, with the sums of all observations under it.
pub(super) struct Place<M> {
    pub(super) mixture: M,
    pub(super) collapsed: Vec<usize>,
    pub(super) sums: Sums,
}

impl<M: Mixture> Place<M> {
    /// An E-step.
    pub(super) fn new(mixture: M, e_step: &EStep<'_, M>) -> Self {
        Self { sums: e_step.sums(&mixture), mixture, collapsed: Vec::new() }
    }

    pub(super) fn mean_ln_likelihood(&self) -> f64 {
        self.sums.ln_likelihood / self.sums.n_samples
    }

    pub(super) fn m_step(&self, rules: &Rules) -> Result<Maximum<M>, FitError> {
        self.mixture.m_step(&self.sums, rules)
    }
}

/// The way so far.
struct Climb<'a, M> {
    e_step: &'a EStep<'a, M>,
    rules: &'a Rules,
    restart: usize,
    progress: &'a mut dyn FnMut(Progress<'_, M>),
    ln_likelihoods: Vec<f64>,
    n_e_steps: usize,
}

impl<M: Mixture> Climb<'_, M> {
    /// An E-step.
    fn look(&mut self, Maximum { mixture, collapsed }: Maximum<M>) -> Place<M> {
        self.n_e_steps += 1;
        Place { collapsed, ..Place::new(mixture, self.e_step) }
    }

    /// Goes there.
    fn keep(&mut self, place: &Place<M>) {
        let ln_likelihood = place.sums.ln_likelihood;
        self.ln_likelihoods.push(ln_likelihood);
        let iteration = self.n_iterations();
        (self.progress)(Progress {
            restart: self.restart,
            iteration,
            ln_likelihood,
            mixture: &place.mixture,
        });
    }

    fn n_iterations(&self) -> usize {
        self.ln_likelihoods.len().saturating_sub(1)
    }

    /// A longer step than the last that the memory knows, if that leads no lower and not to where a component collapses.
    fn leap(
        &mut self,
        here: &Place<M>,
        memory: &mut Memory<M>,
    ) -> Result<Option<Place<M>>, FitError> {
        let Some(mixture) = memory.beyond() else { return Ok(None) };
        let far = self.look(Maximum { mixture, collapsed: Vec::new() });
        let is_lower = far.sums.ln_likelihood < here.sums.ln_likelihood;
        if is_lower || !far.m_step(self.rules)?.collapsed.is_empty() {
            memory.learn(false);
            return Ok(None);
        }
        memory.learn(true);
        Ok(Some(far))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_behind_if_it_is_far_away_and_too_slow() {
        let best =
            |n_iterations| Restart { ln_likelihood: 0.0, n_iterations, stop: Stop::Converged };
        let behind = |values: &[f64], n_iterations| is_behind(values, best(n_iterations), 100.0);
        // One in an iteration, and 15 to go.
        let slow = [-20.0, -18.0, -17.0, -16.0, -15.0];
        assert!(behind(&slow, 14));
        assert!(!behind(&slow, 16));
        // The best took few: ten are granted.
        assert!(behind(&slow, 1) && !behind(&[-13.0, -12.0, -11.0, -10.0, -9.0], 1));
        // A hundredth of 100 samples is near enough, and three iterations tell no pace.
        assert!(!behind(&[-1.0; 5], 1) && behind(&[-1.1; 5], 1));
        assert!(!behind(&slow[..PACE], 1));
        // Where a likelihood is 0, there is no pace.
        assert!(!behind(&[f64::NEG_INFINITY, -9.0, -8.0, -7.0], 1));
        assert!(!behind(&[f64::NEG_INFINITY; 5], 1));
    }
}
