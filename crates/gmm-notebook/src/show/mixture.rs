//! Mixtures and their parts, one line per component from left to right.

use super::list::ends;
use super::{Show, Shown, column};
use crate::Table;
use gaussian_mixture::{
    Component, CovarianceType, Covariances, GaussianMixture, MultivariateGaussianMixture, Weights,
};

/// Up to so many coordinates each has a column of its own.
const MOST_COLUMNS: usize = 3;

/// In the order of the means, with each component's own index.
impl Show for GaussianMixture {
    fn show(&self) -> Shown {
        self.components_by_mean().show()
    }
}

impl Show for [Component] {
    fn show(&self) -> Shown {
        let each = |value: fn(&Component) -> f64| -> Vec<f64> { self.iter().map(value).collect() };
        let table = Table::new()
            .text("component", self.iter().map(|c| c.index))
            .text("weight", column(&each(|c| c.weight)))
            .text("mean", column(&each(|c| c.mean)))
            .text("std dev", column(&each(|c| c.std_dev)));
        Shown::table(table)
    }
}

impl Show for Vec<Component> {
    fn show(&self) -> Shown {
        self.as_slice().show()
    }
}

impl Show for Component {
    fn show(&self) -> Shown {
        std::slice::from_ref(self).show()
    }
}

impl Show for Weights {
    fn show(&self) -> Shown {
        let table = Table::new().text("component", 0..self.len()).text("weight", column(self));
        Shown::table(table)
    }
}

/// In the order of the means, with each component's own index; of a covariance the standard deviations and, in two
/// dimensions, the correlation.
impl Show for MultivariateGaussianMixture {
    fn show(&self) -> Shown {
        let order = self.order_by_mean();
        let weights: Vec<f64> = order.iter().map(|&k| self.weights()[k]).collect();
        let table = Table::new().text("component", &order).text("weight", column(&weights));
        let std_dev = |k: usize, axis: usize| entry(self.covariances(), k, axis, axis).sqrt();
        let table =
            coordinates(table, "mean", self.dim(), &order, |k, axis| self.means()[[k, axis]]);
        let table = coordinates(table, "std dev", self.dim(), &order, std_dev);
        let table = match (self.dim(), self.covariance_type()) {
            (2, CovarianceType::Full | CovarianceType::Tied) => {
                let correlation = |&k: &usize| {
                    entry(self.covariances(), k, 0, 1) / (std_dev(k, 0) * std_dev(k, 1))
                };
                let correlations: Vec<f64> = order.iter().map(correlation).collect();
                table.text("correlation", column(&correlations))
            }
            _ => table,
        };
        Shown::text(format!(
            "{} in {}, {} covariances",
            counted(self.n_components(), "component"),
            counted(self.dim(), "dimension"),
            self.covariance_type()
        ))
        .and_table(table)
    }
}

/// Adds a column for each coordinate, or one for the ends of all of them.
fn coordinates(
    table: Table,
    name: &str,
    dim: usize,
    order: &[usize],
    value: impl Fn(usize, usize) -> f64,
) -> Table {
    if dim > MOST_COLUMNS {
        let all = |&k: &usize| ends(&(0..dim).map(|axis| value(k, axis)).collect::<Vec<_>>());
        return table.text(&format!("{name}s"), order.iter().map(all));
    }
    (0..dim).fold(table, |table, axis| {
        let numbers: Vec<f64> = order.iter().map(|&k| value(k, axis)).collect();
        table.text(&format!("{name} {axis}"), column(&numbers))
    })
}

/// An entry of component k's covariance matrix.
fn entry(covariances: &Covariances, k: usize, row: usize, column: usize) -> f64 {
    match covariances {
        Covariances::Full(given) => given[[k, row, column]],
        Covariances::Tied(given) => given[[row, column]],
        Covariances::Diagonal(given) if row == column => given[[k, row]],
        Covariances::Spherical(given) if row == column => given[k],
        _ => 0.0,
    }
}

pub(super) fn counted(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn story() -> GaussianMixture {
        let weights = Weights::from_proportions([10_000.0, 2000.0, 5000.0]).unwrap();
        GaussianMixture::new(weights, [0.2, -0.5, -0.1], [0.13, 0.2, 0.07]).unwrap()
    }

    #[test]
    fn a_mixture_is_a_table_from_left_to_right() {
        assert_eq!(
            story().show().contents().plain,
            "component  weight     mean  std dev\n        1  0.1176  -0.5000   0.2000\n        \
             2  0.2941  -0.1000   0.0700\n        0  0.5882   0.2000   0.1300"
        );
    }

    #[test]
    fn html_and_text_show_the_same() {
        let contents = story().show().contents();
        let (mime_type, html) = &contents.rich[0];
        assert_eq!(*mime_type, "text/html");
        assert_eq!(
            cells(html),
            contents.plain.replace("std dev", "std_dev").split_whitespace().collect::<Vec<_>>()
        );
    }

    /// The texts of all cells of a table, without blanks.
    fn cells(html: &str) -> Vec<String> {
        let parts =
            html.split('<').filter(|part| part.starts_with("td ") || part.starts_with("th "));
        parts.map(|part| part.split('>').nth(1).unwrap_or_default().replace(' ', "_")).collect()
    }

    #[test]
    fn what_is_read_off_a_table_is_the_mixture_again() {
        let text = story().show().contents().plain;
        let rows: Vec<Vec<f64>> = text
            .lines()
            .skip(1)
            .map(|l| l.split_whitespace().map(|x| x.parse().unwrap()).collect())
            .collect();
        for row in rows {
            let c = story().components().find(|c| c.index as f64 == row[0]).unwrap();
            /// Four decimals are shown.
            const ROUNDED: f64 = 0.5e-4;
            for (shown, value) in row[1..].iter().zip([c.weight, c.mean, c.std_dev]) {
                assert!((shown - value).abs() <= ROUNDED, "{text}");
            }
        }
    }

    #[test]
    fn a_collapsed_component_does_not_look_like_one_of_no_width() {
        let mixture = GaussianMixture::new([0.5, 0.5], [0.0, 1.0], [0.3, 2e-7]).unwrap();
        let text = mixture.show().contents().plain;
        assert!(text.ends_with("2.0e-7"), "{text}");
    }

    fn plane(covariances: Covariances) -> String {
        let means = [[3.0, 1.0], [0.0, 0.5]];
        let mixture = MultivariateGaussianMixture::new([0.4, 0.6], &means, covariances).unwrap();
        mixture.show().contents().plain
    }

    #[test]
    fn in_the_plane_each_coordinate_has_a_column() {
        let text = plane(Covariances::Full(array![
            [[1.0, -0.5], [-0.5, 4.0]],
            [[0.25, 0.0], [0.0, 0.25]]
        ]));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "2 components in 2 dimensions, full covariances");
        assert_eq!(
            lines[1],
            "component  weight  mean 0  mean 1  std dev 0  std dev 1  correlation"
        );
        let last: Vec<&str> = lines[3].split_whitespace().collect();
        assert_eq!(last, ["0", "0.4000", "3", "1.000", "1.000", "2.000", "-0.2500"]);
    }

    #[test]
    fn every_covariance_type_shows_its_standard_deviations() {
        for covariances in [
            Covariances::Tied(array![[4.0, 0.0], [0.0, 9.0]]),
            Covariances::Diagonal(array![[4.0, 9.0], [4.0, 9.0]]),
        ] {
            let text = plane(covariances);
            assert!(text.lines().skip(2).all(|l| l.contains("  2          3")), "{text}");
        }
        // Component 1 stands at the left of component 0.
        let text = plane(Covariances::Spherical(array![4.0, 9.0]));
        let rows: Vec<&str> = text.lines().skip(2).collect();
        assert!(rows[0].ends_with(" 3          3") && rows[1].ends_with(" 2          2"), "{text}");
    }

    #[test]
    fn many_coordinates_are_shown_by_their_ends() {
        let mixture = MultivariateGaussianMixture::new(
            [1.0],
            &[[0.5; 20]],
            Covariances::Spherical(array![4.0]),
        );
        let text = mixture.unwrap().show().contents().plain;
        assert!(text.contains("0.5000, 0.5000, 0.5000, …, 0.5000"), "{text}");
        assert!(text.ends_with("2, 2, 2, …, 2, 2, 2"), "{text}");
    }
}
