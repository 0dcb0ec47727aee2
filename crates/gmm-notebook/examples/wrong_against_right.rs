//! The figure of the project's front page: one mixture, and the curve that the mistake makes of it.
//!
//! `cargo run -p gmm-notebook --example wrong_against_right -- figure.svg`

use gmm_notebook::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("expected the path of the SVG file to write")?;

    let weights = Weights::from_proportions([2000.0, 5000.0, 10_000.0])?;
    let mixture = GaussianMixture::new(weights, [-0.5, -0.1, 0.2], [0.2, 0.07, 0.13])?;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(11);
    let samples: Vec<f64> = (&mixture).sample_iter(&mut rng).take(17_000).collect();

    let grid = Array1::linspace(-2.0, 1.5, 5000);
    let bell = |x: f64, c: Component| (-(x - c.mean).powi(2) / (2.0 * c.std_dev.powi(2))).exp();
    let sum = grid.mapv(|x| mixture.components().map(|c| c.weight * bell(x, c)).sum::<f64>());
    let wrong = &sum / trapezoid(&grid, &sum)?;

    let figure = Figure::new("Both curves have area 1. Only one of them is right")
        .labels("Arbitrary units", "Probability density")
        .histogram("17 000 samples", &Histogram::with_bins(&samples, 50)?)
        .curve("each component normalised", Role::Fitted, &grid, &mixture.pdf(&grid))
        .dashed("only the sum normalised", Role::Wrong, &grid, &wrong)
        .x_range(-1.3, 0.9);
    figure.save(&path)?;
    println!("{}", figure.caption());
    Ok(())
}
