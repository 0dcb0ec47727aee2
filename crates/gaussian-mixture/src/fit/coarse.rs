//! A start from a sample of the samples.
//!
//! Where a mixture is to begin, and which of several beginnings is the best, some ten thousand samples tell nearly as well as millions.
//! So of many samples only those take part in all starts, and the best of the results goes on with all.

use super::observations::Observed;
use super::options::Start;
use super::{Acceleration, FitOptions, Mixture, by_chance, from_every_start, n_free_parameters};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use std::ops::Range;

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

/// Rows in their order, one drawn from each of as many stretches.
fn some(observed: &Observed<'_>, seed: u64) -> Option<Observed<'static>> {
    if matches!(observed, Observed::Bins { .. }) || observed.len() < MANY {
        return None;
    }
    let rng = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
    let drawn: Vec<usize> =
        stretches(observed.len()).map(|stretch| rng.random_range(stretch)).collect();
    Some(observed.some(&drawn))
}

/// As many as there are rows to draw, whose lengths differ by one at most, long and short ones in turn: so all rows are drawn alike.
fn stretches(n: usize) -> impl Iterator<Item = Range<usize>> {
    // i·n/SOME, where the product itself might overflow.
    let end = move |i: usize| i * (n / SOME) + i * (n % SOME) / SOME;
    (0..SOME).map(move |i| end(i)..end(i + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rows_are_drawn_as_often_as_the_last() {
        for n in [MANY, MANY + 1, 36_000, 40_960, 45_000, 60_000, 1_000_003] {
            let all: Vec<Range<usize>> = stretches(n).collect();
            assert!(all.len() == SOME && all[0].start == 0 && all[SOME - 1].end == n);
            assert!(all.windows(2).all(|two| two[0].end == two[1].start), "{n}");
            for (i, stretch) in all.iter().enumerate() {
                // Where they would end if rows could be divided.
                let end = (i + 1) as f64 * n as f64 / SOME as f64;
                assert!(end - stretch.end as f64 >= 0.0 && end - (stretch.end as f64) < 1.0);
            }
        }
    }
}
