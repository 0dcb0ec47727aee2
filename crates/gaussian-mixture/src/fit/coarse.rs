//! A start from a sample of the samples.
//!
//! Where a mixture is to begin, and which of several beginnings is the best, some ten thousand samples tell nearly as well as millions.
//! So of many samples only those take part in all starts, and the best of the results goes on with all.

use super::observations::Observed;
use super::options::Start;
use super::{Acceleration, FitOptions, Mixture, by_chance, from_every_start, n_free_parameters};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use std::borrow::Cow;

/// From so many samples on.
const MANY: usize = 32_768;
/// How many of them are enough: the parameters of a group with a hundredth of them are known to about a tenth of its width.
const SOME: usize = 16_384;

/// EM goes on with the few to a tenth of the tolerance, or until an iteration gains no more than this share of what
/// [chance](by_chance) adds to their likelihood: such gains belong to them, not to all.
const OF_CHANCE: f64 = 0.01;

/// But in any case until it gains no more than this, as the starts are then compared.
const FINAL: f64 = 3e-3;

/// What all starts come to with some of the samples. None if there are not many, the start is given, or the few are not like the
/// many: some component collapses, or they cannot be fitted at all.
pub(super) fn start<M: Mixture>(
    observed: &Observed<'_>,
    options: &FitOptions<M>,
) -> Option<FitOptions<M>> {
    if options.start.is_given() {
        return None;
    }
    let some = some(observed, options.seed)?;
    let by_chance = by_chance(n_free_parameters(options, observed.dim()), SOME as f64);
    let thorough = options
        .clone()
        .with_tolerance((0.1 * options.tolerance).max(FINAL.min(OF_CHANCE * by_chance)))
        .with_acceleration(Acceleration::Anderson);
    let fit = from_every_start(&some, &thorough, &mut |_| ()).ok()?;
    fit.report.collapsed.is_empty().then(|| options.clone().with_start(Start::Mixture(fit.mixture)))
}

/// Rows in their order, one drawn from each of as many stretches of the same length.
fn some<'a>(observed: &'a Observed<'_>, seed: u64) -> Option<Cow<'a, Observed<'a>>> {
    if matches!(observed, Observed::Bins { .. }) || observed.len() < MANY {
        return None;
    }
    let rng = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
    let (mut begin, mut chosen) = (0, Vec::with_capacity(SOME));
    for n_left in (1..=SOME).rev() {
        let end = begin + (observed.len() - begin) / n_left;
        chosen.push(rng.random_range(begin..end));
        begin = end;
    }
    Some(observed.some(&chosen))
}
