//! Gauss–Kronrod quadrature: 15 points of an interval, and halving where they do not do.

/// The nodes in (0, 1] of the 15-point rule on [−1, 1], outermost first; the others are their mirror images. Every second
/// one, and 0, belongs to the 7-point Gauss rule as well ("QUADPACK: A Subroutine Package for Automatic Integration",
/// 1983).
const NODES: [f64; 7] = [
    0.991_455_371_120_812_6,
    0.949_107_912_342_758_5,
    0.864_864_423_359_769_1,
    0.741_531_185_599_394_4,
    0.586_087_235_467_691_1,
    0.405_845_151_377_397_2,
    0.207_784_955_007_898_47,
];

/// The Kronrod weight of each node, and the Gauss weight, which is 0 where the node is none of Gauss's.
const WEIGHTS: [(f64, f64); 7] = [
    (0.022_935_322_010_529_224, 0.0),
    (0.063_092_092_629_978_56, 0.129_484_966_168_869_7),
    (0.104_790_010_322_250_19, 0.0),
    (0.140_653_259_715_525_92, 0.279_705_391_489_276_64),
    (0.169_004_726_639_267_9, 0.0),
    (0.190_350_578_064_785_4, 0.381_830_050_505_118_9),
    (0.204_432_940_075_298_9, 0.0),
];

/// The two weights of the node 0.
const CENTRE: (f64, f64) = (0.209_482_141_084_727_82, 0.417_959_183_673_469_4);

/// Calls `visit(t, weight)` for each node t of [−1, 1] with its Kronrod weight; right for polynomials up to degree 22.
pub(crate) fn kronrod(mut visit: impl FnMut(f64, f64)) {
    visit(0.0, CENTRE.0);
    for (node, (weight, _)) in NODES.into_iter().zip(WEIGHTS) {
        visit(-node, weight);
        visit(node, weight);
    }
}

/// ∫ of `f` from `low` to `high`, and how far the 7-point rule is from it.
fn gauss_kronrod(low: f64, high: f64, f: &impl Fn(f64) -> f64) -> (f64, f64) {
    let (middle, half) = (0.5 * low + 0.5 * high, 0.5 * high - 0.5 * low);
    let centre = f(middle);
    let (mut kronrod, mut gauss) = (CENTRE.0 * centre, CENTRE.1 * centre);
    for (node, (wk, wg)) in NODES.into_iter().zip(WEIGHTS) {
        let pair = f(middle - half * node) + f(middle + half * node);
        kronrod += wk * pair;
        gauss += wg * pair;
    }
    (half * kronrod, (half * (kronrod - gauss)).abs())
}

/// ∫ of `f` from `low` to `high`, halved up to `depth` times wherever the two rules differ by more than `tolerance`.
///
/// The difference of the rules is the error of the poorer one, so the sum is far closer than `tolerance`.
pub(crate) fn integrate(
    low: f64,
    high: f64,
    tolerance: f64,
    depth: u32,
    f: &impl Fn(f64) -> f64,
) -> f64 {
    let (area, error) = gauss_kronrod(low, high, f);
    if error <= tolerance || depth == 0 {
        return area;
    }
    let middle = 0.5 * low + 0.5 * high;
    integrate(low, middle, tolerance, depth - 1, f)
        + integrate(middle, high, tolerance, depth - 1, f)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A rounding for each of 15 terms.
    const ROUNDING: f64 = 4e-15;

    #[test]
    fn polynomials_up_to_degree_22_are_exact() {
        for degree in 0..=22 {
            let mut sum = 0.0;
            kronrod(|t, weight| sum += weight * t.powi(degree));
            let exact = if degree % 2 == 0 { 2.0 / f64::from(degree + 1) } else { 0.0 };
            assert!((sum - exact).abs() < ROUNDING, "degree {degree}: {sum}");
        }
    }

    #[test]
    fn halving_reaches_what_one_rule_does_not() {
        let peak = |x: f64| (-0.5 * (x / 1e-3).powi(2)).exp();
        let exact = 1e-3 * (2.0 * std::f64::consts::PI).sqrt();
        let area = integrate(-1.0, 1.0, 1e-14, 40, &peak);
        assert!((area - exact).abs() < 1e-13 * exact);
    }
}
