//! One iteration of EM in public, for samples that come in chunks.

use super::e_step::BLOCK;
use super::model::Mixture;
use super::observations::{Observations, Observe, Observed};
use super::sums::Sums;
use super::{FitOptions, rules};
use crate::{FitError, SampleError};

/// What a mixture's E-step makes of samples: all that the M-step needs of them, in a few numbers per component, however many
/// samples there are. So samples may come in chunks, from a file or another machine, and never need to fit in memory
/// together.
///
/// Samples are summed in blocks of 1024 in the order in which they come, wherever the chunks end, so that the result has the
/// same bits as [`fit`](crate::GaussianMixture::fit) on all of them at once.
///
/// ```
/// use gaussian_mixture::{FitOptions, GaussianMixture, Moments, Start};
///
/// let samples: Vec<f64> = (0..5000).map(|i| (0.37 * f64::from(i)).sin() + f64::from(i % 3)).collect();
/// let start = GaussianMixture::new([0.5, 0.5], [0.0, 2.0], [1.0, 1.0])?;
/// let options = FitOptions::new(2).with_start(Start::Mixture(start.clone()));
///
/// let mut mixture = start;
/// for _iteration in 0..10 {
///     let mut moments = Moments::new(&mixture);
///     for chunk in samples.chunks(700) {
///         moments.add(chunk)?;
///     }
///     mixture = moments.m_step(&options)?;
/// }
///
/// let whole = GaussianMixture::fit(&samples, &options.with_max_iterations(10).with_tolerance(0.0))?;
/// assert_eq!(mixture, whole.mixture);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Moments<M: Mixture> {
    mixture: M,
    sums: Sums,
    /// Rows that do not fill a block yet, and their weights.
    rows: Vec<f64>,
    weights: Vec<f64>,
}

impl<M: Mixture> Moments<M> {
    /// Of no samples yet, under the parameters of `mixture`.
    pub fn new(mixture: &M) -> Self {
        let (mixture, sums) = (mixture.clone(), mixture.zero());
        Self { mixture, sums, rows: Vec::new(), weights: Vec::new() }
    }

    /// The E-step on a chunk of samples.
    ///
    /// # Errors
    ///
    /// A [`SampleError`] for samples that a fit would refuse; an empty chunk adds nothing. The moments are then as before.
    pub fn add<D: Observations<M> + ?Sized>(&mut self, chunk: &D) -> Result<(), SampleError> {
        match Observe::<M>::observe(chunk) {
            Err(SampleError::Empty) => Ok(()),
            Err(error) => Err(error),
            Ok(Observed::Rows { values, dim, weights, .. }) => {
                let expected = self.mixture.dim();
                if dim != expected {
                    let n_samples = values.len() / dim.max(1);
                    return Err(SampleError::Dimension { expected, n_samples, found: dim });
                }
                self.add_rows(&values, weights.as_deref());
                Ok(())
            }
            Ok(Observed::Bins { edges, counts }) => {
                self.sums.add(&self.mixture.e_step_bins(&edges, &counts));
                Ok(())
            }
        }
    }

    /// The sum of the moments of two lots of samples under the same mixture, such as those of two machines; `other`'s come
    /// after these. It is that of all samples [added](Self::add) in order up to rounding, as its blocks end elsewhere.
    ///
    /// # Errors
    ///
    /// [`FitError::OtherMixture`] if they were taken under another mixture: then they do not add.
    pub fn merge(&mut self, other: &Self) -> Result<(), FitError> {
        if other.mixture != self.mixture {
            return Err(FitError::OtherMixture);
        }
        self.sums.add(&other.sums);
        self.add_rows(&other.rows, Some(&other.weights));
        Ok(())
    }

    /// The number of samples so far, or the sum of their weights.
    pub fn n_samples(&self) -> f64 {
        self.total().n_samples
    }

    /// The log-likelihood Σₙ ln f(xₙ) of the mixture that the moments were taken under.
    pub fn ln_likelihood(&self) -> f64 {
        self.total().ln_likelihood
    }

    /// The M-step: the mixture that maximises the expected log-likelihood of the samples. Of the options it takes the
    /// covariance type (in several dimensions that of the mixture holds), the variance floor and what is frozen.
    ///
    /// # Errors
    ///
    /// A [`FitError`]: options without a meaning, no samples, or parameters that leave the range of `f64`.
    pub fn m_step(&self, options: &FitOptions<M>) -> Result<M, FitError> {
        options.check()?;
        let total = self.total();
        if total.n_samples <= 0.0 {
            return Err(SampleError::Empty.into());
        }
        Ok(self.mixture.m_step(&total, &rules(options))?.mixture)
    }

    fn add_rows(&mut self, rows: &[f64], weights: Option<&[f64]>) {
        let dim = self.mixture.dim();
        let n = rows.len() / dim;
        self.rows.extend_from_slice(rows);
        match weights {
            Some(weights) => self.weights.extend_from_slice(weights),
            None => self.weights.resize(self.weights.len() + n, 1.0),
        }
        let whole = self.weights.len() / BLOCK * BLOCK;
        for block in 0..whole / BLOCK {
            let (from, to) = (block * BLOCK, (block + 1) * BLOCK);
            let rows = &self.rows[from * dim..to * dim];
            self.sums.add(&self.mixture.e_step_rows(rows, Some(&self.weights[from..to])));
        }
        self.rows.drain(..whole * dim);
        self.weights.drain(..whole);
    }

    /// With the rows that wait for a block.
    fn total(&self) -> Sums {
        let mut total = self.sums.clone();
        if !self.weights.is_empty() {
            total.add(&self.mixture.e_step_rows(&self.rows, Some(&self.weights)));
        }
        total
    }
}
