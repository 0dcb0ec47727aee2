//! What a notebook adds to [`gaussian_mixture`]: figures, tables and checks that display themselves when they are a
//! cell's last expression, and the packages that the notebooks use, so that one `:dep` line is enough:
//!
//! ```text
//! :dep gmm-notebook = { path = "../crates/gmm-notebook" }
//! use gmm_notebook::prelude::*;
//! ```
//!
//! This crate draws and reports; it never fits. Outside a notebook a figure is saved to a file, and a table or a check is
//! printed:
//!
//! ```
//! use gmm_notebook::prelude::*;
//!
//! let mixture = GaussianMixture::new([0.3, 0.7], [-1.0, 1.0], [0.2, 0.5])?;
//! let grid = Array1::linspace(-3.0, 4.0, 1001);
//! let density = mixture.pdf(&grid);
//!
//! let figure = Figure::new("Two Gaussians")
//!     .labels("x", "Probability density")
//!     .curve("mixture", Role::Fitted, &grid, &density);
//! assert!(figure.to_svg()?.starts_with("<svg"));
//!
//! let area = trapezoid(&grid, &density)?;
//! let check = check("the density integrates to 1", area).equals(1.0).within(1e-8);
//! assert!(check.passed());
//! println!("{check}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! With the feature `png`, which no notebook needs, a figure is also saved as a picture: `figure.save("figure.png")`. The example
//! `gallery` writes every kind of figure both ways.
//!
//! No state is kept between calls: in a notebook every cell has its own copy of a dependency's statics.

mod check;
mod display;
mod explorable;
mod figure;
mod lesson;
mod panic;
mod show;
mod table;

pub use check::{Check, Checks, Claim, Measured, check, checks};
pub use explorable::{
    Explorable, ExplorableError, explore_component, explore_density, explore_trapezoid,
    explore_trapezoid_of,
};
pub use figure::{Figure, FigureError, Panels, Role};
pub use show::EvcxrDisplay;
pub use table::Table;

pub use gaussian_mixture;
pub use ndarray;
pub use plotters;
pub use rand;
pub use rand_distr;
pub use statrs;

/// The names that the notebooks use without a path.
pub mod prelude {
    pub use crate::EvcxrDisplay as _;
    pub use crate::{Figure, Panels, Role, Table, check, checks};
    pub use crate::{explore_component, explore_density, explore_trapezoid, explore_trapezoid_of};
    pub use crate::{gaussian_mixture, ndarray, plotters, rand, rand_distr, statrs};
    pub use gaussian_mixture::{
        Binned, Component, CovarianceType, Covariances, Criterion, Fit, FitOptions,
        GaussianMixture, Histogram, Moments, MultivariateGaussianMixture, Start, Weighted, Weights,
        cumulative_trapezoid, trapezoid, trapezoid_with_error,
    };
    pub use ndarray::{Array1, array, s};
    pub use rand::rngs::Xoshiro256PlusPlus;
    pub use rand::{Rng, RngExt, SeedableRng};
    pub use rand_distr::{Distribution, Normal};
}
