//! What a fit gives back.

use crate::GaussianMixture;

/// A fitted mixture and the account of how it came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit<M = GaussianMixture> {
    /// The mixture with the greatest log-likelihood of all starts.
    pub mixture: M,
    /// How it was reached.
    pub report: FitReport,
}

/// How a fit went.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FitReport {
    /// The number n of samples: the sum of their weights, or of the counts of their bins, where there are such.
    pub n_samples: f64,
    /// The log-likelihood Σₙ ln f(xₙ) of the start, and after each iteration; weighted samples count as often as their
    /// weight says, and a bin counts with the logarithm of its probability. The last entry belongs to the returned mixture.
    pub ln_likelihoods: Vec<f64>,
    /// The number of E-steps, each a pass over all samples: one more than iterations, and more than that where
    /// [accelerated](crate::Acceleration) steps were taken back.
    pub n_e_steps: usize,
    /// Why the iteration ended.
    pub stop: Stop,
    /// The indices of the components that collapsed: their variance is at the floor (tied ones all together), or no sample is
    /// left to them.
    pub collapsed: Vec<usize>,
    /// What every start came to, in order; there may be fewer than [asked for](crate::FitOptions::restarts). With so many samples that
    /// the starts were tried with some of them, this is the one run with all.
    pub restarts: Vec<Restart>,
    /// Which of them was the best and is returned.
    pub best_restart: usize,
    /// The number p of free parameters: those that were not frozen.
    pub n_parameters: usize,
    /// Σₙ ln maxₖ rₙₖ, 0 where every sample surely belongs to one component: what [`icl`](Self::icl) adds to the
    /// log-likelihood.
    pub ln_certainty: f64,
}

impl FitReport {
    /// The number of iterations from the start to the returned mixture.
    pub fn n_iterations(&self) -> usize {
        self.ln_likelihoods.len().saturating_sub(1)
    }

    /// The log-likelihood Σₙ ln f(xₙ) of the returned mixture.
    pub fn ln_likelihood(&self) -> f64 {
        self.ln_likelihoods.last().copied().unwrap_or(f64::NAN)
    }

    /// The log-likelihood per sample.
    #[doc(alias = "score")]
    pub fn mean_ln_likelihood(&self) -> f64 {
        self.ln_likelihood() / self.n_samples
    }

    /// Akaike's information criterion, −2 ln L + 2p. **Smaller is better.**
    ///
    /// "A new look at the statistical model identification", IEEE Transactions on Automatic Control 19, 1974.
    pub fn aic(&self) -> f64 {
        -2.0 * self.ln_likelihood() + 2.0 * self.n_parameters as f64
    }

    /// The Bayesian information criterion, −2 ln L + p ln n. **Smaller is better**, as in scikit-learn; R's mclust reports
    /// the negative.
    ///
    /// "Estimating the dimension of a model", Annals of Statistics 6, 1978.
    pub fn bic(&self) -> f64 {
        -2.0 * self.ln_likelihood() + self.n_parameters as f64 * self.n_samples.ln()
    }

    /// The integrated completed likelihood, BIC − 2 Σₙ ln maxₖ rₙₖ: the BIC of the samples together with the component that
    /// each most probably came from. It prefers components that lie apart. **Smaller is better**; R's mclust reports the
    /// negative.
    ///
    /// "Assessing a mixture model for clustering with the integrated completed likelihood", IEEE Transactions on Pattern
    /// Analysis and Machine Intelligence 22, 2000.
    pub fn icl(&self) -> f64 {
        self.bic() - 2.0 * self.ln_certainty
    }
}

/// Why an iteration ended. Each is an answer, none is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stop {
    /// The last iteration raised the mean log-likelihood by no more than the tolerance.
    Converged,
    /// The limit of iterations was reached first.
    IterationLimit,
    /// It is more than 0.01 in mean log-likelihood below the best run before it, and at the pace of its last three iterations it would
    /// not reach that one in as many as that took altogether.
    Behind,
}

/// What one start came to.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Restart {
    /// The log-likelihood that it reached.
    pub ln_likelihood: f64,
    /// The number of iterations that it took.
    pub n_iterations: usize,
    /// Why it ended.
    pub stop: Stop,
}

/// Where a fit is, once per iteration.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Progress<'a, M> {
    /// Which start, counted from 0.
    pub restart: usize,
    /// How many iterations it has had; 0 at the start itself.
    pub iteration: usize,
    /// The log-likelihood Σₙ ln f(xₙ) of `mixture`.
    pub ln_likelihood: f64,
    /// The mixture at this point.
    pub mixture: &'a M,
}
