//! Lists of numbers: how many, from where to where, and their two ends.

use super::{Show, Shown, column, distinct};
use crate::Table;
use crate::table::OMITTED;

/// So many entries, rows or columns are shown in full …
const ALL: usize = 10;
/// … and of more so many at either end.
const ENDS: usize = 3;

/// A number that stands in lists.
pub trait Number: Copy {
    /// It as the reader sees it; only integers beyond 2⁵³ lose a digit.
    fn to_f64(self) -> f64;
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Number for $number {
            #[allow(clippy::cast_lossless)]
            fn to_f64(self) -> f64 {
                self as f64
            }
        }
    )*};
}

numbers!(f64, f32, i8, i16, i32, i64, isize, u8, u16, u32, u64, usize);

/// Of `n` entries, rows or columns those that are shown; `None` stands for those left out.
pub(super) fn chosen(n: usize) -> Vec<Option<usize>> {
    if n <= ALL {
        return (0..n).map(Some).collect();
    }
    let (first, last) = (0..ENDS, n - ENDS..n);
    first.map(Some).chain([None]).chain(last.map(Some)).collect()
}

/// The chosen of some texts, with a mark for those left out.
pub(super) fn pick(chosen: &[Option<usize>], texts: impl Fn(usize) -> String) -> Vec<String> {
    chosen.iter().map(|c| c.map_or_else(|| OMITTED.to_owned(), &texts)).collect()
}

/// The numbers at the chosen places, as a column of a table.
pub(super) fn chosen_numbers(chosen: &[Option<usize>], at: impl Fn(usize) -> f64) -> Vec<String> {
    texts(chosen, column, at)
}

fn texts(
    chosen: &[Option<usize>],
    write: fn(&[f64]) -> Vec<String>,
    at: impl Fn(usize) -> f64,
) -> Vec<String> {
    let shown: Vec<f64> = chosen.iter().filter_map(|c| c.map(&at)).collect();
    let mut texts = write(&shown).into_iter();
    let text =
        |c: &Option<usize>| c.and_then(|_| texts.next()).unwrap_or_else(|| OMITTED.to_owned());
    chosen.iter().map(text).collect()
}

/// `17000 × 2 numbers, from -3.201 to 4.115`.
pub(super) fn headline(shape: &[usize], numbers: &[f64]) -> String {
    let shape: Vec<String> = shape.iter().map(usize::to_string).collect();
    let noun = if numbers.len() == 1 { "number" } else { "numbers" };
    format!("{} {noun}{}", shape.join(" × "), range(numbers))
}

fn range(numbers: &[f64]) -> String {
    let (mut low, mut high, mut n_nan) = (f64::INFINITY, f64::NEG_INFINITY, 0);
    for &x in numbers {
        // Both ignore NaN.
        (low, high) = (low.min(x), high.max(x));
        n_nan += usize::from(x.is_nan());
    }
    let ends = column(&[low, high]);
    let range =
        if low <= high { format!(", from {} to {}", ends[0], ends[1]) } else { String::new() };
    if n_nan > 0 { format!("{range}, {n_nan} NaN") } else { range }
}

/// The headline and the list's ends.
pub(super) fn list(numbers: &[f64]) -> Shown {
    let headline = headline(&[numbers.len()], numbers);
    if numbers.is_empty() {
        return Shown::text(headline);
    }
    Shown::text(format!("{headline}:\n{}", ends(numbers)))
}

/// `0.1, 0.2, 0.3, …, 0.8, 0.9, 1.0`.
pub(super) fn ends(numbers: &[f64]) -> String {
    texts(&chosen(numbers.len()), distinct, |i| numbers[i]).join(", ")
}

/// The headline and a table of rows, with the numbers of rows and columns at its edges.
pub(super) fn matrix(n_rows: usize, n_columns: usize, numbers: &[f64]) -> Shown {
    let headline = headline(&[n_rows, n_columns], numbers);
    if numbers.is_empty() {
        return Shown::text(headline);
    }
    let rows = chosen(n_rows);
    let mut table = Table::new().text("", pick(&rows, |row| row.to_string()));
    for chosen_column in chosen(n_columns) {
        table = match chosen_column {
            Some(j) => {
                table.text(&j.to_string(), chosen_numbers(&rows, |i| numbers[i * n_columns + j]))
            }
            None => table.text(OMITTED, rows.iter().map(|_| OMITTED)),
        };
    }
    Shown::text(headline).and_table(table)
}

fn floats<'a, T: Number + 'a>(numbers: impl IntoIterator<Item = &'a T>) -> Vec<f64> {
    numbers.into_iter().map(|x| x.to_f64()).collect()
}

/// Also of what is one behind a reference, such as a `Vec` or an array.
impl<T: Number> Show for [T] {
    fn show(&self) -> Shown {
        list(&floats(self))
    }
}

impl<T: Number, const D: usize> Show for [[T; D]] {
    fn show(&self) -> Shown {
        matrix(self.len(), D, &floats(self.as_flattened()))
    }
}

impl<A: Number, B: Number> Show for [(A, B)] {
    fn show(&self) -> Shown {
        let pairs: Vec<f64> = self.iter().flat_map(|(a, b)| [a.to_f64(), b.to_f64()]).collect();
        matrix(self.len(), 2, &pairs)
    }
}

/// Lists of one length are rows; of others, each is told by its length and range.
impl<T: Number> Show for [Vec<T>] {
    fn show(&self) -> Shown {
        let n_columns = self.first().map_or(0, Vec::len);
        if self.iter().all(|row| row.len() == n_columns) {
            return matrix(self.len(), n_columns, &floats(self.iter().flatten()));
        }
        let lists = chosen(self.len());
        let table = Table::new()
            .text("list", pick(&lists, |i| i.to_string()))
            .text("", pick(&lists, |i| headline(&[self[i].len()], &floats(&self[i]))));
        Shown::text(format!("{} lists", self.len())).and_table(table)
    }
}

macro_rules! as_slices {
    ($(($($generics:tt)*) $element:ty);*) => {$(
        impl<$($generics)*> Show for Vec<$element> {
            fn show(&self) -> Shown {
                self.as_slice().show()
            }
        }

        impl<$($generics)*, const N: usize> Show for [$element; N] {
            fn show(&self) -> Shown {
                self.as_slice().show()
            }
        }
    )*};
}

// A method call finds a list's slice by itself; inside an `Option`, a `Result` or a tuple nothing looks for it.
as_slices!((T: Number) T; (A: Number, B: Number) (A, B); (T: Number) Vec<T>);

#[cfg(test)]
mod tests {
    use super::*;

    fn plain<T: Show + ?Sized>(value: &T) -> String {
        value.show().contents().plain
    }

    #[test]
    fn a_short_list_is_shown_in_full() {
        assert_eq!(plain(&[0.2, -0.07]), "2 numbers, from -0.0700 to 0.2000:\n0.2000, -0.0700");
        assert_eq!(plain(&[7]), "1 number, from 7 to 7:\n7");
        assert_eq!(plain::<[f64]>(&[]), "0 numbers");
    }

    #[test]
    fn a_long_list_is_shown_by_its_range_and_its_ends() {
        let grid: Vec<f64> = (0..5000).map(|i| -2.0 + 3.5 * f64::from(i) / 4999.0).collect();
        assert_eq!(
            plain(&grid),
            "5000 numbers, from -2.000 to 1.500:\n-2.0000, -1.9993, -1.9986, …, 1.4986, 1.4993, 1.5000"
        );
    }

    #[test]
    fn what_is_no_number_is_counted_and_does_not_hide_the_range() {
        let list = [f64::NAN, 1.0, -1.0];
        assert_eq!(plain(&list), "3 numbers, from -1 to 1, 1 NaN:\nNaN, 1.000, -1.000");
        assert_eq!(plain(&[f64::NAN]), "1 number, 1 NaN:\nNaN");
    }

    #[test]
    fn rows_are_a_table() {
        let rows = [[1.0, 2.0, 3.5], [4.0, 5.0, -6.0]];
        assert_eq!(
            plain(&rows.as_slice()),
            "2 × 3 numbers, from -6 to 5\n   0  1       2\n0  1  2   3.500\n1  4  5  -6.000"
        );
        let wide = [[0.0; 20]; 30];
        let text = plain(wide.as_slice());
        assert_eq!(text.lines().count(), 1 + 1 + 7);
        assert_eq!(text.lines().nth(5), Some(" …  …  …  …  …   …   …   …"));
        assert_eq!(plain(&vec![vec![1, 2], vec![3, 4]]), plain([[1, 2], [3, 4]].as_slice()));
    }

    #[test]
    fn lists_of_different_lengths_are_told_one_by_one() {
        let text = plain(&vec![vec![1.0], vec![]]);
        assert_eq!(text, "2 lists\nlist\n   0  1 number, from 1 to 1\n   1  0 numbers");
    }
}
