//! Accuracy on every instruction set at hand, against 60-digit arithmetic and against the standard library.

use super::{
    Function, Kernel, LANES, Lanes, evaluate_on_each, exp, exp_of_negative, ln, run_on_each,
};
use serde_json::Value;

/// What is promised, in units in the last place of the true value.
const PROMISED: f64 = 1.0;

/// Twice that: the standard library is right to a unit as well.
const BOTH: f64 = 2.0;

#[derive(Clone)]
struct Exp;

impl Function for Exp {
    #[inline(always)]
    fn at<L: Lanes>(&mut self, x: L) -> L {
        exp(x)
    }
}

#[derive(Clone)]
struct Ln;

impl Function for Ln {
    #[inline(always)]
    fn at<L: Lanes>(&mut self, x: L) -> L {
        ln(x)
    }
}

/// The distance from a number of this size to the next.
fn ulp(value: f64) -> f64 {
    let size = value.abs().max(f64::MIN_POSITIVE);
    size - size.next_down()
}

fn table(name: &str) -> Vec<[f64; 3]> {
    let text = include_str!("../../tests/reference/exp_ln.json");
    let table: Value = serde_json::from_str(text).unwrap();
    let number = |v: &Value| v.as_str().unwrap().parse().unwrap();
    let row = |row: &Value| [number(&row[0]), number(&row[1]), number(&row[2])];
    table[name].as_array().unwrap().iter().map(row).collect()
}

fn assert_within_a_unit_of_the_table(function: &(impl Function + Clone), name: &str) {
    let rows = table(name);
    let points: Vec<f64> = rows.iter().map(|row| row[0]).collect();
    for (set, values) in evaluate_on_each(function, &points) {
        for ([x, rounded, rest], found) in rows.iter().zip(values) {
            let error = ((found - rounded) - rest).abs() / ulp(*rounded);
            assert!(error <= PROMISED, "{name}({x:e}) on {set}: {error} units off");
        }
    }
}

fn assert_near_the_standard_library(
    function: &(impl Function + Clone),
    points: &[f64],
    std: fn(f64) -> f64,
) {
    for (set, values) in evaluate_on_each(function, points) {
        for (&x, found) in points.iter().zip(values) {
            let error = (found - std(x)).abs() / ulp(std(x));
            assert!(error <= BOTH, "at {x:e} on {set}: {error} units off");
        }
    }
}

/// Many numbers from `low` to `high`, with all kinds of last bits.
fn between(low: f64, high: f64) -> Vec<f64> {
    (0..=100_000).map(|i| low + (high - low) * f64::from(i) / 100_000.0).collect()
}

#[test]
fn the_exponential_is_right_to_a_unit_in_the_last_place() {
    assert_within_a_unit_of_the_table(&Exp, "exp");
    for points in [between(-745.2, 709.7), between(-1.0, 1.0), between(-0.001, 0.001)] {
        assert_near_the_standard_library(&Exp, &points, f64::exp);
    }
}

#[derive(Clone)]
struct ExpOfNegative;

impl Function for ExpOfNegative {
    #[inline(always)]
    fn at<L: Lanes>(&mut self, x: L) -> L {
        exp_of_negative(x)
    }
}

#[test]
fn the_exponential_of_what_is_not_positive_is_right_to_a_unit_in_the_last_place() {
    for points in [between(-708.3, 0.0), between(-1.0, 0.0), between(-0.001, -0.0)] {
        assert_near_the_standard_library(&ExpOfNegative, &points, f64::exp);
    }
    let points =
        [-709.0, -1e300, f64::NEG_INFINITY, f64::NAN, f64::from_bits(0x7ff8_0000_0000_0001)];
    for (set, values) in evaluate_on_each(&ExpOfNegative, &points) {
        assert_eq!(values[..3], [0.0; 3], "{set}");
        assert!(values[3..].iter().all(|y| y.is_nan()), "{set}");
    }
}

#[test]
fn the_logarithm_is_right_to_a_unit_in_the_last_place() {
    assert_within_a_unit_of_the_table(&Ln, "ln");
    let powers: Vec<f64> = between(-1073.9, 1023.9).into_iter().map(f64::exp2).collect();
    for points in
        [powers, between(0.4, 3.0), between(0.999, 1.001), between(f64::MIN_POSITIVE, 1e-306)]
    {
        assert_near_the_standard_library(&Ln, &points, f64::ln);
    }
}

#[test]
fn the_ends_are_those_of_the_functions() {
    let points = [-0.0, 0.0, 709.79, 1e300, f64::INFINITY, -745.14, -1e300, f64::NEG_INFINITY];
    for (set, values) in evaluate_on_each(&Exp, &points) {
        assert_eq!(
            values,
            [1.0, 1.0, f64::INFINITY, f64::INFINITY, f64::INFINITY, 0.0, 0.0, 0.0],
            "{set}"
        );
    }
    let points = [-0.0, 0.0, 1.0, f64::INFINITY];
    for (set, values) in evaluate_on_each(&Ln, &points) {
        let nothing = f64::NEG_INFINITY;
        assert_eq!(values, [nothing, nothing, 0.0, f64::INFINITY], "{set}");
    }
    let without = [f64::NAN, -5e-324, -1.0, f64::NEG_INFINITY];
    for (set, values) in evaluate_on_each(&Ln, &without) {
        assert!(values.iter().all(|y| y.is_nan()), "{set}");
    }
    for (set, values) in evaluate_on_each(&Exp, &[f64::NAN]) {
        assert!(values[0].is_nan(), "{set}");
    }
}

#[derive(Clone)]
struct Operations;

/// What each operation makes of whole numbers, all results exact.
impl Kernel for Operations {
    type Output = Vec<[f64; LANES]>;

    #[inline(always)]
    fn run<L: Lanes>(self, zero: L) -> Self::Output {
        let x = zero.load(&[1.0, -2.0, 3.0, -4.0, 5.0, -6.0, 7.0, -8.0]);
        let y = zero.splat(2.0);
        let bits = |n: u64| zero.splat(f64::from_bits(n));
        let nan = zero.splat(f64::NAN);
        let (evens, odds) = x.evens_and_odds(y - x);
        let results = [
            x + y,
            x - y,
            x * y,
            x / y,
            x.mul_add(y, x),
            x.negated_mul_add(y, x),
            x.max(y),
            x.min(y),
            x.if_less(y, zero, x),
            nan.if_less(y, zero, x),
            nan.max(x).min(x),
            evens,
            odds,
            zero.splat(x.sum()),
            y.bits_add(bits(1 << 52)),
            y.bits_sub(bits(1 << 52)),
            y.bits_and(bits(1 << 62)),
            y.bits_or(bits(1 << 52)),
            bits(1 << 63).bits_half(),
            bits(1024).bits_to_exponent(),
            y.exponent_to_bits().bits_to_exponent(),
        ];
        results.map(L::to_array).to_vec()
    }
}

#[test]
fn every_operation_is_the_same_on_every_instruction_set() {
    let each = |f: fn(f64) -> f64| [1.0, -2.0, 3.0, -4.0, 5.0, -6.0, 7.0, -8.0].map(f);
    let expected = [
        each(|x| x + 2.0),
        each(|x| x - 2.0),
        each(|x| x * 2.0),
        each(|x| x / 2.0),
        each(|x| 3.0 * x),
        each(|x| -x),
        each(|x| x.max(2.0)),
        each(|x| x.min(2.0)),
        each(|x| if x < 2.0 { 0.0 } else { x }),
        each(|x| x),
        each(|x| x),
        [1.0, 3.0, 5.0, 7.0, 1.0, -1.0, -3.0, -5.0],
        [-2.0, -4.0, -6.0, -8.0, 4.0, 6.0, 8.0, 10.0],
        each(|_| -4.0),
        each(|_| 4.0),
        each(|_| 1.0),
        each(|_| 2.0),
        each(|_| 2.0 * 2.0),
        each(|_| 2.0),
        each(|_| 2.0),
        each(|_| 2.0),
    ];
    for (set, found) in run_on_each(Operations) {
        assert_eq!(found, expected, "{set}");
    }
}
