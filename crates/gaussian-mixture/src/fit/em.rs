//! The EM loop: samples → moments (E-step) → parameters (M-step), until the likelihood stands still.

use super::moments::{ComponentMoments, Moments};
use super::unit::Unit;
use super::{FitOptions, Restart, Stop};
use crate::univariate::ln_joint::LnJoint;

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

/// EM from `start` for points in the [`Unit`]'s coordinates; no standard deviation falls below `least_std_dev`.
pub(super) fn run(
    start: Parameters,
    points: &[f64],
    least_std_dev: f64,
    options: &FitOptions,
) -> Run {
    let mut parameters = start;
    let mut moments = e_step(&parameters, points);
    let mut ln_likelihoods = vec![moments.ln_likelihood];
    let mut stop = Stop::IterationLimit;
    for _ in 0..options.max_iterations {
        parameters = m_step(&moments, &parameters, least_std_dev);
        let before = moments.ln_likelihood;
        moments = e_step(&parameters, points);
        ln_likelihoods.push(moments.ln_likelihood);
        if (moments.ln_likelihood - before) / points.len() as f64 <= options.tolerance {
            stop = Stop::Converged;
            break;
        }
    }
    let collapsed = collapsed(&parameters, least_std_dev);
    Run { parameters, ln_likelihoods, stop, collapsed }
}

/// The moments of all points under the present parameters, block by block.
pub(super) fn e_step(parameters: &Parameters, points: &[f64]) -> Moments {
    let k = parameters.weights.len();
    let ln_joint = LnJoint::new(&parameters.weights, &parameters.means, &parameters.std_devs);
    let mut total = Moments::zero(k);
    let mut shares = vec![0.0; k];
    for block in points.chunks(BLOCK) {
        let mut moments = Moments::zero(k);
        for &u in block {
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    /// A few roundings of numbers of order 1.
    const ROUNDING: f64 = 1e-14;

    const POINTS: [f64; 4] = [-1.0, -0.8, 0.5, 1.0];

    fn parameters() -> Parameters {
        Parameters { weights: vec![0.4, 0.6], means: vec![-0.7, 0.6], std_devs: vec![0.3, 0.5] }
    }

    /// rₙₖ = wₖ Nₖ(xₙ) / Σⱼ wⱼ Nⱼ(xₙ), and Σₙ ln Σⱼ wⱼ Nⱼ(xₙ), written out.
    fn literal_responsibilities() -> (Vec<[f64; 2]>, f64) {
        let p = parameters();
        let piece = |x: f64, k: usize| {
            let (mean, s) = (p.means[k], p.std_devs[k]);
            p.weights[k] / (s * (2.0 * PI).sqrt()) * (-(x - mean).powi(2) / (2.0 * s * s)).exp()
        };
        let densities = POINTS.map(|x| piece(x, 0) + piece(x, 1));
        let shares = POINTS.iter().zip(densities).map(|(&x, f)| [piece(x, 0) / f, piece(x, 1) / f]);
        (shares.collect(), densities.iter().map(|f| f.ln()).sum())
    }

    #[test]
    fn one_iteration_is_the_weighted_average_of_the_points() {
        let (r, ln_likelihood) = literal_responsibilities();
        let moments = e_step(&parameters(), &POINTS);
        assert!((moments.ln_likelihood - ln_likelihood).abs() < ROUNDING);
        let next = m_step(&moments, &parameters(), 0.0);
        for k in 0..2 {
            let sum = |f: &dyn Fn(f64) -> f64| -> f64 {
                POINTS.iter().zip(&r).map(|(&x, r)| r[k] * f(x)).sum()
            };
            let count = sum(&|_| 1.0);
            let mean = sum(&|x| x) / count;
            let variance = sum(&|x| (x - mean).powi(2)) / count;
            assert!((next.weights[k] - count / 4.0).abs() < ROUNDING);
            assert!((next.means[k] - mean).abs() < ROUNDING);
            assert!((next.std_devs[k] - variance.sqrt()).abs() < ROUNDING);
        }
    }

    #[test]
    fn the_tolerance_is_on_the_mean_over_the_points() {
        let options = FitOptions::new(2).with_tolerance(1e-3);
        let run = run(parameters(), &POINTS.repeat(500), 1e-6, &options);
        let rises: Vec<f64> =
            run.ln_likelihoods.windows(2).map(|pair| (pair[1] - pair[0]) / 2000.0).collect();
        let (last, before) = rises.split_last().unwrap();
        assert!(*last <= 1e-3 && before.iter().all(|rise| *rise > 1e-3), "{rises:?}");
    }

    #[test]
    fn blocks_add_up() {
        let many = POINTS.repeat(BLOCK);
        let (one, all) = (e_step(&parameters(), &POINTS), e_step(&parameters(), &many));
        for (a, b) in one.components.iter().zip(&all.components) {
            assert!((a.second * BLOCK as f64 / b.second - 1.0).abs() < ROUNDING);
        }
        assert!((one.ln_likelihood * BLOCK as f64 / all.ln_likelihood - 1.0).abs() < ROUNDING);
    }

    #[test]
    fn a_component_without_samples_keeps_its_place_and_is_reported() {
        let mut p = parameters();
        p.weights = vec![0.0, 1.0];
        let next = m_step(&e_step(&p, &POINTS), &p, 1e-6);
        assert_eq!((next.weights[0], next.means[0], next.std_devs[0]), (0.0, -0.7, 0.3));
        assert_eq!(collapsed(&next, 1e-6), [0]);
    }
}
