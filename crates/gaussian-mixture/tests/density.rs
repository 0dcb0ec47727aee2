//! What must hold for the density of any mixture.

mod common;

use common::mixtures;
use gaussian_mixture::{GaussianMixture, Weights, trapezoid};
use proptest::prelude::*;

/// The grid below has 4 steps per narrowest standard deviation, where the trapezoid rule's own error for a Gaussian,
/// 2·exp(−2π²·16), is nothing, and reaches 12 of the widest beyond the outermost mean, where the tails hold 1e-32.
/// What remains is rounding, in some tens of thousands of terms.
const AREA: f64 = 1e-12;
const STEPS_PER_STD_DEV: f64 = 4.0;
const REACH: f64 = 12.0;

/// Rounding of a few terms of order 1, relative to the density.
const ROUNDING: f64 = 1e-12;

/// A logarithm as low as −700 is rounded to 1e-13, which its exponential turns into a relative error; the smallest
/// positive numbers have fewer digits still.
const EXP_OF_LN: f64 = 1e-12;

fn grid(mixture: &GaussianMixture) -> Vec<f64> {
    let widest = mixture.std_devs().iter().copied().fold(0.0, f64::max);
    let narrowest = mixture.std_devs().iter().copied().fold(f64::INFINITY, f64::min);
    let low = mixture.means().iter().copied().fold(f64::INFINITY, f64::min) - REACH * widest;
    let high = mixture.means().iter().copied().fold(f64::NEG_INFINITY, f64::max) + REACH * widest;
    let n = ((high - low) * STEPS_PER_STD_DEV / narrowest).ceil();
    #[allow(clippy::cast_possible_truncation)]
    (0..=n as i32).map(|i| low + (high - low) * f64::from(i) / n).collect()
}

/// The k-th term wₖ Nₖ of a mixture, on a grid.
fn piece(mixture: &GaussianMixture, k: usize, grid: &[f64]) -> Vec<f64> {
    let alone = GaussianMixture::new([1.0], [mixture.means()[k]], [mixture.std_devs()[k]])
        .expect("a component is a mixture");
    alone.pdf(grid).into_iter().map(|y| mixture.weights()[k] * y).collect()
}

proptest! {
    #[test]
    fn it_integrates_to_one_and_each_piece_to_its_weight(mixture in mixtures()) {
        let grid = grid(&mixture);
        let area = trapezoid(&grid, &mixture.pdf(&grid)).unwrap();
        prop_assert!((area - 1.0).abs() < AREA, "area {area}");
        for k in 0..mixture.n_components() {
            let area = trapezoid(&grid, &piece(&mixture, k, &grid)).unwrap();
            prop_assert!((area - mixture.weights()[k]).abs() < AREA, "piece {k}: area {area}");
        }
    }

    #[test]
    fn it_is_the_sum_of_its_pieces(mixture in mixtures(), x in -10.0..10.0_f64) {
        let sum: f64 = (0..mixture.n_components()).map(|k| piece(&mixture, k, &[x])[0]).sum();
        prop_assert!((mixture.pdf(x) - sum).abs() <= ROUNDING * sum);
        prop_assert!((mixture.ln_pdf(x).exp() - mixture.pdf(x)).abs() <= EXP_OF_LN * mixture.pdf(x));
    }

    #[test]
    fn shifting_and_scaling_the_axis_scales_it(
        mixture in mixtures(), x in -10.0..10.0_f64, exponent in -8..=8_i32, shift in -1e3..1e3_f64,
    ) {
        let scale = 10.0_f64.powi(exponent);
        let scaled = GaussianMixture::new(
            mixture.weights().clone(),
            mixture.means().iter().map(|m| scale * (m + shift)).collect::<Vec<_>>(),
            mixture.std_devs().iter().map(|s| scale * s).collect::<Vec<_>>(),
        ).unwrap();
        // A shift of 1000 costs the distance to the mean three digits, which the square and the narrowest σ make five.
        const SHIFTED: f64 = 1e-8;
        let difference = scaled.ln_pdf(scale * (x + shift)) - (mixture.ln_pdf(x) - scale.ln());
        prop_assert!(difference.abs() < SHIFTED * (1.0 + mixture.ln_pdf(x).abs()));
    }

    /// Lists are computed several points at a time.
    #[test]
    fn a_point_alone_and_in_a_list_has_the_same_bits(
        mixture in mixtures(), points in prop::collection::vec(-10.0..10.0_f64, 0..20),
    ) {
        let alone = |f: &dyn Fn(f64) -> f64| points.iter().map(|&x| f(x)).collect::<Vec<f64>>();
        prop_assert_eq!(mixture.pdf(&points), alone(&|x| mixture.pdf(x)));
        prop_assert_eq!(mixture.ln_pdf(&points), alone(&|x| mixture.ln_pdf(x)));
        prop_assert_eq!(mixture.cdf(&points), alone(&|x| mixture.cdf(x)));
        prop_assert_eq!(mixture.sf(&points), alone(&|x| mixture.sf(x)));
        prop_assert_eq!(mixture.p_value(&points), alone(&|x| mixture.p_value(x)));
        let last = mixture.n_components() - 1;
        prop_assert_eq!(
            mixture.component_pdf(last, &points).unwrap(),
            alone(&|x| mixture.component_pdf(last, x).unwrap())
        );
        let p: Vec<f64> = points.iter().map(|x| 0.5 + 0.05 * x).collect();
        let one_by_one = |f: &dyn Fn(f64) -> f64| p.iter().map(|&p| f(p)).collect::<Vec<f64>>();
        prop_assert_eq!(mixture.quantile(&p).unwrap(), one_by_one(&|p| mixture.quantile(p).unwrap()));
        prop_assert_eq!(mixture.upper_quantile(&p).unwrap(), one_by_one(&|p| mixture.upper_quantile(p).unwrap()));
        let shares: Vec<f64> = mixture.responsibilities(&points).unwrap().into_iter().collect();
        let one_by_one = points.iter().flat_map(|&x| mixture.responsibilities(&[x]).unwrap());
        prop_assert_eq!(shares, one_by_one.collect::<Vec<f64>>());
    }

    #[test]
    fn the_order_of_components_does_not_matter(mixture in mixtures(), x in -10.0..10.0_f64) {
        let reversed = GaussianMixture::new(
            Weights::from_proportions(mixture.weights().iter().rev().copied().collect::<Vec<_>>()).unwrap(),
            mixture.means().iter().rev().copied().collect::<Vec<_>>(),
            mixture.std_devs().iter().rev().copied().collect::<Vec<_>>(),
        ).unwrap();
        prop_assert!((reversed.pdf(x) - mixture.pdf(x)).abs() <= ROUNDING * mixture.pdf(x));
        let means = |m: &GaussianMixture| -> Vec<f64> {
            m.components_by_mean().iter().map(|c| c.mean).collect()
        };
        prop_assert_eq!(means(&reversed), means(&mixture));
        prop_assert!(means(&mixture).is_sorted());
    }

    #[test]
    fn responsibilities_are_the_pieces_over_the_whole(mixture in mixtures(), x in -10.0..10.0_f64) {
        let r = mixture.responsibilities(&[x]).unwrap();
        prop_assert!((r.sum() - 1.0).abs() < ROUNDING);
        for k in 0..mixture.n_components() {
            let expected = piece(&mixture, k, &[x])[0];
            prop_assert!((r[[0, k]] * mixture.pdf(x) - expected).abs() <= ROUNDING * mixture.pdf(x));
        }
    }
}
