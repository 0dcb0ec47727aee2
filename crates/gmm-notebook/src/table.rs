//! Small tables, column by column.

use crate::display::{Contents, escape};
use std::fmt;

/// A table of a few rows. As the last expression of a cell it is shown as HTML with its text beside it; elsewhere it is
/// printed.
///
/// ```
/// use gmm_notebook::Table;
///
/// let table = Table::new().text("piece", ["left", "right"]).numbers("area", [0.25, 0.75], 2);
/// assert_eq!(table.to_string(), "piece  area\n left  0.25\nright  0.75");
/// ```
#[derive(Clone, Default)]
#[must_use = "a table is shown as the last expression of a cell, without a semicolon"]
pub struct Table {
    columns: Vec<(String, Vec<String>)>,
}

impl Table {
    /// A table without columns.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a column of anything that can be printed.
    pub fn text<T: fmt::Display>(
        mut self,
        name: &str,
        entries: impl IntoIterator<Item = T>,
    ) -> Self {
        self.columns.push((name.to_owned(), entries.into_iter().map(|e| e.to_string()).collect()));
        self
    }

    /// Adds a column of numbers, each with so many decimals.
    pub fn numbers<T: Into<f64>>(
        self,
        name: &str,
        numbers: impl IntoIterator<Item = T>,
        decimals: usize,
    ) -> Self {
        self.text(name, numbers.into_iter().map(|x| format!("{:.decimals$}", x.into())))
    }

    /// Shows the table in a notebook; the kernel calls this.
    pub fn evcxr_display(&self) {
        self.contents().send();
    }

    fn contents(&self) -> Contents {
        Contents { plain: self.to_string(), rich: vec![("text/html", self.to_html())] }
    }

    fn n_rows(&self) -> usize {
        self.columns.iter().map(|(_, entries)| entries.len()).max().unwrap_or(0)
    }

    /// The entries of one row; a column that is too short leaves its place empty.
    fn row(&self, index: usize) -> impl Iterator<Item = &str> {
        self.columns.iter().map(move |(_, entries)| entries.get(index).map_or("", String::as_str))
    }

    fn to_html(&self) -> String {
        let cells = |tag: &str, cells: &mut dyn Iterator<Item = &str>| -> String {
            cells.map(|c| format!("<{tag}>{}</{tag}>", escape(c))).collect()
        };
        let head = cells("th", &mut self.columns.iter().map(|(name, _)| name.as_str()));
        let rows: String = (0..self.n_rows())
            .map(|i| format!("<tr>{}</tr>", cells("td", &mut self.row(i))))
            .collect();
        format!("<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")
    }
}

/// The text.
impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |(name, entries): &(String, Vec<String>)| {
            entries.iter().chain([name]).map(|e| e.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = self.columns.iter().map(width).collect();
        let line = |cells: &mut dyn Iterator<Item = &str>| -> String {
            let padded = cells.zip(&widths).map(|(cell, &width)| format!("{cell:>width$}"));
            padded.collect::<Vec<_>>().join("  ")
        };
        f.write_str(&line(&mut self.columns.iter().map(|(name, _)| name.as_str())))?;
        (0..self.n_rows()).try_for_each(|i| write!(f, "\n{}", line(&mut self.row(i))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_escaped_and_a_short_column_leaves_gaps() {
        let table = Table::new().text("a<b", [1, 2]).numbers("x", [0.5], 1);
        assert_eq!(
            table.to_html(),
            "<table><thead><tr><th>a&lt;b</th><th>x</th></tr></thead>\
             <tbody><tr><td>1</td><td>0.5</td></tr><tr><td>2</td><td></td></tr></tbody></table>"
        );
    }

    #[test]
    fn nothing_is_an_empty_table() {
        assert_eq!(Table::new().to_string(), "");
    }
}
