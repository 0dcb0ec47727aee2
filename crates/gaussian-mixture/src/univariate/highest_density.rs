//! The smallest region that holds a given probability, and the probability of densities no higher than at one point.

use super::ln_joint::{HALF_LN_2_PI, LnJoint};
use crate::root::bracketed;
use crate::{GaussianMixture, ProbabilityError};
use std::ops::RangeInclusive;

/// The bracket of a crossing in the tails is moved outwards by this much, for its rounding.
const MARGIN: f64 = 1e-9;

/// Of all regions with a given probability the smallest: where the density is at least at a certain level.
#[derive(Debug, Clone, PartialEq)]
pub struct HighestDensityRegion {
    /// Its intervals, from left to right, in the unit of the samples: one around each mode that reaches the level, unless they
    /// run together.
    pub intervals: Vec<RangeInclusive<f64>>,
    /// The level: the density at the ends of the intervals, per unit of x.
    pub density: f64,
}

impl GaussianMixture {
    /// The smallest region with the probability `content`: all x with f(x) ≥ level, for the level that makes it so.
    ///
    /// # Errors
    ///
    /// [`ProbabilityError::Content`] unless 0 < `content` < 1.
    ///
    /// ```
    /// use gaussian_mixture::GaussianMixture;
    ///
    /// let mixture = GaussianMixture::new([0.5, 0.5], [-3.0, 3.0], [1.0, 1.0])?;
    /// let region = mixture.highest_density_region(0.95)?;
    /// assert_eq!(region.intervals.len(), 2);
    /// let held: f64 = region.intervals.iter().map(|i| mixture.probability(i.clone()).unwrap()).sum();
    /// assert!((held - 0.95).abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "hdr")]
    #[doc(alias = "hpd")]
    pub fn highest_density_region(
        &self,
        content: f64,
    ) -> Result<HighestDensityRegion, ProbabilityError> {
        if !(content > 0.0 && content < 1.0) {
            return Err(ProbabilityError::Content { value: content });
        }
        let landscape = Landscape::new(self);
        let ln_level = landscape.ln_level(content);
        let ends = landscape.crossings(ln_level, None);
        let intervals = ends.chunks_exact(2).map(|pair| pair[0]..=pair[1]).collect();
        Ok(HighestDensityRegion { intervals, density: ln_level.exp() })
    }
}

/// A mixture with the points between which its density is monotone.
pub(super) struct Landscape<'a> {
    mixture: &'a GaussianMixture,
    ln_joint: LnJoint,
    /// Maxima and minima in turn, each with ln f; the first and the last a maximum.
    pub(super) critical: Vec<(f64, f64)>,
}

impl<'a> Landscape<'a> {
    pub(super) fn new(mixture: &'a GaussianMixture) -> Self {
        let critical = mixture.critical_points();
        let ln_joint = mixture.ln_joint();
        let critical = critical.into_iter().map(|x| (x, ln_joint.ln_pdf(x))).collect();
        Self { mixture, ln_joint, critical }
    }

    /// [`GaussianMixture::p_value`] of one point, however far out.
    pub(super) fn p_value(&self, x: f64) -> f64 {
        let ln_level = self.ln_joint.ln_pdf(x);
        if ln_level.is_nan() {
            return ln_level;
        }
        // At ±∞, and so far out that every square overflows, nothing is as unlikely.
        if ln_level == f64::NEG_INFINITY {
            return 0.0;
        }
        self.outside(&self.crossings(ln_level, Some(x)))
    }

    /// The points where ln f passes through `ln_level`, up and down in turn. On the piece that holds `at` it is that point.
    fn crossings(&self, ln_level: f64, at: Option<f64>) -> Vec<f64> {
        let (lowest, highest) = self.reach(ln_level);
        let foot = |x: f64| (x, f64::NEG_INFINITY);
        let stations: Vec<(f64, f64)> = [foot(lowest)]
            .into_iter()
            .chain(self.critical.iter().copied())
            .chain([foot(highest)])
            .collect();
        let mut taken = false;
        let mut crossings = Vec::new();
        for pair in stations.windows(2) {
            let [(low, f_low), (high, f_high)] = [pair[0], pair[1]];
            if (f_low >= ln_level) == (f_high >= ln_level) {
                continue;
            }
            let own = at.filter(|x| !taken && (low..=high).contains(x));
            taken |= own.is_some();
            let difference = |x: f64| self.ln_joint.ln_pdf(x) - ln_level;
            crossings.push(own.unwrap_or_else(|| bracketed(low, high, difference)));
        }
        crossings
    }

    /// Two points outside which f is below the level: wₖNₖ(x) ≤ wₖ·level for every k if zₖ² ≥ −2(ln σₖ + ½ ln 2π + ln level).
    fn reach(&self, ln_level: f64) -> (f64, f64) {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for c in self.mixture.components().filter(|c| c.weight > 0.0) {
            let square = -2.0 * (c.std_dev.ln() + HALF_LN_2_PI + ln_level);
            let reach = (square.max(0.0).sqrt() + MARGIN) * c.std_dev;
            let margin = MARGIN * c.mean.abs();
            low = low.min(c.mean - reach - margin);
            high = high.max(c.mean + reach + margin);
        }
        for &(x, _) in &self.critical {
            (low, high) = (low.min(x), high.max(x));
        }
        (low.max(-f64::MAX), high.min(f64::MAX))
    }

    /// The probability of what lies outside the intervals between `crossings`: two tails and the valleys.
    fn outside(&self, crossings: &[f64]) -> f64 {
        let (Some(&first), Some(&last)) = (crossings.first(), crossings.last()) else {
            return 1.0;
        };
        let inner = &crossings[1..crossings.len().max(2) - 1];
        let valleys: f64 = inner.chunks_exact(2).map(|v| self.mixture.between(v[0], v[1])).sum();
        (self.mixture.cdf_at(first) + valleys + self.mixture.sf_at(last)).min(1.0)
    }

    /// The probability of the intervals between `crossings`.
    fn inside(&self, crossings: &[f64]) -> f64 {
        crossings.chunks_exact(2).map(|i| self.mixture.between(i[0], i[1])).sum()
    }

    /// ln of the level whose region has the probability `content`.
    fn ln_level(&self, content: f64) -> f64 {
        let excess = |ln_level: f64| {
            let crossings = self.crossings(ln_level, None);
            // From whichever side is the smaller, where the digits are.
            if content > 0.5 {
                self.outside(&crossings) - (1.0 - content)
            } else {
                content - self.inside(&crossings)
            }
        };
        let top = self.critical.iter().map(|(_, f)| *f).fold(f64::NEG_INFINITY, f64::max);
        let mut depth = 1.0;
        while depth < f64::MAX && excess(top - depth) > 0.0 {
            depth *= 2.0;
        }
        bracketed((top - depth).max(-f64::MAX), top, excess)
    }
}
