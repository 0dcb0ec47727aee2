//! One iteration of EM in one dimension.

mod e_step;

use super::model::{CANCELLED, Maximum, Mixture, Model, Rules, halved, ln_ratios, scaled};
use super::options::VarianceFloor;
use super::sums::Sums;
use crate::log_sum_exp::{Softmax, softmax_in_place};
use crate::normal::interval_moments;
use crate::{CovarianceType, FitError, GaussianMixture, Weights};

impl Mixture for GaussianMixture {}

/// What the sums say of one component's samples, if it has any.
#[derive(Clone, Copy)]
struct Group {
    count: f64,
    mean: f64,
    /// About that mean.
    std_dev: f64,
}

impl Model for GaussianMixture {
    fn n_components(&self) -> usize {
        self.n_components()
    }

    fn dim(&self) -> usize {
        1
    }

    fn reference(
        n_components: usize,
        center: &[f64],
        std_devs: &[f64],
        _: CovarianceType,
    ) -> Result<Self, FitError> {
        let weights = Weights::uniform(n_components)?;
        let copies = |values: &[f64]| vec![values[0]; n_components];
        Ok(Self::new(weights, copies(center), copies(std_devs))?)
    }

    fn converted(self, covariance_type: CovarianceType) -> Result<Self, FitError> {
        if covariance_type != CovarianceType::Tied {
            return Ok(self);
        }
        let widest = self.std_devs().iter().copied().fold(0.0, f64::max);
        let squares = self.weights().iter().zip(self.std_devs());
        let common = widest * squares.map(|(w, s)| w * (s / widest).powi(2)).sum::<f64>().sqrt();
        Ok(Self::new(self.weights(), self.means(), vec![common; self.n_components()])?)
    }

    fn coordinates(&self, origin: &Self) -> Option<Vec<f64>> {
        let mut all = ln_ratios(self.weights(), origin.weights())?;
        for (k, from) in origin.components().enumerate() {
            all.push((self.means()[k] - from.mean) / from.std_dev);
            all.push((self.std_devs()[k] / from.std_dev).ln());
        }
        Some(all)
    }

    fn moved(&self, coordinates: &[f64]) -> Option<Self> {
        let (ratios, places) = coordinates.split_at(self.n_components());
        let (mut means, mut std_devs) = (Vec::new(), Vec::new());
        for (from, place) in self.components().zip(places.chunks_exact(2)) {
            means.push(from.mean + from.std_dev * place[0]);
            std_devs.push(from.std_dev * place[1].exp());
        }
        Self::new(scaled(self.weights(), ratios)?, means, std_devs).ok()
    }

    fn shares(&self, rows: &[f64]) -> Vec<f64> {
        self.shares_of(rows)
    }

    fn with_split(&self, split: usize, moved: usize, towards: &[f64], _: &[f64]) -> Option<Self> {
        let (mean, width) = (self.means()[split], self.std_devs()[split]);
        let shift = width.copysign(towards[0] - mean);
        let (mut means, mut std_devs) = (self.means().to_vec(), self.std_devs().to_vec());
        (means[split], means[moved], std_devs[moved]) = (mean - shift, mean + shift, width);
        Self::new(halved(self.weights(), split, moved)?, means, std_devs).ok()
    }

    fn zero(&self) -> Sums {
        Sums::zero(self.n_components(), 3, 0)
    }

    fn add(sums: &mut Sums, k: usize, responsibility: f64, z: &[f64]) {
        add(sums.component_mut(k), responsibility, z[0]);
    }

    fn e_step_rows(&self, rows: &[f64], weights: Option<&[f64]>) -> Sums {
        e_step::e_step(self, rows, weights)
    }

    /// A bin's responsibilities are those of its probabilities, and its moments are those of each component's part within
    /// it: E[z | bin] and E[z² | bin].
    fn e_step_bins(&self, edges: &[f64], counts: &[f64]) -> Sums {
        let mut sums = self.zero();
        let mut bins = Bins::of(self);
        for (bin, &count) in edges.windows(2).zip(counts).filter(|(_, count)| **count > 0.0) {
            let softmax = bins.shares(bin);
            sums.ln_likelihood += count * softmax.ln_sum;
            sums.ln_certainty += count * softmax.ln_largest;
            sums.n_samples += count;
            let moments = bins.shares.iter().zip(&bins.moments);
            for (component, (share, (first, second))) in
                sums.values.chunks_exact_mut(3).zip(moments)
            {
                let responsibility = count * share;
                component[0] += responsibility;
                component[1] += responsibility * first;
                component[2] += responsibility * second;
            }
        }
        sums
    }

    /// With N, S, Q a component's count, first and second moment,
    ///
    /// ```text
    /// w = N/ΣN,   μ ← μ + σ·S/N,   σ² ← σ²·(Q/N − (S/N)²)
    /// ```
    ///
    /// and about a frozen mean σ² ← σ²·Q/N. A standard deviation below the floor is put on it, which is the maximum under
    /// that constraint, so the likelihood still never falls. A component without samples keeps its place and has weight 0.
    fn m_step(&self, sums: &Sums, rules: &Rules) -> Result<Maximum<Self>, FitError> {
        let groups: Vec<Option<Group>> = (0..self.n_components())
            .map(|k| group(sums.component(k), self.means()[k], self.std_devs()[k]))
            .collect();
        let floor = match rules.floor {
            VarianceFloor::Absolute(variance) => variance.sqrt(),
            VarianceFloor::Relative(share) => share.sqrt() * total_std_dev(&groups),
        };
        let (mut means, mut std_devs) = (self.means().to_vec(), self.std_devs().to_vec());
        for (k, group) in groups.iter().enumerate() {
            let Some(group) = group else { continue };
            if rules.frozen.means {
                let count = group.count;
                std_devs[k] = self.std_devs()[k] * (sums.component(k)[2] / count).sqrt();
            } else {
                means[k] = group.mean;
                std_devs[k] = group.std_dev;
            }
        }
        if rules.pooled {
            let common = pooled(&groups, &std_devs);
            std_devs.fill(common);
        }
        let mut collapsed: Vec<usize> = Vec::new();
        for (k, std_dev) in std_devs.iter_mut().enumerate() {
            let on_floor = groups[k].is_some() && *std_dev <= floor && !rules.frozen.covariances;
            *std_dev = std_dev.max(floor);
            if on_floor || sums.component(k)[0] < f64::EPSILON * sums.n_samples {
                collapsed.push(k);
            }
        }
        if rules.frozen.covariances {
            std_devs = self.std_devs().to_vec();
        }
        let weights = if rules.frozen.weights {
            self.weights().clone()
        } else {
            Weights::from_proportions(sums.values.iter().copied().step_by(3).collect::<Vec<f64>>())?
        };
        Ok(Maximum { mixture: Self::new(weights, means, std_devs)?, collapsed })
    }
}

fn add(component: &mut [f64], responsibility: f64, z: f64) {
    component[0] += responsibility;
    component[1] += responsibility * z;
    component[2] += responsibility * z * z;
}

fn group(sums: &[f64], mean: f64, std_dev: f64) -> Option<Group> {
    let &[count, first, second] = sums else { return None };
    if count <= 0.0 {
        return None;
    }
    let (shift, square) = (first / count, second / count);
    let variance = (square - shift * shift).max(CANCELLED * square);
    Some(Group { count, mean: mean + std_dev * shift, std_dev: std_dev * variance.sqrt() })
}

/// √(Σ N σ² / Σ N), in units of the largest so that no square overflows.
fn pooled(groups: &[Option<Group>], std_devs: &[f64]) -> f64 {
    let occupied = || groups.iter().zip(std_devs).filter_map(|(g, s)| g.map(|g| (g.count, *s)));
    let unit = occupied().fold(0.0, |unit: f64, (_, s)| unit.max(s));
    let count: f64 = occupied().map(|(n, _)| n).sum();
    if unit > 0.0 {
        unit * (occupied().map(|(n, s)| n * (s / unit).powi(2)).sum::<f64>() / count).sqrt()
    } else {
        0.0
    }
}

/// The standard deviation of all samples: what lies within the groups and what lies between them, in a unit in which no
/// square overflows.
fn total_std_dev(groups: &[Option<Group>]) -> f64 {
    let occupied = || groups.iter().flatten();
    let count: f64 = occupied().map(|g| g.count).sum();
    let mean: f64 = occupied().map(|g| g.mean * (g.count / count)).sum();
    let unit = occupied().fold(0.0, |u: f64, g| u.max(g.std_dev).max((g.mean - mean).abs()));
    if unit > 0.0 {
        let square = |x: f64| (x / unit).powi(2);
        let squares = occupied().map(|g| g.count * (square(g.std_dev) + square(g.mean - mean)));
        unit * (squares.sum::<f64>() / count).sqrt()
    } else {
        0.0
    }
}

/// Responsibilities and moments of one bin after the other.
struct Bins<'a> {
    mixture: &'a GaussianMixture,
    shares: Vec<f64>,
    /// E[z | bin] and E[z² | bin] of each component.
    moments: Vec<(f64, f64)>,
}

impl<'a> Bins<'a> {
    fn of(mixture: &'a GaussianMixture) -> Self {
        let k = mixture.n_components();
        Self { mixture, shares: vec![0.0; k], moments: vec![(0.0, 0.0); k] }
    }

    /// ln P(bin); leaves the responsibilities and the moments behind.
    fn shares(&mut self, bin: &[f64]) -> Softmax {
        let (low, high) = (bin[0], bin[1]);
        for c in self.mixture.components() {
            let moments = interval_moments(low, high, c.mean, c.std_dev);
            self.shares[c.index] = c.weight.ln() + moments.ln_probability;
            self.moments[c.index] = (moments.first, moments.second);
        }
        let softmax = softmax_in_place(&mut self.shares);
        if softmax.ln_sum == f64::NEG_INFINITY {
            // Too far out for any component's probability: as for a sample at the nearer end.
            let end = if low.abs() < high.abs() { low } else { high };
            let at_end = self.mixture.ln_joint().shares(end, &mut self.shares);
            return Softmax { ln_largest: at_end.ln_largest, ..softmax };
        }
        softmax
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::options::Frozen;
    use std::f64::consts::PI;

    /// A few roundings of numbers of order 1.
    const ROUNDING: f64 = 1e-14;

    const POINTS: [f64; 4] = [-1.0, -0.8, 0.5, 1.0];
    const FREE: Rules = Rules {
        floor: VarianceFloor::Absolute(1e-12),
        frozen: Frozen { weights: false, means: false, covariances: false },
        pooled: false,
    };

    fn mixture() -> GaussianMixture {
        GaussianMixture::new([0.4, 0.6], [-0.7, 0.6], [0.3, 0.5]).unwrap()
    }

    /// rₙₖ = wₖ Nₖ(xₙ) / Σⱼ wⱼ Nⱼ(xₙ), and Σₙ ln Σⱼ wⱼ Nⱼ(xₙ), written out.
    fn literal_responsibilities() -> (Vec<[f64; 2]>, f64) {
        let m = mixture();
        let piece = |x: f64, k: usize| {
            let (mean, s) = (m.means()[k], m.std_devs()[k]);
            m.weights()[k] / (s * (2.0 * PI).sqrt()) * (-(x - mean).powi(2) / (2.0 * s * s)).exp()
        };
        let densities = POINTS.map(|x| piece(x, 0) + piece(x, 1));
        let shares = POINTS.iter().zip(densities).map(|(&x, f)| [piece(x, 0) / f, piece(x, 1) / f]);
        (shares.collect(), densities.iter().map(|f| f.ln()).sum())
    }

    #[test]
    fn one_iteration_is_the_weighted_average_of_the_points() {
        let (r, ln_likelihood) = literal_responsibilities();
        let weights = [1.0, 0.5, 2.0, 1.5];
        for (sums, weights) in [
            (mixture().e_step_rows(&POINTS, None), [1.0; 4]),
            (mixture().e_step_rows(&POINTS, Some(&weights)), weights),
        ] {
            if weights == [1.0; 4] {
                assert!((sums.ln_likelihood - ln_likelihood).abs() < ROUNDING);
            }
            let next = mixture().m_step(&sums, &FREE).unwrap().mixture;
            for k in 0..2 {
                let sum = |f: &dyn Fn(f64) -> f64| -> f64 {
                    POINTS.iter().zip(&r).zip(weights).map(|((x, r), w)| w * r[k] * f(*x)).sum()
                };
                let count = sum(&|_| 1.0);
                let mean = sum(&|x| x) / count;
                let variance = sum(&|x| (x - mean).powi(2)) / count;
                assert!((next.weights()[k] - count / weights.iter().sum::<f64>()).abs() < ROUNDING);
                assert!((next.means()[k] - mean).abs() < ROUNDING);
                assert!((next.std_devs()[k] - variance.sqrt()).abs() < ROUNDING);
            }
        }
    }

    #[test]
    fn what_is_frozen_stays_and_the_rest_moves() {
        let sums = mixture().e_step_rows(&POINTS, None);
        let (weights, means, covariances) = (true, false, false);
        for frozen in [
            Frozen { weights, means, covariances },
            Frozen { weights: means, means: weights, covariances },
            Frozen { weights: means, means, covariances: weights },
        ] {
            let next = mixture().m_step(&sums, &Rules { frozen, ..FREE }).unwrap().mixture;
            assert_eq!(next.weights() == mixture().weights(), frozen.weights);
            assert_eq!(next.means() == mixture().means(), frozen.means);
            assert_eq!(next.std_devs() == mixture().std_devs(), frozen.covariances);
        }
    }

    #[test]
    fn a_width_about_a_frozen_mean_is_measured_from_there() {
        let one = GaussianMixture::new([1.0], [2.0], [1.0]).unwrap();
        let frozen = Frozen { means: true, ..Frozen::default() };
        let sums = one.e_step_rows(&POINTS, None);
        let next = one.m_step(&sums, &Rules { frozen, ..FREE }).unwrap().mixture;
        let square: f64 = POINTS.iter().map(|x| (x - 2.0).powi(2)).sum::<f64>() / 4.0;
        assert!((next.std_devs()[0] - square.sqrt()).abs() < ROUNDING);
    }

    #[test]
    fn a_component_without_samples_keeps_its_place_and_is_reported() {
        let m = GaussianMixture::new([0.0, 1.0], [-0.7, 0.6], [0.3, 0.5]).unwrap();
        let next = m.m_step(&m.e_step_rows(&POINTS, None), &FREE).unwrap();
        assert_eq!(next.collapsed, [0]);
        let c = next.mixture.components().next().unwrap();
        assert_eq!((c.weight, c.mean, c.std_dev), (0.0, -0.7, 0.3));
    }

    #[test]
    fn the_variance_of_all_samples_is_that_within_and_between_the_groups() {
        let sums = mixture().e_step_rows(&POINTS, None);
        let groups: Vec<_> = (0..2)
            .map(|k| group(sums.component(k), mixture().means()[k], mixture().std_devs()[k]))
            .collect();
        let mean = POINTS.iter().sum::<f64>() / 4.0;
        let variance = POINTS.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 4.0;
        assert!((total_std_dev(&groups) - variance.sqrt()).abs() < ROUNDING);
    }
}
