//! What a mixture is fitted to: samples, samples with weights, or counts in bins.

use crate::samples::{are_moderate, finite};
use crate::{GaussianMixture, MultivariateGaussianMixture, Rows, SampleError, Samples};
use std::borrow::Cow;

/// What a mixture `M` can be fitted to: for [`GaussianMixture`] a list ([`Samples`]), [`Weighted`] samples or [`Binned`]
/// ones; for [`MultivariateGaussianMixture`] a table ([`Rows`]) or a [`Weighted`] one.
///
/// Sealed: the list above is complete.
#[diagnostic::on_unimplemented(
    message = "a `{M}` cannot be fitted to `{Self}`",
    note = "GaussianMixture::fit takes a plain list of numbers; MultivariateGaussianMixture::fit takes a table of shape (n_samples, dim), one sample per row",
    note = "one row of several coordinates is `&array![[0.5, 2.0]]`; a list as a table of one column is `x.insert_axis(Axis(1))`"
)]
pub trait Observations<M>: sealed::Observe<M> {}

impl<M, D: sealed::Observe<M> + ?Sized> Observations<M> for D {}

/// Samples of which each counts as often as its weight says: 2 is the same as twice in the list, 0 the same as not at all.
///
/// Weights are finite, not negative and not all 0; they need not be whole, nor sum to anything.
///
/// ```
/// use gaussian_mixture::{FitOptions, GaussianMixture, Weighted};
///
/// let options = FitOptions::new(1);
/// let weighted = GaussianMixture::fit(&Weighted::new(&[1.0, 2.0, 9.0], &[1.0, 2.0, 0.0]), &options)?;
/// let listed = GaussianMixture::fit(&[1.0, 2.0, 2.0], &options)?;
/// assert!((weighted.mixture.means()[0] - listed.mixture.means()[0]).abs() < 1e-14);
/// assert_eq!(weighted.report.n_samples, 3.0);
/// # Ok::<(), gaussian_mixture::FitError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Weighted<'a, S: ?Sized> {
    samples: &'a S,
    weights: Cow<'a, [f64]>,
}

impl<'a, S: ?Sized> Weighted<'a, S> {
    /// `samples` with one weight for each. What is wrong with either is found, and named, by the fit.
    pub fn new<W: Samples + ?Sized>(samples: &'a S, weights: &'a W) -> Self {
        Self { samples, weights: weights.samples() }
    }
}

/// Samples of which only the counts in bins are known: `counts[i]` between `edges[i]` and `edges[i + 1]`.
///
/// The likelihood is that of the bins' probabilities, ∏ᵢ P(binᵢ)^countᵢ, so that the width of the bins is accounted for:
/// treating each count as samples at the center of its bin would find components that are too wide. The first edge may be −∞
/// and the last +∞.
///
/// "The fitting of mixture models to grouped and truncated data via the EM algorithm", Biometrics 44, 1988.
///
/// ```
/// use gaussian_mixture::{Binned, FitOptions, GaussianMixture};
///
/// // How many of 1000 samples of a standard normal distribution fall between −∞, −1, 0, 1 and +∞.
/// let edges = [f64::NEG_INFINITY, -1.0, 0.0, 1.0, f64::INFINITY];
/// let counts = [158.655, 341.345, 341.345, 158.655];
/// let fit = GaussianMixture::fit(&Binned::new(&edges, &counts), &FitOptions::new(1).with_tolerance(1e-12))?;
/// assert!(fit.mixture.means()[0].abs() < 1e-6);
/// assert!((fit.mixture.std_devs()[0] - 1.0).abs() < 1e-4);
/// # Ok::<(), gaussian_mixture::FitError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Binned<'a> {
    edges: Cow<'a, [f64]>,
    counts: Cow<'a, [f64]>,
}

impl<'a> Binned<'a> {
    /// Counts in bins that adjoin each other. What is wrong with either list is found, and named, by the fit.
    pub fn new<E, C>(edges: &'a E, counts: &'a C) -> Self
    where
        E: Samples + ?Sized,
        C: Samples + ?Sized,
    {
        Self { edges: edges.samples(), counts: counts.samples() }
    }
}

/// Observations once they are checked.
#[derive(Debug, Clone)]
pub enum Observed<'a> {
    /// Samples row by row, without those of weight 0, or some of them.
    Rows {
        /// All coordinates, row after row.
        values: Cow<'a, [f64]>,
        /// The number of coordinates of a sample.
        dim: usize,
        /// One positive weight per sample; 1 for each if there is none.
        weights: Option<Cow<'a, [f64]>>,
        /// Where each row stood before others were left out; in its own place if there is none.
        origin: Option<Vec<usize>>,
        /// The number of rows before that.
        n_given: usize,
        /// Whether all coordinates are [moderate](are_moderate); false where nobody has looked.
        is_moderate: bool,
    },
    /// Counts in bins.
    Bins {
        /// One more than bins, increasing.
        edges: Cow<'a, [f64]>,
        /// One per bin, not negative.
        counts: Cow<'a, [f64]>,
    },
}

impl<'a> Observed<'a> {
    fn rows(values: Cow<'a, [f64]>, dim: usize, is_moderate: bool) -> Result<Self, SampleError> {
        if values.is_empty() {
            return Err(SampleError::Empty);
        }
        let n_given = values.len() / dim.max(1);
        Ok(Self::Rows { values, dim, weights: None, origin: None, n_given, is_moderate })
    }

    /// One weight per row; the rows of weight 0 are left out.
    fn weighted(self, given: &'a [f64]) -> Result<Self, SampleError> {
        let Self::Rows { values, dim, n_given, is_moderate, .. } = self else { return Ok(self) };
        check_weights(given, n_given)?;
        let weights = Some(Cow::Borrowed(given));
        let all = Self::Rows { values, dim, weights, origin: None, n_given, is_moderate };
        if given.iter().all(|&w| w > 0.0) {
            return Ok(all);
        }
        let kept: Vec<usize> = (0..given.len()).filter(|&n| given[n] > 0.0).collect();
        Ok(all.some(&kept))
    }

    /// These rows alone, in this order; bins as they are.
    pub(super) fn some(&self, chosen: &[usize]) -> Observed<'static> {
        match self {
            Self::Rows { values, dim, weights, n_given, is_moderate, .. } => {
                let mut rows = Vec::with_capacity(chosen.len() * dim);
                for n in chosen {
                    rows.extend_from_slice(&values[n * dim..(n + 1) * dim]);
                }
                Observed::Rows {
                    values: Cow::Owned(rows),
                    dim: *dim,
                    weights: weights.as_ref().map(|w| chosen.iter().map(|&n| w[n]).collect()),
                    origin: Some(chosen.iter().map(|&n| self.origin(n)).collect()),
                    n_given: *n_given,
                    is_moderate: *is_moderate,
                }
            }
            Self::Bins { edges, counts } => Observed::Bins {
                edges: Cow::Owned(edges.to_vec()),
                counts: Cow::Owned(counts.to_vec()),
            },
        }
    }

    /// Whether coordinates are known to be so small that the difference of two is finite.
    pub(super) fn are_moderate(&self) -> bool {
        matches!(self, Self::Rows { is_moderate: true, .. })
    }

    /// Whether some may count more than others: those with weights, and bins.
    pub(super) fn are_weighted(&self) -> bool {
        !matches!(self, Self::Rows { weights: None, .. })
    }

    /// The number of rows or bins.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Rows { values, dim, .. } => values.len() / (*dim).max(1),
            Self::Bins { counts, .. } => counts.len(),
        }
    }

    /// The number of coordinates of a row; bins have one.
    pub(super) fn dim(&self) -> usize {
        match self {
            Self::Rows { dim, .. } => *dim,
            Self::Bins { .. } => 1,
        }
    }

    /// The number of rows or bins as they were given.
    pub(super) fn n_given(&self) -> usize {
        match self {
            Self::Rows { n_given, .. } => *n_given,
            Self::Bins { counts, .. } => counts.len(),
        }
    }

    /// Where a row or bin stood as they were given.
    pub(super) fn origin(&self, n: usize) -> usize {
        match self {
            Self::Rows { origin: Some(origin), .. } => origin[n],
            _ => n,
        }
    }

    /// The number of rows or bins that can hold a component: bins without a count cannot.
    pub(super) fn n_occupied(&self) -> usize {
        match self {
            Self::Rows { .. } => self.len(),
            Self::Bins { counts, .. } => counts.iter().filter(|&&c| c > 0.0).count(),
        }
    }
}

fn check_weights(weights: &[f64], n_samples: usize) -> Result<(), SampleError> {
    if weights.len() != n_samples {
        return Err(SampleError::WeightCount { expected: n_samples, found: weights.len() });
    }
    if let Some(index) = weights.iter().position(|w| !(w.is_finite() && *w >= 0.0)) {
        return Err(SampleError::Weight { index, value: weights[index] });
    }
    let sum: f64 = weights.iter().sum();
    if sum > 0.0 && sum.is_finite() { Ok(()) } else { Err(SampleError::WeightSum { sum }) }
}

fn check_edges(edges: &[f64]) -> Result<(), SampleError> {
    if let Some(i) = edges.windows(2).position(|pair| !matches!(pair, [a, b] if a < b)) {
        return Err(SampleError::Edges { index: i + 1, left: edges[i], right: edges[i + 1] });
    }
    Ok(())
}

mod sealed {
    use super::{Observed, SampleError};

    pub trait Observe<M> {
        fn observe(&self) -> Result<Observed<'_>, SampleError>;
    }
}

pub(super) use sealed::Observe;

impl<S: Samples + ?Sized> Observe<GaussianMixture> for S {
    fn observe(&self) -> Result<Observed<'_>, SampleError> {
        let samples = self.samples();
        // One pass is enough, but where something is wrong or nearly so.
        let is_moderate = are_moderate(&samples);
        if !is_moderate {
            finite(&samples)?;
        }
        Observed::rows(samples, 1, is_moderate)
    }
}

impl<S: Samples + ?Sized> Observe<GaussianMixture> for Weighted<'_, S> {
    fn observe(&self) -> Result<Observed<'_>, SampleError> {
        Observe::<GaussianMixture>::observe(self.samples)?.weighted(&self.weights)
    }
}

impl<S: Rows + ?Sized> Observe<MultivariateGaussianMixture> for S {
    fn observe(&self) -> Result<Observed<'_>, SampleError> {
        let mut table = self.rows();
        let is_moderate = are_moderate(table.values());
        if !is_moderate {
            table = table.finite()?;
        }
        let dim = table.dim();
        Observed::rows(table.into_values(), dim, is_moderate)
    }
}

impl<S: Rows + ?Sized> Observe<MultivariateGaussianMixture> for Weighted<'_, S> {
    fn observe(&self) -> Result<Observed<'_>, SampleError> {
        Observe::<MultivariateGaussianMixture>::observe(self.samples)?.weighted(&self.weights)
    }
}

impl Observe<GaussianMixture> for Binned<'_> {
    fn observe(&self) -> Result<Observed<'_>, SampleError> {
        if self.edges.len() != self.counts.len() + 1 {
            let (n_edges, n_counts) = (self.edges.len(), self.counts.len());
            return Err(SampleError::BinCount { n_edges, n_counts });
        }
        check_edges(&self.edges)?;
        check_weights(&self.counts, self.counts.len())?;
        Ok(Observed::Bins {
            edges: Cow::Borrowed(&self.edges),
            counts: Cow::Borrowed(&self.counts),
        })
    }
}
