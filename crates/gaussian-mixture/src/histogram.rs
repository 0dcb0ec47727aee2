//! The density histogram: bars whose areas, not heights, are shares of the samples.

use crate::samples::{finite, range};
use crate::{HistogramError, SampleError, Samples};

/// Far more than a figure can show, and little enough to hold.
const MOST_BINS: usize = 1 << 24;

/// Samples counted in bins that adjoin each other.
///
/// The bar over bin b has height cᵦ / (n · width), so that its area is the share cᵦ/n of the samples that fell into it
/// and all bars together have area 1, as a density has.
///
/// ```
/// use gaussian_mixture::Histogram;
///
/// let histogram = Histogram::with_bins(&[0.0, 1.0, 1.5, 2.0], 2)?;
/// assert_eq!(histogram.edges(), [0.0, 1.0, 2.0]);
/// assert_eq!(histogram.counts(), [1.0, 3.0]);
/// assert_eq!(histogram.densities(), [0.25, 0.75]);
/// # Ok::<(), gaussian_mixture::HistogramError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "crate::stored::Counts", into = "crate::stored::Counts")
)]
pub struct Histogram {
    edges: Vec<f64>,
    counts: Vec<f64>,
}

impl Histogram {
    /// Counts samples in `n_bins` bins of equal width between the smallest and the largest. A bin holds its left edge; the last
    /// one holds both.
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
        check_widths(&edges)?;
        Ok(Self::count(&samples, edges))
    }

    /// Counts samples in bins of the width given, whose edges are multiples of it, from the last that is not above the smallest sample
    /// to the first that is above the largest. Samples may be all equal.
    ///
    /// # Errors
    ///
    /// A [`HistogramError`]: no samples, a sample that is infinite or NaN, a width that is not finite and positive, more than 2²⁴
    /// bins, or edges that an `f64` cannot tell apart.
    ///
    /// ```
    /// use gaussian_mixture::Histogram;
    ///
    /// let histogram = Histogram::with_width(&[0.6, 0.9, 1.7], 0.5)?;
    /// assert_eq!(histogram.edges(), [0.5, 1.0, 1.5, 2.0]);
    /// assert_eq!(histogram.counts(), [2.0, 0.0, 1.0]);
    /// # Ok::<(), gaussian_mixture::HistogramError>(())
    /// ```
    pub fn with_width<S: Samples + ?Sized>(
        samples: &S,
        width: f64,
    ) -> Result<Self, HistogramError> {
        let samples = samples.samples();
        if !(width.is_finite() && width > 0.0) {
            return Err(HistogramError::Width { width });
        }
        let (low, high) = match range(&samples) {
            Err(SampleError::Constant { value }) => (value, value),
            other => other?,
        };
        let (first, last) = ((low / width).floor(), (high / width).floor() + 1.0);
        let n_bins = last - first;
        if n_bins.is_nan() || n_bins > MOST_BINS as f64 {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let n_bins = n_bins as usize;
            return Err(HistogramError::TooManyBins { n_bins, most: MOST_BINS });
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let n_bins = n_bins as u32;
        let mut edges: Vec<f64> = (0..=n_bins).map(|i| (first + f64::from(i)) * width).collect();
        // Where a multiple of the width is rounded, a sample may lie just outside; the outermost edges then move to it.
        edges[0] = edges[0].min(low);
        if let Some(last) = edges.last_mut() {
            *last = last.max(high);
        }
        check_widths(&edges)?;
        Ok(Self::count(&samples, edges))
    }

    /// Counts samples in bins between the edges given. A bin holds its left edge; the last one holds both.
    ///
    /// # Errors
    ///
    /// A [`HistogramError`]: edges that [`from_counts`](Self::from_counts) refuses, no samples, a sample that is infinite or NaN, or
    /// one that is outside all bins (nothing is dropped in silence).
    pub fn with_edges<S, E>(samples: &S, edges: &E) -> Result<Self, HistogramError>
    where
        S: Samples + ?Sized,
        E: Samples + ?Sized,
    {
        let (samples, edges) = (samples.samples(), edges.samples().into_owned());
        check_edges(&edges)?;
        finite(&samples)?;
        if samples.is_empty() {
            return Err(SampleError::Empty.into());
        }
        let (low, high) = (edges[0], edges[edges.len() - 1]);
        match samples.iter().position(|x| !(low..=high).contains(x)) {
            Some(index) => Err(HistogramError::Outside { index, value: samples[index], low, high }),
            None => Ok(Self::count(&samples, edges)),
        }
    }

    /// A histogram whose counts are known already; they may be sums of sample weights.
    ///
    /// # Errors
    ///
    /// A [`HistogramError`]: not one edge more than counts, edges that do not increase or are not finite, a count that is
    /// negative, infinite or NaN, or counts that sum to 0 or overflow.
    ///
    /// ```
    /// use gaussian_mixture::Histogram;
    ///
    /// let histogram = Histogram::from_counts(&[0.0, 1.0, 4.0], &[2.5, 7.5])?;
    /// assert_eq!(histogram.densities(), [0.25, 0.25]);
    /// # Ok::<(), gaussian_mixture::HistogramError>(())
    /// ```
    pub fn from_counts<E, C>(edges: &E, counts: &C) -> Result<Self, HistogramError>
    where
        E: Samples + ?Sized,
        C: Samples + ?Sized,
    {
        let (edges, counts) = (edges.samples().into_owned(), counts.samples().into_owned());
        check_edges(&edges)?;
        if edges.len() != counts.len() + 1 {
            let (n_edges, n_counts) = (edges.len(), counts.len());
            return Err(SampleError::BinCount { n_edges, n_counts }.into());
        }
        if let Some(index) = counts.iter().position(|c| !(c.is_finite() && *c >= 0.0)) {
            return Err(SampleError::Weight { index, value: counts[index] }.into());
        }
        let sum: f64 = counts.iter().sum();
        if sum > 0.0 && sum.is_finite() {
            Ok(Self { edges, counts })
        } else {
            Err(SampleError::WeightSum { sum }.into())
        }
    }

    /// Of samples that lie within the edges.
    fn count(samples: &[f64], edges: Vec<f64>) -> Self {
        let n_bins = edges.len() - 1;
        let mut counts = vec![0.0; n_bins];
        for &x in samples {
            // Bins are found by their edges, so that a sample on an edge is counted where the edges say.
            let bin = edges.partition_point(|&edge| edge <= x).clamp(1, n_bins) - 1;
            counts[bin] += 1.0;
        }
        Self { edges, counts }
    }

    /// The n_bins + 1 edges, increasing, in the unit of the samples.
    pub fn edges(&self) -> &[f64] {
        &self.edges
    }

    /// The number of samples in each bin, or the sum of their weights.
    pub fn counts(&self) -> &[f64] {
        &self.counts
    }

    /// The number n of samples in all bins, or the sum of their weights.
    pub fn total(&self) -> f64 {
        self.counts.iter().sum()
    }

    /// The height of each bar, cᵦ / (n · width): a density, per unit of the samples.
    pub fn densities(&self) -> Vec<f64> {
        let n = self.total();
        let bins = self.edges.windows(2).zip(&self.counts);
        bins.map(|(edge, &count)| count / n / (edge[1] - edge[0])).collect()
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

/// At least two, finite and increasing, with widths to divide by.
fn check_edges(edges: &[f64]) -> Result<(), HistogramError> {
    if edges.len() < 2 {
        return Err(HistogramError::NoBins);
    }
    if let Some(index) = edges.iter().position(|e| !e.is_finite()) {
        return Err(HistogramError::EdgeNotFinite { index, value: edges[index] });
    }
    if let Some(i) = edges.windows(2).position(|pair| pair[0] >= pair[1]) {
        return Err(SampleError::Edges { index: i + 1, left: edges[i], right: edges[i + 1] }.into());
    }
    check_widths(edges)
}

fn check_widths(edges: &[f64]) -> Result<(), HistogramError> {
    let usable = |pair: &[f64]| pair[0] < pair[1] && (1.0 / (pair[1] - pair[0])).is_normal();
    if edges.windows(2).all(usable) {
        return Ok(());
    }
    let n_bins = edges.len() - 1;
    Err(HistogramError::BinWidth { n_bins, low: edges[0], high: edges[n_bins] })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One rounding per bar.
    const ROUNDING: f64 = 1e-14;

    #[test]
    fn every_sample_is_counted_and_the_bars_have_area_one() {
        let samples: Vec<f64> = (0..1000).map(|i| (f64::from(i) * 0.37).sin()).collect();
        for n_bins in [1, 2, 7, 50, 999] {
            let h = Histogram::with_bins(&samples, n_bins).unwrap();
            assert_eq!(h.total(), 1000.0);
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
        assert_eq!(h.counts(), [1.0, 1.0, 1.0, 2.0]);
    }

    #[test]
    fn samples_far_apart_fit() {
        let h = Histogram::with_bins(&[1e307 * -8.0, 0.0, 1e307 * 8.0], 4).unwrap();
        assert_eq!(h.counts(), [1.0, 0.0, 1.0, 1.0]);
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

    #[test]
    fn bins_of_a_width_hold_every_sample_wherever_they_lie() {
        for scale in [1e-300, 1e-8, 1.0, 1e8, 1e300] {
            let samples: Vec<f64> = (0..200).map(|i| (f64::from(i) * 0.37).sin() * scale).collect();
            let h = Histogram::with_width(&samples, 0.1 * scale).unwrap();
            assert_eq!(h.total(), 200.0);
            assert!(h.edges()[0] <= samples.iter().copied().fold(f64::INFINITY, f64::min));
            assert!((20..=22).contains(&h.counts().len()), "{}", h.counts().len());
        }
        // On a multiple of the width a sample begins a bin.
        let h = Histogram::with_width(&[3.0], 1.0).unwrap();
        assert_eq!((h.edges(), h.counts()), ([3.0, 4.0].as_slice(), [1.0].as_slice()));
    }

    #[test]
    fn edges_and_counts_that_make_no_histogram_are_named() {
        let edges = |e: &[f64]| Histogram::with_edges(&[0.5], e).unwrap_err();
        assert_eq!(edges(&[0.0]), HistogramError::NoBins);
        let infinite = HistogramError::EdgeNotFinite { index: 1, value: f64::INFINITY };
        assert_eq!(edges(&[0.0, f64::INFINITY]), infinite);
        let back = SampleError::Edges { index: 1, left: 1.0, right: 0.0 };
        assert_eq!(edges(&[1.0, 0.0]), HistogramError::Samples(back));
        let outside = HistogramError::Outside { index: 0, value: 0.5, low: 1.0, high: 2.0 };
        assert_eq!(edges(&[1.0, 2.0]), outside);
        for width in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let error = Histogram::with_width(&[1.0, 2.0], width).unwrap_err();
            assert!(matches!(error, HistogramError::Width { .. }));
        }
        let many = Histogram::with_width(&[0.0, 1.0], 1e-300).unwrap_err();
        assert!(matches!(many, HistogramError::TooManyBins { .. }));
        let lost = Histogram::with_width(&[1e20, 1e20 + 1e5], 1.0).unwrap_err();
        assert!(matches!(lost, HistogramError::BinWidth { .. }), "{lost}");
        let counts = |c: &[f64]| Histogram::from_counts(&[0.0, 1.0, 2.0], c).unwrap_err();
        assert!(matches!(counts(&[1.0]), HistogramError::Samples(SampleError::BinCount { .. })));
        assert!(matches!(
            counts(&[1.0, -1.0]),
            HistogramError::Samples(SampleError::Weight { .. })
        ));
        assert!(matches!(
            counts(&[0.0, 0.0]),
            HistogramError::Samples(SampleError::WeightSum { .. })
        ));
    }
}
