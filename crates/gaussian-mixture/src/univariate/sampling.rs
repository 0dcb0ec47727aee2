//! Drawing from a mixture: first a component, by its weight, then a number from that component.

use crate::GaussianMixture;
use rand::distr::Distribution;
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

impl GaussianMixture {
    /// Draws one number together with the index of the component that it came from.
    ///
    /// ```
    /// use gaussian_mixture::GaussianMixture;
    /// use rand::{SeedableRng, rngs::Xoshiro256PlusPlus};
    ///
    /// let mixture = GaussianMixture::new([0.0, 1.0], [-5.0, 5.0], [0.1, 0.1])?;
    /// let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    /// let (x, component) = mixture.sample_labeled(&mut rng);
    /// assert!(x > 0.0 && component == 1);
    /// # Ok::<(), gaussian_mixture::ParameterError>(())
    /// ```
    pub fn sample_labeled<R: Rng + ?Sized>(&self, rng: &mut R) -> (f64, usize) {
        let index = self.weights().draw(rng);
        let z: f64 = rng.sample(StandardNormal);
        (z.mul_add(self.std_devs()[index], self.means()[index]), index)
    }
}

/// Independent draws in random order of components, through rand's own trait: `mixture.sample(&mut rng)` for one number,
/// `(&mixture).sample_iter(rng).take(n)` for n of them.
impl Distribution<f64> for GaussianMixture {
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        self.sample_labeled(rng).0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::Xoshiro256PlusPlus;

    const N: usize = 100_000;

    /// Five standard errors: a right sampler fails one run in two million, and the seed is fixed.
    const STANDARD_ERRORS: f64 = 5.0;

    #[test]
    fn shares_means_and_widths_are_those_of_the_components() {
        let m = GaussianMixture::new([0.1, 0.6, 0.3], [-3.0, 0.0, 4.0], [0.5, 1.0, 2.0]).unwrap();
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(20);
        let mut drawn: [Vec<f64>; 3] = Default::default();
        for _ in 0..N {
            let (x, k) = m.sample_labeled(&mut rng);
            drawn[k].push(x);
        }
        for c in m.components() {
            let xs = &drawn[c.index];
            let n = xs.len() as f64;
            let share = n / N as f64;
            let mean = xs.iter().sum::<f64>() / n;
            let variance = xs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
            let share_error = (c.weight * (1.0 - c.weight) / N as f64).sqrt();
            assert!((share - c.weight).abs() < STANDARD_ERRORS * share_error);
            assert!((mean - c.mean).abs() < STANDARD_ERRORS * c.std_dev / n.sqrt());
            // The variance of a sample variance of Gaussians is 2σ⁴/n.
            let variance_error = c.std_dev.powi(2) * (2.0 / n).sqrt();
            assert!((variance - c.std_dev.powi(2)).abs() < STANDARD_ERRORS * variance_error);
        }
    }

    #[test]
    fn draws_come_in_random_order_and_a_seed_repeats_them() {
        let m = GaussianMixture::new([0.5, 0.5], [-1.0, 1.0], [0.1, 0.1]).unwrap();
        let draw = |seed| -> Vec<f64> {
            (&m).sample_iter(Xoshiro256PlusPlus::seed_from_u64(seed)).take(100).collect()
        };
        assert_eq!(draw(3), draw(3));
        assert_ne!(draw(3), draw(4));
        let changes = draw(3).windows(2).filter(|pair| pair[0] * pair[1] < 0.0).count();
        assert!((30..70).contains(&changes), "{changes} changes of component in 100 draws");
    }

    #[test]
    fn a_component_of_weight_zero_is_never_drawn() {
        let m = GaussianMixture::new([0.0, 1.0, 0.0], [0.0; 3], [1.0; 3]).unwrap();
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
        assert!((0..1000).all(|_| m.sample_labeled(&mut rng).1 == 1));
    }
}
