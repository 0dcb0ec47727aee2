//! The density histogram: bars whose areas, not heights, are shares of the samples.

use crate::samples::range;
use crate::{HistogramError, Samples};

/// Far more than a figure can show, and little enough to hold.
const MOST_BINS: usize = 1 << 24;

/// Samples counted in bins of equal width between the smallest and the largest.
///
/// The bar over bin b has height cᵦ / (n · width), so that its area is the share cᵦ/n of the samples that fell into it
/// and all bars together have area 1, as a density has.
///
/// ```
/// use gaussian_mixture::Histogram;
///
/// let histogram = Histogram::with_bins(&[0.0, 1.0, 1.5, 2.0], 2)?;
/// assert_eq!(histogram.edges(), [0.0, 1.0, 2.0]);
/// assert_eq!(histogram.counts(), [1, 3]);
/// assert_eq!(histogram.densities(), [0.25, 0.75]);
/// # Ok::<(), gaussian_mixture::HistogramError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    edges: Vec<f64>,
    counts: Vec<usize>,
}

impl Histogram {
    /// Counts samples in `n_bins` bins of equal width. A bin holds its left edge; the last one holds both.
    ///
    /// # Errors
    ///
    /// A [`HistogramError`]: no samples, a sample that is infinite or NaN, samples that are all equal, no bins or more than
    /// 2²⁴, or bins whose width an `f64` cannot express or divide by.
    pub fn with_bins<S: Samples + ?Sized>(
        samples: &S,
        n_bins: usize,
    ) -> Result<Self, HistogramError> {
        let samples = samples.samples();
        let (low, high) = range(&samples)?;
        if n_bins == 0 {
            return Err(HistogramError::NoBins);
        }
        if n_bins > MOST_BINS {
            return Err(HistogramError::TooManyBins { n_bins, most: MOST_BINS });
        }
        let edges = edges(low, high, n_bins);
        if edges
            .windows(2)
            .any(|pair| pair[0] >= pair[1] || !(1.0 / (pair[1] - pair[0])).is_normal())
        {
            return Err(HistogramError::BinWidth { n_bins, low, high });
        }
        let mut counts = vec![0; n_bins];
        for &x in samples.iter() {
            // Bins are found by their edges, so that a sample on an edge is counted where the edges say.
            let bin = edges.partition_point(|&edge| edge <= x).clamp(1, n_bins) - 1;
            counts[bin] += 1;
        }
        Ok(Self { edges, counts })
    }

    /// The n_bins + 1 edges, increasing, in the unit of the samples.
    pub fn edges(&self) -> &[f64] {
        &self.edges
    }

    /// The number of samples in each bin.
    pub fn counts(&self) -> &[usize] {
        &self.counts
    }

    /// The number of samples in all bins.
    pub fn n_samples(&self) -> usize {
        self.counts.iter().sum()
    }

    /// The height of each bar, cᵦ / (n · width): a density, per unit of the samples.
    pub fn densities(&self) -> Vec<f64> {
        let n = self.n_samples() as f64;
        let bins = self.edges.windows(2).zip(&self.counts);
        bins.map(|(edge, &count)| count as f64 / n / (edge[1] - edge[0])).collect()
    }
}

/// The edges low + (high − low)·i/n, written so that the ends are exact and the difference cannot overflow.
fn edges(low: f64, high: f64, n_bins: usize) -> Vec<f64> {
    let edge = |i: usize| {
        let t = i as f64 / n_bins as f64;
        low * (1.0 - t) + high * t
    };
    (0..=n_bins).map(edge).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SampleError;

    /// One rounding per bar.
    const ROUNDING: f64 = 1e-14;

    #[test]
    fn every_sample_is_counted_and_the_bars_have_area_one() {
        let samples: Vec<f64> = (0..1000).map(|i| (f64::from(i) * 0.37).sin()).collect();
        for n_bins in [1, 2, 7, 50, 999] {
            let h = Histogram::with_bins(&samples, n_bins).unwrap();
            assert_eq!(h.n_samples(), 1000);
            let area: f64 = h
                .densities()
                .iter()
                .zip(h.edges().windows(2))
                .map(|(d, e)| d * (e[1] - e[0]))
                .sum();
            assert!((area - 1.0).abs() < ROUNDING);
        }
    }

    #[test]
    fn a_sample_on_an_edge_belongs_to_the_bin_on_its_right() {
        let h = Histogram::with_bins(&[0.0, 0.5, 1.0, 1.5, 2.0], 4).unwrap();
        assert_eq!(h.counts(), [1, 1, 1, 2]);
    }

    #[test]
    fn samples_far_apart_fit() {
        let h = Histogram::with_bins(&[1e307 * -8.0, 0.0, 1e307 * 8.0], 4).unwrap();
        assert_eq!(h.counts(), [1, 0, 1, 1]);
        assert!(h.densities().iter().all(|d| d.is_finite()));
    }

    #[test]
    fn what_cannot_be_counted_is_named() {
        let error = |samples: &[f64], n_bins| Histogram::with_bins(samples, n_bins).unwrap_err();
        assert_eq!(error(&[], 5), HistogramError::Samples(SampleError::Empty));
        assert_eq!(
            error(&[2.0, 2.0], 5),
            HistogramError::Samples(SampleError::Constant { value: 2.0 })
        );
        assert!(matches!(
            error(&[0.0, f64::NAN], 5),
            HistogramError::Samples(SampleError::NotFinite { index: 1, .. })
        ));
        assert_eq!(error(&[0.0, 1.0], 0), HistogramError::NoBins);
        let high = 1.0 + f64::EPSILON;
        assert_eq!(
            error(&[1.0, high], 10),
            HistogramError::BinWidth { n_bins: 10, low: 1.0, high }
        );
        assert!(matches!(error(&[0.0, 1e-310], 1), HistogramError::BinWidth { .. }));
        assert!(matches!(error(&[f64::MIN, f64::MAX], 1), HistogramError::BinWidth { .. }));
        let n_bins = usize::MAX;
        assert_eq!(
            error(&[0.1, 0.3], n_bins),
            HistogramError::TooManyBins { n_bins, most: 1 << 24 }
        );
    }
}
