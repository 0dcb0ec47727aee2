//! One iteration of EM in several dimensions.
//!
//! A component's sums are in its own coordinates z = L⁻¹(x − μ), with Σ = L Lᵀ. There the next covariance is a small matrix C
//! near the unit matrix, and with its factor M, C = M Mᵀ, the next factor is L M: no covariance is formed, inverted or subtracted
//! from another, so shifting, scaling and shearing the samples costs no digits.

use super::e_step::{Blocks, Rows, Single};
use super::eigen::eigen;
use super::model::{CANCELLED, Maximum, Mixture, Model, Rules, halved, ln_ratios, scaled};
use super::moment_sums::EStep;
use super::options::VarianceFloor;
use super::sums::Sums;
use crate::multivariate::factors::Factors;
use crate::multivariate::ln_joint::MultivariateLnJoint;
use crate::multivariate::matrix::{cholesky, gram, product, transposed};
use crate::simd;
use crate::{
    CovarianceType, Covariances, FitError, MultivariateGaussianMixture, ParameterError, Weights,
};
use ndarray::{Array2, Array3};

impl Mixture for MultivariateGaussianMixture {}

/// What the sums say of one component's samples, in that component's coordinates.
struct Group {
    count: f64,
    /// The mean.
    shift: Vec<f64>,
    /// About that mean, or with a common covariance that of all groups about theirs: a d×d matrix, or where the coordinates are
    /// uncorrelated d variances or one.
    spread: Vec<f64>,
}

impl Model for MultivariateGaussianMixture {
    fn n_components(&self) -> usize {
        self.n_components()
    }

    fn dim(&self) -> usize {
        self.dim()
    }

    fn reference(
        n_components: usize,
        center: &[f64],
        std_devs: &[f64],
        covariance_type: CovarianceType,
    ) -> Result<Self, FitError> {
        let d = center.len();
        let means = Array2::from_shape_fn((n_components, d), |(_, j)| center[j]);
        let diagonal = |i: usize, j: usize| if i == j { std_devs[j] } else { 0.0 };
        let matrix: Vec<f64> = (0..d * d).map(|e| diagonal(e / d, e % d)).collect();
        let factors = match covariance_type {
            CovarianceType::Full => matrix.repeat(n_components),
            CovarianceType::Tied => matrix,
            CovarianceType::Diagonal => std_devs.repeat(n_components),
            // The caller has made them all the same.
            CovarianceType::Spherical => vec![std_devs[0]; n_components],
        };
        let factors = Factors::new(covariance_type, n_components, d, factors);
        Ok(Self::from_factors(Weights::uniform(n_components)?, means, factors)?)
    }

    fn converted(self, covariance_type: CovarianceType) -> Result<Self, FitError> {
        if covariance_type == self.covariance_type() {
            return Ok(self);
        }
        let (k, d) = (self.n_components(), self.dim());
        if (self.covariance_type(), covariance_type) == (CovarianceType::Tied, CovarianceType::Full)
        {
            // By way of the covariances, the factor of one that is nearly singular would lose digits.
            let factors = Factors::new(covariance_type, k, d, self.factors().values().repeat(k));
            return Ok(Self::from_factors(self.weights().clone(), self.means().clone(), factors)?);
        }
        let full = full(self.factors(), k, d);
        let covariances = match covariance_type {
            CovarianceType::Full => Covariances::Full(full),
            CovarianceType::Tied => {
                let weighted = full.outer_iter().zip(self.weights().iter()).map(|(c, &w)| &c * w);
                Covariances::Tied(weighted.fold(Array2::zeros((d, d)), |sum, c| sum + c))
            }
            CovarianceType::Diagonal => {
                Covariances::Diagonal(Array2::from_shape_fn((k, d), |(k, j)| full[[k, j, j]]))
            }
            CovarianceType::Spherical => Covariances::Spherical(
                full.outer_iter().map(|c| c.diag().sum() / d as f64).collect(),
            ),
        };
        Ok(Self::new(self.weights(), self.means(), covariances)?)
    }

    fn coordinates(&self, origin: &Self) -> Option<Vec<f64>> {
        let mut all = ln_ratios(self.weights(), origin.weights())?;
        let shifts = &self.means().to_owned() - origin.means();
        for (k, shift) in shifts.outer_iter().enumerate() {
            let mut shift = shift.to_vec();
            origin.factors().whiten(k, &mut shift);
            all.extend(shift);
        }
        all.extend(self.factors().relative_to(origin.factors()));
        Some(all)
    }

    fn moved(&self, coordinates: &[f64]) -> Option<Self> {
        let (n, d) = (self.n_components(), self.dim());
        let (ratios, rest) = coordinates.split_at(n);
        let (shifts, relative) = rest.split_at(n * d);
        let mut means = self.means().clone();
        for (k, shift) in shifts.chunks_exact(d).enumerate() {
            let mut shift = shift.to_vec();
            self.factors().color(k, &mut shift);
            means.row_mut(k).iter_mut().zip(shift).for_each(|(m, s)| *m += s);
        }
        let factors = self.factors().moved(relative);
        Self::from_factors(scaled(self.weights(), ratios)?, means, factors).ok()
    }

    fn shares(&self, rows: &[f64]) -> Vec<f64> {
        let mut shares = vec![0.0; rows.len() / self.dim() * self.n_components()];
        MultivariateLnJoint::new(self).responsibilities(rows, &mut shares);
        shares
    }

    fn with_split(
        &self,
        split: usize,
        moved: usize,
        towards: &[f64],
        unit: &[f64],
    ) -> Option<Self> {
        let mut means = self.means().clone();
        let mut shift: Vec<f64> =
            towards.iter().zip(means.row(split)).map(|(x, mean)| x - mean).collect();
        self.factors().to_long_axis(split, unit, &mut shift);
        for (j, shift) in shift.into_iter().enumerate() {
            means[[moved, j]] = means[[split, j]] + shift;
            means[[split, j]] -= shift;
        }
        let factors = self.factors().with_copy(split, moved);
        Self::from_factors(halved(self.weights(), split, moved)?, means, factors).ok()
    }

    fn zero(&self) -> Sums {
        let (n_sums, n_shared) = self.n_sums();
        Sums::zero(self.n_components(), n_sums, n_shared)
    }

    fn add(sums: &mut Sums, k: usize, responsibility: f64, z: &[f64]) {
        let d = z.len();
        let (component, shared) = sums.component_and_shared(k);
        let (count, moments) = component.split_at_mut(1);
        let (first, second) = moments.split_at_mut(d);
        count[0] += responsibility;
        for (sum, z) in first.iter_mut().zip(z) {
            *sum += responsibility * z;
        }
        if second.len() == d {
            for (sum, z) in second.iter_mut().zip(z) {
                *sum += responsibility * z * z;
            }
        } else if let [sum] = second {
            *sum += responsibility * z.iter().map(|z| z * z).sum::<f64>();
        } else {
            let mut row = if second.is_empty() { shared } else { second };
            for i in 0..d {
                let (this, rest) = row.split_at_mut(i + 1);
                let scaled = responsibility * z[i];
                for (sum, z) in this.iter_mut().zip(z) {
                    *sum += scaled * z;
                }
                row = rest;
            }
        }
    }

    fn e_step_rows(&self, rows: &[f64], weights: Option<&[f64]>) -> Sums {
        Single::sums((rows, weights), self.zero(), |single| self.e_step_blocks(single))
    }

    fn e_step_blocks(&self, blocks: &mut dyn Blocks) {
        let (ln_joint, n_sums) = (&MultivariateLnJoint::new(self), self.n_sums());
        let one_by_one = &|rows: Rows<'_>| self.one_by_one(ln_joint, rows);
        if let Some(whitening) = self.factors().whitening() {
            return simd::run(EStep { ln_joint, whitening, n_sums, blocks, one_by_one });
        }
        while let Some(rows) = blocks.next() {
            let sums = one_by_one(rows);
            blocks.done(sums);
        }
    }

    /// There are no bins of several dimensions.
    fn e_step_bins(&self, _: &[f64], _: &[f64]) -> Sums {
        self.zero()
    }

    /// With N, S, Q a component's count, first and second moment in its coordinates,
    ///
    /// ```text
    /// w = N/ΣN,   μ ← μ + L·S/N,   L ← L·M with M Mᵀ = Q/N − (S/N)(S/N)ᵀ
    /// ```
    ///
    /// Of a diagonal covariance only the diagonal of that matrix counts, of a spherical one only the mean of the diagonal; a
    /// tied one takes the mean of the matrices of all components, weighted by N.
    fn m_step(&self, sums: &Sums, rules: &Rules) -> Result<Maximum<Self>, FitError> {
        let n = self.n_components();
        let groups = groups(sums, self.dim(), rules.frozen.means);
        let mut means = self.means().clone();
        for (k, group) in groups.iter().enumerate() {
            if let (Some(group), false) = (group, rules.frozen.means) {
                let mut shift = group.shift.clone();
                self.factors().color(k, &mut shift);
                means.row_mut(k).iter_mut().zip(shift).for_each(|(m, s)| *m += s);
            }
        }
        let (factors, mut collapsed) = if rules.frozen.covariances {
            (self.factors().clone(), Vec::new())
        } else {
            let floor = self.floor(rules.floor, sums);
            self.next_factors(&groups, &floor, rules.pooled)?
        };
        let empty = |k: &usize| sums.component(*k)[0] < f64::EPSILON * sums.n_samples;
        collapsed.extend((0..n).filter(empty));
        collapsed.sort_unstable();
        collapsed.dedup();
        let weights = if rules.frozen.weights {
            self.weights().clone()
        } else {
            let counts: Vec<f64> = (0..n).map(|k| sums.component(k)[0]).collect();
            Weights::from_proportions(counts)?
        };
        Ok(Maximum { mixture: Self::from_factors(weights, means, factors)?, collapsed })
    }
}

impl MultivariateGaussianMixture {
    /// How many sums a component has, a count and first and second moments; and how many all have in common.
    pub(super) fn n_sums(&self) -> (usize, usize) {
        let d = self.dim();
        let triangle = d * (d + 1) / 2;
        match self.covariance_type() {
            CovarianceType::Full => (1 + d + triangle, 0),
            CovarianceType::Tied => (1 + d, triangle),
            CovarianceType::Diagonal => (1 + d + d, 0),
            CovarianceType::Spherical => (1 + d + 1, 0),
        }
    }

    /// The E-step of rows among which there are some so far out that squared distances overflow.
    pub(super) fn one_by_one(
        &self,
        ln_joint: &MultivariateLnJoint<'_>,
        (rows, weights): Rows<'_>,
    ) -> Sums {
        let (k, d) = (self.n_components(), self.dim());
        let mut sums = self.zero();
        let (mut shares, mut whitened) = (vec![0.0; k], vec![0.0; k * d]);
        for (n, row) in rows.chunks_exact(d).enumerate() {
            let weight = weights.map_or(1.0, |w| w[n]);
            let softmax = ln_joint.shares(row, &mut shares, &mut whitened);
            sums.ln_likelihood += weight * softmax.ln_sum;
            sums.ln_certainty += weight * softmax.ln_largest;
            sums.n_samples += weight;
            for (k, (share, z)) in shares.iter().zip(whitened.chunks_exact(d)).enumerate() {
                // What is nothing adds nothing, though its squares may overflow.
                if *share > 0.0 {
                    Self::add(&mut sums, k, weight * share, z);
                }
            }
        }
        sums
    }

    /// The floor's variance in each coordinate.
    fn floor(&self, floor: VarianceFloor, sums: &Sums) -> Vec<f64> {
        match floor {
            VarianceFloor::Absolute(variance) => vec![variance; self.dim()],
            VarianceFloor::Relative(share) => {
                self.total_variances(sums).into_iter().map(|v| share * v).collect()
            }
        }
    }

    /// The variance of all samples in each coordinate: what lies within the groups and what lies between them.
    fn total_variances(&self, sums: &Sums) -> Vec<f64> {
        let d = self.dim();
        // About each component's present mean, then that to the mean of all.
        let mut parts: Vec<(f64, Vec<f64>, Vec<f64>)> = Vec::new();
        for (k, group) in groups(sums, d, false).into_iter().enumerate() {
            let Some(Group { count, shift: mut mean, spread }) = group else { continue };
            self.factors().color(k, &mut mean);
            mean.iter_mut().zip(self.means().row(k)).for_each(|(m, present)| *m += present);
            parts.push((count, mean, self.variances_within(k, &spread)));
        }
        let total: f64 = parts.iter().map(|(count, ..)| count).sum();
        (0..d)
            .map(|j| {
                let mean: f64 = parts.iter().map(|(n, mean, _)| n / total * mean[j]).sum();
                parts
                    .iter()
                    .map(|(n, m, within)| n / total * (within[j] + (m[j] - mean).powi(2)))
                    .sum()
            })
            .collect()
    }

    /// The diagonal of L C Lᵀ.
    fn variances_within(&self, k: usize, spread: &[f64]) -> Vec<f64> {
        let (d, factor) = (self.dim(), self.factors().component(k));
        if !is_matrix(self.covariance_type()) {
            let pairs = spread.iter().cycle().zip(factor.iter().cycle());
            return pairs.take(d).map(|(c, l)| l * l * c).collect();
        }
        let rows = product(factor, spread, d);
        let rows = rows.chunks_exact(d).zip(factor.chunks_exact(d));
        rows.map(|(lc, l)| lc.iter().zip(l).map(|(lc, l)| lc * l).sum::<f64>().max(0.0)).collect()
    }

    /// The factors that the groups' spreads lead to, none below the floor, and which components were put on it.
    fn next_factors(
        &self,
        groups: &[Option<Group>],
        floor: &[f64],
        pool: bool,
    ) -> Result<(Factors, Vec<usize>), FitError> {
        let (n, d, kind) = (self.n_components(), self.dim(), self.covariance_type());
        let pooled = (pool || kind == CovarianceType::Tied).then(|| pooled(groups));
        let mut values = self.factors().values().to_vec();
        let stride = values.len() / if kind == CovarianceType::Tied { 1 } else { n };
        let mut collapsed = Vec::new();
        for (k, next) in values.chunks_exact_mut(stride).enumerate() {
            let Some(spread) = pooled.as_ref().or(groups[k].as_ref().map(|g| &g.spread)) else {
                continue;
            };
            let on_floor = match kind {
                CovarianceType::Full | CovarianceType::Tied => {
                    let (factor, on_floor) =
                        next_factor(next, spread, floor).map_err(|(pivot, value)| {
                            ParameterError::NotPositiveDefinite { component: k, pivot, value }
                        })?;
                    next.copy_from_slice(&factor);
                    on_floor
                }
                CovarianceType::Diagonal => next_std_devs(next, spread, floor),
                CovarianceType::Spherical => {
                    let mean = |values: &[f64]| values.iter().sum::<f64>() / d as f64;
                    next_std_devs(next, spread, &[mean(floor)])
                }
            };
            if on_floor {
                collapsed.push(k);
            }
        }
        if kind == CovarianceType::Tied && !collapsed.is_empty() {
            collapsed = (0..n).collect();
        }
        Ok((Factors::new(kind, n, d, values), collapsed))
    }
}

fn is_matrix(kind: CovarianceType) -> bool {
    matches!(kind, CovarianceType::Full | CovarianceType::Tied)
}

/// What the sums say of each component's samples; about its present mean if that is frozen.
fn groups(sums: &Sums, d: usize, frozen_means: bool) -> Vec<Option<Group>> {
    let n = sums.values.len() / sums.stride;
    let mut groups: Vec<_> = (0..n).map(|k| group(sums.component(k), d, frozen_means)).collect();
    if !sums.shared.is_empty() {
        let common = common_spread(&sums.shared, &groups, d);
        groups.iter_mut().flatten().for_each(|group| group.spread.clone_from(&common));
    }
    groups
}

/// The mean and the spread of one component's samples; no spread where that is common to all.
fn group(sums: &[f64], d: usize, frozen_mean: bool) -> Option<Group> {
    let count = sums[0];
    if count <= 0.0 {
        return None;
    }
    let (first, second) = sums[1..].split_at(d);
    let shift: Vec<f64> = first.iter().map(|s| if frozen_mean { 0.0 } else { s / count }).collect();
    let spread = if second.len() == d {
        let squares = second.iter().zip(&shift);
        squares.map(|(sum, shift)| remaining(sum / count, shift * shift)).collect()
    } else if let [sum] = second {
        let square: f64 = shift.iter().map(|s| s * s).sum();
        vec![remaining(sum / count, square) / d as f64]
    } else if second.is_empty() {
        Vec::new()
    } else {
        symmetric(second, d, |sum, i, j| (sum / count, shift[i] * shift[j]))
    };
    Some(Group { count, shift, spread })
}

/// The mean of the spreads of all groups about their means, weighted by their counts.
fn common_spread(shared: &[f64], groups: &[Option<Group>], d: usize) -> Vec<f64> {
    let total: f64 = groups.iter().flatten().map(|group| group.count).sum();
    let between = |i: usize, j: usize| -> f64 {
        let groups = groups.iter().flatten();
        groups.map(|group| group.count / total * group.shift[i] * group.shift[j]).sum()
    };
    symmetric(shared, d, |sum, i, j| (sum / total, between(i, j)))
}

/// The matrix of which the lower triangle lies row by row; of each entry there is a mean product, and what is to be taken off it.
fn symmetric(
    triangle: &[f64],
    d: usize,
    parts: impl Fn(f64, usize, usize) -> (f64, f64),
) -> Vec<f64> {
    let mut matrix = vec![0.0; d * d];
    let mut rest = triangle.iter();
    for i in 0..d {
        for (j, sum) in (0..=i).zip(&mut rest) {
            let (product, taken) = parts(*sum, i, j);
            let left = if i == j { remaining(product, taken) } else { product - taken };
            matrix[i * d + j] = left;
            matrix[j * d + i] = left;
        }
    }
    matrix
}

/// The variance that is left of a mean square, at least what rounding leaves of it.
fn remaining(square: f64, taken: f64) -> f64 {
    (square - taken).max(CANCELLED * square)
}

/// The mean of the groups' spreads, weighted by their counts.
fn pooled(groups: &[Option<Group>]) -> Vec<f64> {
    let total: f64 = groups.iter().flatten().map(|g| g.count).sum();
    let mut mean = Vec::new();
    for group in groups.iter().flatten() {
        mean.resize(group.spread.len(), 0.0);
        for (mean, spread) in mean.iter_mut().zip(&group.spread) {
            *mean += group.count / total * spread;
        }
    }
    mean
}

/// σ ← max(σ√C, √floor), coordinate by coordinate; whether any is on the floor.
fn next_std_devs(std_devs: &mut [f64], spread: &[f64], floor: &[f64]) -> bool {
    let mut on_floor = false;
    for ((std_dev, variance), floor) in std_devs.iter_mut().zip(spread).zip(floor) {
        *std_dev *= variance.sqrt();
        if *std_dev <= floor.sqrt() {
            *std_dev = floor.sqrt();
            on_floor = true;
        }
    }
    on_floor
}

/// The factor of L C Lᵀ, or of the nearest covariance that is nowhere below the diagonal matrix F of the floor; and whether
/// it had to be lifted. `Err` names the pivot at which a covariance beyond the range of `f64` failed.
fn next_factor(l: &[f64], c: &[f64], floor: &[f64]) -> Result<(Vec<f64>, bool), (usize, f64)> {
    let d = floor.len();
    let mut m = c.to_vec();
    if cholesky(&mut m, d).is_ok() {
        let next = product(l, &m, d);
        let mut above = gram(&next, d);
        (0..d).for_each(|j| above[j * d + j] -= floor[j]);
        if cholesky(&mut above, d).is_ok() {
            return Ok((next, false));
        }
    }
    Ok((lifted(l, c, floor)?, true))
}

/// The maximum of the likelihood among the covariances that are nowhere below F: in the coordinates in which F is the unit
/// matrix, every eigenvalue below 1 is put on 1.
fn lifted(l: &[f64], c: &[f64], floor: &[f64]) -> Result<Vec<f64>, (usize, f64)> {
    let d = floor.len();
    let b: Vec<f64> = (0..d * d).map(|e| l[e] / floor[e / d].sqrt()).collect();
    let mut a = product(&product(&b, c, d), &transposed(&b, d), d);
    let vectors = eigen(&mut a, d);
    let largest = (0..d).map(|j| a[j * d + j]).fold(1.0, f64::max);
    let least = (CANCELLED * largest).max(1.0);
    let values: Vec<f64> = (0..d).map(|j| a[j * d + j].max(least)).collect();
    let mut lifted: Vec<f64> = (0..d * d)
        .map(|e| {
            let (i, j) = (e / d, e % d);
            let sum: f64 =
                (0..d).map(|m| vectors[i * d + m] * values[m] * vectors[j * d + m]).sum();
            floor[i].sqrt() * sum * floor[j].sqrt()
        })
        .collect();
    cholesky(&mut lifted, d)?;
    Ok(lifted)
}

/// L Lᵀ of every component, whatever the type.
fn full(factors: &Factors, k: usize, d: usize) -> Array3<f64> {
    let mut full = Array3::zeros((k, d, d));
    for (k, mut covariance) in full.outer_iter_mut().enumerate() {
        // The columns of L are what it makes of the unit vectors.
        for column in 0..d {
            let mut unit = vec![0.0; d];
            unit[column] = 1.0;
            factors.color(k, &mut unit);
            for i in 0..d {
                for j in 0..d {
                    covariance[[i, j]] += unit[i] * unit[j];
                }
            }
        }
    }
    full
}
