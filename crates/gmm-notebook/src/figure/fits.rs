//! How a fit went, and which of several is the best.

use super::layer::{Mark, Points};
use super::number::short;
use super::{Figure, FigureError, Role};
use gaussian_mixture::{Candidate, CovarianceType, Criterion, FitReport, Selection, Stop};

impl Figure {
    /// Adds the log-likelihood at the start and after every iteration of a fit.
    pub fn trace(self, label: impl Into<String>, role: Role, report: &FitReport) -> Self {
        let values = &report.ln_likelihoods;
        if let Some(index) = values.iter().position(|l| !l.is_finite()) {
            let (x, y) = (index as f64, values[index]);
            return self.fail(FigureError::NotFinite { label: label.into(), index, x, y });
        }
        let points = values.iter().enumerate().map(|(i, l)| (i as f64, *l)).collect();
        let reason = match report.stop {
            Stop::Converged => "converged",
            Stop::IterationLimit => "stopped at the limit of iterations",
            _ => "stopped",
        };
        let first = values.first().copied().unwrap_or(f64::NAN);
        let told = format!(
            "from {first:.1} at the start to {:.1} after {} iterations, {reason}",
            report.ln_likelihood(),
            report.n_iterations()
        );
        self.default_labels("Iteration", "Log-likelihood").add(
            label.into(),
            role,
            Mark::Steps,
            Points::Given(points),
            Some(told),
        )
    }

    /// Adds the value of a criterion against the number of components, a line for each covariance type, and marks the best. Candidates
    /// without a fit are left out, and the caption says which.
    pub fn criterion<M>(self, selection: &Selection<M>, criterion: Criterion) -> Self {
        let (name, smaller_is_better) = match criterion {
            Criterion::Bic => ("BIC", true),
            Criterion::Aic => ("AIC", true),
            Criterion::Icl => ("ICL", true),
            Criterion::HeldOut { .. } => ("held-out log-likelihood per sample", false),
            _ => return self.fail(FigureError::Criterion { criterion: "of an unknown kind" }),
        };
        let value = |candidate: &Candidate| -> Option<f64> {
            let report = candidate.report.as_ref().ok()?;
            let value = match criterion {
                Criterion::Bic => report.bic(),
                Criterion::Aic => report.aic(),
                Criterion::Icl => report.icl(),
                _ => candidate.held_out?,
            };
            value.is_finite().then_some(value)
        };
        let known: Vec<(CovarianceType, (f64, f64))> = selection
            .table
            .iter()
            .filter_map(|c| Some((c.covariance_type, (c.n_components as f64, value(c)?))))
            .collect();
        let better = |a: f64, b: f64| if smaller_is_better { a < b } else { a > b };
        let best = known
            .iter()
            .map(|(_, point)| *point)
            .reduce(|a, b| if better(b.1, a.1) { b } else { a });
        let Some(best) = best else { return self.fail(FigureError::Criterion { criterion: name }) };

        let mut types: Vec<CovarianceType> = Vec::new();
        for (t, _) in &known {
            if !types.contains(t) {
                types.push(*t);
            }
        }
        let missing = selection.table.iter().filter(|c| value(c).is_none());
        let missing: Vec<String> = missing.map(|c| c.n_components.to_string()).collect();
        let several = types.len() > 1;
        let mut figure = self.default_labels("Number of components", name);
        for (i, covariance_type) in types.into_iter().enumerate() {
            let points: Vec<_> =
                known.iter().filter(|(t, _)| *t == covariance_type).map(|(_, p)| *p).collect();
            let values = points.iter().map(|(k, v)| format!("{v:.1} for {k}"));
            let mut told = values.collect::<Vec<_>>().join(", ");
            if i == 0 && !missing.is_empty() {
                told.push_str(&format!("; no value for {}", missing.join(", ")));
            }
            let (label, role) = if several {
                (format!("{name}, {covariance_type}"), Role::Component(i))
            } else {
                (name.to_owned(), Role::Data)
            };
            figure = figure.add(label, role, Mark::Steps, Points::Given(points), Some(told));
        }
        let told = format!("{} for {}", short(best.1), best.0);
        let label = format!("best: {} components", best.0);
        figure.add(label, Role::Fitted, Mark::Markers, Points::Given(vec![best]), Some(told))
    }
}
