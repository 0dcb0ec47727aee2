//! What a p-value, a region and a mode promise, and that others can use a mixture as the distribution that it is.

use gaussian_mixture::{GaussianMixture, IntervalError, ParameterError, ProbabilityError};
use rand::SeedableRng;
use rand::distr::Distribution;
use rand::rngs::Xoshiro256PlusPlus;

/// About a mode the density is flat to the last bit within the square root of that bit, 1e-8 of a standard deviation.
const FLAT: f64 = 1e-7;

fn mixture() -> GaussianMixture {
    GaussianMixture::new([0.6, 0.4], [0.0, 6.0], [1.0, 0.5]).unwrap()
}

#[test]
fn p_values_of_the_mixtures_own_samples_are_uniform() {
    const N: usize = 5000;
    for seed in 0..3 {
        let samples: Vec<f64> =
            mixture().sample_iter(Xoshiro256PlusPlus::seed_from_u64(seed)).take(N).collect();
        let mut p = mixture().p_value(&samples);
        p.sort_by(f64::total_cmp);
        let distance = p.iter().enumerate().map(|(i, p)| (p - (i as f64 + 0.5) / N as f64).abs());
        // Kolmogorov–Smirnov: a right p-value goes beyond 2/√n with probability 7e-4, and the seeds are fixed.
        assert!(distance.fold(0.0, f64::max) < 2.0 / (N as f64).sqrt());
    }
}

#[test]
fn a_point_in_the_valley_is_novel_though_no_tail_knows_it() {
    let m = mixture();
    // Half of everything lies to either side of the valley, more or less.
    assert!(m.cdf(3.5) > 0.5 && m.sf(3.5) > 0.3);
    assert!(m.p_value(3.5) < 0.01);
    // A density that is no novelty: the wide one alone is nowhere high.
    let wide = GaussianMixture::new([1.0], [0.0], [1e9]).unwrap();
    assert!(wide.pdf(0.0) < 1e-9 && wide.p_value(0.0) > 1.0 - FLAT);
}

#[test]
fn p_values_do_not_depend_on_the_unit() {
    let here = mixture();
    for scale in [1e-300, 1e-8, 1e8, 1e300] {
        let there =
            GaussianMixture::new([0.6, 0.4], [0.0, 6.0 * scale], [scale, 0.5 * scale]).unwrap();
        for x in [-3.0, 0.0, 1.0, 3.5, 6.0, 9.0] {
            let (a, b) = (here.p_value(x), there.p_value(x * scale));
            // Rounding of the scaled parameters, through a density that changes by e¹⁸ over the range; at a mode, FLAT.
            let tolerance = if a > 0.999 { FLAT } else { 1e-11 * a };
            assert!((a - b).abs() <= tolerance, "{scale:e} {x}: {a:e} {b:e}");
        }
    }
}

#[test]
fn one_component_has_the_p_value_of_a_two_sided_test() {
    let one = GaussianMixture::new([1.0], [2.0], [3.0]).unwrap();
    for z in [0.1, 1.0, 1.96, 5.0, 20.0, 37.0] {
        let expected = 2.0 * one.sf(2.0 + 3.0 * z);
        assert!((one.p_value(2.0 - 3.0 * z) / expected - 1.0).abs() < 1e-12);
    }
    assert!((one.p_value(2.0 + 3.0 * 1.959_963_984_540_054) - 0.05).abs() < 1e-14);
}

#[test]
fn the_region_and_the_p_value_complete_each_other() {
    let m = mixture();
    for x in [-2.5, -1.0, 0.5, 2.0, 3.5, 5.0, 7.2] {
        let p = m.p_value(x);
        let region = m.highest_density_region(1.0 - p).unwrap();
        // x lies on the edge of the region that holds the rest.
        let nearest = region
            .intervals
            .iter()
            .flat_map(|i| [(i.start() - x).abs(), (i.end() - x).abs()])
            .fold(f64::INFINITY, f64::min);
        assert!(nearest < 1e-7, "{x}: {region:?}");
    }
    assert_eq!(m.highest_density_region(0.9).unwrap().intervals.len(), 2);
    assert_eq!(m.highest_density_region(0.99999).unwrap().intervals.len(), 1);
    for content in [0.0, 1.0, -0.1, f64::NAN] {
        assert!(matches!(m.highest_density_region(content), Err(ProbabilityError::Content { .. })));
    }
}

#[test]
fn one_bad_point_spoils_no_other() {
    let m = mixture();
    let x = [f64::NAN, 1.0, f64::INFINITY, f64::NEG_INFINITY, 1e300, -1e300];
    for values in [m.cdf(&x), m.sf(&x), m.ln_cdf(&x), m.ln_sf(&x), m.p_value(&x)] {
        assert!(values[0].is_nan() && values[1..].iter().all(|v| !v.is_nan()), "{values:?}");
    }
    assert_eq!(m.cdf(&x)[2..], [1.0, 0.0, 1.0, 0.0]);
    assert_eq!(m.sf(&x)[2..], [0.0, 1.0, 0.0, 1.0]);
    assert_eq!(m.ln_cdf(&x)[2..4], [0.0, f64::NEG_INFINITY]);
    assert_eq!(m.p_value(&x)[2..], [0.0; 4]);
}

#[test]
fn quantiles_at_the_ends_are_infinite_and_elsewhere_undo_the_cdf() {
    let m = mixture();
    assert_eq!(m.quantile(&[0.0, 1.0]).unwrap(), [f64::NEG_INFINITY, f64::INFINITY]);
    assert_eq!(m.upper_quantile(&[0.0, 1.0]).unwrap(), [f64::INFINITY, f64::NEG_INFINITY]);
    for x in [-37.0, -20.0, -10.0, -1.0, 0.3, 1.2] {
        // Neighbouring numbers of a probability are this far apart in x: p / f(x), about 1/|z| in a tail.
        assert!((m.quantile(m.cdf(x)).unwrap() - x).abs() < 1e-13 * x.abs().max(1.0), "{x}");
    }
    for x in [5.0, 7.0, 10.0, 20.0, 24.0] {
        assert!((m.upper_quantile(m.sf(x)).unwrap() - x).abs() < 1e-13 * x, "{x}");
    }
    for p in [-0.1, 1.1, f64::NAN] {
        let error = m.quantile(&[0.5, p]).unwrap_err();
        assert!(matches!(error, ProbabilityError::Outside { index: 1, .. }), "{error}");
    }
}

#[test]
fn quantiles_across_scales_and_gaps_are_found() {
    // Far apart, and one billions of times narrower than the other.
    for (means, std_devs) in
        [([0.0, 1e6], [1.0, 1e-3]), ([-1e8, 1e8], [1e-5, 1e3]), ([0.0, 0.0], [1e-12, 1e12])]
    {
        let m = GaussianMixture::new([0.5, 0.5], means, std_devs).unwrap();
        for p in [1e-12, 0.01, 0.25, 0.499, 0.501, 0.75, 0.99] {
            let x = m.quantile(p).unwrap();
            // The cdf crosses p between the neighbours of x.
            let gap = 4.0 * f64::EPSILON * x.abs();
            assert!(
                m.cdf(x - gap) <= p * (1.0 + 1e-12) && m.cdf(x + gap) >= p * (1.0 - 1e-12),
                "{p} {x}"
            );
        }
    }
    let symmetric = GaussianMixture::new([0.5, 0.5], [-1.0, 1.0], [0.3, 0.3]).unwrap();
    // Between the two hardly anything is gained or lost by moving: as far as the rounding of ½ reaches.
    let reach = 2.0 * f64::EPSILON * 0.5 / symmetric.pdf(0.0);
    assert!(symmetric.quantile(0.5).unwrap().abs() <= reach);
}

#[test]
fn tails_that_have_been_published() {
    // 0.6 N(0, 1) + 0.4 N(6, 0.5): where 1 − cdf would be 2.2e-16 and 0.
    assert!((mixture().sf(10.0) / 2.488e-16 - 1.0).abs() < 1e-3);
    assert!((mixture().sf(20.0) / 1.652e-89 - 1.0).abs() < 1e-3);
}

#[test]
fn the_entropy_of_parts_that_never_meet_is_theirs_and_that_of_the_choice() {
    let gaussian = |s: f64| 0.5 * (2.0 * std::f64::consts::PI * std::f64::consts::E * s * s).ln();
    for (narrow, wide) in [(1e-6, 1e-3), (1e-3, 2.0), (1.0, 1.0)] {
        let m = GaussianMixture::new([0.3, 0.7], [0.0, 1000.0], [narrow, wide]).unwrap();
        let choice = -(0.3 * 0.3_f64.ln() + 0.7 * 0.7_f64.ln());
        let expected = 0.3 * gaussian(narrow) + 0.7 * gaussian(wide) + choice;
        assert!((m.entropy() - expected).abs() < 1e-11, "{narrow} {wide}: {}", m.entropy());
    }
}

#[test]
fn modes_are_where_the_density_is_highest_around() {
    let m = GaussianMixture::new([0.3, 0.3, 0.4], [-4.0, 0.0, 5.0], [1.0, 0.1, 2.0]).unwrap();
    let modes = m.modes();
    assert_eq!(modes.len(), 3);
    for mode in &modes {
        assert_eq!(mode.density, m.pdf(mode.location));
        assert!(
            m.pdf(mode.location - 0.01) < mode.density
                && m.pdf(mode.location + 0.01) < mode.density
        );
    }
    // Two standard deviations apart, equal ones merge.
    let merged = |apart: f64| {
        GaussianMixture::new([0.5, 0.5], [0.0, apart], [1.0, 1.0]).unwrap().modes().len()
    };
    assert_eq!((merged(1.9), merged(2.1)), (1, 2));
}

#[test]
fn it_goes_where_a_distribution_of_statrs_is_expected() {
    use statrs::distribution::{Continuous, ContinuousCDF};
    use statrs::statistics::{Distribution, Max, Median, Min};

    fn through(
        d: &(impl Continuous<f64, f64> + ContinuousCDF<f64, f64> + Distribution<f64> + Median<f64>),
    ) -> [f64; 8] {
        let moments =
            [d.mean(), d.variance(), d.entropy(), d.skewness()].map(|m| m.unwrap_or(f64::NAN));
        [
            d.pdf(1.0),
            d.cdf(1.0),
            d.inverse_cdf(0.3),
            d.median(),
            moments[0],
            moments[1],
            moments[2],
            moments[3],
        ]
    }
    let m = mixture();
    let own = [
        m.pdf(1.0),
        m.cdf(1.0),
        m.quantile(0.3).unwrap(),
        m.quantile(0.5).unwrap(),
        m.mean(),
        m.variance(),
        m.entropy(),
        m.skewness(),
    ];
    assert_eq!(through(&m), own);
    assert_eq!((Min::min(&m), Max::max(&m)), (f64::NEG_INFINITY, f64::INFINITY));
    // And one component is statrs' own normal distribution, within the accuracy of its error function.
    let normal = statrs::distribution::Normal::new(0.7, 0.3).unwrap();
    let one = GaussianMixture::new([1.0], [0.7], [0.3]).unwrap();
    for (a, b) in through(&one).into_iter().zip(through(&normal)) {
        assert!((a - b).abs() < 1e-9, "{a} {b}");
    }
}

#[test]
fn labels_are_those_of_the_greatest_responsibility() {
    let m = mixture();
    let x = [-1.0, 3.0, 4.5, 6.0, 1e300, -1e300];
    assert_eq!(m.predict(&x).unwrap(), [0, 0, 1, 1, 0, 0]);
    assert!(m.predict(&[f64::NAN]).is_err());
}

#[test]
fn what_has_no_probability_is_named() {
    let m = mixture();
    assert_eq!(m.probability(..).unwrap(), 1.0);
    assert_eq!(m.probability(2.0..2.0).unwrap(), 0.0);
    #[allow(clippy::reversed_empty_ranges)]
    let reversed = m.probability(2.0..1.0).unwrap_err();
    assert!(matches!(reversed, IntervalError::Reversed { .. }), "{reversed}");
    let nan = m.probability(f64::NAN..1.0).unwrap_err();
    assert!(matches!(nan, IntervalError::NotANumber { .. }), "{nan}");
    assert_eq!(m.component(1).unwrap().mean, 6.0);
    assert_eq!(m.component(2).unwrap_err(), m.component_pdf(2, 0.0).unwrap_err());
    let none = m.component_pdf(2, 0.0).unwrap_err();
    assert_eq!(none, ParameterError::Component { index: 2, n_components: 2 });
}
