//! The EM loop: samples → moments (E-step) → parameters (M-step), until the likelihood stands still.

use super::moments::{ComponentMoments, Moments};
use super::unit::Unit;
use super::{FitOptions, Restart, Stop};
use crate::ln_joint::LnJoint;

/// Samples per block of the E-step. Each block is summed by itself and the sums are added in order, so that rounding grows
/// with the number of blocks, not of samples, and the bits do not depend on who computes which block.
const BLOCK: usize = 1024;

/// The parameters of a mixture while it is being fitted, in the [`Unit`]'s coordinates.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Parameters {
    pub(super) weights: Vec<f64>,
    pub(super) means: Vec<f64>,
    pub(super) std_devs: Vec<f64>,
}

/// One run of EM from one start.
pub(super) struct Run {
    pub(super) parameters: Parameters,
    pub(super) ln_likelihoods: Vec<f64>,
    pub(super) stop: Stop,
    pub(super) collapsed: Vec<usize>,
}

impl Run {
    pub(super) fn summary(&self, n_samples: usize, unit: Unit) -> Restart {
        Restart {
            ln_likelihood: unit.restore_ln_likelihood(
                self.ln_likelihoods[self.ln_likelihoods.len() - 1],
                n_samples,
            ),
            n_iterations: self.ln_likelihoods.len() - 1,
            stop: self.stop,
        }
    }
}

/// Where EM starts, and the standard deviation below which it lets no component fall.
pub(super) struct Start {
    pub(super) parameters: Parameters,
    pub(super) least_std_dev: f64,
}

pub(super) fn run(start: Start, samples: &[f64], unit: Unit, options: &FitOptions) -> Run {
    let Start { mut parameters, least_std_dev } = start;
    let mut moments = e_step(&parameters, samples, unit);
    let mut ln_likelihoods = vec![moments.ln_likelihood];
    let mut stop = Stop::IterationLimit;
    for _ in 0..options.max_iterations {
        parameters = m_step(&moments, &parameters, least_std_dev);
        let before = moments.ln_likelihood;
        moments = e_step(&parameters, samples, unit);
        ln_likelihoods.push(moments.ln_likelihood);
        if (moments.ln_likelihood - before) / samples.len() as f64 <= options.tolerance {
            stop = Stop::Converged;
            break;
        }
    }
    let collapsed = collapsed(&parameters, least_std_dev);
    Run { parameters, ln_likelihoods, stop, collapsed }
}

/// The moments of all samples under the present parameters, block by block.
pub(super) fn e_step(parameters: &Parameters, samples: &[f64], unit: Unit) -> Moments {
    let k = parameters.weights.len();
    let ln_joint = LnJoint::new(&parameters.weights, &parameters.means, &parameters.std_devs);
    let mut total = Moments::zero(k);
    let mut shares = vec![0.0; k];
    for block in samples.chunks(BLOCK) {
        let mut moments = Moments::zero(k);
        for &x in block {
            let u = unit.convert(x);
            moments.ln_likelihood += ln_joint.shares(u, &mut shares);
            for ((m, &share), &mean) in
                moments.components.iter_mut().zip(&shares).zip(&parameters.means)
            {
                m.add(share, u - mean);
            }
        }
        total += &moments;
    }
    total
}

/// The parameters that maximise the expected log-likelihood, given the moments about the present means:
///
/// ```text
/// wₖ = Nₖ/Σⱼ Nⱼ,   δₖ = Sₖ/Nₖ,   μₖ ← μₖ + δₖ,   σₖ² = Qₖ/Nₖ − δₖ²
/// ```
///
/// with Nₖ, Sₖ, Qₖ the count, first and second moment. A standard deviation below the floor is put on it, which is the maximum under
/// that constraint, so the likelihood still never falls. A component without samples keeps its place and has weight 0.
pub(super) fn m_step(moments: &Moments, present: &Parameters, least_std_dev: f64) -> Parameters {
    let total: f64 = moments.components.iter().map(|m| m.count).sum();
    let mut next = present.clone();
    for (k, &ComponentMoments { count, first, second }) in moments.components.iter().enumerate() {
        next.weights[k] = count / total;
        if count > 0.0 {
            let shift = first / count;
            next.means[k] = present.means[k] + shift;
            next.std_devs[k] = (second / count - shift * shift).max(0.0).sqrt().max(least_std_dev);
        }
    }
    next
}

/// Components whose standard deviation lies on the floor, or whose weight is nothing beside a single sample's rounding.
fn collapsed(parameters: &Parameters, least_std_dev: f64) -> Vec<usize> {
    let is_collapsed = |&k: &usize| {
        parameters.std_devs[k] <= least_std_dev || parameters.weights[k] < f64::EPSILON
    };
    (0..parameters.weights.len()).filter(is_collapsed).collect()
}
