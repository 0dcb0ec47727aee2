//! A grid on which the trapezoid rule is as good as exact.

use crate::{GaussianMixture, GridError};
use ndarray::Array1;

/// Steps per standard deviation of the narrowest component. The rule's own error for a Gaussian is then 2·exp(−2π²·16): nothing.
const STEPS_PER_STD_DEV: f64 = 4.0;

/// How many standard deviations beyond the means of all components the grid ends. What lies beyond has probability 2e-19.
const REACH: f64 = 9.0;

/// Enough for a smooth curve on any screen.
const LEAST_STEPS: f64 = 1000.0;

/// 32 MB of numbers.
const MOST_POINTS: usize = 1 << 22;

impl GaussianMixture {
    /// An evenly spaced grid for this mixture: from 9 standard deviations below the leftmost component to 9 above the rightmost, in
    /// steps of at most a quarter of the narrowest standard deviation, and at least 1001 points. On it
    /// [`trapezoid`](crate::trapezoid) finds the area below the density to within rounding. Components of weight 0 do not count.
    ///
    /// Why evenly spaced, where a coarse grid would do for wide components? Because only then does the trapezoid rule converge
    /// exponentially; on a grid of varying steps its error falls with their square.
    ///
    /// # Errors
    ///
    /// [`GridError::TooManyPoints`] for more than 2²² points: the components' widths are too different, or they lie too far apart,
    /// for one even grid. [`GridError::NotFinite`] if an end overflows, [`GridError::NotIncreasing`] if the steps are lost in the
    /// rounding of numbers so far from 0.
    ///
    /// ```
    /// use gaussian_mixture::{GaussianMixture, trapezoid};
    ///
    /// let mixture = GaussianMixture::new([0.3, 0.7], [0.0, 5.0], [0.01, 2.0])?;
    /// let grid = mixture.grid()?;
    /// assert!((trapezoid(&grid, &mixture.pdf(&grid))? - 1.0).abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn grid(&self) -> Result<Array1<f64>, GridError> {
        let (mut low, mut high, mut narrowest) = (f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY);
        for c in self.components().filter(|c| c.weight > 0.0) {
            low = low.min(c.mean - REACH * c.std_dev);
            high = high.max(c.mean + REACH * c.std_dev);
            narrowest = narrowest.min(c.std_dev);
        }
        for (index, value) in [low, high].into_iter().enumerate() {
            if !value.is_finite() {
                return Err(GridError::NotFinite { what: "grid points", index, value });
            }
        }
        let steps = ((0.5 * high - 0.5 * low) / narrowest * (2.0 * STEPS_PER_STD_DEV)).ceil();
        let steps = steps.max(LEAST_STEPS);
        if steps >= MOST_POINTS as f64 {
            return Err(GridError::TooManyPoints { needed: steps + 1.0, most: MOST_POINTS });
        }
        // A blend of the ends: their difference may overflow.
        let point = |i: f64| low * ((steps - i) / steps) + high * (i / steps);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let grid: Array1<f64> = (0..=steps as u32).map(|i| point(f64::from(i))).collect();
        match grid.windows(2).into_iter().position(|pair| pair[0] >= pair[1]) {
            Some(i) => {
                Err(GridError::NotIncreasing { index: i + 1, left: grid[i], right: grid[i + 1] })
            }
            None => Ok(grid),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trapezoid;

    #[test]
    fn the_area_on_it_is_one_for_narrow_and_wide_together() {
        for (narrow, apart) in [(1.0, 0.0), (1e-3, 2.0), (3e-5, 1e-3), (0.2, 1e4)] {
            let m = GaussianMixture::new([0.5, 0.5], [0.0, apart], [1.0, narrow]).unwrap();
            let grid = m.grid().unwrap();
            let area = trapezoid(&grid, &m.pdf(&grid)).unwrap();
            // Rounding of up to millions of terms that sum to 1.
            assert!((area - 1.0).abs() < 1e-11, "{narrow} {apart}: {area}");
        }
    }

    #[test]
    fn it_moves_with_the_mixture() {
        for scale in [1e-300, 1e-8, 1e8, 1e300] {
            let m = GaussianMixture::new([0.5, 0.5], [0.0, scale], [scale, 2.0 * scale]).unwrap();
            let grid = m.grid().unwrap();
            assert!((grid[0] / scale + 17.0).abs() < 1e-12, "{}", grid[0]);
            assert!((grid[grid.len() - 1] / scale - 19.0).abs() < 1e-12);
        }
    }

    #[test]
    fn mixtures_that_no_even_grid_suits_are_named() {
        let error = |means: [f64; 2], std_devs: [f64; 2]| {
            GaussianMixture::new([0.5, 0.5], means, std_devs).unwrap().grid().unwrap_err()
        };
        assert!(matches!(error([0.0; 2], [1.0, 1e-9]), GridError::TooManyPoints { .. }));
        assert!(matches!(error([0.0; 2], [1.0, 1e308]), GridError::NotFinite { .. }));
        assert!(matches!(error([1e17; 2], [1.0, 1.0]), GridError::NotIncreasing { .. }));
        // A component without weight is no part of the density.
        let m = GaussianMixture::new([1.0, 0.0], [0.0, 1e9], [1.0, 1e-9]).unwrap();
        assert_eq!(m.grid().unwrap().len(), 1001);
    }
}
