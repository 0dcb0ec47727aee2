//! The zero of a function between two points where it has different signs, down to adjacent floats.

mod lanes;

pub(crate) use lanes::{Curve, Stretch};

/// Every third step halves the number of floats left, of which there are 2⁶⁴, so none needs more than this many.
const STEPS: usize = 200;

/// The first float of the bracket at or behind which `f` has the sign that it has at `high`, or the float before, whichever
/// has the smaller |f|.
///
/// `f` is monotone from `low` to `high`, so far as rounding lets it. Where it has one sign throughout, the end of the
/// smaller |f| is returned. A NaN counts as negative.
pub(crate) fn bracketed(low: f64, high: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (f_low, f_high) = (f(low), f(high));
    if (f_low > 0.0) == (f_high > 0.0) || f_low == 0.0 || f_high == 0.0 {
        return if f_low.abs() <= f_high.abs() { low } else { high };
    }
    Bracket { low, high, f_low, f_high, secant: [f_low, f_high] }.solve(f)
}

struct Bracket {
    low: f64,
    high: f64,
    f_low: f64,
    f_high: f64,
    /// The values that the secant goes through; halved at an end that stays (the Illinois rule), so that both ends move
    /// ("A modified regula falsi method for computing the root of an equation", BIT 11, 1971).
    secant: [f64; 2],
}

impl Bracket {
    fn solve(mut self, f: impl Fn(f64) -> f64) -> f64 {
        let mut last = 0;
        for step in 0..STEPS {
            let halfway = between(self.low, self.high);
            if halfway == self.low || halfway == self.high {
                break;
            }
            let guess = self.secant_guess();
            let inside = guess > self.low && guess < self.high;
            let x = if step % 3 != 2 && inside { guess } else { halfway };
            let value = f(x);
            if value == 0.0 {
                return x;
            }
            last = self.replace(x, value, last);
        }
        if self.f_low.abs() < self.f_high.abs() { self.low } else { self.high }
    }

    /// Puts `x` in the place of the end whose sign it has: 1 for `low`, 2 for `high`; `last` is that of the step before.
    fn replace(&mut self, x: f64, value: f64, last: u8) -> u8 {
        if (value > 0.0) == (self.f_low > 0.0) {
            (self.low, self.f_low, self.secant[0]) = (x, value, value);
            if last == 1 {
                self.secant[1] *= 0.5;
            }
            1
        } else {
            (self.high, self.f_high, self.secant[1]) = (x, value, value);
            if last == 2 {
                self.secant[0] *= 0.5;
            }
            2
        }
    }

    fn secant_guess(&self) -> f64 {
        let share = self.secant[0] / (self.secant[0] - self.secant[1]);
        self.low + share * (self.high - self.low)
    }
}

/// The float with as many floats on either side of it, between `low` and `high`: bisection that knows no scale.
fn between(low: f64, high: f64) -> f64 {
    let (low, high) = (ordered(low), ordered(high));
    // Halfway without overflow, rounded down.
    from_ordered((low & high) + ((low ^ high) >> 1))
}

/// A whole number for each float, in the same order.
fn ordered(x: f64) -> u64 {
    let bits = x.to_bits();
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}

fn from_ordered(n: u64) -> f64 {
    f64::from_bits(if n >> 63 == 1 { n & !(1 << 63) } else { !n })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn it_ends_at_adjacent_floats_within_its_budget() {
        for root in [-1e300, -1.5, -1e-310, 0.0, 5e-324, 1e-200, 0.3, 7e9, 1e308] {
            for power in [1, 3, 9] {
                let calls = Cell::new(0);
                let f = |x: f64| {
                    calls.set(calls.get() + 1);
                    (x / 1e20 - root / 1e20).powi(power)
                };
                let found = bracketed(-f64::MAX, f64::MAX, f);
                assert!(f(found) == 0.0, "{root} {found}");
                assert!(calls.get() <= 3 * 64 + 5, "{} calls", calls.get());
            }
        }
    }

    #[test]
    fn a_step_function_is_split_at_its_step() {
        let found = bracketed(-1.0, 2.0, |x| if x < 0.1 { -1.0 } else { 1.0 });
        assert!(found == 0.1 || found == 0.1_f64.next_down());
    }

    #[test]
    fn without_a_change_of_sign_the_nearer_end_is_the_answer() {
        assert_eq!(bracketed(1.0, 2.0, |x| x), 1.0);
        assert_eq!(bracketed(-2.0, -1.0, |x| x), -1.0);
    }
}
