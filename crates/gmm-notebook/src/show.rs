//! How values that are no figure, table or check show themselves when they are a cell's last expression.
//!
//! The kernel compiles `(last expression).evcxr_display()`, and compiles the cell once more with `{:?}` if there is no such
//! method. So there is one here for whatever lessons end with: mixtures and fits as tables, lists of numbers by their range and their
//! ends; and plain numbers and texts, as `{:?}` writes them, because that saves the second compilation.

mod array;
mod digits;
mod fit;
mod list;
mod mixture;
mod plain;
mod regions;

pub(crate) use digits::{column, distinct, number};

use crate::Table;
use crate::display::{Contents, escape};

/// Gives the kernel what it calls: the prelude brings it into scope, and nobody else needs to name it.
///
/// It takes its value by reference, so that the variable is still there in the next cell.
pub trait EvcxrDisplay {
    /// Shows the value in a notebook; the kernel calls this.
    fn evcxr_display(&self);
}

impl<T: Show + ?Sized> EvcxrDisplay for T {
    fn evcxr_display(&self) {
        self.show().send();
    }
}

/// A value that a notebook can show.
pub trait Show {
    /// All forms of it.
    fn show(&self) -> Shown;
}

/// What is shown of a value: lines of text and tables, one below the other.
#[derive(Debug, Clone, Default)]
pub struct Shown(Vec<Block>);

#[derive(Debug, Clone)]
enum Block {
    Text(String),
    Table(Table),
}

impl Shown {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::default().and_text(text)
    }

    pub(crate) fn table(table: Table) -> Self {
        Self::default().and_table(table)
    }

    pub(crate) fn and_text(mut self, text: impl Into<String>) -> Self {
        self.0.push(Block::Text(text.into()));
        self
    }

    pub(crate) fn and_table(mut self, table: Table) -> Self {
        self.0.push(Block::Table(table));
        self
    }

    pub(crate) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The text, if there is nothing else and it fits into a line.
    fn line(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Block::Text(text)] if !text.contains('\n') => Some(text),
            _ => None,
        }
    }

    fn send(&self) {
        // Of `()` there is nothing to show.
        if !self.0.is_empty() {
            self.contents().send();
        }
    }

    /// HTML only where it has more to give than text: a table.
    fn contents(&self) -> Contents {
        let has_table = self.0.iter().any(|block| matches!(block, Block::Table(_)));
        let rich = if has_table { vec![("text/html", self.html())] } else { Vec::new() };
        Contents { plain: self.plain(), rich }
    }

    /// With an empty line between two tables.
    fn plain(&self) -> String {
        let mut plain = String::new();
        let mut after_table = false;
        for block in &self.0 {
            if !plain.is_empty() {
                plain.push('\n');
            }
            match block {
                Block::Text(text) => plain.push_str(text),
                Block::Table(table) if after_table => plain.push_str(&format!("\n{table}")),
                Block::Table(table) => plain.push_str(&table.to_string()),
            }
            after_table = matches!(block, Block::Table(_));
        }
        plain
    }

    fn html(&self) -> String {
        let block = |block: &Block| match block {
            Block::Text(text) => {
                text.lines().map(|l| format!("<div>{}</div>", escape(l))).collect()
            }
            Block::Table(table) => table.to_html(),
        };
        self.0.iter().map(block).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_stand_below_each_other_and_text_is_escaped() {
        let table = || Table::new().numbers("x", [0.5], 1);
        let shown = Shown::text("a < b\nc").and_table(table()).and_table(table());
        assert_eq!(shown.plain(), "a < b\nc\n  x\n0.5\n\n  x\n0.5");
        assert!(shown.html().starts_with("<div>a &lt; b</div><div>c</div><table>"));
        assert_eq!(shown.contents().rich.len(), 1);
    }

    #[test]
    fn text_alone_needs_no_html() {
        assert!(Shown::text("1").contents().rich.is_empty());
    }
}
