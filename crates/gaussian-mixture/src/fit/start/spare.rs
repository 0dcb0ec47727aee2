//! Which components of a mixture the points could do without, as others stand in for them.

use super::standardized::Points;
use crate::fit::model::Mixture;

/// So many components at most.
const SPARE: usize = 3;

/// And none that the points would miss more than so many times as much as the first of these.
const SPARED: f64 = 2.0;

/// A component lies alone if its own samples would miss it by so much each: half of what shares of others down to ε can tell.
const ALONE: f64 = 18.0;

/// Rows of which the responsibilities are computed at a time.
const CHUNK: usize = 1024;

/// Rows of which the shares 1 − r that others have are multiplied before a logarithm is taken: none is below ε, and no product of sixteen
/// leaves the range of `f64`.
const TOGETHER: usize = 16;

/// The components without which the log-likelihood of the points would fall the least, by −Σₙ ln(1 − rₙₖ): a few, the first of them first.
pub(super) fn spare<M: Mixture>(mixture: &M, points: &Points<'_>) -> Vec<usize> {
    let needs = needs(mixture, points);
    let mut components: Vec<usize> = (0..needs.len()).collect();
    // For the samples of one that lies alone the others are nothing: how much they need it is more than a share 1 − r can tell, and so not to
    // be compared with what others are needed.
    let lies_alone = |k: usize| needs[k].all > ALONE * needs[k].count;
    components.sort_by(|&a, &b| {
        lies_alone(a).cmp(&lies_alone(b)).then(needs[a].all.total_cmp(&needs[b].all))
    });
    let first = components[0];
    let most = SPARED * needs[first].all;
    let as_little = |k: &usize| lies_alone(*k) == lies_alone(first) && needs[*k].all <= most;
    components.into_iter().take(SPARE).take_while(as_little).collect()
}

/// How much the points need a component.
#[derive(Clone, Default)]
struct Need {
    /// Those of its own.
    count: f64,
    /// −Σₙ ln(1 − rₙₖ).
    all: f64,
}

fn needs<M: Mixture>(mixture: &M, points: &Points<'_>) -> Vec<Need> {
    let (k, d) = (mixture.n_components(), mixture.dim());
    let together = if points.weights.is_some() { 1 } else { TOGETHER };
    let (mut needs, mut others) = (vec![Need::default(); k], vec![1.0; k]);
    for (i, rows) in points.values.chunks(CHUNK * d).enumerate() {
        for (j, shares) in mixture.shares(rows).chunks(together * k).enumerate() {
            let weight = points.weights.as_ref().map_or(1.0, |weights| weights[i * CHUNK + j]);
            others.fill(1.0);
            for shares in shares.chunks_exact(k) {
                for ((need, others), share) in needs.iter_mut().zip(&mut others).zip(shares) {
                    need.count += weight * share;
                    *others *= (1.0 - share).max(f64::EPSILON);
                }
            }
            for (need, others) in needs.iter_mut().zip(&others) {
                need.all -= weight * others.ln();
            }
        }
    }
    needs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::model::Model;
    use crate::fit::observations::Observe;
    use crate::{GaussianMixture, Weighted};
    use rand::SeedableRng;
    use rand::distr::Distribution;
    use rand::rngs::Xoshiro256PlusPlus;

    fn draw(mixture: &GaussianMixture, n: usize) -> Vec<f64> {
        mixture.clone().sample_iter(Xoshiro256PlusPlus::seed_from_u64(12)).take(n).collect()
    }

    #[test]
    fn what_points_need_is_the_sum_of_what_each_of_them_does() {
        let mixture = GaussianMixture::new([0.2, 0.3, 0.5], [-0.5, 0.5, 12.0], [1.0; 3]).unwrap();
        let samples = draw(&mixture, 3000);
        let weights: Vec<f64> = (0..3000).map(|n| f64::from(1 + n % 3)).collect();
        let (weighted, ones) = (Weighted::new(&samples, &weights), vec![1.0; 3000]);
        let of_each = [
            (Observe::<GaussianMixture>::observe(&samples).unwrap(), &ones),
            (weighted.observe().unwrap(), &weights),
        ];
        for (observed, weights) in of_each {
            let found = needs(&mixture, &Points::of(&observed).unwrap());
            for (k, found) in found.iter().enumerate() {
                let (mut count, mut all) = (0.0, 0.0);
                let shares = mixture.shares(&samples);
                for (shares, weight) in shares.chunks_exact(3).zip(weights) {
                    count += weight * shares[k];
                    all -= weight * (1.0 - shares[k]).max(f64::EPSILON).ln();
                }
                // Roundings of thousands of terms.
                let near = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-11;
                assert!(near(found.count, count) && near(found.all, all), "{k}");
            }
        }
    }

    #[test]
    fn what_is_spared_is_what_others_stand_in_for() {
        let spare_of = |means: [f64; 4], weights: [f64; 4]| {
            let mixture = GaussianMixture::new(weights, means, [1.0; 4]).unwrap();
            let samples = draw(&mixture, 4000);
            let observed = Observe::<GaussianMixture>::observe(&samples).unwrap();
            spare(&mixture, &Points::of(&observed).unwrap())
        };
        // The one with the fewest samples of two that are alike; the others of another two are three times as many.
        assert_eq!(spare_of([0.0, 1.0, 20.0, 21.0], [0.1, 0.15, 0.4, 0.35]), [0, 1]);
        // Those that lie alone are missed the most, though they have few samples.
        assert_eq!(spare_of([0.0, 1.0, 40.0, 80.0], [0.49, 0.45, 0.05, 0.01]), [1, 0]);
        // Where all do, the one with the fewest.
        assert_eq!(spare_of([0.0, 40.0, 80.0, 120.0], [0.5, 0.3, 0.15, 0.05]), [3]);
    }
}
