//! The mistake of the story, made on purpose: the checks must reject the wrong curve, and by the predicted amount.
//!
//! The wrong curve is Σ wₖ exp(−(x − μₖ)²/2σₖ²), divided as a whole by its integral Z = √(2π) Σ wₖσₖ.

use gaussian_mixture::{GaussianMixture, Weights, trapezoid};
use std::f64::consts::PI;

const WEIGHTS: [f64; 3] = [2.0 / 17.0, 5.0 / 17.0, 10.0 / 17.0];
const MEANS: [f64; 3] = [-0.5, -0.1, 0.2];
const STD_DEVS: [f64; 3] = [0.2, 0.07, 0.13];

/// 100 steps per narrowest standard deviation, and the range's ends 7.5 and more standard deviations out: what remains is
/// the tails' 6e-14 and rounding.
const AREA: f64 = 1e-12;

/// Rounding of a handful of terms.
const ROUNDING: f64 = 1e-12;

/// |f − g| has kinks where the curves cross, for which the trapezoid rule is of second order: h² ≈ 5e-7.
const KINKED_AREA: f64 = 1e-6;

fn grid() -> Vec<f64> {
    (0..5000).map(|i| -2.0 + 3.5 * f64::from(i) / 4999.0).collect()
}

fn bump(x: f64, k: usize) -> f64 {
    (-(x - MEANS[k]).powi(2) / (2.0 * STD_DEVS[k].powi(2))).exp()
}

fn right() -> GaussianMixture {
    GaussianMixture::new(WEIGHTS, MEANS, STD_DEVS).unwrap()
}

/// The sum of the weighted bumps, and its integral.
fn raw_sum(grid: &[f64]) -> (Vec<f64>, f64) {
    let sum: Vec<f64> =
        grid.iter().map(|&x| (0..3).map(|k| WEIGHTS[k] * bump(x, k)).sum()).collect();
    let area = trapezoid(grid, &sum).unwrap();
    (sum, area)
}

fn wrong(grid: &[f64]) -> Vec<f64> {
    let (sum, area) = raw_sum(grid);
    sum.into_iter().map(|y| y / area).collect()
}

#[test]
fn the_raw_sum_does_not_integrate_to_one() {
    let (_, area) = raw_sum(&grid());
    let predicted: f64 = (2.0 * PI).sqrt() * (0..3).map(|k| WEIGHTS[k] * STD_DEVS[k]).sum::<f64>();
    assert!((area - predicted).abs() < AREA);
    assert!((area - 0.302_27).abs() < 1e-5);
}

#[test]
fn the_total_passes_the_trapezoid_check_though_it_is_wrong() {
    let grid = grid();
    assert!((trapezoid(&grid, &wrong(&grid)).unwrap() - 1.0).abs() < AREA);
    let distance: Vec<f64> =
        wrong(&grid).iter().zip(right().pdf(&grid)).map(|(g, f)| 0.5 * (g - f).abs()).collect();
    let total_variation = trapezoid(&grid, &distance).unwrap();
    assert!((total_variation - 0.106).abs() < 5e-4, "total variation {total_variation}");
}

#[test]
fn it_is_the_mixture_with_weights_in_proportion_to_weight_times_width() {
    let grid = grid();
    let products: Vec<f64> = (0..3).map(|k| WEIGHTS[k] * STD_DEVS[k]).collect();
    let impostor =
        GaussianMixture::new(Weights::from_proportions(products).unwrap(), MEANS, STD_DEVS)
            .unwrap();
    for (weight, stated) in impostor.weights().iter().zip([0.195, 0.171, 0.634]) {
        assert!((weight - stated).abs() < 5e-4);
    }
    for (g, f) in wrong(&grid).iter().zip(impostor.pdf(&grid)) {
        assert!((g - f).abs() <= ROUNDING);
    }
}

#[test]
fn the_check_of_each_piece_rejects_it() {
    let grid = grid();
    let (_, z) = raw_sum(&grid);
    for k in 0..3 {
        let raw: Vec<f64> = grid.iter().map(|&x| WEIGHTS[k] * bump(x, k) / z).collect();
        let area = trapezoid(&grid, &raw).unwrap();
        let predicted = WEIGHTS[k] * STD_DEVS[k] * (2.0 * PI).sqrt() / z;
        assert!((area - predicted).abs() < AREA);
        assert!((area - WEIGHTS[k]).abs() > 0.04, "piece {k} passes with area {area}");

        // Each bump divided by its own integral, then weighted: the fix passes the check that the mistake fails.
        let own = STD_DEVS[k] * (2.0 * PI).sqrt();
        let fixed: Vec<f64> = grid.iter().map(|&x| WEIGHTS[k] * bump(x, k) / own).collect();
        assert!((trapezoid(&grid, &fixed).unwrap() - WEIGHTS[k]).abs() < AREA);
    }
}

#[test]
fn equal_widths_hide_the_mistake() {
    let sum = |x: f64| -> f64 {
        (0..3)
            .map(|k| WEIGHTS[k] * (-(x - MEANS[k]).powi(2) / (2.0 * 0.13_f64.powi(2))).exp())
            .sum()
    };
    let z = (2.0 * PI).sqrt() * 0.13;
    let mixture = GaussianMixture::new(WEIGHTS, MEANS, [0.13; 3]).unwrap();
    for x in grid() {
        assert!((sum(x) / z - mixture.pdf(x)).abs() < ROUNDING);
    }
}

#[test]
fn the_trapezoid_rule_is_not_to_blame() {
    // Half the step changes the area under the distance by no more than the kinks allow.
    let coarse = grid();
    let fine: Vec<f64> = (0..9999).map(|i| -2.0 + 3.5 * f64::from(i) / 9998.0).collect();
    let area = |grid: &[f64]| {
        let distance: Vec<f64> =
            wrong(grid).iter().zip(right().pdf(grid)).map(|(g, f)| (g - f).abs()).collect();
        trapezoid(grid, &distance).unwrap()
    };
    assert!((area(&coarse) - area(&fine)).abs() < KINKED_AREA);
}
