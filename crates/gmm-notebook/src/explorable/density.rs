//! x, density, cdf and p-value, to be read off a curve.

use super::data::{Data, even_grid};
use super::{DENSITY, Explorable, ExplorableError, invitation};
use crate::{Figure, Role};
use gaussian_mixture::GaussianMixture;

/// How many of its standard deviations around each mean are seen.
const SEEN: f64 = 4.5;

/// One step for each pixel and a half of a panel.
const STEPS: usize = 240;

/// Where it begins: at this cdf, where both areas can be seen.
const FIRST: f64 = 0.1;

/// Digits beyond those that are shown.
const DIGITS: usize = 6;

/// A mixture's density to be read with the pointer, a finger or the arrow keys: at x, the density f(x), the cdf P(X ≤ x), and the
/// p-value P(f(Y) ≤ f(x)) for another draw Y, with both areas shaded.
///
/// There are 241 values of x, from 4.5 standard deviations below the leftmost component to as many above the rightmost. Components of
/// weight 0 do not count.
///
/// # Errors
///
/// An [`ExplorableError`] if the mixture is too extreme to be shown: a range or a density that `f64` cannot hold.
pub fn explore_density(mixture: &GaussianMixture) -> Result<Explorable, ExplorableError> {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for c in mixture.components().filter(|c| c.weight > 0.0) {
        low = low.min(c.mean - SEEN * c.std_dev);
        high = high.max(c.mean + SEEN * c.std_dev);
    }
    let grid = even_grid(low, high, STEPS)?;
    let density = mixture.pdf(&grid);
    if let Some(i) = density.iter().position(|y| !y.is_finite()) {
        return Err(ExplorableError::Density { x: grid[i], value: density[i] });
    }
    let cdf = mixture.cdf(&grid);
    let start = cdf.partition_point(|&p| p < FIRST).min(STEPS);
    let data = Data::default()
        .number("low", low)
        .number("high", high)
        .count("start", start)
        .count("decimals", decimals((high - low) / STEPS as f64))
        .numbers("density", rounded(&density))
        .numbers("cdf", rounded(&cdf))
        .numbers("pValue", rounded(&mixture.p_value(&grid)))
        .color("curve", Role::Fitted)
        .color("cdfColor", Role::Component(0))
        .color("pValueColor", Role::Component(1));
    Ok(Explorable {
        title: "Reading a density".into(),
        figure: Figure::new("The density").shaded("density", Role::Fitted, &grid, &density),
        x_label: "x".into(),
        y_label: DENSITY.into(),
        invitation: invitation("read x, density, cdf and p-value at each point"),
        script: include_str!("web/density.js"),
        data,
    })
}

/// As many decimals as tell two neighbours apart, and one more.
fn decimals(step: f64) -> usize {
    /// What JavaScript can write.
    const MOST: f64 = 100.0;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let digits = (1.0 - step.log10().floor()).clamp(0.0, MOST) as usize;
    digits
}

fn rounded(values: &[f64]) -> Vec<f64> {
    let digits = DIGITS - 1;
    values.iter().map(|y| format!("{y:.digits$e}").parse().unwrap_or(*y)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_can_be_told_apart_for_any_unit() {
        assert_eq!(decimals(0.013), 3);
        assert_eq!(decimals(13.0), 0);
        assert_eq!(decimals(1e-9), 10);
        assert_eq!(rounded(&[0.123_456_789, 1e-300, 0.0]), [0.123_457, 1e-300, 0.0]);
    }

    #[test]
    fn what_cannot_be_shown_is_named() {
        let one = |mean, std_dev| {
            explore_density(&GaussianMixture::new([1.0], [mean], [std_dev]).unwrap())
        };
        assert!(matches!(one(0.0, 1e308), Err(ExplorableError::Range { .. })));
        assert!(one(0.0, 1e-310).is_err());
        assert!(matches!(one(1e16, 1.0), Err(ExplorableError::Grid(_))));
        assert!(one(-3e8, 1e-3).is_ok());
    }
}
