//! Numbers as they are set in print.

/// With a true minus sign, and so many decimals.
pub(crate) fn decimal(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let zero = text.trim_start_matches('-').chars().all(|c| c == '0' || c == '.');
    if zero { text.trim_start_matches('-').to_owned() } else { text.replace('-', "−") }
}

/// 10⁻⁵.
pub(crate) fn power_of_ten(exponent: i32) -> String {
    let raised = |c| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        digit => char::from_u32('⁰' as u32 + digit as u32 - '0' as u32).unwrap_or(digit),
    };
    format!("10{}", exponent.to_string().chars().map(raised).collect::<String>())
}

/// As few digits as say it: 10⁹, 2.5×10⁻⁷.
pub(crate) fn scientific(value: f64) -> String {
    raised(&format!("{value:e}"))
}

/// A number in Rust's notation, such as 2.50e-7, as in print. Not parsed: rounded, it may be more than `f64` holds.
fn raised(text: &str) -> String {
    match text.split_once('e').and_then(|(digits, e)| Some((digits, e.parse().ok()?))) {
        Some((digits, exponent)) => match trimmed(digits).as_str() {
            "1" => power_of_ten(exponent),
            digits => format!("{digits}×{}", power_of_ten(exponent)),
        },
        None => trimmed(text),
    }
}

/// Without zeros behind the decimal point, with a true minus sign.
fn trimmed(digits: &str) -> String {
    let short = if digits.contains('.') {
        digits.trim_end_matches('0').trim_end_matches('.')
    } else {
        digits
    };
    short.replace('-', "−")
}

/// A whole number ≥ 0 as a subscript: w₁₂.
pub(crate) fn subscript(number: usize) -> String {
    let lowered = |c| char::from_u32('₀' as u32 + c as u32 - '0' as u32).unwrap_or(c);
    number.to_string().chars().map(lowered).collect()
}

/// Three decimals, or four digits, for labels and captions.
pub(crate) fn short(x: f64) -> String {
    match x.abs() {
        size if size == 0.0 || (1e-3..1e4).contains(&size) => format!("{x:.3}"),
        _ => format!("{x:.3e}"),
    }
}

/// A place on an axis of a certain length: far from 0, with as many more digits as tell places on it apart.
pub(crate) fn place(x: f64, length: f64) -> String {
    /// Beyond it three decimals of the number are less than a thousandth of the axis.
    const FAR: f64 = 1e3;
    let (far, digits) = (x.abs() / length, 3.0 - length.log10().floor());
    if far < FAR || !(0.0..=12.0).contains(&digits) || x.abs() >= 1e15 {
        return short(x);
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let decimals = digits as usize;
    format!("{x:.decimals$}")
}

/// The same as [`short`] without zeros at the end, with a true minus sign: for labels in a figure.
pub(crate) fn compact(x: f64) -> String {
    raised(&short(x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_in_print() {
        assert_eq!(decimal(-0.5, 2), "−0.50");
        assert_eq!(decimal(-0.0, 1), "0.0");
        assert_eq!([-15, 0, 7, 300].map(power_of_ten), ["10⁻¹⁵", "10⁰", "10⁷", "10³⁰⁰"]);
        assert_eq!(scientific(1e9), "10⁹");
        assert_eq!(scientific(-2.5e-7), "−2.5×10⁻⁷");
        assert_eq!(subscript(12), "₁₂");
        assert_eq!(place(1e9 + 0.25, 3.5), "1000000000.250");
        assert_eq!(place(0.25, 3.5), "0.250");
        assert_eq!(place(0.25, 1e-30), "0.250");
        assert_eq!(
            [-0.2, 0.0, 100.0, 1.5e-7, 0.1234].map(compact),
            ["−0.2", "0", "100", "1.5×10⁻⁷", "0.123"]
        );
    }
}
