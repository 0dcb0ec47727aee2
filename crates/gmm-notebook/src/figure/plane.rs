//! Two dimensions: samples as points, components as ellipses.

use super::layer::{Mark, Points};
use super::mixtures::percent;
use super::number::{decimal, subscript};
use super::{Figure, FigureError, Role};
use gaussian_mixture::{MultivariateGaussianMixture, Rows};

/// More points than this are thinned: a drawing of 20 kB, in which more would be a stain.
const MOST_DOTS: usize = 1500;

/// Enough for an ellipse without corners.
const ELLIPSE_POINTS: usize = 97;

impl Figure {
    /// Adds a dot for each row (x, y). Of more than 1500 rows an evenly picked 1500 are drawn, which the caption says.
    pub fn scatter<R: Rows + ?Sized>(self, label: impl Into<String>, role: Role, rows: &R) -> Self {
        let (label, table) = (label.into(), rows.rows());
        if table.dim() != 2 {
            return self.fail(FigureError::NotAPlane { label, dim: table.dim() });
        }
        let points: Vec<(f64, f64)> = table.iter().map(|row| (row[0], row[1])).collect();
        if let Some(index) = points.iter().position(|(x, y)| !(x.is_finite() && y.is_finite())) {
            let (x, y) = points[index];
            return self.fail(FigureError::NotFinite { label, index, x, y });
        }
        let n_samples = points.len();
        let n_dots = n_samples.min(MOST_DOTS);
        let dots = (0..n_dots).map(|i| points[i * n_samples / n_dots]).collect();
        self.add(label, role, Mark::Cloud { n_samples }, Points::Given(dots), None)
    }

    /// Adds, for each component of a mixture in the plane, the ellipse of constant density that holds the probability `content` of it;
    /// the leftmost mean has the first colour.
    pub fn ellipses(self, mixture: &MultivariateGaussianMixture, content: f64) -> Self {
        mixture.order_by_mean().into_iter().enumerate().fold(self, |figure, (k, index)| {
            let ellipse = match mixture.ellipse(index, content, ELLIPSE_POINTS) {
                Ok(ellipse) => ellipse,
                Err(error) => return figure.fail(error.into()),
            };
            let points = ellipse.outer_iter().map(|row| (row[0], row[1])).collect();
            let weight = decimal(mixture.weights()[index], 3);
            let label = format!(
                "{} of component {}, w{} = {weight}",
                percent(content),
                k + 1,
                subscript(k + 1)
            );
            figure.add(label, Role::Component(k), Mark::Closed, Points::Given(points), None)
        })
    }
}
