//! What must hold between the cumulative probabilities, quantiles and regions of any mixture.

mod common;

use common::mixtures;
use gaussian_mixture::GaussianMixture;
use proptest::prelude::*;

/// Rounding of a few terms, each a probability.
const ROUNDING: f64 = 1e-14;

/// The same, after the solution of an equation in the logarithm of a density as low as −1000.
const SOLVED: f64 = 1e-11;

/// A probability is computed to a few units in its last place, and met no better.
const LAST_PLACES: f64 = 8.0 * f64::EPSILON;

proptest! {
    #[test]
    fn cumulative_probabilities_rise_and_complete_each_other(
        m in mixtures(), x in -20.0..20.0_f64, step in 0.0..5.0_f64, further in 0.0..5.0_f64,
    ) {
        prop_assert!(m.cdf(x + step) >= m.cdf(x) * (1.0 - ROUNDING));
        prop_assert!((m.cdf(x) + m.sf(x) - 1.0).abs() < ROUNDING);
        let (y, z) = (x + step, x + step + further);
        let sum = m.probability(x..y).unwrap() + m.probability(y..z).unwrap();
        prop_assert!((sum - m.probability(x..z).unwrap()).abs() <= SOLVED * sum);
    }

    #[test]
    fn quantiles_undo_cumulative_probabilities(m in mixtures(), ln_p in -700.0..-0.7_f64) {
        let p = ln_p.exp();
        let tolerance = |x: f64| if p > 1e-290 { LAST_PLACES * p + (x.abs().next_up() - x.abs()) * m.pdf(x) } else { SOLVED * p };
        let (x, y) = (m.quantile(p).unwrap(), m.upper_quantile(p).unwrap());
        prop_assert!((m.cdf(x) - p).abs() <= tolerance(x), "{} {}", m.cdf(x), p);
        prop_assert!((m.sf(y) - p).abs() <= tolerance(y), "{} {}", m.sf(y), p);
    }

    #[test]
    fn no_mode_is_missed_and_none_invented(m in mixtures()) {
        let narrowest = m.std_devs().iter().copied().fold(f64::INFINITY, f64::min);
        let steps = (12.0 / narrowest * 40.0).ceil();
        #[allow(clippy::cast_possible_truncation)]
        let grid: Vec<f64> = (0..=steps as i32).map(|i| -6.0 + 12.0 * f64::from(i) / steps).collect();
        let f = m.ln_pdf(&grid);
        let modes = m.modes();
        // Every summit on the grid has a mode within a step.
        for i in 1..f.len() - 1 {
            if f[i] > f[i - 1] && f[i] > f[i + 1] {
                let near = |x: f64| (grid[i - 1]..=grid[i + 1]).contains(&x);
                prop_assert!(modes.iter().any(|mode| near(mode.location)), "summit at {}", grid[i]);
            }
        }
        // Every mode is a summit, and a mixture of K has at most K of them in one dimension.
        prop_assert!((1..=m.n_components()).contains(&modes.len()));
        for mode in &modes {
            let step = 1e-3 * narrowest;
            let top = m.ln_pdf(mode.location) + 1e-14;
            prop_assert!(m.ln_pdf(mode.location - step) <= top && m.ln_pdf(mode.location + step) <= top);
        }
    }

    #[test]
    fn a_region_holds_its_content_and_the_p_value_is_the_rest(
        m in mixtures(), content in 0.001..0.999_f64, x in -8.0..8.0_f64,
    ) {
        let held = |region: &gaussian_mixture::HighestDensityRegion| -> f64 {
            region.intervals.iter().map(|i| m.probability(i.clone()).unwrap()).sum()
        };
        let region = m.highest_density_region(content).unwrap();
        prop_assert!((held(&region) - content).abs() < SOLVED, "{}", held(&region));
        let p = m.p_value(x);
        if p > 1e-3 && p < 0.999 {
            let region = m.highest_density_region(1.0 - p).unwrap();
            prop_assert!((region.density / m.pdf(x) - 1.0).abs() < 1e-6);
        }
    }
}

#[test]
fn extreme_scales_are_never_nan() {
    for std_dev in [1e-300, 1.0, 1e300] {
        let m = GaussianMixture::new([0.5, 0.5], [-1e300, 1e300], [std_dev, 1e-300]).unwrap();
        for x in [-1e300, 0.0, 1e300, f64::INFINITY, f64::NEG_INFINITY] {
            for y in [m.pdf(x), m.cdf(x), m.sf(x), m.ln_cdf(x), m.ln_sf(x), m.p_value(x)] {
                assert!(!y.is_nan(), "{x} {std_dev}");
            }
        }
        let summary = [m.mean(), m.std_dev(), m.skewness(), m.kurtosis(), m.entropy()];
        assert!(summary.iter().all(|y| y.is_finite()), "{summary:?}");
        assert!(m.quantile(&[1e-3, 0.3, 0.9]).unwrap().iter().all(|x| x.is_finite()));
        assert!(m.variance() > 0.0 && !m.modes().is_empty());
    }
}
