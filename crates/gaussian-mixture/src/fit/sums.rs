//! The sufficient statistics of EM, as plain numbers that add.

/// Of every component k, one after the other: the effective count Σₙ rₙₖ, the first moments Σₙ rₙₖ z and what the M-step needs of the
/// second ones Σₙ rₙₖ z zᵀ, where z = Lₖ⁻¹(xₙ − μₖ) is the sample in the component's own present coordinates (in one dimension
/// (xₙ − μₖ)/σₖ) and rₙₖ its responsibility times the sample's weight.
///
/// In these coordinates all numbers are of order 1: nothing cancels where a mean is large beside a width (in several
/// dimensions, no more than ten bits of 53: `multivariate/origin.rs`), and nothing overflows whatever the unit of the samples is.
#[derive(Debug, Clone, PartialEq)]
pub struct Sums {
    pub(super) values: Vec<f64>,
    /// Numbers per component.
    pub(super) stride: usize,
    /// The second moments of all components together, where these have one covariance in common: then no more is needed.
    pub(super) shared: Vec<f64>,
    /// Σₙ ln f(xₙ) of the parameters that the responsibilities came from.
    pub(super) ln_likelihood: f64,
    /// Σₙ ln maxₖ rₙₖ, of the responsibilities themselves.
    pub(super) ln_certainty: f64,
    /// The number of samples, or the sum of their weights.
    pub(super) n_samples: f64,
}

impl Sums {
    pub(super) fn zero(n_components: usize, stride: usize, n_shared: usize) -> Self {
        Self {
            values: vec![0.0; n_components * stride],
            stride,
            shared: vec![0.0; n_shared],
            ln_likelihood: 0.0,
            ln_certainty: 0.0,
            n_samples: 0.0,
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        let mine = self.values.iter_mut().chain(&mut self.shared);
        for (mine, theirs) in mine.zip(other.values.iter().chain(&other.shared)) {
            *mine += theirs;
        }
        self.ln_likelihood += other.ln_likelihood;
        self.ln_certainty += other.ln_certainty;
        self.n_samples += other.n_samples;
    }

    /// Whether no sum has left the range of `f64`.
    pub(super) fn is_finite(&self) -> bool {
        let mut all = self.values.iter().chain(&self.shared);
        self.ln_likelihood.is_finite() && all.all(|sum| sum.is_finite())
    }

    pub(super) fn component(&self, k: usize) -> &[f64] {
        &self.values[k * self.stride..(k + 1) * self.stride]
    }

    pub(super) fn component_mut(&mut self, k: usize) -> &mut [f64] {
        &mut self.values[k * self.stride..(k + 1) * self.stride]
    }

    /// The sums of one component, and those that all have in common.
    pub(super) fn component_and_shared(&mut self, k: usize) -> (&mut [f64], &mut [f64]) {
        (&mut self.values[k * self.stride..(k + 1) * self.stride], &mut self.shared)
    }
}
