//! The sufficient statistics of EM. They add: the moments of two blocks of samples are the sum of the moments of each.

use std::ops::AddAssign;

/// Of one component, with xₙ the samples, rₙ its responsibilities for them and μ its present mean. Moments about the
/// present mean, not about 0, lose no digits where the mean is large beside the width.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct ComponentMoments {
    /// The effective count Σₙ rₙ.
    pub(super) count: f64,
    /// Σₙ rₙ (xₙ − μ).
    pub(super) first: f64,
    /// Σₙ rₙ (xₙ − μ)².
    pub(super) second: f64,
}

impl ComponentMoments {
    pub(super) fn add(&mut self, responsibility: f64, deviation: f64) {
        self.count += responsibility;
        self.first += responsibility * deviation;
        self.second += responsibility * deviation * deviation;
    }
}

/// Of all components, with the log-likelihood Σₙ ln f(xₙ) of the parameters that the responsibilities came from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Moments {
    pub(super) components: Vec<ComponentMoments>,
    pub(super) ln_likelihood: f64,
}

impl Moments {
    pub(super) fn zero(n_components: usize) -> Self {
        Self { components: vec![ComponentMoments::default(); n_components], ln_likelihood: 0.0 }
    }
}

impl AddAssign<&Moments> for Moments {
    fn add_assign(&mut self, other: &Moments) {
        for (mine, theirs) in self.components.iter_mut().zip(&other.components) {
            mine.count += theirs.count;
            mine.first += theirs.first;
            mine.second += theirs.second;
        }
        self.ln_likelihood += other.ln_likelihood;
    }
}
