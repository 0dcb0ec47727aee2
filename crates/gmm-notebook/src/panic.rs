//! A panic in two lines: what failed, and at which line of the lesson. The kernel's own report has thirty, and a place in a file
//! that no reader has seen.
//!
//! The report is put in place when a cell's library is loaded, before its first line runs: nothing to write in a lesson, nothing to
//! start, and it is there again when the kernel had to start its process anew.

use crate::lesson;
use std::panic::{self, Location, PanicHookInfo};

/// The loader of the operating system calls what stands in this section.
#[used]
#[allow(unsafe_code)]
#[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__mod_init_func"))]
#[cfg_attr(windows, unsafe(link_section = ".CRT$XCU"))]
#[cfg_attr(not(any(target_vendor = "apple", windows)), unsafe(link_section = ".init_array"))]
static ON_LOAD: extern "C" fn() = install;

extern "C" fn install() {
    if lesson::is_notebook() {
        panic::set_hook(Box::new(|panic| eprintln!("{}", report(panic))));
    }
}

fn report(panic: &PanicHookInfo<'_>) -> String {
    let message = panic.payload_as_str().unwrap_or("a panic without a message");
    let place = panic.location().map_or_else(|| "an unknown place".to_owned(), place);
    // The runner takes the words "panicked at" as the mark of a panic, which is never an expected warning.
    format!("error: {}\n  panicked at: {place}", one_line(message))
}

/// The lesson's line; or, of a panic within a package that does not name its caller, where that is.
fn place(location: &Location<'_>) -> String {
    let line = location.line() as usize;
    if !lesson::is_cell(location.file()) {
        return format!("{}, line {line}", tail(location.file()));
    }
    let quoted = lesson::source().and_then(|source| lesson::statement(&source, line));
    quoted.unwrap_or_else(|| "a line of this cell".to_owned())
}

/// `ndarray-0.17.2/src/impl_ops.rs` of a long path.
fn tail(file: &str) -> String {
    let parts: Vec<&str> = file.split(['/', '\\']).collect();
    let start = parts.iter().rposition(|&part| part == "src").unwrap_or(parts.len() - 1);
    parts[start.saturating_sub(1)..].join("/")
}

/// `assert_eq!` writes three lines: `assertion failed`, `  left: 1` and ` right: 2`.
fn one_line(message: &str) -> String {
    message.lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_several_lines_becomes_one() {
        let message = "assertion `left == right` failed\n  left: 1\n right: 2";
        assert_eq!(one_line(message), "assertion `left == right` failed; left: 1; right: 2");
    }

    #[test]
    fn a_place_in_a_package_is_told_without_the_machine_s_folders() {
        assert_eq!(tail("/some/registry/ndarray-0.17.2/src/ops.rs"), "ndarray-0.17.2/src/ops.rs");
        assert_eq!(tail("C:\\me\\ndarray-0.17.2\\src\\a\\b.rs"), "ndarray-0.17.2/src/a/b.rs");
        assert_eq!(tail("build.rs"), "build.rs");
    }

    #[test]
    fn an_ordinary_program_keeps_its_own_report() {
        assert!(!lesson::is_notebook());
    }
}
