//! How many components, and which covariances?

use super::e_step::EStep;
use super::model::Mixture;
use super::observations::{Observations, Observed};
use super::{Fit, FitOptions, fit};
use crate::{CovarianceType, FitError, FitReport};
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;

/// What makes one mixture a better choice than another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Criterion {
    /// The smallest [`FitReport::bic`].
    Bic,
    /// The smallest [`FitReport::aic`].
    Aic,
    /// The smallest [`FitReport::icl`].
    Icl,
    /// The greatest log-likelihood per sample of samples that the fit has not seen: the samples are dealt at random (by the
    /// options' seed) into so many folds, and each is judged by the fit to all others. At least 2.
    ///
    /// "Model selection for probabilistic clustering using cross-validated likelihood", Statistics and Computing 10, 2000.
    HeldOut {
        /// The number of folds.
        folds: usize,
    },
}

/// The best of several fits, and what all of them came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection<M> {
    /// The fit that the criterion prefers, to all samples.
    pub best: Fit<M>,
    /// One entry per candidate, in the order in which they were given: for each covariance type all numbers of components.
    pub table: Vec<Candidate>,
    /// Which entry is the best.
    pub best_index: usize,
}

/// What one number of components and covariance type came to.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Candidate {
    /// The number of components.
    pub n_components: usize,
    /// The covariance type.
    pub covariance_type: CovarianceType,
    /// How the fit to all samples went, with its AIC, BIC and ICL; or why there is none.
    pub report: Result<FitReport, FitError>,
    /// The log-likelihood per sample that it had not seen, if that was the criterion.
    pub held_out: Option<f64>,
}

impl Candidate {
    /// The criterion's value, turned so that smaller is better; NaN if there was no fit.
    fn loss(&self, criterion: Criterion) -> f64 {
        match (&self.report, criterion) {
            (Err(_), _) => f64::NAN,
            (Ok(report), Criterion::Bic) => report.bic(),
            (Ok(report), Criterion::Aic) => report.aic(),
            (Ok(report), Criterion::Icl) => report.icl(),
            (Ok(_), Criterion::HeldOut { .. }) => self.held_out.map_or(f64::NAN, |l| -l),
        }
    }
}

pub(super) fn select<M: Mixture, D: Observations<M> + ?Sized>(
    data: &D,
    n_components: impl IntoIterator<Item = usize>,
    covariance_types: &[CovarianceType],
    criterion: Criterion,
    options: &FitOptions<M>,
) -> Result<Selection<M>, FitError> {
    let observed = data.observe()?;
    let n_components: Vec<usize> = n_components.into_iter().collect();
    let folds = match criterion {
        Criterion::HeldOut { folds } => Some(deal(&observed, folds, options.seed)?),
        _ => None,
    };
    let (mut table, mut best): (Vec<Candidate>, Option<(usize, Fit<M>)>) = (Vec::new(), None);
    for &covariance_type in covariance_types {
        for &k in &n_components {
            let options =
                options.clone().with_n_components(k).with_covariance_type(covariance_type);
            let fitted = fit(&observed, &options, &mut |_| ());
            let held_out = match (&folds, &fitted) {
                (Some(folds), Ok(_)) => Some(held_out(&observed, folds, &options)),
                _ => None,
            };
            let report = fitted.as_ref().map(|f| f.report.clone()).map_err(Clone::clone);
            table.push(Candidate { n_components: k, covariance_type, report, held_out });
            let index = table.len() - 1;
            let loss = table[index].loss(criterion);
            let better = best.as_ref().is_none_or(|(b, _)| loss < table[*b].loss(criterion));
            if let (Ok(fitted), true, false) = (fitted, better, loss.is_nan()) {
                best = Some((index, fitted));
            }
        }
    }
    match best {
        Some((best_index, best)) => Ok(Selection { best, table, best_index }),
        None => {
            Err(table.into_iter().find_map(|c| c.report.err()).unwrap_or(FitError::NoCandidates))
        }
    }
}

/// The rows of each fold.
fn deal(observed: &Observed<'_>, folds: usize, seed: u64) -> Result<Vec<Vec<usize>>, FitError> {
    let n_samples = match observed {
        Observed::Rows { .. } => observed.len(),
        Observed::Bins { .. } => 0,
    };
    if folds < 2 || folds > n_samples {
        return Err(FitError::Folds { n_samples, folds });
    }
    let mut order: Vec<usize> = (0..n_samples).collect();
    order.shuffle(&mut Xoshiro256PlusPlus::seed_from_u64(seed));
    Ok((0..folds).map(|f| order.iter().copied().skip(f).step_by(folds).collect()).collect())
}

/// The mean log-likelihood of every fold under the fit to all others; −∞ where there is no such fit.
fn held_out<M: Mixture>(
    observed: &Observed<'_>,
    folds: &[Vec<usize>],
    options: &FitOptions<M>,
) -> f64 {
    let (mut sum, mut n_samples) = (0.0, 0.0);
    for (f, fold) in folds.iter().enumerate() {
        let others = folds.iter().enumerate().filter(|(other, _)| *other != f);
        let others: Vec<usize> = others.flat_map(|(_, rows)| rows.iter().copied()).collect();
        let Ok(fitted) = fit(&observed.some(&others), options, &mut |_| ()) else {
            return f64::NEG_INFINITY;
        };
        let sums = EStep::on_this_thread(&observed.some(fold)).sums(&fitted.mixture);
        sum += sums.ln_likelihood;
        n_samples += sums.n_samples;
    }
    sum / n_samples
}
