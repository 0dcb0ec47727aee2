//! Points between which no curve of a mixture changes its character.

use crate::GaussianMixture;

/// How far from each mean, in its standard deviations: beyond the outermost, neither a tail nor a density is an ordinary `f64`.
const REACH: [f64; 9] = [0.0, 0.7, 1.5, 2.5, 4.0, 6.0, 10.0, 20.0, 37.0];

impl GaussianMixture {
    /// Around every mean, in increasing order, from where the tail below is no more than 10⁻²⁹⁹ to where the one above is.
    pub(super) fn knots(&self) -> Vec<f64> {
        let mut knots: Vec<f64> = self
            .components()
            .filter(|c| c.weight > 0.0)
            .flat_map(|c| REACH.map(|z| [c.mean - z * c.std_dev, c.mean + z * c.std_dev]))
            .flatten()
            .collect();
        knots.sort_by(f64::total_cmp);
        knots.dedup();
        knots
    }
}
