//! Every kind of figure, as SVG and as PNG.
//!
//! `cargo run -p gmm-notebook --features png --example gallery -- target/gallery`

use gmm_notebook::FigureError;
use gmm_notebook::prelude::*;
use std::error::Error;
use std::path::PathBuf;

#[allow(clippy::too_many_lines)] // A list of figures, one after the other.
fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("expected a folder to write to")?);
    std::fs::create_dir_all(&folder)?;
    let save = |name: &str, figure: &Figure| -> Result<(), FigureError> {
        println!("{name}\n{}\n", figure.caption());
        figure.save(folder.join(format!("{name}.svg")))?;
        figure.save(folder.join(format!("{name}.png")))
    };

    let weights = Weights::from_proportions([2000.0, 5000.0, 10_000.0])?;
    let mixture = GaussianMixture::new(weights, [-0.5, -0.1, 0.2], [0.2, 0.07, 0.13])?;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(11);
    let samples: Vec<f64> = (&mixture).sample_iter(&mut rng).take(17_000).collect();
    let histogram = Histogram::with_bins(&samples, 50)?;
    let fit = GaussianMixture::fit(&samples, &FitOptions::new(3))?;

    let grid = Array1::linspace(-2.0, 1.5, 5000);
    let bell = |x: f64, c: Component| (-(x - c.mean).powi(2) / (2.0 * c.std_dev.powi(2))).exp();
    let sum = grid.mapv(|x| mixture.components().map(|c| c.weight * bell(x, c)).sum::<f64>());
    let wrong = &sum / trapezoid(&grid, &sum)?;

    save(
        "histogram",
        &Figure::new("Wrong against right")
            .labels("Arbitrary units", "Probability density")
            .histogram("17 000 samples", &histogram)
            .density("fitted", Role::Fitted, &fit.mixture)
            .curve("only the sum normalised", Role::Wrong, &grid, &wrong)
            .curve("each component normalised", Role::Right, &grid, &mixture.pdf(&grid))
            .x_range(-1.3, 0.9),
    )?;
    save(
        "components",
        &Figure::new("Three weighted components")
            .components(&fit.mixture)
            .density("mixture", Role::Fitted, &fit.mixture)
            .x_range(-1.3, 0.9),
    )?;
    save("error", &error_against_step()?)?;
    save("trace", &Figure::new("EM climbs").trace("log-likelihood", Role::Fitted, &fit.report))?;
    save("responsibilities", &Figure::new("Whose sample is it?").responsibilities(&mixture))?;
    save(
        "cumulative",
        &Figure::new("Quantiles and an interval")
            .cumulative("P(X ≤ x)", Role::Fitted, &mixture)
            .interval(&mixture, -0.2..0.1)
            .quantiles(&mixture, &[0.05, 0.5, 0.95]),
    )?;
    save(
        "interval",
        &Figure::new("An interval's probability is an area")
            .interval(&mixture, -0.2..0.1)
            .density("density", Role::Fitted, &mixture)
            .vertical("mean", Role::Reference, mixture.mean()),
    )?;
    let two = GaussianMixture::new([0.4, 0.6], [-2.0, 2.0], [0.8, 0.6])?;
    save(
        "highest-density",
        &Figure::new("Where 90 % of the probability lies most densely")
            .highest_density(&two, 0.9)
            .density("density", Role::Fitted, &two),
    )?;
    save(
        "tails",
        &Figure::new("The same density on a logarithmic axis")
            .density("density", Role::Fitted, &two)
            .components(&two)
            .log_y(),
    )?;
    let selection = GaussianMixture::select(
        &samples[..2000],
        1..=7,
        &[CovarianceType::Full],
        Criterion::Bic,
        &FitOptions::new(1),
    )?;
    save("criterion", &Figure::new("How many?").criterion(&selection, Criterion::Bic))?;
    let covariances = Covariances::Full(array![[[1.0, 0.8], [0.8, 1.0]], [[0.3, 0.0], [0.0, 1.2]]]);
    let plane =
        MultivariateGaussianMixture::new([0.6, 0.4], &[[0.0, 0.0], [3.0, 1.0]], covariances)?;
    save(
        "scatter",
        &Figure::new("Two components in the plane")
            .labels("Length (mm)", "Width (mm)")
            .scatter("17 000 samples", Role::Data, &plane.sample_rows(17_000, &mut rng))
            .ellipses(&plane, 0.9),
    )?;
    let far = mixture.pdf(&grid).mapv(|y| y * 1e-7);
    save(
        "offset",
        &Figure::new("Far from 0: μ = 10⁹, σ ≈ 0.2")
            .labels("Time (s)", "Density (1/ns)")
            .curve("density", Role::Fitted, &grid.mapv(|x| x + 1e9), &far)
            .shaded_between(
                "between",
                Role::Component(0),
                &grid.mapv(|x| x + 1e9),
                &far,
                1e9 - 0.5..1e9,
            ),
    )?;
    save("roles", &roles())?;

    let mut panels = Panels::new("More bins, more noise", 2).same_axes();
    for n_bins in [5, 20, 80, 320] {
        panels = panels.with(
            Figure::new(format!("{n_bins} bins"))
                .histogram("samples", &Histogram::with_bins(&samples[..1000], n_bins)?)
                .density("true density", Role::Fitted, &mixture)
                .labels("x", "Density")
                .x_range(-1.3, 0.9),
        );
    }
    println!("panels\n{}", panels.caption());
    panels.save(folder.join("panels.svg"))?;
    panels.save(folder.join("panels.png"))?;
    Ok(())
}

fn error_against_step() -> Result<Figure, Box<dyn Error>> {
    let normal = GaussianMixture::new([1.0], [0.0], [1.0])?;
    let steps: Vec<f64> = (0..20).map(|i| 3.0 * 0.93_f64.powi(i)).collect();
    let mut errors = Vec::new();
    for step in &steps {
        let n = (10.0 / step).ceil();
        let grid = Array1::range(-n, n + 0.5, 1.0) * *step;
        errors.push((trapezoid(&grid, &normal.pdf(&grid))? - 1.0).abs());
    }
    let formula: Vec<f64> =
        steps.iter().map(|h| 2.0 * (-2.0 * std::f64::consts::PI.powi(2) / (h * h)).exp()).collect();
    Ok(Figure::new("The error of the trapezoid rule on a Gaussian")
        .labels("Step h in standard deviations", "Error of the area")
        .curve("2 exp(−2π²σ²/h²)", Role::Right, &steps, &formula)
        .points("measured", Role::Data, &steps, &errors)
        .log_x()
        .log_y())
}

fn roles() -> Figure {
    let roles = [Role::Data, Role::Fitted, Role::Wrong, Role::Right, Role::Reference]
        .into_iter()
        .chain((0..5).map(Role::Component));
    roles.enumerate().fold(Figure::new("Every role").labels("x", "y"), |figure, (i, role)| {
        let y = i as f64;
        figure.curve(format!("{role:?}"), role, &[0.0, 4.0], &[y, y + 1.0]).points(
            "",
            role,
            &[1.0, 2.0, 3.0],
            &[y + 0.25, y + 0.5, y + 0.75],
        )
    })
}
