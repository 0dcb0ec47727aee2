//! One component's σ and w, with the wrong and the right curve beside each other.

use super::data::{Data, even_grid};
use super::{DENSITY, Explorable, ExplorableError, invitation};
use crate::{Figure, Role};
use gaussian_mixture::{Component, GaussianMixture, GridError, trapezoid};

/// How far below the narrowest standard deviation the slider goes, and above the widest.
const NARROWEST: f64 = 0.5;
const WIDEST: f64 = 1.5;

/// The steps of the σ slider, of equal ratio, and those of the weight slider.
const STD_DEV_STEPS: usize = 60;
const WEIGHT_STEPS: usize = 100;

/// How many of the widest standard deviations the grid reaches beyond the outer means: what lies beyond has probability 1e-15.
const REACH: f64 = 8.0;

/// How many of its own standard deviations around each mean are seen.
const SEEN: f64 = 4.0;

/// Two steps for the smallest σ that the slider gives: the trapezoid rule is exact to rounding there (2·exp(−2π²·4) = 1e-34).
const STEPS_PER_STD_DEV: f64 = 2.0;

/// A smooth curve needs so many steps, and a browser computes that many curves between two frames.
const LEAST_STEPS: f64 = 800.0;
const MOST_STEPS: usize = 8000;

/// Sliders for the standard deviation and the weight of component `k`, with the wrong and the right curve beside each other.
///
/// The wrong curve is the sum of the weighted bells wₖ·exp(−(x − μₖ)²/2σₖ²), divided by its area; the right one is the mixture's density.
/// Both areas are 1, always. What tells the curves apart are the areas of their pieces, which are shown beside the weights. The
/// weights of the other components keep their proportions, so that all sum to 1. A tick gives every component the same σ.
///
/// The slider for σ goes from half the narrowest to one and a half times the widest of the mixture, the one for w from 0 to 1.
///
/// # Errors
///
/// An [`ExplorableError`]: no component `k`; widths and places that no grid of 8001 points suits; a mixture too extreme to be shown.
pub fn explore_component(
    mixture: &GaussianMixture,
    k: usize,
) -> Result<Explorable, ExplorableError> {
    let chosen = mixture.component(k)?;
    let sliders = Sliders::new(mixture, chosen);
    let grid = Grid::new(mixture, &sliders)?;
    let points = even_grid(grid.low, grid.high, grid.steps)?;
    let density = mixture.pdf(&points);
    if let Some(i) = density.iter().position(|y| !y.is_finite()) {
        return Err(ExplorableError::Density { x: points[i], value: density[i] });
    }

    let components = || mixture.components();
    let data = Data::default()
        .count("k", k)
        .numbers("weights", components().map(|c| c.weight))
        .numbers("means", components().map(|c| c.mean))
        .numbers("stdDevs", components().map(|c| c.std_dev))
        .number("low", grid.low)
        .number("high", grid.high)
        .count("steps", grid.steps)
        .numbers("view", [grid.view.0, grid.view.1])
        .counts(
            "start",
            [place(&sliders.std_devs, chosen.std_dev), place(&sliders.weights, chosen.weight)],
        )
        .numbers("stdDevStops", sliders.std_devs)
        .numbers("weightStops", sliders.weights)
        .colors("colors", components().map(|c| Role::Component(c.index)))
        .color("wrong", WRONG)
        .color("right", RIGHT);
    Ok(Explorable {
        title: format!("What σ and w of component {k} do to the wrong and to the right curve"),
        figure: figure(mixture, &points)?.x_range(grid.view.0, grid.view.1),
        x_label: "x".into(),
        y_label: DENSITY.into(),
        invitation: invitation(&format!("sliders for σ and w of component {k}")),
        script: include_str!("web/component.js"),
        data,
    })
}

const WRONG: Role = Role::Wrong;
const RIGHT: Role = Role::Right;

/// The right pieces and curve, and the wrong curve over them.
fn figure(mixture: &GaussianMixture, grid: &[f64]) -> Result<Figure, ExplorableError> {
    let bell = |c: Component, x: f64| (-((x - c.mean) / c.std_dev).powi(2) / 2.0).exp();
    let raw: Vec<f64> =
        grid.iter().map(|&x| mixture.components().map(|c| c.weight * bell(c, x)).sum()).collect();
    let area = trapezoid(grid, &raw)?;
    let wrong: Vec<f64> = raw.iter().map(|y| y / area).collect();
    let mut figure = Figure::new("Wrong and right: the same bells and weights");
    for c in mixture.components() {
        let piece = mixture.component_pdf(c.index, grid)?;
        figure =
            figure.shaded(format!("piece {}", c.index), Role::Component(c.index), grid, &piece);
    }
    Ok(figure
        .curve("right: each bell divided by its area", RIGHT, grid, &mixture.pdf(grid))
        .dashed("wrong: the sum divided by its area", WRONG, grid, &wrong))
}

/// What the sliders can be set to. What the mixture has is among it, to the bit.
struct Sliders {
    std_devs: Vec<f64>,
    weights: Vec<f64>,
}

impl Sliders {
    fn new(mixture: &GaussianMixture, chosen: Component) -> Self {
        let own = mixture.std_devs();
        let (low, high) =
            own.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), &s| (low.min(s), high.max(s)));
        let (low, high) = (NARROWEST * low, WIDEST * high);
        let ratio = |i: usize| low * (high / low).powf(i as f64 / STD_DEV_STEPS as f64);
        let std_devs: Vec<f64> = (0..=STD_DEV_STEPS).map(ratio).collect();
        let weights: Vec<f64> =
            (0..=WEIGHT_STEPS).map(|i| i as f64 / WEIGHT_STEPS as f64).collect();
        Self {
            std_devs: with_exact(&std_devs, own),
            weights: with_exact(&weights, &[chosen.weight]),
        }
    }
}

/// Regular stops with each exact one in the place of its nearest between the ends, if it is none itself.
fn with_exact(regular: &[f64], exact: &[f64]) -> Vec<f64> {
    let mut stops = regular.to_owned();
    let inner = &regular[1..regular.len() - 1];
    for &value in exact {
        let nearest =
            inner.iter().copied().min_by(|a, b| (a - value).abs().total_cmp(&(b - value).abs()));
        stops.retain(|&stop| Some(stop) != nearest || exact.contains(&stop));
        stops.push(value);
    }
    stops.sort_by(f64::total_cmp);
    stops.dedup();
    stops
}

fn place(stops: &[f64], value: f64) -> usize {
    stops.partition_point(|&stop| stop < value)
}

/// Where areas are computed, and the part of it that is seen.
struct Grid {
    low: f64,
    high: f64,
    steps: usize,
    view: (f64, f64),
}

impl Grid {
    fn new(mixture: &GaussianMixture, sliders: &Sliders) -> Result<Self, GridError> {
        let ends = |reach: &dyn Fn(Component) -> f64| {
            let start = (f64::INFINITY, f64::NEG_INFINITY);
            mixture.components().fold(start, |(low, high), c| {
                (low.min(c.mean - reach(c)), high.max(c.mean + reach(c)))
            })
        };
        let (narrowest, widest) =
            (sliders.std_devs[0], sliders.std_devs[sliders.std_devs.len() - 1]);
        let (low, high) = ends(&|_| REACH * widest);
        let needed = ((0.5 * high - 0.5 * low) / narrowest * (2.0 * STEPS_PER_STD_DEV))
            .ceil()
            .max(LEAST_STEPS);
        if needed.is_nan() || needed > MOST_STEPS as f64 {
            return Err(GridError::TooManyPoints { needed: needed + 1.0, most: MOST_STEPS + 1 });
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let steps = needed as usize;
        Ok(Self { low, high, steps, view: ends(&|c| SEEN * c.std_dev) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixture() -> GaussianMixture {
        GaussianMixture::new(
            [2.0 / 17.0, 5.0 / 17.0, 10.0 / 17.0],
            [-0.5, -0.1, 0.2],
            [0.2, 0.07, 0.13],
        )
        .unwrap()
    }

    #[test]
    fn the_sliders_stop_at_what_the_mixture_has_and_at_both_ends() {
        let mixture = mixture();
        let sliders = Sliders::new(&mixture, mixture.component(1).unwrap());
        for std_dev in [0.035, 0.07, 0.13, 0.2] {
            assert!(sliders.std_devs.contains(&std_dev), "{std_dev}");
        }
        assert!((sliders.std_devs.last().unwrap() - 0.3).abs() < 1e-15);
        for weight in [0.0, 0.01, 5.0 / 17.0, 0.5, 1.0] {
            assert!(sliders.weights.contains(&weight), "{weight}");
        }
        assert!(
            !sliders.weights.contains(&0.29),
            "the exact weight takes the place of its neighbour"
        );
        for stops in [&sliders.std_devs, &sliders.weights] {
            assert!(stops.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }

    #[test]
    fn exact_stops_that_share_a_neighbour_all_stay() {
        let stops = with_exact(&[0.0, 0.25, 0.5, 0.75, 1.0], &[0.5, 0.51, 0.52, 1.0]);
        assert_eq!(stops, [0.0, 0.25, 0.5, 0.51, 0.52, 1.0]);
    }

    #[test]
    fn on_the_grid_every_piece_has_its_weight_whatever_the_sliders_say() {
        // Rounding of thousands of terms, and the tails' 1e-15.
        const AREA: f64 = 1e-12;
        let mixture = mixture();
        let sliders = Sliders::new(&mixture, mixture.component(0).unwrap());
        let grid = Grid::new(&mixture, &sliders).unwrap();
        let points = even_grid(grid.low, grid.high, grid.steps).unwrap();
        for &std_dev in &sliders.std_devs {
            for mean in mixture.means() {
                let one = GaussianMixture::new([1.0], [*mean], [std_dev]).unwrap();
                assert!((trapezoid(&points, &one.pdf(&points)).unwrap() - 1.0).abs() < AREA);
            }
        }
    }

    #[test]
    fn what_cannot_be_shown_is_named() {
        let index = explore_component(&mixture(), 3).unwrap_err();
        assert_eq!(index.to_string(), mixture().component(3).unwrap_err().to_string());
        let new =
            |std_devs: [f64; 2], means| GaussianMixture::new([0.5, 0.5], means, std_devs).unwrap();
        let error = |mixture: &GaussianMixture| explore_component(mixture, 0).unwrap_err();
        let too_many = error(&new([1.0, 1e-4], [0.0, 1.0]));
        assert!(matches!(
            too_many,
            ExplorableError::Grid(GridError::TooManyPoints { most: 8001, .. })
        ));
        assert!(matches!(
            error(&new([1e308; 2], [0.0; 2])),
            ExplorableError::Grid(_) | ExplorableError::Range { .. }
        ));
        assert!(matches!(
            error(&new([1e-310; 2], [0.0; 2])),
            ExplorableError::Density { .. } | ExplorableError::Range { .. }
        ));
        assert!(matches!(
            error(&new([1.0; 2], [1e17; 2])),
            ExplorableError::Grid(GridError::NotIncreasing { .. })
        ));
    }

    #[test]
    fn one_component_and_one_that_has_all_of_the_weight_can_be_explored() {
        let one = GaussianMixture::new([1.0], [3.0], [2.0]).unwrap();
        assert!(explore_component(&one, 0).unwrap().to_html().is_ok());
        let all = GaussianMixture::new([1.0, 0.0], [3.0, 4.0], [2.0, 1.0]).unwrap();
        assert!(explore_component(&all, 0).unwrap().to_html().is_ok());
    }
}
