//! What a lesson says at a place in its code.
//!
//! The kernel writes each cell, with all functions of earlier ones, into one file and compiles that. A place in a cell is therefore
//! `src/lib.rs:98:5`, which no reader has seen; but the line there is the lesson's own, word for word.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// The kernel's name for the file that it makes of a cell, within its own folder.
const CELL: &str = "src/lib.rs";

/// More of a statement than this does not fit beside a figure.
const WIDTH: usize = 96;

/// A statement is searched for its end no further than this.
const MOST_LINES: usize = 12;

/// Whether this program is the one that runs a kernel's cells.
pub(crate) fn is_notebook() -> bool {
    env::var_os("EVCXR_IS_RUNTIME").is_some()
}

/// Whether a place is in the lesson's own code, and not in a package.
pub(crate) fn is_cell(file: &str) -> bool {
    Path::new(file) == Path::new(CELL)
}

/// The present cell as the kernel compiled it.
pub(crate) fn source() -> Option<String> {
    fs::read_to_string(folder()?.join(CELL)).ok()
}

/// The folder in which the kernel compiles: above the library that this very function was loaded from; or, where the operating
/// system does not tell, what the kernel was told to take.
fn folder() -> Option<PathBuf> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let library = library_at(&maps, folder as fn() -> Option<PathBuf> as usize);
    let above = library.into_iter().flat_map(Path::ancestors);
    let given = env::var_os("EVCXR_TMPDIR").map(PathBuf::from);
    above.map(Path::to_path_buf).chain(given).find(|folder| folder.join(CELL).is_file())
}

/// The file that is mapped at an address, by the lines `from-to permissions offset device inode path`.
fn library_at(maps: &str, address: usize) -> Option<&Path> {
    let holds = |line: &&str| {
        let range = line.split(' ').next().and_then(|range| range.split_once('-'));
        let ends = range.map(|(from, to)| [from, to].map(|end| usize::from_str_radix(end, 16)));
        matches!(ends, Some([Ok(from), Ok(to)]) if (from..to).contains(&address))
    };
    let line = maps.lines().find(holds)?;
    line.find('/').map(|start| Path::new(&line[start..]))
}

/// The statement at a line, counted from 1, on one line of its own: a chain of calls from its beginning, an argument list to its end.
pub(crate) fn statement(source: &str, line: usize) -> Option<String> {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let at = line.checked_sub(1).filter(|&at| at < lines.len())?;
    let first = (0..=at).rev().find(|&i| !lines[i].starts_with('.'))?;
    let end = lines.len().min(at + MOST_LINES);
    let is_complete = |last: &usize| is_balanced(&lines[first..=*last]);
    let last = (at..end).find(is_complete).unwrap_or(at);
    let statement = joined(&lines[first..=last]);
    (!statement.is_empty()).then(|| shortened(&statement))
}

/// Whether every parenthesis and bracket is closed again.
fn is_balanced(lines: &[&str]) -> bool {
    let count =
        |open: [char; 2]| lines.iter().flat_map(|l| l.chars()).filter(|c| open.contains(c)).count();
    count(['(', '[']) <= count([')', ']'])
}

/// With blanks where a formatter would put them.
fn joined(lines: &[&str]) -> String {
    let mut text = String::new();
    for line in lines {
        let tight =
            text.is_empty() || text.ends_with(['(', '[']) || line.starts_with(['.', ')', ']']);
        text.push_str(if tight { "" } else { " " });
        text.push_str(line);
    }
    text.replace(",)", ")").replace(",]", "]")
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= WIDTH {
        return text.to_owned();
    }
    text.chars().take(WIDTH - 2).chain(" …".chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "fn f(x: &[f64]) -> f64 {\n    x[7]\n}\n\
        let w = Weights::new([\n    0.5,\n    0.6,\n])\n    .unwrap();\n\
        assert!(\n    area > 1.0,\n    \"too small\",\n);\nfor k in 0..9 {\n";

    #[test]
    fn a_line_is_quoted_without_its_indentation() {
        assert_eq!(statement(SOURCE, 2).as_deref(), Some("x[7]"));
        assert_eq!(statement(SOURCE, 13).as_deref(), Some("for k in 0..9 {"));
    }

    #[test]
    fn a_call_is_quoted_to_its_end() {
        assert_eq!(statement(SOURCE, 9).as_deref(), Some("assert!(area > 1.0, \"too small\");"));
        assert_eq!(statement(SOURCE, 4).as_deref(), Some("let w = Weights::new([0.5, 0.6])"));
    }

    #[test]
    fn a_chain_is_quoted_from_its_beginning() {
        let source = "let m = GaussianMixture::new(w, m, s)\n    .unwrap()\n    .pdf(0.0);";
        assert_eq!(
            statement(source, 2).as_deref(),
            Some("let m = GaussianMixture::new(w, m, s).unwrap()")
        );
    }

    #[test]
    fn a_long_statement_is_cut() {
        let long = statement(&"x".repeat(1000), 1).unwrap();
        assert_eq!(long.chars().count(), WIDTH);
        assert!(long.ends_with("x …"));
    }

    #[test]
    fn no_line_no_quotation() {
        for line in [0, 15, usize::MAX] {
            assert_eq!(statement(SOURCE, line), None);
        }
        assert_eq!(statement("", 1), None);
        assert_eq!(statement(".a\n.b", 2), None);
    }

    #[test]
    fn the_library_is_the_one_at_the_address() {
        let maps = "7f00-7f10 r--p 00000000 fe:00 1     /a b/libcode_1.so\n\
                    7f10-7f20 r-xp 00000000 fe:00 2     /c/libcode_2.so\n\
                    7f20-7f30 rw-p 00000000 00:00 0 \n";
        assert_eq!(library_at(maps, 0x7f0f), Some(Path::new("/a b/libcode_1.so")));
        assert_eq!(library_at(maps, 0x7f10), Some(Path::new("/c/libcode_2.so")));
        assert_eq!(library_at(maps, 0x7f20), None);
        assert_eq!(library_at(maps, 1), None);
    }
}
