//! The explorables as web pages, with what the crate computes for them: `expected.json`, for the test that plays with them in a browser.
//!
//! `cargo run -p gmm-notebook --example explorables -- FOLDER`

use gmm_notebook::prelude::*;
use std::error::Error;
use std::f64::consts::PI;
use std::path::Path;

/// Values of the sliders that are stops of theirs.
const STD_DEVS: [f64; 5] = [0.035, 0.07, 0.13, 0.2, 0.3];
const WEIGHTS: [f64; 5] = [0.0, 0.25, 5.0 / 17.0, 0.8, 1.0];

/// Where curves are compared: at these of the 801 points of the page's grid, which a path has among its own.
const GRID: (f64, f64) = (-0.5 - 8.0 * 0.3, 0.2 + 8.0 * 0.3);
const GRID_STEPS: usize = 800;

fn compared() -> Vec<f64> {
    let at = |i: usize| GRID.0 + (GRID.1 - GRID.0) * i as f64 / GRID_STEPS as f64;
    (240..=520).step_by(7).map(at).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("expected the folder to write to")?;
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;

    let weights = Weights::from_proportions([2000.0, 5000.0, 10_000.0])?;
    let mixture = GaussianMixture::new(weights, [-0.5, -0.1, 0.2], [0.2, 0.07, 0.13])?;
    let component = explore_component(&mixture, 1)?.x_label("Arbitrary units");
    let trapezoid = explore_trapezoid(&mixture)?.x_label("Arbitrary units");
    let tent = explore_trapezoid_of("the tent", tent, -1.5..=2.0, 1.0)?;
    let density = explore_density(&mixture)?.x_label("Arbitrary units");
    let two = GaussianMixture::new([0.4, 0.6], [0.0, 3.0], [0.5, 1.25])?;
    let pair = explore_component(&two, 0)?;

    component.save(folder.join("component.html"))?;
    trapezoid.save(folder.join("trapezoid.html"))?;
    tent.save(folder.join("tent.html"))?;
    density.save(folder.join("density.html"))?;
    pair.save(folder.join("pair.html"))?;
    // Several in one page, one of them twice.
    let several = [&component, &density, &component, &trapezoid];
    let pieces: Vec<String> = several.iter().map(|one| one.to_html()).collect::<Result<_, _>>()?;
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Several</title>\n</head>\n<body>\n{}\n</body>\n</html>\n",
        pieces.join("\n")
    );
    std::fs::write(folder.join("several.html"), page)?;

    let expected = object([
        ("component", components(&mixture, 1)?),
        ("trapezoid", areas(|x| mixture.pdf(x), range(&mixture), 190)?),
        ("tent", areas(self::tent, (-1.5, 2.0), 128)?),
        ("density", columns(&mixture)),
    ]);
    std::fs::write(folder.join("expected.json"), expected)?;
    Ok(())
}

fn tent(x: f64) -> f64 {
    (1.0 - x.abs()).max(0.0)
}

/// The component's changed mixture at each pair of slider values, and with the same σ everywhere.
fn components(mixture: &GaussianMixture, k: usize) -> Result<String, Box<dyn Error>> {
    let mut all = Vec::new();
    for std_dev in STD_DEVS {
        for weight in WEIGHTS {
            for same in [false, true] {
                all.push(changed(mixture, k, std_dev, weight, same)?);
            }
        }
    }
    Ok(format!("[{}]", all.join(",\n")))
}

fn changed(
    mixture: &GaussianMixture,
    k: usize,
    std_dev: f64,
    weight: f64,
    same: bool,
) -> Result<String, Box<dyn Error>> {
    let rest = 1.0 - mixture.weights()[k];
    let part = |c: Component| if c.index == k { weight } else { c.weight / rest * (1.0 - weight) };
    let width = |c: Component| if same || c.index == k { std_dev } else { c.std_dev };
    let weights: Vec<f64> = mixture.components().map(part).collect();
    let std_devs: Vec<f64> = mixture.components().map(width).collect();
    let right = GaussianMixture::new(weights, mixture.means(), std_devs)?;

    // The wrong curve by hand, on a grid of its own, ten steps for the narrowest σ of all.
    let grid = Array1::linspace(-3.5, 3.0, 20_001);
    let bell =
        |c: Component, x: f64| c.weight * (-(x - c.mean).powi(2) / (2.0 * c.std_dev.powi(2))).exp();
    let sum = |x: f64| right.components().map(|c| bell(c, x)).sum::<f64>();
    let z = trapezoid(&grid, &grid.mapv(sum))?;
    let mut wrong_areas = Vec::new();
    let mut right_areas = Vec::new();
    for c in right.components() {
        wrong_areas.push(trapezoid(&grid, &grid.mapv(|x| bell(c, x) / z))?);
        right_areas.push(trapezoid(&grid, &right.component_pdf(c.index, &grid)?)?);
    }
    let gap = grid.mapv(|x| 0.5 * (sum(x) / z - right.pdf(x)).abs());
    Ok(object([
        ("std_dev", number(std_dev)),
        ("weight", number(weight)),
        ("same", same.to_string()),
        ("weights", list(right.weights().iter().copied())),
        ("wrong_areas", list(wrong_areas)),
        ("right_areas", list(right_areas)),
        ("wrong_total", number(trapezoid(&grid, &grid.mapv(|x| sum(x) / z))?)),
        ("right_total", number(trapezoid(&grid, &right.pdf(&grid))?)),
        ("z", number(z)),
        ("distance", number(trapezoid(&grid, &gap)?)),
        ("x", list(compared())),
        ("wrong", list(compared().into_iter().map(|x| sum(x) / z))),
        ("right", list(compared().into_iter().map(|x| right.pdf(x)))),
    ]))
}

/// As the explorable's documentation has it.
fn range(mixture: &GaussianMixture) -> (f64, f64) {
    mixture.components().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), c| {
        (low.min(c.mean - 8.0 * c.std_dev), high.max(c.mean + 8.0 * c.std_dev))
    })
}

/// The trapezoid rule with each number of steps, and the corners of the trapezia.
fn areas(
    f: impl Fn(f64) -> f64,
    (low, high): (f64, f64),
    most: usize,
) -> Result<String, Box<dyn Error>> {
    let law = |h: f64| -> f64 {
        let components = [(2.0, 0.2), (5.0, 0.07), (10.0, 0.13)];
        components
            .map(|(w, s)| w / 17.0 * 2.0 * (-2.0 * PI * PI * s * s / (h * h)).exp())
            .iter()
            .sum()
    };
    let mut all = Vec::new();
    for steps in 2..=most + 1 {
        let grid = Array1::linspace(low, high, steps + 1);
        let values = grid.mapv(&f);
        let area = trapezoid(&grid, &values)?;
        all.push(object([
            ("steps", steps.to_string()),
            ("area", number(area)),
            ("error", number(area - 1.0)),
            ("law", number(law((high - low) / steps as f64))),
            ("x", list(grid)),
            ("y", list(values)),
        ]));
    }
    Ok(format!("[{}]", all.join(",\n")))
}

/// What can be read at each of the 241 values of x.
fn columns(mixture: &GaussianMixture) -> String {
    let (low, high) =
        mixture.components().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), c| {
            (low.min(c.mean - 4.5 * c.std_dev), high.max(c.mean + 4.5 * c.std_dev))
        });
    let grid = Array1::linspace(low, high, 241);
    object([
        ("density", list(mixture.pdf(&grid))),
        ("cdf", list(mixture.cdf(&grid))),
        ("p_value", list(mixture.p_value(&grid))),
        ("x", list(grid)),
    ])
}

fn number(x: f64) -> String {
    format!("{x:e}")
}

fn list(numbers: impl IntoIterator<Item = f64>) -> String {
    let numbers: Vec<String> = numbers.into_iter().map(number).collect();
    format!("[{}]", numbers.join(","))
}

fn object<const N: usize>(members: [(&str, String); N]) -> String {
    let members = members.map(|(name, value)| format!("\"{name}\":{value}"));
    format!("{{{}}}", members.join(","))
}
