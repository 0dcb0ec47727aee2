//! Drawing from a mixture: first a component, by its weight, then a sample from that component.

use crate::MultivariateGaussianMixture;
use ndarray::{Array1, Array2};
use rand::Rng;
use rand::RngExt;
use rand::distr::Distribution;
use rand_distr::StandardNormal;

impl MultivariateGaussianMixture {
    /// Draws one sample, of shape (d), together with the index of the component that it came from.
    pub fn sample_labeled<R: Rng + ?Sized>(&self, rng: &mut R) -> (Array1<f64>, usize) {
        let k = self.weights().draw(rng);
        let mut z: Vec<f64> = (0..self.dim()).map(|_| rng.sample(StandardNormal)).collect();
        self.factors().color(k, &mut z);
        (Array1::from_vec(z) + self.means().row(k), k)
    }

    /// Draws n samples as a table of shape (n, d), in random order of components.
    ///
    /// ```
    /// use gaussian_mixture::{Covariances, MultivariateGaussianMixture};
    /// use ndarray::array;
    /// use rand::{SeedableRng, rngs::Xoshiro256PlusPlus};
    ///
    /// let mixture = MultivariateGaussianMixture::new(
    ///     [1.0], &[[0.0, 5.0]], Covariances::Spherical(array![1.0]))?;
    /// let samples = mixture.sample_rows(1000, &mut Xoshiro256PlusPlus::seed_from_u64(1));
    /// assert_eq!(samples.dim(), (1000, 2));
    /// assert!((samples.column(1).mean().unwrap_or(0.0) - 5.0).abs() < 0.2);
    /// # Ok::<(), gaussian_mixture::ParameterError>(())
    /// ```
    pub fn sample_rows<R: Rng + ?Sized>(&self, n_samples: usize, rng: &mut R) -> Array2<f64> {
        let mut table = Array2::zeros((n_samples, self.dim()));
        table.outer_iter_mut().for_each(|mut row| row.assign(&self.sample_labeled(rng).0));
        table
    }
}

/// Independent draws of shape (d), through rand's own trait.
impl Distribution<Array1<f64>> for MultivariateGaussianMixture {
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> Array1<f64> {
        self.sample_labeled(rng).0
    }
}
