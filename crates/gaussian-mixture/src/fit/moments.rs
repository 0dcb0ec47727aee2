//! One iteration of EM in public, for samples that come in chunks.

use super::e_step::{block_length, n_threads, with_threads};
use super::model::Mixture;
use super::observations::{Observations, Observe, Observed};
use super::sums::Sums;
use super::{FitOptions, rules};
use crate::{FitError, SampleError};
use std::borrow::Cow;

/// What a mixture's E-step makes of samples: all that the M-step needs of them, in a few numbers per component, however many
/// samples there are. So samples may come in chunks, from a file or another machine, and never need to fit in memory
/// together.
///
/// Samples are summed in blocks of some thousands in the order in which they come, wherever the chunks end, so that the result has
/// the same bits as [`fit`](crate::GaussianMixture::fit) on all of them at once, if that is not [accelerated](crate::Acceleration).
///
/// ```
/// use gaussian_mixture::{Acceleration, FitOptions, GaussianMixture, Moments, Start};
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
/// let plain = options.with_acceleration(Acceleration::None).with_max_iterations(10).with_tolerance(0.0);
/// let whole = GaussianMixture::fit(&samples, &plain)?;
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
    n_threads: Option<usize>,
}

impl<M: Mixture> Moments<M> {
    /// Of no samples yet, under the parameters of `mixture`.
    pub fn new(mixture: &M) -> Self {
        let (mixture, sums) = (mixture.clone(), mixture.zero());
        Self { mixture, sums, rows: Vec::new(), weights: Vec::new(), n_threads: None }
    }

    /// The same moments, whose chunks are shared among at most so many threads, in place of as many as the machine has; [`with_threads`](crate::with_threads) may allow fewer.
    #[must_use]
    pub fn with_threads(self, n_threads: usize) -> Self {
        Self { n_threads: Some(n_threads), ..self }
    }

    /// The E-step on a chunk of samples. A large chunk is shared among the machine's threads, as in a fit; the result is the same
    /// to the last bit whatever their number.
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
                self.add_rows(Chunk { rows: &values, weights: weights.as_deref(), dim });
                Ok(())
            }
            Ok(bins @ Observed::Bins { .. }) => {
                self.add_blocks(&bins);
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
        let dim = self.mixture.dim();
        self.add_rows(Chunk { rows: &other.rows, weights: Some(&other.weights), dim });
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

    /// A block that waits is filled first, whole ones are read where they lie, and what is left waits.
    fn add_rows(&mut self, chunk: Chunk<'_>) {
        let length = block_length(self.mixture.n_components() * self.mixture.dim());
        let missing = self.weights.len().next_multiple_of(length) - self.weights.len();
        let (first, rest) = chunk.split_at(missing.min(chunk.n_samples()));
        self.wait(first);
        if self.weights.len() == length {
            self.sums.add(&self.mixture.e_step_rows(&self.rows, Some(&self.weights)));
            self.rows.clear();
            self.weights.clear();
        }
        let (whole, last) = rest.split_at(rest.n_samples() / length * length);
        self.add_blocks(&whole.observed());
        self.wait(last);
    }

    /// Observations that begin with a block of their own, on as many threads as a fit would take.
    fn add_blocks(&mut self, observed: &Observed<'_>) {
        let n_threads = n_threads(observed, self.mixture.n_components(), self.n_threads);
        with_threads(observed, n_threads, |e_step| e_step.add(&self.mixture, &mut self.sums));
    }

    fn wait(&mut self, Chunk { rows, weights, dim }: Chunk<'_>) {
        self.rows.extend_from_slice(rows);
        match weights {
            Some(weights) => self.weights.extend_from_slice(weights),
            None => self.weights.resize(self.rows.len() / dim, 1.0),
        }
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

/// Some rows of those that were given, and their weights if they have any.
#[derive(Clone, Copy)]
struct Chunk<'a> {
    rows: &'a [f64],
    weights: Option<&'a [f64]>,
    dim: usize,
}

impl<'a> Chunk<'a> {
    fn n_samples(self) -> usize {
        self.rows.len() / self.dim
    }

    /// The first n rows, and those behind them.
    fn split_at(self, n: usize) -> (Self, Self) {
        let (first, rest) = self.rows.split_at(n * self.dim);
        let weights = self.weights.map(|weights| weights.split_at(n));
        let first = Self { rows: first, weights: weights.map(|w| w.0), ..self };
        (first, Self { rows: rest, weights: weights.map(|w| w.1), ..self })
    }

    fn observed(self) -> Observed<'a> {
        Observed::Rows {
            values: Cow::Borrowed(self.rows),
            dim: self.dim,
            weights: self.weights.map(Cow::Borrowed),
            origin: None,
            n_given: self.n_samples(),
            is_moderate: false,
        }
    }
}
