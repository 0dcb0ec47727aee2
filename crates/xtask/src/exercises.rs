//! Copies of the notebooks to work in: without outputs, and without the answers to the exercises.
//!
//! They are made beside the executed notebooks, never committed. What a reader has written into one stays: a copy is
//! replaced only as long as it is the one that was made.

use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::files;
use crate::notebook::{self, Notebook};
use crate::project::Project;
use crate::tidy;

/// The key in a notebook's metadata that says that it is such a copy.
const EXERCISE: &str = "exercise";
/// What a copy's additional cell says.
const ROOM: &str = "// Room for the exercises. Add as many cells as you like.";

/// What has become of the copies.
pub(crate) struct Copies {
    /// Those that are as they were made.
    pub(crate) fresh: Vec<PathBuf>,
    /// Those that somebody has worked in.
    pub(crate) kept: Vec<PathBuf>,
}

/// Makes a copy of each of these notebooks, which lie in one folder; of those that are copies themselves, none.
pub(crate) fn make(project: &Project, notebooks: &[PathBuf]) -> Result<Copies> {
    let mut copies = Copies { fresh: Vec::new(), kept: Vec::new() };
    let folder = project.exercises();
    for original in notebooks {
        let notebook = Notebook::open(original)?;
        if is_copy(&notebook) {
            continue;
        }
        let copy = folder.join(original.file_name().context("a notebook has a name")?);
        let made = folder.join(".made").join(original.file_name().unwrap_or_default());
        let bytes = tidy::to_bytes(&cleared(&notebook, original, &folder)?)?;
        let present = fs::read(&copy).ok();
        let is_as_made = present == fs::read(&made).ok() || present.as_ref() == Some(&bytes);
        if present.is_some() && !is_as_made {
            copies.kept.push(copy);
            continue;
        }
        files::write_new(&copy, &bytes)?;
        files::write_new(&made, &bytes)?;
        copies.fresh.push(copy);
    }
    Ok(copies)
}

/// Whether a notebook is such a copy.
pub(crate) fn is_copy(notebook: &Notebook) -> bool {
    notebook.json["metadata"][EXERCISE] == true
}

/// The copy for `folder` of a notebook at `path`.
fn cleared(notebook: &Notebook, path: &Path, folder: &Path) -> Result<Notebook> {
    let from = path.parent().unwrap_or(Path::new("."));
    let way = way(folder, from)?;
    let full = way.join(path.file_name().unwrap_or_default()).display().to_string();
    let mut json = notebook.json.clone();
    json["metadata"][EXERCISE] = true.into();
    let mut cells = Vec::new();
    for mut cell in json["cells"].as_array().cloned().unwrap_or_default() {
        let source = notebook::text(&cell["source"]);
        let asks = cell["cell_type"] == "markdown" && heading(&source).is_some();
        if cell["cell_type"] == "code" {
            cell["outputs"] = json!([]);
            cell["execution_count"] = Value::Null;
            let source = moved_files(&moved_dependency(&source, &way), from, &way);
            cell["source"] = tidy::split(&source.into());
        } else {
            let source = without_answers(&moved_links(&source, from, &way), &full);
            cell["source"] = tidy::split(&source.into());
        }
        cells.push(cell);
        if asks {
            let room = json!({"id": "room-for-exercises", "cell_type": "code", "metadata": {}, "source": [ROOM], "outputs": [], "execution_count": null});
            cells.push(room);
        }
    }
    json["cells"] = cells.into();
    Notebook::new(&notebook.name, json)
}

/// From one folder to another, as a relative path.
fn way(from: &Path, to: &Path) -> Result<PathBuf> {
    let absolute = |path: &Path| {
        std::path::absolute(path).with_context(|| format!("cannot find {}", path.display()))
    };
    let (from, to) = (lexical(&absolute(from)?), lexical(&absolute(to)?));
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    Ok(up.chain(to.components().skip(shared)).collect())
}

/// A path without `.` and `..`.
fn lexical(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

/// The same crate, from elsewhere: the kernel takes its path from the notebook's folder on.
fn moved_dependency(source: &str, way: &Path) -> String {
    let lines = source.split_inclusive('\n').map(|line| {
        match line.starts_with(":dep ").then(|| line.split_once("path = \"")).flatten() {
            Some((before, after)) => {
                let (path, rest) = after.split_once('"').unwrap_or((after, ""));
                let path = lexical_relative(&way.join(path));
                format!("{before}path = \"{path}\"{rest}")
            }
            None => line.to_owned(),
        }
    });
    lines.collect()
}

/// The same data, from elsewhere: a text in the code that names a file beside the notebook.
fn moved_files(source: &str, from: &Path, way: &Path) -> String {
    let names_file = |text: &str| !text.is_empty() && from.join(text).is_file();
    let parts = source.split('"').map(|part| {
        if names_file(part) { lexical_relative(&way.join(part)) } else { part.to_owned() }
    });
    parts.collect::<Vec<_>>().join("\"")
}

/// `../../notebooks/../crates/a` is `../../crates/a`.
fn lexical_relative(path: &Path) -> String {
    let mut parts: Vec<Component<'_>> = Vec::new();
    for part in path.components() {
        match (part, parts.last()) {
            (Component::ParentDir, Some(Component::Normal(_))) => {
                parts.pop();
            }
            (Component::CurDir, _) => {}
            _ => parts.push(part),
        }
    }
    let texts: Vec<String> =
        parts.iter().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    texts.join("/")
}

/// Links to files of the notebooks' folder, from elsewhere; those to other notebooks lead to their copies.
fn moved_links(source: &str, from: &Path, way: &Path) -> String {
    let mut parts = source.split("](");
    let mut moved = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (target, rest) = part.split_at(part.find(')').unwrap_or(0));
        let file = target.split('#').next().unwrap_or_default();
        let is_other = Path::new(file).extension().is_none_or(|end| end != "ipynb");
        moved += "](";
        if is_other && !file.is_empty() && from.join(file).exists() {
            moved += &lexical_relative(&way.join(target));
        } else {
            moved += target;
        }
        moved += rest;
    }
    moved
}

/// The prose without what is folded.
fn without_answers(source: &str, full: &str) -> String {
    if !source.contains("<details>") {
        return source.to_owned();
    }
    let mut kept = String::new();
    let mut rest = source;
    while let Some((before, after)) = rest.split_once("<details>") {
        kept += before;
        kept += &format!(
            "*The answers are in the full notebook, [{}]({full}).*",
            full.trim_start_matches("../")
        );
        rest = after.split_once("</details>").map_or("", |(_, after)| after);
    }
    kept + rest
}

/// Where the exercises begin in a text: at a heading that names them.
pub(crate) fn heading(source: &str) -> Option<usize> {
    let is_heading = |line: &str| line.starts_with('#') && line.contains("Exercise");
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        if is_heading(line) {
            return Some(at);
        }
        at += line.len();
    }
    None
}

/// A text in two parts: what is in plain sight, and what is folded.
pub(crate) fn unfold(text: &str) -> (String, String) {
    let (mut open, mut folded) = (String::new(), String::new());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<details>") {
        open += before;
        let (inside, after) = after.split_once("</details>").unwrap_or((after, ""));
        folded += inside;
        rest = after;
    }
    (open + rest, folded)
}

/// How many items numbered lists in this text have.
pub(crate) fn numbered(text: &str) -> usize {
    let is_item = |line: &&str| {
        line.split_once(". ").is_some_and(|(number, _)| number.parse::<u32>().is_ok())
    };
    text.lines().filter(is_item).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROSE: &str = "See [2](02-b.ipynb), ![x](Cargo.toml) and [y](https://a.org).\n\n## Exercises\n\n1. One?\n2. Two?\n\n\
                         <details><summary>Answers</summary>\n\n1. Secret.\n2. Too.\n\n</details>\n\n**Next:** 2";

    fn example() -> Result<Notebook> {
        let outputs = json!([{"output_type": "stream", "name": "stdout", "text": "3\n"}]);
        Notebook::new(
            "01-a",
            json!({"nbformat": 4, "metadata": {}, "cells": [
                {"id": "a", "cell_type": "code", "source": ":dep a = { path = \"../crates/a\" }\nuse a;\nread(\"Cargo.toml\", \"\", \"no file\");", "metadata": {"tags": ["fails-check"]}, "execution_count": 3, "outputs": outputs},
                {"id": "b", "cell_type": "markdown", "source": PROSE},
            ]}),
        )
    }

    #[test]
    fn outputs_and_answers_go_and_all_else_stays() -> Result<()> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let copy = cleared(&example()?, &root.join("01-a.ipynb"), &root.join("target/exercises"))?;
        assert!(is_copy(&copy) && !is_copy(&example()?));
        let cells = copy.cells();
        assert_eq!(
            notebook::text(&cells[0]["source"]),
            ":dep a = { path = \"../../../crates/a\" }\nuse a;\nread(\"../../Cargo.toml\", \"\", \"no file\");"
        );
        assert_eq!(
            (&cells[0]["outputs"], &cells[0]["execution_count"]),
            (&json!([]), &Value::Null)
        );
        assert_eq!(cells[0]["metadata"]["tags"], json!(["fails-check"]));
        let prose = notebook::text(&cells[1]["source"]);
        assert!(!prose.contains("Secret") && !prose.contains("details"), "{prose}");
        for kept in [
            "(02-b.ipynb)",
            "(../../Cargo.toml)",
            "(https://a.org)",
            "2. Two?",
            "(../../01-a.ipynb)",
            "**Next:** 2",
        ] {
            assert!(prose.contains(kept), "{kept} in {prose}");
        }
        assert_eq!(cells.len(), 3);
        Ok(())
    }

    #[test]
    fn what_somebody_has_written_stays() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("xtask-exercises-{}", std::process::id()));
        let project = Project::at(&folder);
        let original = folder.join("01-a.ipynb");
        files::write(&original, &tidy::to_bytes(&example()?)?)?;
        let originals = [original];
        let copies = make(&project, &originals)?;
        assert_eq!((copies.fresh.len(), copies.kept.len()), (1, 0));
        let copy = copies.fresh[0].clone();
        // A new version of the notebook makes a new copy.
        let mut second = example()?;
        second.json["cells"][0]["source"] = "second".into();
        files::write(&originals[0], &tidy::to_bytes(&second)?)?;
        assert_eq!(make(&project, &originals)?.kept.len(), 0);
        assert!(fs::read_to_string(&copy)?.contains("second"));
        // Not over somebody's work, however often.
        let work = fs::read_to_string(&copy)?.replace("second", "my work");
        fs::write(&copy, &work)?;
        for _ in 0..2 {
            assert_eq!(make(&project, &originals)?.kept, std::slice::from_ref(&copy));
        }
        assert_eq!(fs::read_to_string(&copy)?, work);
        assert!(make(&project, std::slice::from_ref(&copy))?.fresh.is_empty());
        // Deleted, it comes anew.
        fs::remove_file(&copy)?;
        assert_eq!(make(&project, &originals)?.fresh, [copy]);
        files::remove_folder(&folder)
    }

    #[test]
    fn exercises_and_answers_are_counted_apart() {
        assert_eq!(heading(PROSE).map(|at| &PROSE[at..at + 5]), Some("## Ex"));
        let (open, folded) = unfold(PROSE);
        assert_eq!((numbered(&open), numbered(&folded)), (2, 2));
        assert!(open.ends_with("**Next:** 2"));
    }
}
