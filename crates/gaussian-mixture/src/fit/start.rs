//! Where EM starts: centres by greedy k-means++, then the moments of the samples nearest to each.
//!
//! "k-means++: the advantages of careful seeding", SODA 2007; several candidates per
//! centre, of which the best is kept, as the paper suggests in its section 7.

use super::em::{Parameters, m_step};
use super::moments::{ComponentMoments, Moments};
use rand::{Rng, RngExt};

/// The start for points in the unit's coordinates; no standard deviation is below `least_std_dev`.
pub(super) fn k_means_plus_plus<R: Rng>(
    points: &[f64],
    n_components: usize,
    least_std_dev: f64,
    rng: &mut R,
) -> Parameters {
    let centers = centers(points, n_components, rng);
    parameters(points, centers, least_std_dev)
}

/// K of the points: the first at random, each further one with a probability in proportion to the squared distance from
/// those already chosen; among a few such candidates, the one that leaves the smallest total.
fn centers<R: Rng>(points: &[f64], n_components: usize, rng: &mut R) -> Vec<f64> {
    let n_candidates = 2 + n_components.ilog2() as usize;
    let first = points[rng.random_range(0..points.len())];
    let mut centers = vec![first];
    let mut distances: Vec<f64> = points.iter().map(|p| (p - first).powi(2)).collect();
    while centers.len() < n_components {
        let total: f64 = distances.iter().sum();
        let with = |center: f64| -> Vec<f64> {
            points.iter().zip(&distances).map(|(p, d)| d.min((p - center).powi(2))).collect()
        };
        let candidates = (0..n_candidates).map(|_| {
            let center = points[draw(&distances, total, rng)];
            let distances = with(center);
            (distances.iter().sum::<f64>(), center, distances)
        });
        let Some((_, center, nearer)) = candidates.min_by(|a, b| a.0.total_cmp(&b.0)) else {
            break;
        };
        centers.push(center);
        distances = nearer;
    }
    centers
}

/// An index with a probability in proportion to `distances`; any index where all of them are 0, that is where there are
/// fewer different points than components.
fn draw<R: Rng>(distances: &[f64], total: f64, rng: &mut R) -> usize {
    if total <= 0.0 {
        return rng.random_range(0..distances.len());
    }
    let mut left = total * rng.random::<f64>();
    let mut last = 0;
    for (index, &d) in distances.iter().enumerate() {
        if d > 0.0 {
            if left < d {
                return index;
            }
            last = index;
        }
        left -= d;
    }
    last
}

/// Each point counted for its nearest centre. All components start with one common variance, that of the points about the
/// mean of their own group: a group of one point would otherwise start as a spike, and EM does not leave spikes.
fn parameters(points: &[f64], centers: Vec<f64>, least_std_dev: f64) -> Parameters {
    let k = centers.len();
    let mut moments = Moments::zero(k);
    for &p in points {
        let nearest = (0..k)
            .min_by(|&a, &b| (p - centers[a]).abs().total_cmp(&(p - centers[b]).abs()))
            .unwrap_or(0);
        moments.components[nearest].add(1.0, p - centers[nearest]);
    }
    let at_centers =
        Parameters { weights: vec![0.0; k], means: centers, std_devs: vec![least_std_dev; k] };
    let mut parameters = m_step(&moments, &at_centers, 0.0);
    let within: f64 =
        moments.components.iter().map(within_group).sum::<f64>() / points.len() as f64;
    parameters.std_devs.fill(within.sqrt().max(least_std_dev));
    parameters
}

/// Σ (p − mean of the group)², from the moments about the centre.
fn within_group(m: &ComponentMoments) -> f64 {
    if m.count > 0.0 { (m.second - m.first * m.first / m.count).max(0.0) } else { 0.0 }
}

/// The variance of points in [−1, 1], in two passes.
pub(super) fn variance(points: &[f64]) -> f64 {
    let n = points.len() as f64;
    let mean = points.iter().sum::<f64>() / n;
    points.iter().map(|p| (p - mean).powi(2)).sum::<f64>() / n
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::Xoshiro256PlusPlus;

    #[test]
    fn centers_are_samples_and_differ_while_they_can() {
        let points = [-1.0, -0.5, 0.0, 0.5, 1.0];
        for seed in 0..50 {
            let mut chosen = centers(&points, 5, &mut Xoshiro256PlusPlus::seed_from_u64(seed));
            chosen.sort_by(f64::total_cmp);
            assert_eq!(chosen, points);
        }
    }

    #[test]
    fn a_center_is_chosen_in_proportion_to_the_squared_distance() {
        // From the point at 0, the squared distances are 1 and 9: drawn singly, a tenth and nine tenths.
        let distances = [0.0, 1.0, 9.0];
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
        let n = 100_000;
        let far = (0..n).filter(|_| draw(&distances, 10.0, &mut rng) == 2).count() as f64;
        // Five standard errors.
        assert!((far / f64::from(n) - 0.9).abs() < 5.0 * (0.09 / f64::from(n)).sqrt());
        assert!((0..1000).all(|_| draw(&distances, 10.0, &mut rng) != 0));
    }

    #[test]
    fn of_the_candidates_the_best_is_kept() {
        // Two large groups and a few points between: from a first centre in one group, the other leaves the least. A single
        // draw would take one of the few once in twelve times.
        let mut points = vec![0.3; 10];
        points.extend((0..50).map(|i| -1.0 + 0.001 * f64::from(i)));
        points.extend((0..50).map(|i| 0.951 + 0.001 * f64::from(i)));
        for seed in 0..200 {
            let chosen = centers(&points, 2, &mut Xoshiro256PlusPlus::seed_from_u64(seed));
            if chosen[0] != 0.3 {
                assert!((chosen[0] - chosen[1]).abs() > 1.5, "seed {seed}: {chosen:?}");
            }
        }
    }

    #[test]
    fn a_start_has_the_moments_of_the_groups_and_their_common_width() {
        let start = parameters(&[-1.0, -0.6, 0.5, 0.7, 0.9], vec![-1.0, 0.7], 1e-6);
        const ROUNDING: f64 = 1e-15;
        for (found, expected) in start.weights.iter().zip([0.4, 0.6]) {
            assert!((found - expected).abs() < ROUNDING);
        }
        for (found, expected) in start.means.iter().zip([-0.8, 0.7]) {
            assert!((found - expected).abs() < ROUNDING);
        }
        // Squares about the groups' means: 2·0.2² and 2·0.2², over five points.
        assert!(start.std_devs.iter().all(|s| (s - (0.16_f64 / 5.0).sqrt()).abs() < ROUNDING));
    }

    #[test]
    fn more_components_than_different_points_start_on_top_of_each_other() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(0);
        let chosen = centers(&[-1.0, 1.0, 1.0, 1.0], 4, &mut rng);
        assert_eq!(chosen.len(), 4);
        assert!(chosen.contains(&-1.0) && chosen.contains(&1.0));
    }

    #[test]
    fn far_groups_get_a_center_each() {
        let points: Vec<f64> =
            (0..30).map(|i| f64::from(i / 10) - 1.0 + 0.001 * f64::from(i % 10)).collect();
        for seed in 0..50 {
            let mut chosen = centers(&points, 3, &mut Xoshiro256PlusPlus::seed_from_u64(seed));
            chosen.sort_by(f64::total_cmp);
            let groups: Vec<f64> = chosen.iter().map(|c| c.floor()).collect();
            assert_eq!(groups, [-1.0, 0.0, 1.0], "seed {seed}");
        }
    }
}
