//! What is asked of a density: its modes, its regions, the area below it, and the histogram beside it.

use super::list::{chosen, chosen_numbers, pick};
use super::mixture::counted;
use super::{Show, Shown, column, number};
use crate::Table;
use gaussian_mixture::{Area, HighestDensityRegion, Histogram, Mode};

impl Show for [Mode] {
    fn show(&self) -> Shown {
        let each = |value: fn(&Mode) -> f64| -> Vec<f64> { self.iter().map(value).collect() };
        let table = Table::new()
            .text("mode at", column(&each(|m| m.location)))
            .text("density", column(&each(|m| m.density)));
        Shown::table(table)
    }
}

impl Show for Vec<Mode> {
    fn show(&self) -> Shown {
        self.as_slice().show()
    }
}

impl Show for Mode {
    fn show(&self) -> Shown {
        Shown::text(format!("mode at {}, density {}", number(self.location), number(self.density)))
    }
}

impl Show for HighestDensityRegion {
    fn show(&self) -> Shown {
        let ends: Vec<f64> = self.intervals.iter().flat_map(|i| [*i.start(), *i.end()]).collect();
        let ends = column(&ends);
        let table = Table::new()
            .text("from", ends.iter().step_by(2))
            .text("to", ends.iter().skip(1).step_by(2));
        let headline = format!(
            "{} where the density is at least {}",
            counted(self.intervals.len(), "interval"),
            number(self.density)
        );
        Shown::text(headline).and_table(table)
    }
}

impl Show for Area {
    fn show(&self) -> Shown {
        // The error says how many digits of the area mean something, so none is rounded away.
        Shown::text(format!("area {:?}, error about {}", self.area, number(self.error)))
    }
}

/// The bins, of many the first and the last, and where the highest bar is.
impl Show for Histogram {
    fn show(&self) -> Shown {
        let (edges, densities) = (self.edges(), self.densities());
        let bins = chosen(densities.len());
        let table = Table::new()
            .text("bin", pick(&bins, |b| b.to_string()))
            .text("from", chosen_numbers(&bins, |b| edges[b]))
            .text("to", chosen_numbers(&bins, |b| edges[b + 1]))
            .text("count", chosen_numbers(&bins, |b| self.counts()[b]))
            .text("density", chosen_numbers(&bins, |b| densities[b]));
        Shown::text(headline(self, &densities)).and_table(table)
    }
}

fn headline(histogram: &Histogram, densities: &[f64]) -> String {
    let edges = histogram.edges();
    let range = column(&[edges[0], edges[edges.len() - 1]]);
    let highest =
        (0..densities.len()).fold(0, |a, b| if densities[b] > densities[a] { b } else { a });
    format!(
        "{} samples in {}, from {} to {}; the highest density is {}, in bin {highest}",
        number(histogram.total()),
        counted(densities.len(), "bin"),
        range[0],
        range[1],
        number(densities[highest])
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use gaussian_mixture::{GaussianMixture, trapezoid_with_error};

    fn plain<T: Show + ?Sized>(value: &T) -> String {
        value.show().contents().plain
    }

    #[test]
    fn modes_and_regions_are_tables() {
        let mixture = GaussianMixture::new([0.5, 0.5], [-10.0, 10.0], [1.0, 1.0]).unwrap();
        assert_eq!(plain(&mixture.modes()), "mode at  density\n    -10   0.1995\n     10   0.1995");
        let region = mixture.highest_density_region(0.9).unwrap();
        let text = plain(&region);
        assert!(text.starts_with("2 intervals where the density is at least 0.05"), "{text}");
        let intervals: Vec<Vec<f64>> = text
            .lines()
            .skip(2)
            .map(|l| l.split_whitespace().map(|x| x.parse().unwrap()).collect())
            .collect();
        assert_eq!(intervals.len(), 2);
        for (shown, interval) in intervals.iter().zip(&region.intervals) {
            /// Two decimals are shown.
            const ROUNDED: f64 = 0.5e-2 + 1e-9;
            assert!((shown[0] - interval.start()).abs() < ROUNDED, "{text}");
            assert!((shown[1] - interval.end()).abs() < ROUNDED, "{text}");
        }
    }

    #[test]
    fn a_histogram_tells_its_size_and_its_highest_bar() {
        let histogram = Histogram::with_bins(&[0.0, 1.0, 1.5, 2.0], 2).unwrap();
        assert_eq!(
            plain(&histogram),
            "4 samples in 2 bins, from 0 to 2; the highest density is 0.7500, in bin 1\n\
             bin  from  to  count  density\n  0     0   1      1   0.2500\n  1     1   2      3   0.7500"
        );
        let many: Vec<f64> = (0..1000).map(f64::from).collect();
        let text = plain(&Histogram::with_bins(&many, 50).unwrap());
        assert_eq!(text.lines().count(), 1 + 1 + 7, "{text}");
    }

    #[test]
    fn an_area_keeps_the_digits_that_its_error_is_about() {
        let area = trapezoid_with_error(&[0.0, 1.0, 2.0], &[0.0, 1.0, 4.0]).unwrap();
        assert_eq!(plain(&area), "area 3.0, error about 1");
    }
}
