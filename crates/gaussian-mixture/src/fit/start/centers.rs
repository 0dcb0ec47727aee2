//! Centers of groups of samples.

use super::distances::{Groups, for_each_batch, groups};
use super::standardized::Standardized;
use rand::{Rng, RngExt};

/// K-means ends after a round that lessens the sum of the squared distances by no more than this share: EM goes on from there.
const STANDS_STILL: f64 = 1e-5;
/// It ends after so many rounds in any case.
pub(super) const MOST_ROUNDS: usize = 100;

/// K of the points: the first at random, each further one with a probability in proportion to the squared distance from
/// those already chosen; among a few such candidates, the one that leaves the smallest total.
pub(super) fn spread<R: Rng>(data: &Standardized, n_components: usize, rng: &mut R) -> Vec<f64> {
    let n_candidates = 2 + n_components.ilog2() as usize;
    let weights: Vec<f64> = (0..data.len()).map(|n| data.weight(n)).collect();
    let mut centers = data.point(draw(&weights, rng)).to_vec();
    let mut shares = vec![f64::INFINITY; data.len()];
    shares = nearer(data, &weights, &centers, &shares).swap_remove(0);
    for _ in 1..n_components {
        let candidates: Vec<usize> = (0..n_candidates).map(|_| draw(&shares, rng)).collect();
        let points: Vec<f64> = candidates.iter().flat_map(|&n| data.point(n)).copied().collect();
        let left = nearer(data, &weights, &points, &shares);
        let totals = left.iter().map(|shares| total(shares)).enumerate();
        let Some((best, _)) = totals.min_by(|a, b| a.1.total_cmp(&b.1)) else { break };
        centers.extend_from_slice(data.point(candidates[best]));
        shares.copy_from_slice(&left[best]);
    }
    centers
}

/// For each of the centers: the weight of each point times its squared distance from that center, or `known` where that is less.
fn nearer(data: &Standardized, weights: &[f64], centers: &[f64], known: &[f64]) -> Vec<Vec<f64>> {
    let mut all = vec![Vec::with_capacity(data.len()); centers.len() / data.dim];
    for_each_batch(&data.rows, centers, data.dim, |first, distances| {
        for (shares, distances) in all.iter_mut().zip(distances) {
            let of_each = distances.iter().zip(&weights[first..]).zip(&known[first..]);
            // Not `f64::min`, whose rule for NaN keeps the compiler from taking several at a time.
            shares.extend(of_each.map(|((distance, weight), &known)| {
                let share = weight * distance;
                if share < known { share } else { known }
            }));
        }
    });
    all
}

/// The sum, of several at a time.
fn total(shares: &[f64]) -> f64 {
    let (chunks, rest) = shares.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for chunk in chunks {
        sums.iter_mut().zip(chunk).for_each(|(sum, share)| *sum += share);
    }
    sums.iter().chain(rest).sum()
}

/// An index with a probability in proportion to `shares`; any index where all of them are 0, that is where there are
/// fewer different points than components.
pub(super) fn draw<R: Rng>(shares: &[f64], rng: &mut R) -> usize {
    let total = total(shares);
    if total <= 0.0 {
        return rng.random_range(0..shares.len());
    }
    let mut left = total * rng.random::<f64>();
    let mut last = 0;
    for (index, &share) in shares.iter().enumerate() {
        if share > 0.0 {
            if left < share {
                return index;
            }
            last = index;
        }
        left -= share;
    }
    last
}

/// K points by weight alone, all different while there are enough of them.
pub(super) fn random<R: Rng>(data: &Standardized, n_components: usize, rng: &mut R) -> Vec<f64> {
    let mut left: Vec<f64> = (0..data.len()).map(|n| data.weight(n)).collect();
    let mut centers = Vec::new();
    for _ in 0..n_components {
        let chosen = draw(&left, rng);
        centers.extend_from_slice(data.point(chosen));
        // Its twins go with it: a tie would start two components in one place, from where they never part.
        for (n, weight) in left.iter_mut().enumerate() {
            if data.point(n) == data.point(chosen) {
                *weight = 0.0;
            }
        }
    }
    centers
}

/// K-means: every center moved to the mean of the points nearest to it, until they stand still, or for so many rounds.
pub(super) fn moved_to_means(
    data: &Standardized,
    mut centers: Vec<f64>,
    n_rounds: usize,
) -> Vec<f64> {
    let d = data.dim;
    let mut last = f64::INFINITY;
    for _ in 0..n_rounds {
        let Groups { counts, sums, distances } =
            groups(&data.rows, data.weights.as_deref(), &centers, d);
        for (k, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0.0) {
            for j in k * d..(k + 1) * d {
                centers[j] = sums[j] / count;
            }
        }
        let gain = last - distances;
        last = distances;
        if gain <= STANDS_STILL * distances {
            break;
        }
    }
    centers
}

#[cfg(test)]
mod tests {
    use super::super::standardized::tests::standardized;
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::Xoshiro256PlusPlus;

    /// The centers in the samples' own unit, in increasing order, for samples of one dimension.
    fn centers(values: &[f64], k: usize, seed: u64) -> Vec<f64> {
        let data = standardized(values, 1, None);
        let rng = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut centers = spread(&data, k, rng);
        for c in &mut centers {
            *c = *c * data.scale.std_devs[0] + data.scale.center[0];
        }
        centers.sort_by(f64::total_cmp);
        centers
    }

    /// One rounding there and one back, of numbers of order 1.
    const ROUNDING: f64 = 1e-15;

    #[test]
    fn centers_are_samples_and_differ_while_they_can() {
        let points = [-1.0, -0.5, 0.0, 0.5, 1.0];
        for seed in 0..50 {
            let chosen = centers(&points, 5, seed);
            assert!(chosen.iter().zip(points).all(|(c, p)| (c - p).abs() < ROUNDING), "{chosen:?}");
        }
        // More than there are different samples: some start on top of each other.
        assert_eq!(centers(&[-1.0, 1.0, 1.0, 1.0], 4, 0).len(), 4);
    }

    #[test]
    fn a_draw_is_in_proportion_to_its_shares() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
        let n = 100_000;
        let far = (0..n).filter(|_| draw(&[0.0, 1.0, 9.0], &mut rng) == 2).count() as f64;
        // Five standard errors.
        assert!((far / f64::from(n) - 0.9).abs() < 5.0 * (0.09 / f64::from(n)).sqrt());
        assert!((0..1000).all(|_| draw(&[0.0, 1.0, 9.0], &mut rng) != 0));
    }

    #[test]
    fn of_the_candidates_the_best_is_kept() {
        // Two large groups and a few points between: from a first center in one group, the other leaves the least. A single
        // draw would take one of the few once in twelve times.
        let mut points = vec![0.3; 10];
        points.extend((0..50).map(|i| -1.0 + 0.001 * f64::from(i)));
        points.extend((0..50).map(|i| 0.951 + 0.001 * f64::from(i)));
        for seed in 0..200 {
            let chosen = centers(&points, 2, seed);
            let first_is_between = chosen.iter().any(|c| (c - 0.3).abs() < ROUNDING);
            assert!(first_is_between || chosen[1] - chosen[0] > 1.5, "seed {seed}: {chosen:?}");
        }
    }

    #[test]
    fn far_groups_get_a_center_each_and_k_means_moves_it_to_their_mean() {
        let points: Vec<f64> =
            (0..30).map(|i| f64::from(i / 10) - 1.0 + 0.001 * f64::from(i % 10)).collect();
        let data = standardized(&points, 1, None);
        for seed in 0..50 {
            let groups: Vec<f64> =
                centers(&points, 3, seed).iter().map(|c| (c + ROUNDING).floor()).collect();
            assert_eq!(groups, [-1.0, 0.0, 1.0], "seed {seed}");
            let rng = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
            let mut means = moved_to_means(&data, spread(&data, 3, rng), MOST_ROUNDS);
            means.sort_by(f64::total_cmp);
            for (mean, expected) in means.iter().zip([-0.9955, 0.0045, 1.0045]) {
                let mean = mean * data.scale.std_devs[0] + data.scale.center[0];
                assert!((mean - expected).abs() < 1e-14, "{mean}");
            }
        }
    }
}
