//! The modes of a mixture: where its density has a maximum.

use crate::GaussianMixture;

/// A local maximum of a density.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mode {
    /// Where it is, in the unit of the samples.
    pub location: f64,
    /// The density there, per unit of x.
    pub density: f64,
}

impl GaussianMixture {
    /// All local maxima of the density, from left to right; at least one.
    ///
    /// Neither a mean nor a count of components tells them: neighbours merge into one mode, and shift each other's. They are
    /// searched for with bounds on f′ and f″ that let none slip through, except where rounding decides whether f′ is 0.
    ///
    /// ```
    /// use gaussian_mixture::GaussianMixture;
    ///
    /// let apart = GaussianMixture::new([0.5, 0.5], [-2.0, 2.0], [1.0, 1.0])?;
    /// let modes = apart.modes();
    /// assert_eq!(modes.len(), 2);
    /// assert!(modes[0].location > -2.0 && modes[0].location < -1.9);
    /// let merged = GaussianMixture::new([0.5, 0.5], [-0.9, 0.9], [1.0, 1.0])?;
    /// assert_eq!(merged.modes().len(), 1);
    /// # Ok::<(), gaussian_mixture::ParameterError>(())
    /// ```
    pub fn modes(&self) -> Vec<Mode> {
        let maxima = self.critical_points().into_iter().step_by(2);
        maxima.map(|location| Mode { location, density: self.pdf(location) }).collect()
    }
}
