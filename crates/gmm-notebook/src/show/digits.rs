//! How many digits of a number a reader wants to see.

/// Significant digits of the greatest number of a column, and of one that stands alone.
const SIGNIFICANT: i32 = 4;

/// Up to here whole numbers are counts or indices, and shown with all their digits.
const ALL_DIGITS: f64 = 1e15;

/// So many more digits at most, where neighbours differ by little.
const MOST_MORE: usize = 6;

/// Numbers as a column of a table: all with the same decimals, so that they can be compared at a glance; those are enough
/// for four digits of the greatest. What would be left with less than two digits is written as a power of ten, so that
/// a collapsed width does not look like 0. The minus sign is the one that Rust reads: what is copied into code compiles.
pub(crate) fn column(numbers: &[f64]) -> Vec<String> {
    with_more(numbers, 0)
}

/// As [`column`], with more digits where neighbours that differ would look the same, such as the points of a fine grid.
pub(crate) fn distinct(numbers: &[f64]) -> Vec<String> {
    let looks_distinct = |texts: &[String]| {
        let mut pairs = numbers.windows(2).zip(texts.windows(2));
        pairs.all(|(pair, texts)| pair[0] == pair[1] || texts[0] != texts[1])
    };
    let tries = (0..MOST_MORE).map(|more| with_more(numbers, more));
    tries.into_iter().find(|t| looks_distinct(t)).unwrap_or_else(|| with_more(numbers, MOST_MORE))
}

fn with_more(numbers: &[f64], more: usize) -> Vec<String> {
    let finite = numbers.iter().map(|x| x.abs()).filter(|x| x.is_finite());
    let greatest = finite.fold(0.0, f64::max);
    if numbers.iter().all(|x| x.fract() == 0.0) && greatest < ALL_DIGITS {
        return numbers.iter().map(f64::to_string).collect();
    }
    match decimals(greatest) {
        Some(decimals) => numbers.iter().map(|&x| fixed(x, decimals + more)).collect(),
        None => numbers.iter().map(|&x| power_of_ten(x, 3 + more)).collect(),
    }
}

/// One number on its own.
pub(crate) fn number(x: f64) -> String {
    column(&[x]).concat()
}

/// The decimals that show four digits of `greatest`, unless it is written as a power of ten.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn decimals(greatest: f64) -> Option<usize> {
    if greatest == 0.0 {
        return Some(0);
    }
    let magnitude = greatest.log10().floor() as i32;
    (-4..6).contains(&magnitude).then(|| (SIGNIFICANT - 1 - magnitude).max(0) as usize)
}

fn fixed(x: f64, decimals: usize) -> String {
    #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
    let two_digits = 10_f64.powi(1 - decimals as i32);
    if x != 0.0 && x.abs() < two_digits && decimals > 0 {
        power_of_ten(x, 1)
    } else {
        format!("{x:.decimals$}")
    }
}

fn power_of_ten(x: f64, decimals: usize) -> String {
    if x == 0.0 || !x.is_finite() { x.to_string() } else { format!("{x:.decimals$e}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_has_the_decimals_of_its_greatest_number() {
        assert_eq!(column(&[0.2, 0.07, 0.13]), ["0.2000", "0.0700", "0.1300"]);
        assert_eq!(column(&[-0.5, 12.345_67, 3.0]), ["-0.50", "12.35", "3.00"]);
        assert_eq!(column(&[123_456.7, -1.0]), ["123457", "-1"]);
    }

    #[test]
    fn whole_numbers_have_none() {
        assert_eq!(column(&[0.0, -3.0, 17_000.0]), ["0", "-3", "17000"]);
    }

    #[test]
    fn the_very_small_and_the_very_large_are_powers_of_ten() {
        assert_eq!(column(&[0.5, 3e-9, 0.0]), ["0.5000", "3.0e-9", "0.0000"]);
        assert_eq!(column(&[1.234_56e-7, 0.0]), ["1.235e-7", "0"]);
        assert_eq!(number(-6.022e23), "-6.022e23");
        assert_eq!(column(&[0.001, 1.1]), ["1.0e-3", "1.100"]);
        assert_eq!(column(&[0.01, 1.5]), ["0.010", "1.500"]);
    }

    #[test]
    fn neighbours_that_differ_look_different() {
        assert_eq!(distinct(&[-2.0, -1.9993, -1.9986]), ["-2.0000", "-1.9993", "-1.9986"]);
        assert_eq!(distinct(&[1.5, 1.5, 0.5]), ["1.500", "1.500", "0.500"]);
        assert_eq!(distinct(&[1.0, 1.0 + f64::EPSILON]), ["1.000000000", "1.000000000"]);
        assert_eq!(distinct(&[1e9 + 0.1, 1e9 + 0.2])[0], "1.000000000e9");
    }

    #[test]
    fn what_is_no_number_is_named() {
        assert_eq!(column(&[f64::NAN, 1.5, f64::NEG_INFINITY]), ["NaN", "1.500", "-inf"]);
        assert_eq!(column(&[f64::NAN]), ["NaN"]);
        assert!(column(&[]).is_empty());
    }
}
