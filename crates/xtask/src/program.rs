//! A notebook's code as the source of one program, and the way back from a line of that to a line of a cell.
//!
//! Each cell stands in a block inside the block of the cell before it. So, as in the kernel, a variable lasts, an item
//! may stand anywhere in its cell, and a second `fn` of the same name hides the first from there on.

use std::collections::BTreeSet;
use std::fmt::Write;

use proc_macro2::LineColumn;
use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::{Block, Stmt};

use crate::judge::MUST_FAIL;
use crate::notebook::CodeCell;

/// Printed, with the cell's number, before the first output of each cell, on both streams; at the end with the next number.
pub(crate) const MARK: &str = "=== code cell ";

/// What every program begins with. A value is shown as the kernel shows it: by its own method, which comes first because
/// it needs one reference less than the one below, or else by its `Debug`. An error that leaves a cell says where.
const FRAME: &str = r#"#![allow(warnings)]

struct Stopped;

impl<E: std::fmt::Display> From<E> for Stopped {
    #[track_caller]
    fn from(error: E) -> Self {
        let place = std::panic::Location::caller();
        eprintln!("an error left the cell at {}:{}:{}:\n{error}", place.file(), place.line(), place.column());
        Stopped
    }
}

trait ShownByDebug {
    fn evcxr_display(&self);
}

impl<T: std::fmt::Debug + ?Sized> ShownByDebug for &T {
    fn evcxr_display(&self) {
        if std::any::type_name::<T>() != "()" {
            println!("EVCXR_BEGIN_CONTENT text/plain\n{:?}\nEVCXR_END_CONTENT", self);
        }
    }
}

fn main() -> std::process::ExitCode {
    match cells() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(Stopped) => std::process::ExitCode::FAILURE,
    }
}

fn cells() -> Result<(), Stopped> {
"#;

/// A program's source, with what it was made of.
#[derive(Debug, Default)]
pub(crate) struct Program {
    pub(crate) source: String,
    /// What the cells' `:dep` commands ask for, as lines of a manifest.
    pub(crate) dependencies: BTreeSet<String>,
    /// Of each line: the cell's number, from 1, and the line in it, from 1.
    places: Vec<Option<Place>>,
}

/// A line of a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Place {
    pub(crate) cell: usize,
    pub(crate) line: usize,
}

impl Program {
    /// The program of all cells except those with these numbers.
    pub(crate) fn new(cells: &[CodeCell], without: &BTreeSet<usize>) -> Self {
        let mut program = Self::default();
        program.add(FRAME);
        for (cell, number) in cells.iter().zip(1..) {
            program.add("{");
            program.add(&format!("println!(\"{MARK}{number}\"); eprintln!(\"{MARK}{number}\");"));
            if !without.contains(&number) {
                program.add_cell(cell, number);
            }
        }
        // By this one sees that the last cell has come to its end.
        program.add(&format!("println!(\"{MARK}{}\");", cells.len() + 1));
        program.add(&"}".repeat(cells.len()));
        program.add("Ok(())\n}");
        program
    }

    /// Adds lines that are no cell's.
    fn add(&mut self, text: &str) {
        for line in text.lines() {
            self.add_line(line, None);
        }
    }

    fn add_line(&mut self, line: &str, place: Option<Place>) {
        let _ = writeln!(self.source, "{line}");
        self.places.push(place);
    }

    /// Adds a cell. What must fail is kept from ending the program: the cells after it run in the kernel, too.
    fn add_cell(&mut self, cell: &CodeCell, number: usize) {
        let fails = cell.is_tagged(MUST_FAIL);
        if fails {
            self.add("let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| -> Result<(), Stopped> {");
        }
        let code = self.without_commands(&cell.source);
        let tail = tail(&code);
        for (text, line) in code.lines().zip(1..) {
            let place = Some(Place { cell: number, line });
            match tail {
                Some(tail) => self.add_shown(text, line, tail, place),
                None => self.add_line(text, place),
            }
        }
        if fails {
            self.add("Ok(()) }));");
        }
    }

    /// A line of a cell whose last expression, from one place to another, is to be shown. Each part keeps its column.
    fn add_shown(
        &mut self,
        text: &str,
        line: usize,
        (from, to): (LineColumn, LineColumn),
        place: Option<Place>,
    ) {
        let split = |text: &str, column: usize| {
            let at = text.char_indices().nth(column).map_or(text.len(), |(at, _)| at);
            (text[..at].to_owned(), text[at..].to_owned())
        };
        let (mut text, mut after) = (text.to_owned(), None);
        if line == to.line {
            let (value, rest) = split(&text, to.column);
            (text, after) = (value, Some(rest));
        }
        if line == from.line {
            let (before, value) = split(&text, from.column);
            self.add_line(&before, place);
            self.add("(&(");
            text = " ".repeat(from.column) + &value;
        }
        self.add_line(&text, place);
        if let Some(rest) = after {
            self.add(")).evcxr_display();");
            self.add_line(&(" ".repeat(to.column) + &rest), place);
        }
    }

    /// The cell with an empty line for each command of the kernel, of which only `:dep` matters here.
    fn without_commands(&mut self, source: &str) -> String {
        let mut code = String::new();
        for line in source.lines() {
            match line.trim_start().split_once(' ') {
                Some((":dep", dependency)) => {
                    self.dependencies.insert(dependency.trim().to_owned());
                }
                _ if line.trim_start().starts_with(':') || line.starts_with('!') => {}
                _ => code += line,
            }
            code.push('\n');
        }
        code
    }

    /// Where a line of the source, from 1, comes from.
    pub(crate) fn place(&self, line: usize) -> Option<Place> {
        self.places.get(line.checked_sub(1)?).copied().flatten()
    }

    /// A message of the compiler or of the program, with lines of cells in place of lines of this file.
    pub(crate) fn translate(&self, message: &str, file: &str) -> String {
        let mut inside = false;
        let mut lines = Vec::new();
        for line in message.lines() {
            if line.contains("--> ") || line.contains("::: ") {
                inside = line.contains(file);
            }
            lines.push(self.translate_place(line, file).unwrap_or_else(|| {
                let numbered = inside.then(|| self.translate_margin(line)).flatten();
                numbered.unwrap_or_else(|| line.to_owned())
            }));
        }
        lines.join("\n")
    }

    /// A line with `FILE:LINE:COLUMN` in it.
    fn translate_place(&self, line: &str, file: &str) -> Option<String> {
        let (before, after) = line.split_once(&format!("{file}:"))?;
        let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let place = self.place(after[..digits].parse().ok()?)?;
        Some(format!("{before}code cell {}, line {}{}", place.cell, place.line, &after[digits..]))
    }

    /// A line of source in a message of the compiler: `57 | let x = 1;`.
    fn translate_margin(&self, line: &str) -> Option<String> {
        let (number, rest) = line.split_once(' ')?;
        let place = self.place(number.parse().ok()?)?;
        Some(format!("{:<width$} {rest}", place.line, width = number.len()))
    }

    /// The cell in which the first place in a message of the compiler lies.
    pub(crate) fn cell_of(&self, lines: impl IntoIterator<Item = usize>) -> Option<usize> {
        lines.into_iter().find_map(|line| self.place(line)).map(|place| place.cell)
    }
}

/// Where the expression is that the kernel shows: the last, without a semicolon. None in code that cannot be parsed; the
/// compiler says why, better.
pub(crate) fn tail(code: &str) -> Option<(LineColumn, LineColumn)> {
    let statements = Block::parse_within.parse_str(code).ok()?;
    match statements.last()? {
        Stmt::Expr(value, None) => {
            let span = value.span();
            Some((span.start(), span.end()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(source: &str, tags: &[&str]) -> CodeCell {
        let tags = tags.iter().map(|&tag| tag.to_owned()).collect();
        CodeCell { source: source.to_owned(), tags, ..CodeCell::default() }
    }

    fn program(cells: &[CodeCell]) -> Program {
        Program::new(cells, &BTreeSet::new())
    }

    /// Where the line of the source that contains this text comes from.
    fn place_of(program: &Program, text: &str) -> Option<(usize, usize)> {
        let line = program.source.lines().position(|line| line.contains(text)).unwrap() + 1;
        program.place(line).map(|place| (place.cell, place.line))
    }

    #[test]
    fn commands_go_and_dependencies_are_kept() {
        let program = program(&[cell(":dep a = { path = \"../a\" }\n:opt 3\nuse a::*;", &[])]);
        assert_eq!(program.dependencies.iter().collect::<Vec<_>>(), ["a = { path = \"../a\" }"]);
        assert!(!program.source.contains(":opt"));
        assert_eq!(place_of(&program, "use a::*;"), Some((1, 3)));
    }

    #[test]
    fn every_line_and_column_of_a_cell_is_found_again() {
        let cells = [cell("let a = 1;\na", &[]), cell("let σ = a; σ\n    .abs()\n", &[])];
        let program = program(&cells);
        assert_eq!(place_of(&program, "let a = 1;"), Some((1, 1)));
        assert_eq!(place_of(&program, "let σ = a; "), Some((2, 1)));
        assert_eq!(place_of(&program, "    .abs()"), Some((2, 2)));
        assert_eq!(place_of(&program, "fn main()"), None);
        let value = program.source.lines().find(|line| line.trim() == "σ").unwrap();
        assert_eq!(value.chars().position(|c| c == 'σ'), Some(11));
    }

    #[test]
    fn only_a_last_expression_is_shown() {
        for code in ["let a = 1;", "f();", "fn f() {}", "println!(\"a\");", "let", ""] {
            assert_eq!(tail(code), None, "{code}");
        }
        for code in [
            "a",
            "array![1]",
            "let a = 1;\na",
            "f(1)\n  .g()",
            "// a\nif b { 1 } else { 2 }",
            "&a[1..]",
        ] {
            assert!(tail(code).is_some(), "{code}");
        }
    }

    #[test]
    fn messages_speak_of_cells() {
        let program = program(&[cell("let a = 1;\nlet b = a + x;", &[])]);
        let line = program.source.lines().position(|line| line.contains("a + x")).unwrap() + 1;
        let said = format!(
            "error: no x\n  --> src/bin/n.rs:{line}:13\n   |\n{line} | let b = a + x;\n  ::: other.rs:1:1\n{line} | z"
        );
        let width = line.to_string().len();
        assert_eq!(
            program.translate(&said, "src/bin/n.rs"),
            format!(
                "error: no x\n  --> code cell 1, line 2:13\n   |\n{:<width$} | let b = a + x;\n  ::: other.rs:1:1\n{line} | z",
                2
            )
        );
    }
}
