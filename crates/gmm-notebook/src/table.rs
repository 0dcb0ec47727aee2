//! Small tables, column by column.

use crate::display::{Contents, escape};
use std::fmt;

/// Stands for the rows that are left out of a long table.
pub(crate) const OMITTED: &str = "…";

/// A table of a few rows. As the last expression of a cell it is shown as HTML with its text beside it; elsewhere it is
/// printed.
///
/// ```
/// use gmm_notebook::Table;
///
/// let table = Table::new().text("piece", ["left", "right"]).numbers("area", [0.25, 0.75], 2);
/// assert_eq!(table.to_string(), "piece  area\nleft   0.25\nright  0.75");
/// ```
///
/// A column of numbers is aligned at its right, so that their digits stand below each other; any other at its left. The minus sign is
/// the one that Rust reads: a number copied from a table compiles.
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

    pub(crate) fn to_html(&self) -> String {
        let alignments: Vec<Alignment> = self.columns.iter().map(Alignment::of).collect();
        let cells = |tag: &str, cells: &mut dyn Iterator<Item = &str>| -> String {
            let aligned = cells.zip(&alignments);
            aligned
                .map(|(c, a)| format!("<{tag} style=\"{}\">{}</{tag}>", a.style(), escape(c)))
                .collect()
        };
        let head = cells("th", &mut self.columns.iter().map(|(name, _)| name.as_str()));
        let rows: String = (0..self.n_rows())
            .map(|i| format!("<tr>{}</tr>", cells("td", &mut self.row(i))))
            .collect();
        format!("<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")
    }
}

/// On which side the entries of a column stand in line.
#[derive(Clone, Copy, PartialEq)]
enum Alignment {
    Left,
    Right,
}

impl Alignment {
    fn of((_, entries): &(String, Vec<String>)) -> Self {
        let is_number =
            |entry: &String| matches!(entry.as_str(), "" | OMITTED) || entry.parse::<f64>().is_ok();
        if entries.iter().all(is_number) { Self::Right } else { Self::Left }
    }

    fn style(self) -> &'static str {
        match self {
            Self::Left => "text-align:left",
            Self::Right => "text-align:right;white-space:nowrap",
        }
    }

    fn pad(self, cell: &str, width: usize) -> String {
        match self {
            Self::Left => format!("{cell:<width$}"),
            Self::Right => format!("{cell:>width$}"),
        }
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
        let layout: Vec<(Alignment, usize)> =
            self.columns.iter().map(|c| (Alignment::of(c), width(c))).collect();
        let line = |cells: &mut dyn Iterator<Item = &str>| -> String {
            let padded = cells.zip(&layout).map(|(cell, (side, width))| side.pad(cell, *width));
            padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
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
        let right = "style=\"text-align:right;white-space:nowrap\"";
        assert_eq!(
            table.to_html(),
            format!(
                "<table><thead><tr><th {right}>a&lt;b</th><th {right}>x</th></tr></thead><tbody>\
                 <tr><td {right}>1</td><td {right}>0.5</td></tr><tr><td {right}>2</td><td {right}></td></tr>\
                 </tbody></table>"
            )
        );
    }

    #[test]
    fn numbers_stand_at_the_right_and_words_at_the_left() {
        let table = Table::new()
            .text("what", ["a", "long one"])
            .text("mixed", ["1", "none"])
            .numbers("value", [-1.0, 10.25], 2);
        assert_eq!(
            table.to_string(),
            "what      mixed  value\na         1      -1.00\nlong one  none   10.25"
        );
        assert!(table.to_html().contains("<td style=\"text-align:left\">long one</td>"));
    }

    #[test]
    fn a_number_copied_from_a_table_is_read_by_rust() {
        let html = Table::new().numbers("mean", [-0.5], 3).to_html();
        let cell = html.split("</td>").next().and_then(|start| start.rsplit('>').next());
        assert_eq!(cell.unwrap().parse(), Ok(-0.5));
    }

    #[test]
    fn nothing_is_an_empty_table() {
        assert_eq!(Table::new().to_string(), "");
    }
}
