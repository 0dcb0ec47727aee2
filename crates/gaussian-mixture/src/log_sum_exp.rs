//! ln Σ exp: the one road from the logarithms of the terms to the logarithm of their sum.
//!
//! With M = max tₖ, ln Σₖ exp(tₖ) = M + ln Σₖ exp(tₖ − M), in which no exponential overflows and the largest is 1
//! ("Accurately computing the log-sum-exp and softmax functions", IMA Journal
//! of Numerical Analysis 41, 2021).

/// ln Σₖ exp(`terms[k]`). No term, or only terms of −∞, give −∞; a NaN gives NaN.
pub(crate) fn log_sum_exp(terms: &[f64]) -> f64 {
    let max = max(terms);
    if !max.is_finite() {
        return no_finite_term(terms, max);
    }
    max + terms.iter().map(|t| (t - max).exp()).sum::<f64>().ln()
}

/// What [`softmax_in_place`] comes to besides the shares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Softmax {
    /// ln Σₖ exp(tₖ).
    pub(crate) ln_sum: f64,
    /// The logarithm of the largest share.
    pub(crate) ln_largest: f64,
}

/// As [`log_sum_exp`], and leaves `terms[k]` = exp(tₖ) / Σⱼ exp(tⱼ), which sum to 1.
///
/// Where every term is −∞ there is no such ratio; the terms are left alone then, for the caller to decide.
pub(crate) fn softmax_in_place(terms: &mut [f64]) -> Softmax {
    let max = max(terms);
    if !max.is_finite() {
        return Softmax { ln_sum: no_finite_term(terms, max), ln_largest: 0.0 };
    }
    let mut sum = 0.0;
    for t in terms.iter_mut() {
        *t = (*t - max).exp();
        sum += *t;
    }
    for t in terms.iter_mut() {
        *t /= sum;
    }
    // The largest share is 1/sum.
    let ln_sum = sum.ln();
    Softmax { ln_sum: max + ln_sum, ln_largest: -ln_sum }
}

/// The largest term that is a number.
fn max(terms: &[f64]) -> f64 {
    terms.iter().fold(f64::NEG_INFINITY, |a, &b| a.max(b))
}

fn no_finite_term(terms: &[f64], max: f64) -> f64 {
    if terms.iter().any(|t| t.is_nan()) { f64::NAN } else { max }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rounding of one exponential, one logarithm and one addition.
    const ROUNDING: f64 = 4.0 * f64::EPSILON;

    #[test]
    fn equals_the_literal_formula_on_small_terms() {
        let terms: [f64; 3] = [-1.0, 0.5, 2.0];
        let literal = terms.iter().map(|t| t.exp()).sum::<f64>().ln();
        assert!((log_sum_exp(&terms) - literal).abs() < ROUNDING);
        let mut shares = terms;
        let softmax = softmax_in_place(&mut shares);
        assert_eq!(softmax.ln_sum, log_sum_exp(&terms));
        assert!((softmax.ln_largest - shares[2].ln()).abs() < ROUNDING);
        for (share, term) in shares.iter().zip(terms) {
            assert!((share - (term - literal).exp()).abs() < ROUNDING);
        }
    }

    #[test]
    fn survives_where_the_literal_formula_does_not() {
        for shift in [-1e5, 1e5] {
            let terms: [f64; 2] = [shift, shift];
            assert!(!terms.iter().map(|t| t.exp()).sum::<f64>().ln().is_finite());
            assert_eq!(log_sum_exp(&terms), shift + 2.0_f64.ln());
        }
    }

    #[test]
    fn nothing_sums_to_zero_and_nan_is_not_swallowed() {
        let nothing = f64::NEG_INFINITY;
        assert_eq!(log_sum_exp(&[]), nothing);
        assert_eq!(log_sum_exp(&[nothing, nothing]), nothing);
        assert_eq!(log_sum_exp(&[nothing, 3.0]), 3.0);
        assert!(log_sum_exp(&[f64::NAN, f64::NAN]).is_nan());
        assert!(log_sum_exp(&[f64::NAN, 1.0]).is_nan());
    }
}
