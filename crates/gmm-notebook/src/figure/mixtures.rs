//! What a mixture of one dimension looks like: nothing here is computed that the mixture does not say itself.

use super::graph::{Graph, Of};
use super::layer::{Mark, Points};
use super::number::{compact, decimal, short, subscript};
use super::{Figure, Role};
use gaussian_mixture::GaussianMixture;
use std::ops::{Bound, RangeBounds};

/// So many decimals of weights, probabilities and the like stand in labels.
const DECIMALS: usize = 3;

fn graph(mixture: &GaussianMixture, of: Of, within: Option<(f64, f64)>) -> Points {
    Points::Graph(Graph { mixture: mixture.clone(), of, within })
}

impl Figure {
    /// Adds the density of a mixture, over the whole horizontal axis.
    pub fn density(self, label: impl Into<String>, role: Role, mixture: &GaussianMixture) -> Self {
        self.default_labels("x", "Probability density").add(
            label.into(),
            role,
            Mark::Line(None),
            graph(mixture, Of::Density, None),
            None,
        )
    }

    /// Adds every component's part of the density, wₖNₖ(x), shaded; the leftmost mean has the first colour. The labels give the
    /// weights, which are the areas.
    pub fn components(self, mixture: &GaussianMixture) -> Self {
        let figure = self.default_labels("x", "Probability density");
        mixture.components_by_mean().into_iter().enumerate().fold(figure, |figure, (k, c)| {
            let label = format!("w{} = {}", subscript(k + 1), decimal(c.weight, DECIMALS));
            let points = graph(mixture, Of::Component(c.index), None);
            figure.add(label, Role::Component(k), Mark::Shaded, points, None)
        })
    }

    /// Adds every component's responsibility for a sample at x, from 0 to 1; the leftmost mean has the first colour.
    pub fn responsibilities(self, mixture: &GaussianMixture) -> Self {
        let figure = self.default_labels("x", "Responsibility");
        mixture.components_by_mean().into_iter().enumerate().fold(figure, |figure, (k, c)| {
            let label = format!("component at {}", decimal(c.mean, DECIMALS));
            let points = graph(mixture, Of::Responsibility(c.index), None);
            figure.add(label, Role::Component(k), Mark::Line(None), points, None)
        })
    }

    /// Adds the cumulative probability P(X ≤ x) of a mixture.
    pub fn cumulative(
        self,
        label: impl Into<String>,
        role: Role,
        mixture: &GaussianMixture,
    ) -> Self {
        self.default_labels("x", "Cumulative probability").add(
            label.into(),
            role,
            Mark::Line(None),
            graph(mixture, Of::Cdf, None),
            None,
        )
    }

    /// Adds markers at the quantiles of the given probabilities to a [`cumulative`](Self::cumulative) curve, with lines to both axes.
    pub fn quantiles(self, mixture: &GaussianMixture, probabilities: &[f64]) -> Self {
        let quantiles = match mixture.quantile(probabilities) {
            Ok(quantiles) => quantiles,
            Err(error) => return self.fail(error.into()),
        };
        let label = match probabilities {
            [p] => format!("{} quantile", percent(*p)),
            all => format!(
                "quantiles {}",
                all.iter().map(|p| percent(*p)).collect::<Vec<_>>().join(", ")
            ),
        };
        let places = probabilities.iter().zip(&quantiles);
        let told: Vec<String> =
            places.map(|(p, q)| format!("{} at {}", percent(*p), short(*q))).collect();
        let points = quantiles.into_iter().zip(probabilities.iter().copied());
        // 0 and 1 may be at infinity, which is on no axis.
        let points = points.filter(|(q, _)| q.is_finite()).collect();
        self.add(label, Role::Reference, Mark::Drops, Points::Given(points), Some(told.join(", ")))
    }

    /// Shades the interval `range` of a mixture and states its probability: below the density, or, beside a
    /// [`cumulative`](Self::cumulative) curve, the rise of that curve and the interval that it belongs to.
    pub fn interval(self, mixture: &GaussianMixture, range: impl RangeBounds<f64>) -> Self {
        let end = |bound: Bound<&f64>, open: f64| match bound {
            Bound::Included(x) | Bound::Excluded(x) => *x,
            Bound::Unbounded => open,
        };
        let low = end(range.start_bound(), f64::NEG_INFINITY);
        let high = end(range.end_bound(), f64::INFINITY);
        let probability = match mixture.probability(range) {
            Ok(probability) => probability,
            Err(error) => return self.fail(error.into()),
        };
        let value = decimal(probability, DECIMALS);
        let label = match (low.is_finite(), high.is_finite()) {
            (true, true) => format!("P({} < X < {}) = {value}", compact(low), compact(high)),
            (true, false) => format!("P(X > {}) = {value}", compact(low)),
            (false, true) => format!("P(X < {}) = {value}", compact(high)),
            (false, false) => format!("P = {value}"),
        };
        let told = Some(format!(
            "from {} to {}, probability {}",
            short(low),
            short(high),
            short(probability)
        ));
        let cumulative = self
            .layers
            .iter()
            .any(|layer| matches!(&layer.points, Points::Graph(graph) if graph.of == Of::Cdf));
        if !cumulative {
            let points = graph(mixture, Of::Density, Some((low, high)));
            return self.add(label, Role::Fitted, Mark::Area, points, told);
        }
        self.add(label, Role::Fitted, Mark::Rise, graph(mixture, Of::Cdf, Some((low, high))), told)
    }

    /// Shades the region of highest density that holds the probability `content`, and draws the level that the density has at its ends.
    pub fn highest_density(self, mixture: &GaussianMixture, content: f64) -> Self {
        let region = match mixture.highest_density_region(content) {
            Ok(region) => region,
            Err(error) => return self.fail(error.into()),
        };
        let intervals = region
            .intervals
            .iter()
            .map(|i| format!("[{}, {}]", short(*i.start()), short(*i.end())));
        let told = format!("within {}", intervals.collect::<Vec<_>>().join(" and "));
        let figure = self.default_labels("x", "Probability density");
        let figure = region.intervals.iter().enumerate().fold(figure, |figure, (i, interval)| {
            let label = if i == 0 {
                format!("{} highest density", percent(content))
            } else {
                String::new()
            };
            let points = graph(mixture, Of::Density, Some((*interval.start(), *interval.end())));
            figure.add(label, Role::Fitted, Mark::Area, points, Some(told.clone()))
        });
        let level = Points::Given(vec![(0.0, region.density)]);
        let label = format!("level {}", compact(region.density));
        figure.add(label, Role::Reference, Mark::Horizontal, level, None)
    }
}

/// 2.5 %, with a space that does not break, and three digits of what is left to 0 or to 100: 99.66 %.
pub(super) fn percent(p: f64) -> String {
    let rest = 100.0 * p.abs().min((1.0 - p).abs());
    let unit = 10.0_f64.powf((2.0 - rest.log10().floor()).clamp(0.0, 9.0));
    let rounded = (100.0 * p * unit).round() / unit;
    format!("{rounded}\u{a0}%").replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FigureError;
    use gaussian_mixture::{Covariances, MultivariateGaussianMixture};

    fn mixture() -> GaussianMixture {
        GaussianMixture::new([0.3, 0.7], [2.0, -1.0], [0.2, 0.5]).unwrap()
    }

    fn figure() -> Figure {
        Figure::new("f")
    }

    #[test]
    fn components_come_from_left_to_right_with_their_weights_as_areas() {
        let caption = figure().components(&mixture()).x_range(-6.0, 6.0).caption();
        assert!(
            caption.contains(
                "w₁ = 0.700: light blue shaded area, highest 0.559 at -1.000, area 0.700"
            ),
            "{caption}"
        );
        assert!(
            caption.contains("w₂ = 0.300: yellow shaded area, highest 0.598 at 2.000, area 0.300"),
            "{caption}"
        );
    }

    #[test]
    fn an_interval_states_the_probability_that_the_mixture_gives_it() {
        let caption = figure().interval(&mixture(), ..0.5).caption();
        let expected = mixture().cdf(0.5);
        assert!(caption.contains(&format!("P(X < 0.5) = {expected:.3}")), "{caption}");
        assert!(matches!(
            figure().interval(&mixture(), 1.0..0.0).to_svg(),
            Err(FigureError::Probability(_))
        ));
    }

    #[test]
    fn percentages_have_as_many_digits_as_tell_them_from_0_and_100() {
        let told = [0.5, 0.95, 0.025, 0.975, 0.682_69, 0.996_602, 0.999_999, 0.0, 1.0, -0.5];
        let expected = ["50", "95", "2.5", "97.5", "68.3", "99.66", "99.9999", "0", "100", "−50"];
        assert_eq!(told.map(percent), expected.map(|text| format!("{text}\u{a0}%")));
    }

    #[test]
    fn the_region_of_highest_density_is_drawn_once_per_interval() {
        let svg = figure().highest_density(&mixture(), 0.9).to_svg().unwrap();
        let color = "fill=\"#C8143C\" fill-opacity=\"0.28\"";
        // Two modes, and the legend's sample.
        assert_eq!(svg.matches(color).count(), 3);
        assert!(figure().highest_density(&mixture(), 1.5).to_svg().is_err());
    }

    #[test]
    fn a_density_that_underflows_is_drawn_down_to_a_stated_floor_and_a_curve_is_refused() {
        let narrow = GaussianMixture::new([1.0], [0.0], [0.01]).unwrap();
        let figure = || figure().x_range(-3.0, 3.0).log_y();
        let drawn = figure().density("d", Role::Fitted, &narrow);
        assert!(drawn.to_svg().is_ok());
        assert!(drawn.caption().contains("drawn down to 1e-12 of the highest value"));
        let curve = figure().curve("c", Role::Fitted, &[-3.0, 0.0], &narrow.pdf(&[-3.0, 0.0]));
        let expected =
            FigureError::NotPositive { label: "c".into(), axis: "vertical", index: 0, value: 0.0 };
        assert_eq!(curve.to_svg(), Err(expected));
    }

    #[test]
    fn quantiles_and_ellipses_that_there_are_not_are_errors() {
        assert!(matches!(
            figure().quantiles(&mixture(), &[0.5, 1.5]).to_svg(),
            Err(FigureError::Quantile(_))
        ));
        let rows = [[0.0, 0.0, 0.0]];
        let covariances = Covariances::Spherical([1.0].iter().copied().collect());
        let solid = MultivariateGaussianMixture::new([1.0], &rows, covariances).unwrap();
        assert!(matches!(figure().ellipses(&solid, 0.9).to_svg(), Err(FigureError::Ellipse(_))));
        assert!(matches!(
            figure().scatter("s", Role::Data, &rows).to_svg(),
            Err(FigureError::NotAPlane { dim: 3, .. })
        ));
    }

    #[test]
    fn a_cumulative_curve_with_quantiles_says_where_they_are() {
        let one = GaussianMixture::new([1.0], [0.0], [1.0]).unwrap();
        let figure =
            figure().cumulative("cdf", Role::Fitted, &one).quantiles(&one, &[0.025, 0.975]);
        let caption = figure.caption();
        assert!(caption.contains("2.5\u{a0}% at -1.960, 97.5\u{a0}% at 1.960"), "{caption}");
        assert!(figure.to_svg().is_ok());
    }
}
