//! Medians, and whether answers are equal.

/// How far apart two answers may be that are equal but for rounding, in the sum of up to a hundred million terms and in the
/// iterations before it; as a share of the larger, or of 1.
pub(crate) const ROUNDING: f64 = 1e-10;
/// The same for means of random numbers: five standard errors of the difference, for the million draws from the notebooks' mixture of
/// a quick run.
pub(crate) const CHANCE: f64 = 2e-3;

/// The middle of the values, or the mean of the two in the middle; none if there is no value.
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    let upper = *sorted.get(half)?;
    Some(if sorted.len() % 2 == 1 { upper } else { 0.5 * (sorted[half - 1] + upper) })
}

/// What differs from the first of the named answers by more than `tolerance`, in words. An answer that is not a number differs.
pub(crate) fn differences(answers: &[(&str, f64)], tolerance: f64) -> Vec<String> {
    let Some(&(reference, expected)) = answers.first() else { return Vec::new() };
    let agrees = |value: f64| {
        (value - expected).abs() <= tolerance * expected.abs().max(value.abs()).max(1.0)
    };
    let wrong = answers.iter().filter(|(_, value)| !agrees(*value));
    wrong
        .map(|(name, value)| format!("{name} has {value:.13}, {reference} {expected:.13}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_middle_whatever_the_order() {
        assert_eq!(median(&[9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[9.0, 1.0, 2.0, 4.0]), Some(3.0));
        assert_eq!(median(&[7.0]), Some(7.0));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn a_wrong_answer_is_named_and_an_equal_one_is_not() {
        let right = [("ours", -47.0), ("one", -47.0 - 1e-9), ("two", -47.0 + 1e-9)];
        assert!(differences(&right, ROUNDING).is_empty());
        // Negative controls: the eighth digit, and no number at all.
        let wrong = [("ours", -47.0), ("one", -47.000_000_1), ("two", -47.0), ("three", f64::NAN)];
        let said = differences(&wrong, ROUNDING);
        assert_eq!(said.len(), 2);
        assert!(said[0].starts_with("one has -47.0000001") && said[1].starts_with("three has NaN"));
        // Also if it is the first that is wrong, and when the answers are near 0.
        assert_eq!(differences(&[("ours", f64::NAN), ("one", 1.0)], ROUNDING).len(), 2);
        assert_eq!(differences(&[("ours", 0.0), ("one", 1e-9)], ROUNDING).len(), 1);
    }
}
