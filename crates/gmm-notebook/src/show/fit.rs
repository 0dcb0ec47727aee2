//! Fits: what came out, and how it went, in words.

use super::mixture::counted;
use super::{Show, Shown, column, number};
use crate::Table;
use gaussian_mixture::{Candidate, Fit, FitReport, Restart, Selection, Stop};

impl<M: Show> Show for Fit<M> {
    fn show(&self) -> Shown {
        self.mixture.show().and(self.report.show())
    }
}

impl Show for FitReport {
    fn show(&self) -> Shown {
        let rows = [
            ("reason for stopping", reason(self.stop).to_owned()),
            ("iterations", self.n_iterations().to_string()),
            ("mean log-likelihood", format!("{} per sample", number(self.mean_ln_likelihood()))),
            ("samples", number(self.n_samples)),
            ("starts", starts(self)),
            ("collapsed components", collapsed(&self.collapsed)),
            ("free parameters", self.n_parameters.to_string()),
        ];
        let table = Table::new()
            .text("fit", rows.iter().map(|(name, _)| name))
            .text("", rows.iter().map(|(_, value)| value));
        Shown::table(table)
    }
}

/// Why an iteration ended, so that nobody has to know the names of the variants.
fn reason(stop: Stop) -> &'static str {
    match stop {
        Stop::Converged => {
            "converged: the last iteration raised the mean log-likelihood by no more than the tolerance"
        }
        Stop::IterationLimit => "the limit of iterations was reached before it converged",
        Stop::Behind => "given up: it was too far behind the best start before it",
        _ => "another one, which this version of the notebooks does not know",
    }
}

fn starts(report: &FitReport) -> String {
    let values: Vec<f64> =
        report.restarts.iter().map(|r| r.ln_likelihood / report.n_samples).collect();
    if values.len() < 2 {
        return values.len().to_string();
    }
    let (low, high) = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &x| (low.min(x), high.max(x)));
    let (low, high) = (number(low), number(high));
    let reached = if low == high {
        format!("all with the mean log-likelihood {high}")
    } else {
        format!(
            "number {} was the best; mean log-likelihoods from {low} to {high}",
            report.best_restart
        )
    };
    format!("{}, {reached}", values.len())
}

fn collapsed(components: &[usize]) -> String {
    if components.is_empty() {
        return "none".to_owned();
    }
    let indices: Vec<String> = components.iter().map(usize::to_string).collect();
    format!("{}: variance on its floor, or no sample left", indices.join(", "))
}

impl Show for Stop {
    fn show(&self) -> Shown {
        Shown::text(reason(*self))
    }
}

impl Show for [Restart] {
    fn show(&self) -> Shown {
        let ln_likelihoods: Vec<f64> = self.iter().map(|r| r.ln_likelihood).collect();
        let table = Table::new()
            .text("start", 0..self.len())
            .text("log-likelihood", column(&ln_likelihoods))
            .text("iterations", self.iter().map(|r| r.n_iterations))
            .text("reason for stopping", self.iter().map(|r| reason(r.stop)));
        Shown::table(table)
    }
}

impl Show for Vec<Restart> {
    fn show(&self) -> Shown {
        self.as_slice().show()
    }
}

/// The table of candidates, with a mark at the best, and the best mixture.
impl<M: Show> Show for Selection<M> {
    fn show(&self) -> Shown {
        let headline = format!("{}, the best marked ✓:", counted(self.table.len(), "candidate"));
        let mark = |i| if i == self.best_index { "✓" } else { "" };
        let marks = Table::new().text("", (0..self.table.len()).map(mark));
        Shown::text(headline)
            .and_table(candidates(marks, &self.table))
            .and_text("The best:")
            .and(self.best.show())
    }
}

impl Show for [Candidate] {
    fn show(&self) -> Shown {
        Shown::table(candidates(Table::new(), self))
    }
}

impl Show for Vec<Candidate> {
    fn show(&self) -> Shown {
        self.as_slice().show()
    }
}

fn candidates(table: Table, candidates: &[Candidate]) -> Table {
    let of_report = |value: fn(&FitReport) -> f64| {
        optional_column(candidates.iter().map(|c| c.report.as_ref().ok().map(value)))
    };
    let mut table = table
        .text("components", candidates.iter().map(|c| c.n_components))
        .text("covariances", candidates.iter().map(|c| c.covariance_type))
        .text("mean log-likelihood", of_report(FitReport::mean_ln_likelihood))
        .text("AIC", of_report(FitReport::aic))
        .text("BIC", of_report(FitReport::bic))
        .text("ICL", of_report(FitReport::icl));
    if candidates.iter().any(|c| c.held_out.is_some()) {
        table = table.text(
            "held-out mean log-likelihood",
            optional_column(candidates.iter().map(|c| c.held_out)),
        );
    }
    if candidates.iter().any(|c| c.report.is_err()) {
        let error =
            |c: &Candidate| c.report.as_ref().err().map_or_else(String::new, ToString::to_string);
        table = table.text("why there is no fit", candidates.iter().map(error));
    }
    table
}

/// A column that has nothing to show in some rows.
fn optional_column(values: impl Iterator<Item = Option<f64>>) -> Vec<String> {
    let values: Vec<Option<f64>> = values.collect();
    let mut texts = column(&values.iter().flatten().copied().collect::<Vec<_>>()).into_iter();
    values.iter().map(|value| value.and_then(|_| texts.next()).unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use gaussian_mixture::{CovarianceType, Criterion, FitOptions, GaussianMixture};

    fn samples() -> Vec<f64> {
        (0..200).map(|i| (0.7 * f64::from(i)).sin() + 8.0 * f64::from(i % 2)).collect()
    }

    fn plain(value: &impl Show) -> String {
        value.show().contents().plain
    }

    fn fit(options: &FitOptions) -> Fit {
        GaussianMixture::fit(&samples(), options).unwrap()
    }

    #[test]
    fn a_report_tells_in_words_why_it_stopped() {
        let converged = fit(&FitOptions::new(2));
        let text = plain(&converged.report);
        assert!(text.contains("reason for stopping   converged: the last iteration"), "{text}");
        let n = converged.report.n_iterations();
        assert!(text.contains(&format!("iterations            {n}\n")), "{text}");
        assert!(text.contains("collapsed components  none"), "{text}");
        let limited = fit(&FitOptions::new(2).with_max_iterations(1).with_tolerance(0.0));
        assert!(plain(&limited.report).contains("the limit of iterations was reached"));
    }

    #[test]
    fn a_fit_is_its_mixture_and_its_report() {
        let fit = fit(&FitOptions::new(2));
        assert_eq!(plain(&fit), format!("{}\n\n{}", plain(&fit.mixture), plain(&fit.report)));
    }

    #[test]
    fn a_collapsed_component_is_named_by_its_index() {
        let mut report = fit(&FitOptions::new(2)).report;
        report.collapsed = vec![0, 2];
        assert!(plain(&report).contains("collapsed components  0, 2: variance on its floor"));
    }

    #[test]
    fn a_selection_marks_the_best_and_says_what_could_not_be_fitted() {
        let options = FitOptions::new(1);
        let candidates = [1, 2, 300];
        let selection = GaussianMixture::select(
            &samples(),
            candidates,
            &[CovarianceType::Full],
            Criterion::Bic,
            &options,
        )
        .unwrap();
        let text = plain(&selection);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "3 candidates, the best marked ✓:");
        let best = 2 + selection.best_index;
        assert!(
            lines[2..5]
                .iter()
                .enumerate()
                .all(|(i, line)| line.starts_with('✓') == (i + 2 == best)),
            "{text}"
        );
        assert!(lines[4].contains("expected at least as many samples as components"), "{text}");
        assert!(text.ends_with(&plain(&selection.best)));
    }
}
