//! Whether two texts are the same but for the last digits of the numbers in them.
//!
//! The same calculation gives other last bits on another machine: a processor with fused multiply-add rounds less
//! often. What is printed of it differs in the last digit, and what is nothing but rounding (`2.7e-15` where 0 is meant)
//! differs altogether. Everything else must be equal, the words and all whole numbers included.

/// Numbers that differ by less than this are the same: sums of some thousand numbers near 1 are rounded by less, and so
/// is every difference between two of them.
pub(crate) const ROUNDING: f64 = 1e-12;
/// And numbers that differ by less than this part of themselves: what a fit makes of a last bit.
pub(crate) const RELATIVE: f64 = 1e-9;
/// Numbers printed with few digits may differ by one in the last; the rest is for the subtraction's own rounding.
const LAST_DIGIT: f64 = 1.0 + 1e-6;

/// Whether two lines have the same words and the same numbers, where numbers that are not whole may also differ by
/// `slack`. Any white space counts as one space: a column is as wide as its widest number.
pub(crate) fn same_line(a: &str, b: &str, slack: f64) -> bool {
    let (a, b) = (one_space(a), one_space(b));
    let (mut a, mut b) = (Pieces(&a), Pieces(&b));
    loop {
        match (a.next(), b.next()) {
            (None, None) => return true,
            (Some(Piece::Word(a)), Some(Piece::Word(b))) if a == b => {}
            (Some(Piece::Number(a)), Some(Piece::Number(b))) if a.is_same(&b, slack) => {}
            _ => return false,
        }
    }
}

fn one_space(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

enum Piece<'a> {
    Number(Number),
    /// Everything up to the next number.
    Word(&'a str),
}

struct Number {
    value: f64,
    /// What one more in the last digit adds; 0 for a whole number.
    unit: f64,
}

impl Number {
    fn is_same(&self, other: &Self, slack: f64) -> bool {
        let difference = (self.value - other.value).abs();
        let whole = self.unit == 0.0 && other.unit == 0.0;
        let size = self.value.abs().max(other.value.abs());
        difference <= slack
            || difference == 0.0
            || !whole
                && (difference <= ROUNDING
                    || difference <= RELATIVE * size
                    || difference <= self.unit.min(other.unit) * LAST_DIGIT)
    }
}

/// Cuts a line into numbers and what stands between them.
struct Pieces<'a>(&'a str);

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        if self.0.is_empty() {
            return None;
        }
        if let Some((number, rest)) = number(self.0) {
            self.0 = rest;
            return Some(Piece::Number(number));
        }
        let mut in_name = false;
        for (at, c) in self.0.char_indices() {
            // The 64 of `f64` and the 2 of `2-3` are no numbers of their own and no negative ones.
            if at > 0 && !in_name && number(&self.0[at..]).is_some() {
                let (word, rest) = self.0.split_at(at);
                self.0 = rest;
                return Some(Piece::Word(word));
            }
            in_name = c.is_alphanumeric() || c == '_';
        }
        Some(Piece::Word(std::mem::take(&mut self.0)))
    }
}

/// The number that a text begins with, and the rest: `-1.5`, `1e-9`, `2.7 × 10⁻¹⁵`.
fn number(text: &str) -> Option<(Number, &str)> {
    let (negative, unsigned) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, mut rest) = digits(unsigned);
    if whole.is_empty() {
        return None;
    }
    let mut decimals = "";
    if let Some(after) = rest.strip_prefix('.') {
        let (found, after) = digits(after);
        if !found.is_empty() {
            (decimals, rest) = (found, after);
        }
    }
    let (exponent, rest) = match exponent(rest).or_else(|| power_of_ten(rest)) {
        Some((exponent, rest)) => (Some(exponent), rest),
        None => (None, rest),
    };
    let power = exponent.unwrap_or(0);
    let value: f64 = format!("{whole}.{decimals}e{power}").parse().ok()?;
    let is_whole = decimals.is_empty() && exponent.is_none();
    let last = power - i32::try_from(decimals.len()).ok()?;
    let number = Number {
        value: if negative { -value } else { value },
        unit: if is_whole { 0.0 } else { 10_f64.powi(last) },
    };
    Some((number, rest))
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

/// `e-9`
fn exponent(text: &str) -> Option<(i32, &str)> {
    let after = text.strip_prefix(['e', 'E'])?;
    let (negative, after) = match after.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest),
        None => (false, after.strip_prefix('+').unwrap_or(after)),
    };
    let (found, rest) = digits(after);
    let power: i32 = found.parse().ok()?;
    Some((if negative { -power } else { power }, rest))
}

/// ` × 10⁻⁹`
fn power_of_ten(text: &str) -> Option<(i32, &str)> {
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let after = text.trim_start().strip_prefix(['×', '·'])?.trim_start().strip_prefix("10")?;
    let (negative, mut rest) = match after.strip_prefix('⁻') {
        Some(rest) => (true, rest),
        None => (false, after),
    };
    let mut power = None;
    while let Some(c) = rest.chars().next() {
        let Some(digit) = RAISED.iter().zip(0..).find_map(|(&r, d)| (r == c).then_some(d)) else {
            break;
        };
        power = Some(i32::checked_add(power.unwrap_or(0_i32).checked_mul(10)?, digit)?);
        rest = &rest[c.len_utf8()..];
    }
    let power = power?;
    Some((if negative { -power } else { power }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(a: &str, b: &str) -> bool {
        let forth = same_line(a, b, 0.0);
        assert_eq!(forth, same_line(b, a, 0.0), "{a} | {b}");
        forth
    }

    #[test]
    fn a_last_digit_may_differ_by_one() {
        assert!(same("mean 0.1079 and −0.5285", "mean 0.1080 and −0.5286"));
        assert!(!same("mean 0.1079", "mean 0.1081"));
        assert!(same("5.35e-9", "5.36e-9") && !same("5.35e-9", "5.37e-9"));
        assert!(same("2.71 × 10⁻⁵", "2.72 × 10⁻⁵") && !same("2.71 × 10⁻⁵", "2.71 × 10⁻⁶"));
        // Not by one in the last digit of the shorter.
        assert!(!same("0.1", "0.15"));
    }

    #[test]
    fn whole_numbers_and_words_are_exact() {
        assert!(!same("after 12 iterations", "after 13 iterations"));
        assert!(!same("17000", "17001") && !same("1", "1.5") && !same("0", "1"));
        assert!(
            !same("Converged", "IterationLimit") && !same("a 1", "a 1 b") && !same("✓ a", "✗ a")
        );
        assert!(!same("f64", "f32") && !same("x1", "x2"));
        assert!(!same("1.5", "x") && !same("", "1"));
    }

    #[test]
    fn rounding_is_no_difference() {
        assert!(same("gap 2.7e-15", "gap 8.9e-16") && same("off by 0", "off by 2.2e-16"));
        assert!(same("measured 1", "measured 0.9999999999999998"));
        assert!(same("1234567.1234567891", "1234567.1234567899"));
        assert!(!same("gap 2.7e-11", "gap 8.9e-12"));
        assert!(same("-0.000", "0.000") && !same("-0.5", "0.5") && same("-0.001", "0.000"));
    }

    #[test]
    fn slack_is_for_what_is_not_whole_as_well() {
        assert!(same_line("off by 0.025", "off by 0.019", 0.04));
        assert!(!same_line("off by 0.025", "off by 0.019", 0.001));
    }

    #[test]
    fn signs_ranges_and_spaces() {
        assert!(same("a   b  0.5", "a b 0.5 "));
        assert!(
            !same("2-3", "2-4")
                && same("2-3", "2-3")
                && same("10⁻⁵", "10⁻⁵")
                && !same("10⁻⁵", "10⁻⁶")
        );
        assert!(same("1.", "1.") && same("1e", "1e") && same("…−", "…−"));
    }
}
