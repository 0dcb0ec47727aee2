//! Says what went wrong in a cell, in the reader's terms.

use std::fmt::{self, Display, Formatter};

/// A cell that did not do what it should.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Its number among the code cells, from 1, and how many there are.
    pub(crate) number: usize,
    pub(crate) of: usize,
    pub(crate) source: String,
    pub(crate) problems: Vec<String>,
}

impl Display for Failure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "code cell {} of {}:\n", self.number, self.of)?;
        writeln!(f, "{}\n", indent(&self.source, "    | "))?;
        let problems: Vec<String> =
            self.problems.iter().map(|problem| indent(problem, "  ")).collect();
        write!(f, "{}", problems.join("\n\n"))
    }
}

impl std::error::Error for Failure {}

fn indent(text: &str, by: &str) -> String {
    let lines: Vec<String> =
        text.lines().map(|line| format!("{by}{line}").trim_end().to_owned()).collect();
    lines.join("\n")
}

/// A message of the kernel without colours, and a panic without the list of calls that led to it.
pub(crate) fn readable(message: &str) -> String {
    let plain = without_colours(message);
    let mut kept = Vec::new();
    let mut in_trace = false;
    for line in plain.lines() {
        in_trace = line.starts_with("stack backtrace:") || (in_trace && is_frame(line));
        if !in_trace && !line.starts_with("note: ") {
            kept.push(without_place(line));
        }
    }
    kept.join("\n").trim().to_owned()
}

/// A line of a backtrace: `   3: core::panicking::…` or `             at …`.
fn is_frame(line: &str) -> bool {
    let text = line.trim_start();
    let numbered = text.split_once(": ").is_some_and(|(number, _)| number.parse::<u32>().is_ok());
    line.starts_with(' ') && (numbered || text.starts_with("at "))
}

/// The place of a panic is a line of the kernel's generated crate, which nobody has seen.
fn without_place(line: &str) -> &str {
    if line.starts_with("thread ") && line.contains(" panicked at src/lib.rs:") {
        "The cell panicked:"
    } else {
        line
    }
}

/// Removes the escape sequences that set colours: ESC [ … letter.
fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\x1b[") {
        plain.push_str(before);
        rest = after.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
        rest = rest.get(1..).unwrap_or_default();
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_reduced_to_its_message() {
        let raw = "thread '<unnamed>' (71) panicked at src/lib.rs:98:1:\nassertion failed: 1 > 2\nstack backtrace:\n   \
                   0: __rustc::rust_begin_unwind\n             at /rustc/library/std.rs:1\n   1: run\nnote: Some details are omitted\n";
        assert_eq!(readable(raw), "The cell panicked:\nassertion failed: 1 > 2");
    }

    #[test]
    fn colours_go_and_text_stays() {
        assert_eq!(
            readable("\x1b[31m[E0308] Error:\x1b[0m é \x1b[38;5;246m1 │\x1b[0m"),
            "[E0308] Error: é 1 │"
        );
        assert_eq!(readable("ends in \x1b["), "ends in");
    }

    #[test]
    fn a_failure_names_cell_source_and_problems() {
        let failure = Failure {
            number: 5,
            of: 12,
            source: "let x = 1;\n\nx".into(),
            problems: vec!["one\n  two".into()],
        };
        let text = failure.to_string();
        assert_eq!(
            text,
            "code cell 5 of 12:\n\n    | let x = 1;\n    |\n    | x\n\n  one\n    two"
        );
    }
}
