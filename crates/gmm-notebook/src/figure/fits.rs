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
        let counting = Self { x_counts: true, ..self };
        counting.default_labels("Iteration", "Log-likelihood").add(
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
        figure.x_counts = true;
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

#[cfg(test)]
mod tests {
    use super::*;
    use gaussian_mixture::{FitOptions, GaussianMixture};

    fn samples() -> Vec<f64> {
        let bump = |centre: f64| (-50..=50).map(move |i| centre + 0.01 * f64::from(i));
        bump(-1.0).chain(bump(1.0)).collect()
    }

    #[test]
    fn a_trace_tells_where_it_began_and_why_it_ended() {
        let fit = GaussianMixture::fit(&samples(), &FitOptions::new(2)).unwrap();
        let figure = Figure::new("f").trace("EM", Role::Fitted, &fit.report);
        let told = format!(
            "from {:.1} at the start to {:.1} after {} iterations, converged",
            fit.report.ln_likelihoods[0],
            fit.report.ln_likelihood(),
            fit.report.n_iterations()
        );
        assert!(figure.caption().contains(&told), "{}", figure.caption());
        assert!(figure.to_svg().is_ok());
    }

    #[test]
    fn the_best_candidate_is_marked_and_a_criterion_without_values_is_refused() {
        let (options, full) = (FitOptions::new(1), [CovarianceType::Full]);
        let selection =
            GaussianMixture::select(&samples(), 1..=3, &full, Criterion::Bic, &options).unwrap();
        let best = &selection.table[selection.best_index];
        let figure = Figure::new("f").criterion(&selection, Criterion::Bic);
        let value = best.report.as_ref().unwrap().bic();
        let told = format!(
            "best: {} components: 1 crimson marker, {} for {0}",
            best.n_components,
            short(value)
        );
        assert!(figure.caption().contains(&told), "{}", figure.caption());
        assert!(figure.to_svg().is_ok());
        let held_out = Figure::new("f").criterion(&selection, Criterion::HeldOut { folds: 2 });
        assert!(matches!(held_out.to_svg(), Err(FigureError::Criterion { .. })));
    }
}
