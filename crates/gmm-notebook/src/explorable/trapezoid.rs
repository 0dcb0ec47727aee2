//! The trapezoid rule with a slider for its step.

use super::data::{Data, even_grid};
use super::{DENSITY, Explorable, ExplorableError, invitation};
use crate::{Figure, Role};
use gaussian_mixture::{GaussianMixture, GridError, trapezoid};
use std::f64::consts::PI;
use std::ops::RangeInclusive;

/// How many of its standard deviations around each mean the range covers: what lies beyond has probability 1e-15.
const REACH: f64 = 8.0;

/// The coarsest step and the finest, in standard deviations of the narrowest component.
const COARSEST: f64 = 4.0;
const FINEST: f64 = 0.25;

/// Where the slider begins: an error that can be seen, in numbers if not in the picture.
const FIRST: f64 = 2.0;

/// Without a standard deviation to go by.
const FEWEST_STEPS: usize = 2;
const MOST_STEPS: usize = 128;
const FIRST_STEPS: usize = 6;

/// Trapezia that are narrower than a pixel cannot be seen, and all of their corners must fit into the page.
const MOST_SEEN: usize = 400;

/// How many stops the slider has, in equal ratios.
const STOPS: i32 = 32;

/// The curve itself.
const FINE_STEPS: usize = 400;

/// Heights become whole numbers up to this: a fifteenth of a pixel in the page's panels.
const FINEST_HEIGHT: f64 = 3000.0;

/// The trapezoid rule below a mixture's density, with a slider for the step: the trapezia, their area, its error, and what theory says
/// of that.
///
/// The range reaches 8 standard deviations beyond the outer components, the step from 4 standard deviations of the narrowest
/// component to a quarter of one. The error of the rule for such a density is at most about 2·Σ wₖ·exp(−2π²σₖ²/h²), until rounding
/// takes over ("The exponentially convergent trapezoidal rule", SIAM Review 56, 2014). Components of weight 0 do not count.
///
/// # Errors
///
/// An [`ExplorableError`]: the narrowest component is so narrow that 400 steps do not show it; a mixture too extreme to be shown.
pub fn explore_trapezoid(mixture: &GaussianMixture) -> Result<Explorable, ExplorableError> {
    let (mut low, mut high, mut narrowest) = (f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY);
    for c in mixture.components().filter(|c| c.weight > 0.0) {
        low = low.min(c.mean - REACH * c.std_dev);
        high = high.max(c.mean + REACH * c.std_dev);
        narrowest = narrowest.min(c.std_dev);
    }
    let width = (high - low) / narrowest;
    let (few, many) = (width / COARSEST, width / FINEST);
    // At one standard deviation per step at least all trapezia can be seen.
    if width.is_nan() || width > MOST_SEEN as f64 {
        return Err(
            GridError::TooManyPoints { needed: width.ceil() + 1.0, most: MOST_SEEN + 1 }.into()
        );
    }
    let law = |h: f64| -> f64 {
        let term = |w: f64, s: f64| 2.0 * w * (-2.0 * (PI * s / h).powi(2)).exp();
        mixture.components().map(|c| term(c.weight, c.std_dev)).sum()
    };
    let rule = Rule {
        name: "the density",
        f: &|x| mixture.pdf(x),
        low,
        high,
        area: 1.0,
        stops: stops(few, many.min(MOST_SEEN as f64)),
        first: width / FIRST,
        unit: Some(narrowest),
        law: Some(&law),
    };
    rule.explorable()
}

/// The trapezoid rule below any function on a range, with a slider for the step: the trapezia, their area, and its error as the
/// difference from the exact `area`, which you know. `name` stands in the figure: "the tent".
///
/// The slider goes from 2 to 128 steps.
///
/// # Errors
///
/// An [`ExplorableError`]: a range without length, a function that is infinite or NaN at a point of it, an area that is.
///
/// ```
/// use gmm_notebook::prelude::*;
///
/// // A kink, for which the rule is of second order, unless a step ends there.
/// let tent = |x: f64| (1.0 - x.abs()).max(0.0);
/// let explorable = explore_trapezoid_of("the tent", tent, -1.5..=2.0, 1.0)?;
/// assert!(explorable.to_string().contains("the tent"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn explore_trapezoid_of(
    name: &str,
    f: impl Fn(f64) -> f64,
    range: RangeInclusive<f64>,
    area: f64,
) -> Result<Explorable, ExplorableError> {
    if !area.is_finite() {
        return Err(ExplorableError::Area { area });
    }
    let rule = Rule {
        name,
        f: &f,
        low: *range.start(),
        high: *range.end(),
        area,
        stops: stops(FEWEST_STEPS as f64, MOST_STEPS as f64),
        first: FIRST_STEPS as f64,
        unit: None,
        law: None,
    };
    rule.explorable()
}

/// Numbers of steps from many to few, as the step grows from left to right on the slider.
fn stops(few: f64, many: f64) -> Vec<usize> {
    let ratio = many / few;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let count = |i: i32| (few * ratio.powf(f64::from(i) / f64::from(STOPS))).round() as usize;
    let mut counts: Vec<usize> = (0..=STOPS).rev().map(|i| count(i).max(FEWEST_STEPS)).collect();
    counts.dedup();
    counts
}

/// What is integrated, and in how many steps.
struct Rule<'a> {
    name: &'a str,
    f: &'a dyn Fn(f64) -> f64,
    low: f64,
    high: f64,
    area: f64,
    stops: Vec<usize>,
    first: f64,
    unit: Option<f64>,
    law: Option<&'a dyn Fn(f64) -> f64>,
}

/// The function on a grid, and the trapezia's area.
struct Sampled {
    grid: Vec<f64>,
    values: Vec<f64>,
    area: f64,
}

impl Rule<'_> {
    fn sample(&self, steps: usize) -> Result<Sampled, ExplorableError> {
        let grid = even_grid(self.low, self.high, steps)?;
        let values: Vec<f64> = grid.iter().map(|&x| (self.f)(x)).collect();
        if let Some(i) = values.iter().position(|y| !y.is_finite()) {
            return Err(ExplorableError::NotFinite { x: grid[i], value: values[i] });
        }
        let area = trapezoid(&grid, &values)?;
        Ok(Sampled { grid, values, area })
    }

    fn explorable(self) -> Result<Explorable, ExplorableError> {
        let fine = self.sample(FINE_STEPS)?;
        let all: Vec<Sampled> =
            self.stops.iter().map(|&steps| self.sample(steps)).collect::<Result<_, _>>()?;
        let start =
            self.stops.partition_point(|&steps| steps as f64 > self.first).min(all.len() - 1);
        let heights = Heights::of(all.iter().chain([&fine]));
        let mut data = Data::default()
            .text("name", self.name)
            .number("low", self.low)
            .number("high", self.high)
            .number("area", self.area)
            .number("scale", if self.area == 0.0 { 1.0 } else { self.area.abs() })
            .counts("counts", self.stops.iter().copied())
            .count("start", start)
            .numbers("areas", all.iter().map(|sampled| sampled.area))
            .numbers("errors", all.iter().map(|sampled| sampled.area - self.area))
            .numbers("extent", [heights.bottom, heights.top])
            .number("finest", FINEST_HEIGHT)
            .counts("fine", heights.codes(&fine))
            .count_lists("values", all.iter().map(|sampled| heights.codes(sampled)))
            .color("curve", CURVE)
            .color("trapezia", TRAPEZIA)
            .color("law", LAW);
        // What is not there is undefined in the script.
        if let Some(unit) = self.unit {
            data = data.number("unit", unit);
        }
        if let Some(law) = self.law {
            let step = |steps: usize| (self.high - self.low) / steps as f64;
            data = data.numbers("laws", self.stops.iter().map(|&steps| law(step(steps))));
        }
        Ok(Explorable {
            title: format!("The trapezoid rule below {}", self.name),
            figure: self.figure(&fine, &all[start]),
            x_label: "x".into(),
            y_label: if self.law.is_some() { DENSITY.into() } else { "f(x)".into() },
            invitation: invitation("a slider for the step"),
            script: include_str!("web/trapezoid.js"),
            data,
        })
    }

    /// A broken line with the area below it is what trapezia are.
    fn figure(&self, fine: &Sampled, shown: &Sampled) -> Figure {
        let trapezia = format!("{} trapezia", shown.grid.len() - 1);
        Figure::new(format!("The trapezoid rule below {}", self.name))
            .shaded(trapezia, TRAPEZIA, &shown.grid, &shown.values)
            .curve(self.name, CURVE, &fine.grid, &fine.values)
    }
}

const CURVE: Role = Role::Fitted;
const TRAPEZIA: Role = Role::Component(0);
const LAW: Role = Role::Reference;

/// Values as whole numbers: their digits must fit into a page thousands of times.
struct Heights {
    bottom: f64,
    top: f64,
}

impl Heights {
    fn of<'a>(all: impl Iterator<Item = &'a Sampled>) -> Self {
        let values = all.flat_map(|sampled| &sampled.values);
        let (bottom, top) =
            values.fold((0.0_f64, 0.0_f64), |(low, high), &y| (low.min(y), high.max(y)));
        // The zero function still has an axis.
        Self { bottom, top: if bottom < top { top } else { 1.0 } }
    }

    fn codes(&self, sampled: &Sampled) -> Vec<usize> {
        let part = |y: f64| (y - self.bottom) / (self.top - self.bottom);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        sampled.values.iter().map(|&y| (part(y) * FINEST_HEIGHT).round() as usize).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_step_grows_from_left_to_right() {
        let counts = stops(4.0, 64.0);
        assert_eq!((counts.first(), counts.last()), (Some(&64), Some(&4)));
        assert!(counts.windows(2).all(|pair| pair[0] > pair[1]));
        assert_eq!(stops(1.0, 2.0), [2]);
    }

    #[test]
    fn what_cannot_be_integrated_is_named() {
        let error =
            |f: fn(f64) -> f64, range, area| explore_trapezoid_of("f", f, range, area).unwrap_err();
        assert_eq!(error(|x| x, 1.0..=1.0, 0.0), ExplorableError::Range { low: 1.0, high: 1.0 });
        let pole = error(|x| 1.0 / x, 0.0..=1.0, 1.0);
        assert_eq!(
            pole.to_string(),
            "expected a function that is finite on its range, found f(0.0) = inf"
        );
        assert_eq!(
            error(|x| x, 0.0..=1.0, f64::INFINITY),
            ExplorableError::Area { area: f64::INFINITY }
        );
        let narrow = GaussianMixture::new([0.5, 0.5], [0.0, 0.0], [1.0, 1e-3]).unwrap();
        assert!(matches!(
            explore_trapezoid(&narrow),
            Err(ExplorableError::Grid(GridError::TooManyPoints { .. }))
        ));
        let wide = GaussianMixture::new([1.0], [0.0], [1e308]).unwrap();
        assert!(explore_trapezoid(&wide).is_err());
    }

    #[test]
    fn a_function_that_is_zero_or_negative_can_be_shown() {
        assert!(explore_trapezoid_of("zero", |_| 0.0, 0.0..=1.0, 0.0).unwrap().to_html().is_ok());
        assert!(
            explore_trapezoid_of("sine", f64::sin, 0.0..=6.0, 1.0 - 6.0_f64.cos())
                .unwrap()
                .to_html()
                .is_ok()
        );
    }

    #[test]
    fn a_single_gaussian_is_off_by_what_theory_says() {
        // The next term of the series, exp(−4·2π²σ²/h²), is below a percent of the first for these steps.
        const NEXT_TERM: f64 = 1e-2;
        let mixture = GaussianMixture::new([1.0], [0.3], [2.0]).unwrap();
        let law = |h: f64| 2.0 * (-2.0 * (PI * 2.0 / h).powi(2)).exp();
        for steps in [5, 6, 8, 10] {
            let grid = even_grid(0.3 - 16.0, 0.3 + 16.0, steps).unwrap();
            let error = trapezoid(&grid, &mixture.pdf(&grid)).unwrap() - 1.0;
            assert!((error.abs() / law(32.0 / steps as f64) - 1.0).abs() < NEXT_TERM);
        }
    }
}
