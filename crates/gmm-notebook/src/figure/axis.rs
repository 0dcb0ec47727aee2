//! An axis: where a number stands on it, and at which round numbers it has ticks.

use super::FigureError;
use super::number::{decimal, power_of_ten, scientific};

/// The shortest axis, as a part of its distance from 0: its ticks must not be lost in rounding.
const LEAST_LENGTH: f64 = 1e-12;

/// Below so many powers of ten the ticks of a logarithmic axis are 1, 2, 5, 10, …; above they are powers of ten.
const FEW_DECADES: f64 = 2.0;

/// Below so many, even those are too few, and it has the ticks of a linear axis.
const LEAST_DECADES: f64 = 0.7;

/// With more decades than that the small ticks between them would be a grey stripe.
const DECADES_WITH_MINOR_TICKS: i32 = 12;

/// A tick label has at most so many digits; then a power of ten or an offset is written at the axis instead.
const MOST_DIGITS: i32 = 5;

/// What a step may have lost by rounding, as a part of itself.
const ROUNDING: f64 = 1e-6;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    Linear,
    Log,
}

/// The visible part of an axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Axis {
    pub(crate) scale: Scale,
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// Numbers between whole ones mean nothing on it, as of iterations or components.
    pub(crate) whole: bool,
}

/// The ticks of an axis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ticks {
    /// Where, and the label.
    pub(crate) labelled: Vec<(f64, String)>,
    /// Short ones without a label.
    pub(crate) minor: Vec<f64>,
    /// What every label is to be multiplied by, and what is to be added, as `×10⁻⁸ + 10⁹`.
    pub(crate) note: String,
}

impl Axis {
    /// An axis that has a length which can be divided into ticks.
    pub(crate) fn new(
        name: &'static str,
        scale: Scale,
        (low, high): (f64, f64),
    ) -> Result<Self, FigureError> {
        let axis = Self { scale, low, high, whole: false };
        let ordered = low < high && (scale == Scale::Linear || low > 0.0);
        let (from, to) = (axis.place(low), axis.place(high));
        let long = to - from > LEAST_LENGTH * from.abs().max(to.abs()) && (high - low).is_normal();
        if ordered && long { Ok(axis) } else { Err(FigureError::Range { axis: name, low, high }) }
    }

    /// Where a number stands, in a unit of the axis' own.
    pub(crate) fn place(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear => value,
            Scale::Log => value.log10(),
        }
    }

    /// Both ends in that unit.
    pub(crate) fn ends(&self) -> (f64, f64) {
        (self.place(self.low), self.place(self.high))
    }

    /// At most about `most` labelled ticks.
    pub(crate) fn ticks(&self, most: usize) -> Ticks {
        let (from, to) = self.ends();
        match self.scale {
            Scale::Log if to - from >= FEW_DECADES => decades(from, to, most),
            Scale::Log if to - from >= LEAST_DECADES => one_two_five(self.low, self.high, from, to),
            _ => linear(self.low, self.high, self.step(most)),
        }
    }
}

impl Axis {
    /// The least distance of neighbouring ticks.
    fn step(&self, most: usize) -> f64 {
        let step = (self.high - self.low) / most.max(1) as f64;
        if self.whole { step.max(1.0) } else { step }
    }
}

#[allow(clippy::cast_possible_truncation)]
fn floor(x: f64) -> i32 {
    x.floor() as i32
}

/// The least of 1, 2, 5 times a power of ten that is at least `step`: digit and exponent.
fn round_up(step: f64) -> (f64, i32) {
    let exponent = floor(step.log10());
    let digits = step / 10_f64.powi(exponent);
    // A step that is round up to rounding is round; the ends of an axis far from 0 have lost digits.
    match [1.0, 2.0, 5.0].into_iter().find(|round| digits <= round * (1.0 + ROUNDING)) {
        Some(digit) => (digit, exponent),
        None => (1.0, exponent + 1),
    }
}

/// A digit times a power of ten, correctly rounded as far as `f64` holds the power.
fn times_power(digits: f64, exponent: i32) -> f64 {
    match exponent {
        ..-300 => digits * 10_f64.powi(-300) * 10_f64.powi(exponent + 300),
        -300..0 => digits / 10_f64.powi(-exponent),
        _ => digits * 10_f64.powi(exponent),
    }
}

fn linear(low: f64, high: f64, least_step: f64) -> Ticks {
    let (digit, exponent) = round_up(least_step);
    let step = times_power(digit, exponent);
    let offset = offset(low, high, step);
    // Counted from the offset, the ticks are small multiples of the step.
    let first = ((low - offset) / step - ROUNDING).ceil();
    let last = ((high - offset) / step + ROUNDING).floor();
    let count = floor(last - first).max(0);
    let multiples: Vec<f64> = (0..=count).map(|i| first + f64::from(i)).collect();
    let greatest = multiples.iter().fold(0.0_f64, |most, m| most.max((m * step).abs()));
    let magnitude = if greatest > 0.0 { floor(greatest.log10()) } else { 0 };
    let power = if magnitude >= MOST_DIGITS || exponent < -MOST_DIGITS + 1 { magnitude } else { 0 };
    #[allow(clippy::cast_sign_loss)]
    let decimals = (power - exponent).max(0) as usize;
    let label = |m: &f64| decimal(times_power(m * digit, exponent - power), decimals);
    let labelled = multiples.iter().map(|m| (offset + times_power(m * digit, exponent), label(m)));
    let scale = if power == 0 { String::new() } else { format!("×{}", power_of_ten(power)) };
    let shift = match offset {
        0.0 => String::new(),
        _ if offset < 0.0 => format!("− {}", scientific(-offset)),
        _ => format!("+ {}", scientific(offset)),
    };
    Ticks {
        labelled: labelled.collect(),
        minor: Vec::new(),
        note: [scale, shift].into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" "),
    }
}

/// 0, or the roundest number near the axis if it lies so far from 0 that labels would be long.
fn offset(low: f64, high: f64, step: f64) -> f64 {
    let far = low.abs().max(high.abs());
    if far / step < 10_f64.powi(MOST_DIGITS) {
        return 0.0;
    }
    let length = high - low;
    let exponents = (floor(length.log10()) - 1..=floor(far.log10())).rev();
    let mut roundest = exponents.map(|exponent| {
        let unit = times_power(1.0, exponent);
        (low / unit).round() * unit
    });
    roundest.find(|round| (low - length..=high + length).contains(round)).unwrap_or(low)
}

fn decades(from: f64, to: f64, most: usize) -> Ticks {
    let (first, last) = (floor((from - 1e-9).ceil()), floor(to + 1e-9));
    let wanted = f64::from(last - first) / most.max(1) as f64;
    let step =
        [1, 2, 3, 5, 10, 20, 50, 100].into_iter().find(|s| f64::from(*s) >= wanted).unwrap_or(200);
    let labelled = (first..=last)
        .filter(|e| e.rem_euclid(step) == 0)
        .map(|e| (times_power(1.0, e), power_of_ten(e)))
        .collect();
    let between = |e: i32| {
        if step == 1 {
            (2..10).map(|d| times_power(f64::from(d), e)).collect()
        } else {
            vec![times_power(1.0, e)]
        }
    };
    let inside = |x: &f64| (from..=to).contains(&x.log10());
    let minor = if last - first <= DECADES_WITH_MINOR_TICKS || step > 1 {
        (first - 1..=last).flat_map(between).filter(inside).collect()
    } else {
        Vec::new()
    };
    Ticks { labelled, minor, note: String::new() }
}

fn one_two_five(low: f64, high: f64, from: f64, to: f64) -> Ticks {
    let inside = |x: &f64| (low * (1.0 - 1e-9)..=high * (1.0 + 1e-9)).contains(x);
    let all = |digits: &'static [i32]| {
        (floor(from)..=floor(to)).flat_map(move |e| digits.iter().map(move |d| (f64::from(*d), e)))
    };
    let labelled = all(&[1, 2, 5]).map(|(d, e)| {
        let value = times_power(d, e);
        #[allow(clippy::cast_sign_loss)]
        let plain = || decimal(value, (-e).max(0) as usize);
        let label = if (-4..MOST_DIGITS).contains(&e) { plain() } else { scientific(value) };
        (value, label)
    });
    Ticks {
        labelled: labelled.filter(|(value, _)| inside(value)).collect(),
        minor: all(&[3, 4, 6, 7, 8, 9]).map(|(d, e)| times_power(d, e)).filter(inside).collect(),
        note: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64, most: usize) -> (Vec<String>, String) {
        let ticks = Axis { scale: Scale::Linear, low, high, whole: false }.ticks(most);
        (ticks.labelled.into_iter().map(|(_, label)| label).collect(), ticks.note)
    }

    fn log_labels(low: f64, high: f64, most: usize) -> Vec<String> {
        let ticks = Axis { scale: Scale::Log, low, high, whole: false }.ticks(most);
        ticks.labelled.into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_stand_at_round_numbers_with_the_digits_they_need() {
        assert_eq!(labels(-1.3, 0.9, 9).0, ["−1.0", "−0.5", "0.0", "0.5"]);
        assert_eq!(labels(0.0, 10.0, 5).0, ["0", "2", "4", "6", "8", "10"]);
        assert_eq!(labels(0.0, 0.3, 3).0, ["0.0", "0.1", "0.2", "0.3"]);
        assert_eq!(labels(0.0, 2000.0, 4).0, ["0", "500", "1000", "1500", "2000"]);
    }

    #[test]
    fn a_power_of_ten_or_an_offset_stands_at_the_axis_instead_of_long_labels() {
        let (labels_, note) = labels(1e9, 1e9 + 0.1, 5);
        assert_eq!(
            (labels_, note.as_str()),
            (["0.00", "0.02", "0.04", "0.06", "0.08", "0.10"].map(String::from).to_vec(), "+ 10⁹")
        );
        let (labels_, note) = labels(0.0, 3e-8, 3);
        assert_eq!(
            (labels_, note.as_str()),
            (["0", "1", "2", "3"].map(String::from).to_vec(), "×10⁻⁸")
        );
        let (labels_, note) = labels(0.0, 5e300, 5);
        assert_eq!((labels_.len(), note.as_str()), (6, "×10³⁰⁰"));
        assert_eq!(labels(-1e9 - 0.1, -1e9, 5).1, "− 10⁹");
    }

    #[test]
    fn an_axis_of_whole_numbers_has_no_halves() {
        let axis = Axis { scale: Scale::Linear, low: 1.9, high: 4.1, whole: true };
        let labels: Vec<String> = axis.ticks(9).labelled.into_iter().map(|(_, l)| l).collect();
        assert_eq!(labels, ["2", "3", "4"]);
    }

    #[test]
    fn a_logarithmic_axis_has_powers_of_ten_or_one_two_five() {
        assert_eq!(log_labels(1e-5, 1.0, 9), ["10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "10⁰"]);
        assert_eq!(log_labels(1e-16, 1.0, 6), ["10⁻¹⁵", "10⁻¹²", "10⁻⁹", "10⁻⁶", "10⁻³", "10⁰"]);
        assert_eq!(log_labels(0.04, 1.1, 9), ["0.05", "0.1", "0.2", "0.5", "1"]);
        assert_eq!(log_labels(1.0, 2.0, 5), ["1.0", "1.2", "1.4", "1.6", "1.8", "2.0"]);
    }

    #[test]
    fn every_tick_is_on_the_axis_and_says_where_it_is() {
        for (low, high) in
            [(-3.7, 12.1), (1e-9, 2e-9), (-5e6, 1e3), (0.999, 1.001), (1e5, 1e5 + 7.0)]
        {
            let axis = Axis::new("horizontal", Scale::Linear, (low, high)).unwrap();
            let ticks = axis.ticks(8);
            assert!((2..=9).contains(&ticks.labelled.len()), "{low} {high}: {ticks:?}");
            for pair in ticks.labelled.windows(2) {
                assert!(pair[0].0 < pair[1].0 && pair[0].1 != pair[1].1, "{low} {high}: {ticks:?}");
            }
            for (value, _) in ticks.labelled {
                assert!(value >= low - 1e-9 * (high - low) && value <= high + 1e-9 * (high - low));
            }
        }
    }
}
