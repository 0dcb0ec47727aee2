//! Area under a curve given at points: the trapezoid rule.

use crate::{GridError, Samples};

/// The area under the straight lines that join the points (xᵢ, yᵢ),
///
/// ```text
/// Σᵢ (xᵢ₊₁ − xᵢ) · (yᵢ + yᵢ₊₁) / 2
/// ```
///
/// in the unit of x times the unit of y. The grid need not be evenly spaced.
///
/// For a smooth curve the error falls with the square of the step. For one that dies out at both ends, as a Gaussian
/// does, it falls far faster: relative to the area about 2·exp(−2π²σ²/h²), that is 5·10⁻⁹ for a step h of one standard
/// deviation σ and 1.4 % for two ("The exponentially convergent trapezoidal rule",
/// SIAM Review 56, 2014). So judge a grid's step by the narrowest component, and its range by the tails.
///
/// # Errors
///
/// A [`GridError`]: lengths that differ, fewer than two points, a point or value that is infinite or NaN, a point that
/// is not greater than the one before it, or an area too large for `f64`.
///
/// ```
/// use gaussian_mixture::trapezoid;
///
/// let grid = [0.0, 1.0, 3.0];
/// let line = [0.0, 1.0, 3.0];
/// assert_eq!(trapezoid(&grid, &line)?, 4.5);
/// # Ok::<(), gaussian_mixture::GridError>(())
/// ```
pub fn trapezoid<X, Y>(grid: &X, values: &Y) -> Result<f64, GridError>
where
    X: Samples + ?Sized,
    Y: Samples + ?Sized,
{
    let (x, y) = (grid.samples(), values.samples());
    check(&x, &y)?;
    // From 0 and in order, as the cumulative area.
    finite(pieces(&x, &y).fold(0.0, |area, piece| area + piece))
}

/// The area from the first grid point up to each: as many numbers as points, the first 0 and the last, bit for bit, what
/// [`trapezoid`] gives. Of a density it is the trapezoid rule's cumulative probability.
///
/// # Errors
///
/// As [`trapezoid`].
///
/// ```
/// use gaussian_mixture::cumulative_trapezoid;
///
/// assert_eq!(cumulative_trapezoid(&[0.0, 1.0, 3.0], &[0.0, 1.0, 3.0])?, [0.0, 0.5, 4.5]);
/// # Ok::<(), gaussian_mixture::GridError>(())
/// ```
pub fn cumulative_trapezoid<X, Y>(grid: &X, values: &Y) -> Result<Y::Values, GridError>
where
    X: Samples + ?Sized,
    Y: Samples + ?Sized,
{
    let (x, y) = (grid.samples(), values.samples());
    check(&x, &y)?;
    let mut areas = vec![0.0];
    let mut area = 0.0;
    for piece in pieces(&x, &y) {
        area += piece;
        areas.push(area);
    }
    finite(area)?;
    Ok(Y::collect(areas))
}

/// An area and an estimate of how far it may be off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// What [`trapezoid`] gives on all points.
    pub area: f64,
    /// How much that differs from the rule on every second point, never negative.
    pub error: f64,
}

/// The area as [`trapezoid`] has it, with an estimate of its error by step halving: the difference from the rule on every second
/// point (where the number of steps is odd, the last one is left as it is).
///
/// A rule of second order has about a third of that difference as its error, and a density that dies out at both ends far less: then
/// the estimate is what every second point would have been off. It is an estimate, not a bound: it knows nothing of what happens
/// between the points, or beyond the ends of the grid.
///
/// # Errors
///
/// As [`trapezoid`], and at least three points are needed.
///
/// ```
/// use gaussian_mixture::trapezoid_with_error;
///
/// // ∫₀² x² dx = 8/3.
/// let found = trapezoid_with_error(&[0.0, 1.0, 2.0], &[0.0, 1.0, 4.0])?;
/// assert_eq!((found.area, found.error), (3.0, 1.0));
/// # Ok::<(), gaussian_mixture::GridError>(())
/// ```
pub fn trapezoid_with_error<X, Y>(grid: &X, values: &Y) -> Result<Area, GridError>
where
    X: Samples + ?Sized,
    Y: Samples + ?Sized,
{
    let area = trapezoid(grid, values)?;
    let (x, y) = (grid.samples(), values.samples());
    if x.len() < 3 {
        return Err(GridError::TooShort { n_points: x.len(), least: 3 });
    }
    let every_second = |all: &[f64]| -> Vec<f64> {
        let last = all.len() - 1;
        (0..=last).filter(|i| i % 2 == 0 || *i == last).map(|i| all[i]).collect()
    };
    let coarse = trapezoid(&every_second(&x), &every_second(&y))?;
    Ok(Area { area, error: (area - coarse).abs() })
}

/// The area of each step. Halves are added, not the halved sum taken, so that two values near the largest f64 do not overflow.
fn pieces<'a>(x: &'a [f64], y: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
    x.windows(2).zip(y.windows(2)).map(|(x, y)| (x[1] - x[0]) * (0.5 * y[0] + 0.5 * y[1]))
}

fn finite(area: f64) -> Result<f64, GridError> {
    if area.is_finite() { Ok(area) } else { Err(GridError::Overflow { area }) }
}

fn check(x: &[f64], y: &[f64]) -> Result<(), GridError> {
    if x.len() != y.len() {
        return Err(GridError::Length { n_points: x.len(), n_values: y.len() });
    }
    if x.len() < 2 {
        return Err(GridError::TooShort { n_points: x.len(), least: 2 });
    }
    for (what, numbers) in [("grid points", x), ("values", y)] {
        if let Some(index) = numbers.iter().position(|v| !v.is_finite()) {
            return Err(GridError::NotFinite { what, index, value: numbers[index] });
        }
    }
    match x.windows(2).position(|pair| pair[0] >= pair[1]) {
        Some(i) => Err(GridError::NotIncreasing { index: i + 1, left: x[i], right: x[i + 1] }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, array};
    use std::f64::consts::PI;

    #[test]
    fn exact_for_straight_lines_on_any_grid() {
        let grid = array![-1.0, 0.5, 0.75, 4.0];
        assert_eq!(trapezoid(&grid, &grid.mapv(|x| 2.0 * x + 1.0)).unwrap(), 20.0);
    }

    #[test]
    fn the_error_for_a_gaussian_is_the_one_that_the_documentation_states() {
        // The next term of the error is exp(−4·2π²σ²/h²): below 1e-7 of the first for these steps.
        const NEXT_TERM: f64 = 1e-5;
        for step in [1.25, 1.5, 1.75, 2.0] {
            let grid: Array1<f64> = (-20..=20).map(|i| step * f64::from(i)).collect();
            let gaussian = grid.mapv(|x: f64| (-0.5 * x * x).exp() / (2.0 * PI).sqrt());
            let error = trapezoid(&grid, &gaussian).unwrap() - 1.0;
            let law = 2.0 * (-2.0 * PI * PI / (step * step)).exp();
            assert!((error / law - 1.0).abs() < NEXT_TERM, "step {step}: error {error}, law {law}");
        }
    }

    #[test]
    fn two_values_near_the_largest_number_do_not_overflow() {
        assert_eq!(trapezoid(&[0.0, 0.5], &[1.5e308, 1.5e308]).unwrap(), 0.75e308);
    }

    #[test]
    fn a_grid_that_is_none_is_named() {
        let error = |x: &[f64], y: &[f64]| trapezoid(x, y).unwrap_err();
        assert_eq!(error(&[0.0, 1.0], &[0.0]), GridError::Length { n_points: 2, n_values: 1 });
        assert_eq!(error(&[], &[]), GridError::TooShort { n_points: 0, least: 2 });
        assert_eq!(error(&[0.0], &[1.0]), GridError::TooShort { n_points: 1, least: 2 });
        let infinite = GridError::NotFinite { what: "values", index: 1, value: f64::INFINITY };
        assert_eq!(error(&[0.0, 1.0], &[0.0, f64::INFINITY]), infinite);
        assert!(matches!(
            error(&[f64::NAN, 1.0], &[0.0, 0.0]),
            GridError::NotFinite { what: "grid points", index: 0, .. }
        ));
        assert_eq!(
            error(&[0.0, 2.0], &[1e308, 1e308]),
            GridError::Overflow { area: f64::INFINITY }
        );
        assert!(matches!(error(&[-1e308, 1e308], &[0.0; 2]), GridError::Overflow { .. }));
        let equal = GridError::NotIncreasing { index: 2, left: 1.0, right: 1.0 };
        assert_eq!(error(&[0.0, 1.0, 1.0], &[0.0; 3]), equal);
    }

    #[test]
    fn the_last_of_the_running_areas_is_the_area_to_the_bit() {
        let grid: Vec<f64> = (0..500).map(|i| (0.01 * f64::from(i)).powi(3)).collect();
        let values: Vec<f64> = grid.iter().map(|x| (3.0 * x).sin()).collect();
        let areas = cumulative_trapezoid(&grid, &values).unwrap();
        assert_eq!(areas.len(), 500);
        assert_eq!(areas[499], trapezoid(&grid, &values).unwrap());
        for i in [2, 100, 400] {
            assert_eq!(areas[i - 1], trapezoid(&grid[..i], &values[..i]).unwrap());
        }
        assert!(cumulative_trapezoid(&[0.0, 2.0], &[1e308, 1e308]).is_err());
    }

    #[test]
    fn the_estimate_is_three_times_the_error_of_a_rule_of_second_order() {
        // ∫₀^π sin = 2, on an even and on an odd number of steps.
        for n in [100, 101] {
            let grid = Array1::linspace(0.0, PI, n);
            let found = trapezoid_with_error(&grid, &grid.mapv(f64::sin)).unwrap();
            let ratio = found.error / (2.0 - found.area);
            // The next order is (π/100)² of it; the odd step left over changes a percent or two.
            assert!((ratio - 3.0).abs() < 0.1, "{ratio}");
        }
        let short = trapezoid_with_error(&[0.0, 1.0], &[1.0, 1.0]).unwrap_err();
        assert_eq!(short, GridError::TooShort { n_points: 2, least: 3 });
    }
}
