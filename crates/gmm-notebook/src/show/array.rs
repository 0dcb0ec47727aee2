//! ndarray's arrays and views, whatever their memory order.

use super::list::{Number, ends, headline, list, matrix};
use super::{Show, Shown};
use ndarray::{ArrayBase, Data, Dimension};

impl<T: Number, S: Data<Elem = T>, D: Dimension> Show for ArrayBase<S, D> {
    fn show(&self) -> Shown {
        let numbers: Vec<f64> = self.iter().map(|x| x.to_f64()).collect();
        shape_and_numbers(self.shape(), &numbers)
    }
}

/// Compiled once; what is generic above is compiled in every cell that uses it.
fn shape_and_numbers(shape: &[usize], numbers: &[f64]) -> Shown {
    match *shape {
        [_] => list(numbers),
        [n_rows, n_columns] => matrix(n_rows, n_columns, numbers),
        _ => Shown::text(format!("{}:\n{}", headline(shape, numbers), ends(numbers))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, Array3, array, s};

    fn plain<T: Show>(value: &T) -> String {
        value.show().contents().plain
    }

    #[test]
    fn an_array_is_shown_as_a_list() {
        let grid = Array1::linspace(0.0, 1.0, 101);
        let stated = "101 numbers, from 0 to 1:\n0.000, 0.010, 0.020, …, 0.980, 0.990, 1.000";
        assert_eq!(plain(&grid), stated);
        assert_eq!(plain(&grid.slice(s![..;50])), plain(&vec![0.0, 0.5, 1.0]));
    }

    #[test]
    fn a_table_reads_row_by_row_in_any_memory_order() {
        let table = array![[1, 2], [3, 4], [5, 6]];
        assert_eq!(plain(&table), "3 × 2 numbers, from 1 to 6\n   0  1\n0  1  2\n1  3  4\n2  5  6");
        assert_eq!(
            plain(&table.t()),
            "2 × 3 numbers, from 1 to 6\n   0  1  2\n0  1  3  5\n1  2  4  6"
        );
    }

    #[test]
    fn more_dimensions_are_told_by_shape_and_ends() {
        let cube = Array3::<f64>::zeros((4, 2, 2));
        assert_eq!(plain(&cube), "4 × 2 × 2 numbers, from 0 to 0:\n0, 0, 0, …, 0, 0, 0");
    }
}
