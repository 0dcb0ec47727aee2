//! Where the observations lie, and how far apart.

use super::standardized::Points;
use crate::fit::{FitOptions, VarianceFloor};
use crate::multivariate::batch::{BATCH, ZEROS, fill_columns};
use crate::simd::{self, Kernel, Lanes};
use crate::{CovarianceType, FitError, SampleError};

/// Among so many points nearly every coordinate has shown that it is not the same in all.
const FIRST: usize = 1024;

/// The mean and the standard deviation of each coordinate.
#[derive(Clone)]
pub(super) struct Scale {
    pub(super) center: Vec<f64>,
    pub(super) std_devs: Vec<f64>,
}

impl Scale {
    /// That of points that are standardized.
    pub(super) fn unit(dim: usize) -> Self {
        Self { center: vec![0.0; dim], std_devs: vec![1.0; dim] }
    }

    /// Whether [`of`](Self::of) is known to find one for points whose differences are finite, by the ranges of the first of them, or of all:
    /// if any two of n points of equal weight are R apart, the standard deviation of all is at least R/√(2n).
    pub(super) fn exists(points: &Points<'_>) -> bool {
        let (values, dim) = (&*points.values, points.dim);
        let least = f64::MIN_POSITIVE * values.len() as f64;
        let are_wide = |values: &[f64]| {
            simd::run(Ranges { values, dim }).iter().all(|range| range.half() > least)
        };
        let first = &values[..values.len().min(FIRST * dim)];
        points.weights.is_none() && (are_wide(first) || are_wide(values))
    }

    /// Coordinates without any spread are an error unless an absolute floor gives them one.
    pub(super) fn of<M>(points: &Points<'_>, options: &FitOptions<M>) -> Result<Self, FitError> {
        let dim = points.dim;
        let ranges = simd::run(Ranges { values: &points.values, dim });
        for range @ &Range { low, high } in &ranges {
            if !range.half().is_finite() {
                return Err(FitError::TooFarApart { low, high });
            }
            if range.half() == 0.0 && low < high {
                return Err(FitError::TooClose { low, high });
            }
        }
        let means = simd::run(Averages { points, ranges: &ranges, about: None });
        let variances = simd::run(Averages { points, ranges: &ranges, about: Some(&means) });
        let (mut center, mut std_devs) = (Vec::new(), Vec::new());
        for (column, range) in ranges.iter().enumerate() {
            let mean = range.half().mul_add(means[column], range.middle());
            let std_dev = range.half() * variances[column].sqrt();
            let std_dev = match options.variance_floor {
                VarianceFloor::Absolute(variance) => std_dev.max(variance.sqrt()),
                VarianceFloor::Relative(_) if std_dev > 0.0 => std_dev,
                VarianceFloor::Relative(_) => return Err(constant(column, dim, mean)),
            };
            if std_dev < f64::MIN_POSITIVE {
                return Err(FitError::TooClose { low: range.low, high: range.high });
            }
            center.push(mean);
            std_devs.push(std_dev);
        }
        if options.covariance_type == CovarianceType::Spherical {
            // The one type that cannot follow each coordinate's own unit.
            let square = std_devs.iter().map(|s| s * s).sum::<f64>() / dim as f64;
            std_devs.fill(square.sqrt());
        }
        Ok(Self { center, std_devs })
    }
}

fn constant(column: usize, dim: usize, value: f64) -> FitError {
    FitError::Samples(if dim == 1 {
        SampleError::Constant { value }
    } else {
        SampleError::ConstantColumn { column, value }
    })
}

/// The least and the greatest value of a coordinate.
struct Range {
    low: f64,
    high: f64,
}

impl Range {
    fn middle(&self) -> f64 {
        0.5 * self.low + 0.5 * self.high
    }

    fn half(&self) -> f64 {
        0.5 * (self.high - self.low)
    }
}

struct Ranges<'a> {
    values: &'a [f64],
    dim: usize,
}

impl Kernel for Ranges<'_> {
    type Output = Vec<Range>;

    #[inline(always)]
    fn run<L: Lanes>(self, zero: L) -> Vec<Range> {
        let d = self.dim;
        let mut x = vec![ZEROS; d];
        let (low, high) = (zero.splat(f64::INFINITY), zero.splat(f64::NEG_INFINITY));
        let mut ranges = vec![(low, high); d];
        for rows in self.values.chunks(BATCH * d) {
            let filled = fill_columns(zero, &mut x, rows);
            for ((low, high), x) in ranges.iter_mut().zip(&x) {
                for v in filled.registers() {
                    let x = zero.load(&x[v]);
                    (*low, *high) = (low.min(x), high.max(x));
                }
            }
        }
        let mut found = Vec::with_capacity(d);
        for (low, high) in ranges {
            let low = low.to_array().into_iter().fold(f64::INFINITY, f64::min);
            let high = high.to_array().into_iter().fold(f64::NEG_INFINITY, f64::max);
            found.push(Range { low, high });
        }
        found
    }
}

/// The mean of each coordinate, or of its squared distance from `about`: in halves of its range from the middle of it, so that
/// nothing cancels and no square overflows. A coordinate without a range has 0.
struct Averages<'a> {
    points: &'a Points<'a>,
    ranges: &'a [Range],
    about: Option<&'a [f64]>,
}

impl Kernel for Averages<'_> {
    type Output = Vec<f64>;

    #[inline(always)]
    fn run<L: Lanes>(self, zero: L) -> Vec<f64> {
        let d = self.points.dim;
        let (mut x, mut sums, mut total) = (vec![ZEROS; d], vec![zero; d], zero);
        for (i, rows) in self.points.values.chunks(BATCH * d).enumerate() {
            let filled = fill_columns(zero, &mut x, rows);
            // What stands in for missing rows has the weight 0.
            let mut weights = ZEROS;
            let present = &mut weights.as_flattened_mut()[..rows.len() / d];
            match &self.points.weights {
                Some(all) => present.copy_from_slice(&all[i * BATCH..][..present.len()]),
                None => present.fill(1.0),
            }
            for v in filled.registers() {
                total = total + zero.load(&weights[v]);
            }
            for (column, (x, sum)) in x.iter().zip(&mut sums).enumerate() {
                let (middle, half) = (self.ranges[column].middle(), self.ranges[column].half());
                let half = zero.splat(if half > 0.0 { half } else { 1.0 });
                for v in filled.registers() {
                    let mut u = (zero.load(&x[v]) - zero.splat(middle)) / half;
                    if let Some(about) = self.about {
                        let off = u - zero.splat(about[column]);
                        u = off * off;
                    }
                    *sum = *sum + zero.load(&weights[v]) * u;
                }
            }
        }
        let total = total.sum();
        let mut averages = Vec::with_capacity(d);
        for sum in sums {
            averages.push(sum.sum() / total);
        }
        averages
    }
}
