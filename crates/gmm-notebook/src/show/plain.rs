//! Numbers, texts and what holds a single value: shown as `{:?}` shows them.

use super::{Show, Shown};
use std::fmt::{Debug, Display};

macro_rules! as_debug {
    ($($plain:ty),*) => {$(
        impl Show for $plain {
            fn show(&self) -> Shown {
                Shown::text(format!("{self:?}"))
            }
        }
    )*};
}

as_debug!(f64, f32, i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);
as_debug!(bool, char, str, String);

/// Nothing, such as a cell that ends in `println!(…)` without a semicolon.
impl Show for () {
    fn show(&self) -> Shown {
        Shown::default()
    }
}

impl<T: Show + ?Sized> Show for &T {
    fn show(&self) -> Shown {
        (**self).show()
    }
}

impl<T: Show> Show for Option<T> {
    fn show(&self) -> Shown {
        match self {
            Some(value) => inside("Some", value.show()),
            None => Shown::text("None"),
        }
    }
}

/// A value inside its `Ok` is still inside: the `?` was forgotten. An error is told in words, as where it leaves a cell.
impl<T: Show, E: Display + Debug> Show for Result<T, E> {
    fn show(&self) -> Shown {
        match self {
            Ok(value) => inside("Ok", value.show()),
            Err(error) => Shown::text(format!("Err: {error}")),
        }
    }
}

fn inside(name: &str, value: Shown) -> Shown {
    match value.line() {
        Some(line) => Shown::text(format!("{name}({line})")),
        None => Shown::text(format!("{name}:")).and(value),
    }
}

macro_rules! tuples {
    ($(($($name:ident $index:tt),*))*) => {$(
        impl<$($name: Show),*> Show for ($($name,)*) {
            fn show(&self) -> Shown {
                tuple(vec![$(self.$index.show()),*])
            }
        }
    )*};
}

tuples!((A 0, B 1) (A 0, B 1, C 2) (A 0, B 1, C 2, D 3));

/// On one line if each is, and one below the other if not.
fn tuple(entries: Vec<Shown>) -> Shown {
    match entries.iter().map(Shown::line).collect::<Option<Vec<&str>>>() {
        Some(lines) => Shown::text(format!("({})", lines.join(", "))),
        None => entries.into_iter().fold(Shown::default(), Shown::and),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gaussian_mixture::{ParameterError, Weights};

    fn plain<T: Show + ?Sized>(value: &T) -> String {
        let contents = value.show().contents();
        assert!(contents.rich.is_empty() || contents.rich[0].1.contains("<table>"));
        contents.plain
    }

    #[test]
    fn plain_values_stay_as_debug_writes_them() {
        assert_eq!(plain(&0.1), "0.1");
        assert_eq!(plain(&1e300), "1e300");
        assert_eq!(plain(&-3_i64), "-3");
        assert_eq!(plain("a \"b\""), r#""a \"b\"""#);
        assert_eq!(plain(&'μ'), "'μ'");
        assert_eq!(plain(&(0.5, true, 3)), "(0.5, true, 3)");
        assert_eq!(plain(&Some(&2.5)), "Some(2.5)");
        assert_eq!(plain(&None::<f64>), "None");
    }

    #[test]
    fn nothing_is_shown_of_nothing() {
        assert!(().show().0.is_empty());
    }

    #[test]
    fn a_result_says_that_it_is_one() {
        let ok: Result<f64, ParameterError> = Ok(1.5);
        assert_eq!(plain(&ok), "Ok(1.5)");
        assert_eq!(
            plain(&Weights::new([0.5, 0.5])),
            "Ok:\ncomponent  weight\n        0  0.5000\n        1  0.5000"
        );
        assert_eq!(
            plain(&Weights::new([0.5, -0.5])),
            "Err: expected weights[1] to be finite and not negative, found -0.5"
        );
    }
}
