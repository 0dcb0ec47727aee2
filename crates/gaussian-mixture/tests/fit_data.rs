//! Weighted samples, counts in bins and chunks: other sources for the same fit.

use gaussian_mixture::{
    Binned, CovarianceType, Criterion, Fit, FitError, FitOptions, Frozen, GaussianMixture, Moments,
    Restart, SampleError, Start, Stop, VarianceFloor, Weighted,
};
use ndarray::{Array2, array};
use rand::SeedableRng;
use rand::distr::Distribution;
use rand::rngs::Xoshiro256PlusPlus;

fn truth() -> GaussianMixture {
    GaussianMixture::new([0.3, 0.7], [-2.0, 1.0], [0.4, 0.8]).unwrap()
}

fn draw(n: usize, seed: u64) -> Vec<f64> {
    truth().sample_iter(Xoshiro256PlusPlus::seed_from_u64(seed)).take(n).collect()
}

/// From the truth, and not to the end, so that neither a random start nor the last bit of a likelihood comes between two fits
/// that should agree.
fn options() -> FitOptions {
    FitOptions::new(2)
        .with_start(Start::Mixture(truth()))
        .with_tolerance(0.0)
        .with_max_iterations(15)
}

/// Two sums of the same terms in another order, carried through 15 iterations.
const SAME: f64 = 1e-10;

fn assert_same(a: &GaussianMixture, b: &GaussianMixture) {
    for (a, b) in a.components().zip(b.components()) {
        assert!((a.weight - b.weight).abs() < SAME, "{a:?} {b:?}");
        assert!((a.mean - b.mean).abs() < SAME, "{a:?} {b:?}");
        assert!((a.std_dev - b.std_dev).abs() < SAME, "{a:?} {b:?}");
    }
}

#[test]
fn a_weight_of_two_is_the_sample_twice_and_of_zero_none() {
    let samples = draw(600, 1);
    let weights: Vec<f64> = (0..600).map(|i| f64::from(i % 3)).collect();
    let listed: Vec<f64> = samples.iter().zip(0..600).flat_map(|(&x, i)| vec![x; i % 3]).collect();
    let weighted = GaussianMixture::fit(&Weighted::new(&samples, &weights), &options()).unwrap();
    let listed = GaussianMixture::fit(&listed, &options()).unwrap();
    assert_same(&weighted.mixture, &listed.mixture);
    assert_eq!(weighted.report.n_samples, 600.0);
    assert!((weighted.report.ln_likelihood() - listed.report.ln_likelihood()).abs() < 1e-9);
    assert!((weighted.report.bic() - listed.report.bic()).abs() < 1e-9);
}

#[test]
fn samples_of_weight_zero_leave_no_trace_not_even_in_the_starts() {
    let samples = draw(300, 2);
    let mut more = samples.clone();
    more.insert(100, 1e6);
    let mut weights = vec![1.0; 301];
    weights[100] = 0.0;
    let options = FitOptions::new(3).with_seed(5);
    let with = GaussianMixture::fit(&Weighted::new(&more, &weights), &options).unwrap();
    let ones = vec![1.0; 300];
    let without = GaussianMixture::fit(&Weighted::new(&samples, &ones), &options).unwrap();
    assert_eq!(with, without);
    assert_eq!(without.mixture, GaussianMixture::fit(&samples, &options).unwrap().mixture);
}

#[test]
fn scaling_all_weights_scales_the_likelihood_alone() {
    let samples = draw(400, 3);
    let weights: Vec<f64> = (0..400).map(|i| 1.0 + f64::from(i % 5)).collect();
    let scaled: Vec<f64> = weights.iter().map(|w| 1e-6 * w).collect();
    let fit = |weights: &Vec<f64>| {
        GaussianMixture::fit(&Weighted::new(&samples, weights), &options()).unwrap()
    };
    let (a, b) = (fit(&weights), fit(&scaled));
    assert_same(&a.mixture, &b.mixture);
    assert!((1e-6 * a.report.ln_likelihood() / b.report.ln_likelihood() - 1.0).abs() < SAME);
}

#[test]
fn narrow_bins_are_as_good_as_the_samples() {
    let samples = draw(4000, 4);
    let edges: Vec<f64> = (0..=12_000).map(|i| -6.0 + 0.001 * f64::from(i)).collect();
    let mut counts = vec![0.0; 12_000];
    for x in &samples {
        counts[edges.partition_point(|e| e <= x) - 1] += 1.0;
    }
    let binned = GaussianMixture::fit(&Binned::new(&edges, &counts), &options()).unwrap();
    let listed = GaussianMixture::fit(&samples, &options()).unwrap();
    // A thousandth of the samples' own spacing of the parameters: a bin moves each sample by less than 0.001, at random.
    const ROUNDED: f64 = 1e-4;
    for (a, b) in binned.mixture.components().zip(listed.mixture.components()) {
        assert!((a.mean - b.mean).abs() < ROUNDED && (a.std_dev - b.std_dev).abs() < ROUNDED);
    }
}

#[test]
fn wide_bins_give_back_the_mixture_that_filled_them() {
    // The counts that the truth itself gives; as wide as a standard deviation, so that bin centers would be wrong by
    // h²/12 of a variance (Sheppard's correction), 13 % here.
    let edges: Vec<f64> = (-10..=10).map(|i| 0.5 * f64::from(i)).collect();
    let probability = |a: f64, b: f64| truth().cdf(b) - truth().cdf(a);
    let counts: Vec<f64> = edges.windows(2).map(|e| 1e4 * probability(e[0], e[1])).collect();
    let options = FitOptions::new(2).with_tolerance(1e-15).with_max_iterations(20_000);
    let fit = GaussianMixture::fit(&Binned::new(&edges, &counts), &options).unwrap();
    // EM's last steps, in a likelihood that is flat about its maximum.
    const CONVERGED: f64 = 1e-4;
    for (found, expected) in fit.mixture.components_by_mean().iter().zip(truth().components()) {
        assert!((found.weight - expected.weight).abs() < CONVERGED, "{}", fit.mixture);
        assert!((found.mean - expected.mean).abs() < CONVERGED, "{}", fit.mixture);
        assert!((found.std_dev - expected.std_dev).abs() < CONVERGED, "{}", fit.mixture);
    }
    // Negative control: the same counts as samples at the centers come out too wide.
    let centers: Vec<f64> = edges.windows(2).map(|e| 0.5 * (e[0] + e[1])).collect();
    let wrong = GaussianMixture::fit(&Weighted::new(&centers, &counts), &options).unwrap();
    let narrow = wrong.mixture.components_by_mean()[0].std_dev;
    let predicted = (0.4_f64.powi(2) + 0.25 / 12.0).sqrt();
    assert!((narrow - predicted).abs() < 0.01, "{narrow} for a predicted {predicted}");
}

#[test]
fn the_likelihood_of_bins_is_the_multinomial_one_and_never_falls() {
    let edges = [f64::NEG_INFINITY, -2.0, -1.0, 0.0, 1.5, f64::INFINITY];
    let counts = [40.0, 30.0, 5.0, 60.0, 20.0];
    let Fit { mixture, report } =
        GaussianMixture::fit(&Binned::new(&edges, &counts), &options()).unwrap();
    let cells = edges.windows(2).zip(counts);
    let direct: f64 = cells.map(|(e, n)| n * mixture.probability(e[0]..e[1]).unwrap().ln()).sum();
    assert!((report.ln_likelihood() / direct - 1.0).abs() < SAME);
    assert!(report.ln_likelihoods.windows(2).all(|l| l[1] >= l[0] - 1e-11));
}

#[test]
fn a_single_bin_is_floored_and_reported_and_never_nan() {
    let fit =
        GaussianMixture::fit(&Binned::new(&[0.0, 1.0, 2.0], &[10.0, 0.0]), &FitOptions::new(1));
    let fit = fit.unwrap();
    assert!(fit.report.ln_likelihood().is_finite() && fit.mixture.std_devs()[0] > 0.0);
    let everything = Binned::new(&[f64::NEG_INFINITY, f64::INFINITY], &[3.0]);
    let error = GaussianMixture::fit(&everything, &FitOptions::new(1)).unwrap_err();
    assert_eq!(error, FitError::Samples(SampleError::OneBin));
}

#[test]
fn chunks_of_any_size_give_the_bits_of_the_whole() {
    // Two blocks and a half.
    let samples = draw(60_000, 5);
    let weights: Vec<f64> = (0..60_000).map(|i| f64::from(i % 4) * 0.7).collect();
    let options = options().with_max_iterations(4);
    let whole = GaussianMixture::fit(&samples, &options).unwrap();
    let whole_weighted =
        GaussianMixture::fit(&Weighted::new(&samples, &weights), &options).unwrap();
    for size in [1, 7, 1024, 24_576, 24_577, 59_999] {
        let (mut mixture, mut weighted) = (truth(), truth());
        for _ in 0..4 {
            let (mut moments, mut heavy) = (Moments::new(&mixture), Moments::new(&weighted));
            for (chunk, w) in samples.chunks(size).zip(weights.chunks(size)) {
                moments.add(chunk).unwrap();
                // A chunk without any weight is a chunk without samples.
                if w.iter().any(|w| *w > 0.0) {
                    heavy.add(&Weighted::new(chunk, w)).unwrap();
                }
            }
            mixture = moments.m_step(&options).unwrap();
            weighted = heavy.m_step(&options).unwrap();
        }
        assert_eq!(mixture, whole.mixture, "chunks of {size}");
        assert_eq!(weighted, whole_weighted.mixture, "weighted chunks of {size}");
    }
}

#[test]
fn a_chunk_that_is_worth_several_threads_gives_the_bits_of_the_whole() {
    let samples = draw(700_000, 9);
    let options = options().with_threads(1).with_max_iterations(1);
    let whole = GaussianMixture::fit(&samples, &options).unwrap();
    let (first, rest) = samples.split_at(700);
    for moments in [Moments::new(&truth()), Moments::new(&truth()).with_threads(1)] {
        let mut moments = moments;
        moments.add(first).unwrap();
        moments.add(rest).unwrap();
        assert_eq!(moments.m_step(&options).unwrap(), whole.mixture);
    }
}

#[test]
fn chunks_with_weights_and_without_give_the_bits_of_weights_of_one() {
    // Two blocks and a half.
    let samples = draw(60_000, 10);
    let weights: Vec<f64> =
        (0..60_000).map(|i| if i / 1700 % 2 == 0 { 1.0 } else { f64::from(i % 5) + 0.3 }).collect();
    let options = options().with_max_iterations(1);
    let whole = GaussianMixture::fit(&Weighted::new(&samples, &weights), &options).unwrap();
    let mut moments = Moments::new(&truth());
    for (i, (chunk, weights)) in samples.chunks(1700).zip(weights.chunks(1700)).enumerate() {
        match i % 2 {
            0 => moments.add(chunk).unwrap(),
            _ => moments.add(&Weighted::new(chunk, weights)).unwrap(),
        }
    }
    assert_eq!(moments.m_step(&options).unwrap(), whole.mixture);
}

#[test]
fn a_chunk_of_bins_gives_the_bits_of_the_whole() {
    // Two blocks and a half.
    let edges: Vec<f64> = (0..=60_000).map(|i| -6.0 + 0.0002 * f64::from(i)).collect();
    let counts: Vec<f64> = (0..60_000).map(|i| f64::from(i % 7)).collect();
    let (bins, options) = (Binned::new(&edges, &counts), options().with_max_iterations(1));
    let mut moments = Moments::new(&truth());
    moments.add(&bins).unwrap();
    let whole = GaussianMixture::fit(&bins, &options).unwrap();
    assert_eq!(moments.m_step(&options).unwrap(), whole.mixture);
}

#[test]
fn a_chunk_that_is_refused_leaves_the_moments_as_they_were() {
    let mut moments = Moments::new(&truth());
    moments.add(&draw(1500, 11)).unwrap();
    let before = moments.clone();
    let mut spoilt = draw(3000, 12);
    spoilt[2999] = f64::NAN;
    let error = moments.add(&spoilt).unwrap_err();
    assert!(matches!(error, SampleError::NotFinite { index: 2999, .. }));
    let unweighted = Weighted::new(&spoilt[..2999], &[1.0]);
    let error = moments.add(&unweighted).unwrap_err();
    assert_eq!(error, SampleError::WeightCount { expected: 2999, found: 1 });
    assert_eq!(moments, before);
}

#[test]
fn moments_of_two_machines_add_and_those_of_two_mixtures_do_not() {
    // A block and more on either side.
    let samples = draw(80_000, 6);
    let of = |samples: &[f64]| {
        let mut moments = Moments::new(&truth());
        moments.add(samples).unwrap();
        moments
    };
    let mut sum = of(&samples[..30_000]);
    sum.merge(&of(&samples[30_000..])).unwrap();
    assert_eq!(sum.n_samples(), 80_000.0);
    let options = FitOptions::new(2);
    assert_same(&sum.m_step(&options).unwrap(), &of(&samples).m_step(&options).unwrap());
    let direct: f64 = truth().ln_pdf(&samples).iter().sum();
    assert!((sum.ln_likelihood() - direct).abs() < 1e-9 * direct.abs());
    let other = GaussianMixture::new([1.0], [0.0], [1.0]).unwrap();
    assert_eq!(sum.merge(&Moments::new(&other)), Err(FitError::OtherMixture));
    let nothing = Moments::new(&other).m_step(&FitOptions::new(1)).unwrap_err();
    assert_eq!(nothing, FitError::Samples(SampleError::Empty));
}

#[test]
fn weights_and_bins_that_cannot_be_used_are_named() {
    let fit = |w: &[f64]| {
        GaussianMixture::fit(&Weighted::new(&[1.0, 2.0, 3.0], w), &FitOptions::new(1)).unwrap_err()
    };
    let sample = |e: SampleError| FitError::Samples(e);
    assert_eq!(fit(&[1.0]), sample(SampleError::WeightCount { expected: 3, found: 1 }));
    assert_eq!(fit(&[1.0, -2.0, 1.0]), sample(SampleError::Weight { index: 1, value: -2.0 }));
    assert!(matches!(
        fit(&[1.0, f64::NAN, 1.0]),
        FitError::Samples(SampleError::Weight { index: 1, .. })
    ));
    assert_eq!(fit(&[0.0; 3]), sample(SampleError::WeightSum { sum: 0.0 }));
    assert_eq!(fit(&[0.0, 1.0, 0.0]), sample(SampleError::Constant { value: 2.0 }));
    let bins = |e: &[f64], c: &[f64]| {
        GaussianMixture::fit(&Binned::new(e, c), &FitOptions::new(1)).unwrap_err()
    };
    assert_eq!(
        bins(&[0.0, 1.0], &[1.0; 2]),
        sample(SampleError::BinCount { n_edges: 2, n_counts: 2 })
    );
    let back = SampleError::Edges { index: 2, left: 1.0, right: 1.0 };
    assert_eq!(bins(&[0.0, 1.0, 1.0], &[1.0; 2]), sample(back));
    assert!(matches!(
        bins(&[0.0, f64::NAN, 1.0], &[1.0; 2]),
        FitError::Samples(SampleError::Edges { index: 1, .. })
    ));
}

#[test]
fn every_start_leads_to_a_fit_and_begins_somewhere_else_each_time() {
    let samples = draw(1000, 7);
    for start in [
        Start::KMeansFirst,
        Start::KMeansPlusPlus,
        Start::KMeans,
        Start::RandomResponsibilities,
        Start::RandomPoints,
    ] {
        let options =
            FitOptions::new(2).with_start(start.clone()).with_restarts(5).with_tolerance(1e-10);
        let fit = GaussianMixture::fit(&samples, &options).unwrap();
        let means: Vec<f64> = fit.mixture.components_by_mean().iter().map(|c| c.mean).collect();
        // Several standard errors.
        assert!(
            (means[0] + 2.0).abs() < 0.15 && (means[1] - 1.0).abs() < 0.15,
            "{start:?} {means:?}"
        );
        // Two components that lie apart need not be moved.
        let n_starts = if start == Start::KMeansFirst { 1 } else { 5 };
        assert_eq!(fit.report.restarts.len(), n_starts);
        let begin =
            FitOptions::new(3).with_start(start.clone()).with_max_iterations(0).with_restarts(5);
        let begun = GaussianMixture::fit(&samples, &begin).unwrap();
        let mut first: Vec<f64> = begun.report.restarts.iter().map(|r| r.ln_likelihood).collect();
        first.sort_by(f64::total_cmp);
        first.dedup();
        // k-means itself may lead two draws to the same groups.
        let least = match start {
            Start::KMeans => 1,
            Start::KMeansFirst => 3,
            _ => 5,
        };
        assert!(first.len() >= least, "{start:?}: {first:?}");
        let means = begun.mixture.means();
        assert!((0..3).all(|i| (0..i).all(|j| means[i] != means[j])), "{start:?} {means:?}");
    }
}

#[test]
fn k_means_comes_first_and_further_starts_begin_where_it_does_not() {
    let samples = draw(1000, 7);
    let begun = |start: Start| {
        let options = FitOptions::new(3).with_start(start).with_max_iterations(0).with_restarts(4);
        let report = GaussianMixture::fit(&samples, &options).unwrap().report;
        report.restarts.iter().map(|r| r.ln_likelihood).collect::<Vec<f64>>()
    };
    let [first, means] = [Start::KMeansFirst, Start::KMeans].map(begun);
    assert_eq!(first[0], means[0]);
    assert!(first.len() > 1);
    // k-means leads to the same place again and again, but for its last rounds, which hardly bring the samples nearer.
    let near = |a: f64| means.iter().any(|b| (a - b).abs() < 1e-3 * b.abs());
    assert!(!first[1..].iter().any(|&a| near(a)), "{first:?} {means:?}");
}

/// Most bins are empty, and no start may see only those.
#[test]
fn a_start_is_found_in_a_sparse_histogram() {
    let edges: Vec<f64> = (0..=4096).map(f64::from).collect();
    let mut counts = vec![0.0; 4096];
    for bin in [100, 101, 2000, 2001, 4000, 4001] {
        counts[bin] = 50.0;
    }
    for seed in 0..10 {
        let options = FitOptions::new(3).with_seed(seed);
        let fit = GaussianMixture::fit(&Binned::new(&edges, &counts), &options).unwrap();
        let means: Vec<f64> = fit.mixture.components_by_mean().iter().map(|c| c.mean).collect();
        // Between the two bins of each group, by symmetry.
        assert!(means.iter().zip([101.0, 2001.0, 4001.0]).all(|(m, x)| (m - x).abs() < 0.01));
    }
}

/// Three groups far apart: where two components share one of them, EM gets nowhere.
#[test]
fn a_start_without_prospect_is_given_up_and_never_chosen() {
    let samples: Vec<f64> =
        draw(3000, 8).iter().enumerate().map(|(n, x)| x + 20.0 * (n % 3) as f64).collect();
    let options = FitOptions::new(3).with_start(Start::RandomPoints).with_restarts(30);
    let report = GaussianMixture::fit(&samples, &options).unwrap().report;
    let best = report.restarts[report.best_restart];
    assert_eq!(best.stop, Stop::Converged);
    let (behind, ended): (Vec<&Restart>, Vec<_>) =
        report.restarts.iter().partition(|restart| restart.stop == Stop::Behind);
    assert!(behind.len() > 3 && ended.len() > 3, "{:?}", report.restarts);
    for restart in behind {
        // 0.01 of mean log-likelihood, and three iterations to tell the pace from.
        assert!(restart.ln_likelihood < best.ln_likelihood - 0.01 * report.n_samples);
        assert!(restart.n_iterations >= 3);
    }
    // The first has nobody before it.
    assert_ne!(report.restarts[0].stop, Stop::Behind);
}

#[test]
fn given_responsibilities_are_the_first_m_step() {
    let samples = [0.0, 1.0, 4.0, 6.0];
    let r = array![[1.0, 0.0], [3.0, 1.0], [0.0, 2.0], [0.0, 1.0]];
    let options = FitOptions::new(2).with_start(Start::Responsibilities(r)).with_max_iterations(0);
    let fit = GaussianMixture::fit(&samples, &options).unwrap();
    // Rows are divided by their sums: 1, 0.75 and 0.25, 1, 1.
    let mean = 0.75 / 1.75;
    assert!((fit.mixture.weights()[0] - 1.75 / 4.0).abs() < SAME);
    assert!((fit.mixture.means()[0] - mean).abs() < SAME);
    let variance = (mean * mean + 0.75 * (1.0 - mean).powi(2)) / 1.75;
    assert!((fit.mixture.std_devs()[0] - variance.sqrt()).abs() < SAME);
    assert_eq!(fit.report.restarts.len(), 1);
    let error = |r: Array2<f64>| {
        let options = FitOptions::new(2).with_start(Start::Responsibilities(r));
        GaussianMixture::fit(&samples, &options).unwrap_err()
    };
    assert_eq!(
        error(Array2::ones((3, 2))),
        FitError::Start { what: "rows", expected: 4, found: 3 }
    );
    assert_eq!(
        error(Array2::ones((4, 3))),
        FitError::Start { what: "components", expected: 2, found: 3 }
    );
    assert_eq!(error(Array2::zeros((4, 2))), FitError::Responsibility { row: 0, value: 0.0 });
}

#[test]
fn a_warm_start_goes_on_where_it_stopped() {
    let samples = draw(700, 8);
    let fit = |start: GaussianMixture, n| {
        let options = options().with_start(Start::Mixture(start)).with_max_iterations(n);
        GaussianMixture::fit(&samples, &options).unwrap().mixture
    };
    assert_eq!(fit(fit(truth(), 1), 1), fit(truth(), 2));
    assert_eq!(fit(truth(), 0), truth());
    let one = GaussianMixture::new([1.0], [0.0], [1.0]).unwrap();
    let error =
        GaussianMixture::fit(&samples, &options().with_start(Start::Mixture(one))).unwrap_err();
    assert_eq!(error, FitError::Start { what: "components", expected: 2, found: 1 });
}

#[test]
fn progress_is_told_once_per_iteration() {
    let samples = draw(300, 9);
    let mut seen = Vec::new();
    let options = FitOptions::new(2).with_start(Start::KMeansPlusPlus).with_restarts(3);
    let fit = GaussianMixture::fit_with_progress(&samples, &options, |p| {
        seen.push((p.restart, p.iteration, p.ln_likelihood));
    })
    .unwrap();
    let best: Vec<f64> =
        seen.iter().filter(|s| s.0 == fit.report.best_restart).map(|s| s.2).collect();
    assert_eq!(best, fit.report.ln_likelihoods);
    assert_eq!(fit.report.restarts.len(), 3);
    let total: usize = fit.report.restarts.iter().map(|r| r.n_iterations + 1).sum();
    assert_eq!(seen.len(), total);
    assert_eq!(fit, GaussianMixture::fit(&samples, &options).unwrap());
}

#[test]
fn tied_means_one_width_and_fewer_parameters() {
    let samples = draw(1000, 10);
    let options =
        FitOptions::new(2).with_covariance_type(CovarianceType::Tied).with_tolerance(1e-12);
    let Fit { mixture, report } = GaussianMixture::fit(&samples, &options).unwrap();
    assert_eq!(mixture.std_devs()[0], mixture.std_devs()[1]);
    assert_eq!(report.n_parameters, 4);
    assert!(report.ln_likelihoods.windows(2).all(|l| l[1] >= l[0] - 1e-11));
    // At the maximum the common variance is the average of the samples' squared distances from each mean.
    let r = mixture.responsibilities(&samples).unwrap();
    let square = |n: usize, k: usize| r[[n, k]] * (samples[n] - mixture.means()[k]).powi(2);
    let variance: f64 = (0..1000).map(|n| square(n, 0) + square(n, 1)).sum::<f64>() / 1000.0;
    assert!((variance.sqrt() / mixture.std_devs()[0] - 1.0).abs() < 1e-5);
}

#[test]
fn an_absolute_floor_fits_constant_samples_too() {
    let options = FitOptions::new(1).with_variance_floor(VarianceFloor::Absolute(0.25));
    let Fit { mixture, report } = GaussianMixture::fit(&[3.0; 5], &options).unwrap();
    assert_eq!((mixture.means()[0], mixture.std_devs()[0]), (3.0, 0.5));
    assert_eq!(report.collapsed, [0]);
    for floor in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let options = FitOptions::new(1).with_variance_floor(VarianceFloor::Absolute(floor));
        let error = GaussianMixture::fit(&[1.0, 2.0], &options).unwrap_err();
        assert!(matches!(error, FitError::Option { option: "variance_floor", .. }));
    }
}

#[test]
fn frozen_parameters_stay_through_a_fit_and_are_not_counted() {
    let samples = draw(500, 11);
    let frozen = Frozen { means: true, ..Frozen::default() };
    let Fit { mixture, report } =
        GaussianMixture::fit(&samples, &options().with_frozen(frozen)).unwrap();
    assert_eq!(mixture.means(), truth().means());
    assert_ne!(mixture.std_devs(), truth().std_devs());
    assert_eq!(report.n_parameters, 3);
    assert!(report.ln_likelihoods.windows(2).all(|l| l[1] >= l[0] - 1e-11));
}

#[test]
fn each_criterion_finds_the_two_components_and_returns_its_table() {
    let samples = draw(1500, 12);
    let types = [CovarianceType::Full, CovarianceType::Tied];
    for criterion in
        [Criterion::Bic, Criterion::Aic, Criterion::Icl, Criterion::HeldOut { folds: 5 }]
    {
        let options = FitOptions::new(1).with_tolerance(1e-8);
        let s = GaussianMixture::select(&samples, 1..=3, &types, criterion, &options).unwrap();
        assert_eq!(s.table.len(), 6);
        // AIC and held-out likelihood may take one more, which fits as well.
        let most = if matches!(criterion, Criterion::Bic | Criterion::Icl) { 2 } else { 3 };
        assert!((2..=most).contains(&s.best.mixture.n_components()), "{criterion:?}");
        assert_eq!(s.table[s.best_index].covariance_type, CovarianceType::Full, "{criterion:?}");
        assert_eq!(s.table[s.best_index].report.as_ref().unwrap(), &s.best.report);
        assert_eq!(s.table[0].held_out.is_some(), matches!(criterion, Criterion::HeldOut { .. }));
    }
}

#[test]
fn what_cannot_be_selected_from_is_named() {
    let samples = draw(10, 13);
    let types = [CovarianceType::Full];
    let select = |k: Vec<usize>, criterion| {
        GaussianMixture::select(&samples, k, &types, criterion, &FitOptions::new(1))
    };
    assert_eq!(select(vec![], Criterion::Bic).unwrap_err(), FitError::NoCandidates);
    let folds = FitError::Folds { n_samples: 10, folds: 11 };
    assert_eq!(select(vec![1], Criterion::HeldOut { folds: 11 }).unwrap_err(), folds);
    let partly = select(vec![1, 99], Criterion::Bic).unwrap();
    assert_eq!(partly.best.mixture.n_components(), 1);
    assert!(matches!(partly.table[1].report, Err(FitError::TooFewSamples { .. })));
}

/// For one Gaussian, AIC and BIC follow from the variance alone.
#[test]
fn the_criteria_are_their_formulas() {
    let samples = draw(800, 14);
    let report = GaussianMixture::fit(&samples, &FitOptions::new(1)).unwrap().report;
    let mean = samples.iter().sum::<f64>() / 800.0;
    let variance = samples.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 800.0;
    let deviance = 800.0 * (1.0 + (2.0 * std::f64::consts::PI * variance).ln());
    assert!((report.aic() - (deviance + 4.0)).abs() < 1e-8);
    assert!((report.bic() - (deviance + 2.0 * 800.0_f64.ln())).abs() < 1e-8);
    // One component is certain.
    assert_eq!(report.icl(), report.bic());
}
