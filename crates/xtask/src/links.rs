//! Links in the prose of a notebook: to files, to other notebooks, to headings.

use std::path::Path;

use crate::notebook::{self, Notebook};

/// The links of a text that lead nowhere. Addresses on the network are left alone: a check must not depend on it.
pub(crate) fn broken(text: &str, folder: &Path, own: &Notebook) -> impl Iterator<Item = String> {
    targets(text).into_iter().filter_map(|target| problem(&target, folder, own))
}

fn problem(target: &str, folder: &Path, own: &Notebook) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") || target.starts_with("data:") {
        return None;
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path = folder.join(file.replace("%20", " "));
    if !file.is_empty() && !path.exists() {
        return Some(format!("a link to {target}, but there is no file {file}"));
    }
    if anchor.is_empty() {
        return None;
    }
    let found = if file.is_empty() {
        has_heading(own, anchor)
    } else if Path::new(file).extension().is_some_and(|end| end == "ipynb") {
        Notebook::open(&path).is_ok_and(|other| has_heading(&other, anchor))
    } else {
        true
    };
    (!found).then(|| format!("a link to {target}, but no heading becomes #{anchor}"))
}

/// What stands in `](…)`, `href="…"` and `src="…"`; not in code.
fn targets(text: &str) -> Vec<String> {
    let prose = without_code(text);
    let mut targets = Vec::new();
    for (start, end) in [("](", ')'), ("href=\"", '"'), ("src=\"", '"')] {
        for part in prose.split(start).skip(1) {
            let target = part.split(end).next().unwrap_or_default();
            // [text](target "title")
            targets.extend(target.split_whitespace().next().map(str::to_owned));
        }
    }
    targets
}

fn without_code(text: &str) -> String {
    let mut in_block = false;
    let mut prose = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            prose.extend(line.split('`').step_by(2));
            prose.push('\n');
        }
    }
    prose
}

fn has_heading(notebook: &Notebook, anchor: &str) -> bool {
    let markdown = notebook.cells().iter().filter(|cell| cell["cell_type"] == "markdown");
    markdown.map(|cell| notebook::text(&cell["source"])).any(|source| {
        let mut headings = source.lines().filter(|line| line.starts_with('#'));
        headings.any(|line| is_anchor_of(anchor, line.trim_start_matches('#').trim()))
    })
}

/// Viewers make an anchor of a heading each in its own way: compared are the letters and digits.
fn is_anchor_of(anchor: &str, heading: &str) -> bool {
    let letters = |text: &str| {
        let kept = text.chars().filter(|c| c.is_alphanumeric());
        kept.flat_map(char::to_lowercase).collect::<String>()
    };
    letters(anchor) == letters(heading)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Result;
    use serde_json::json;

    #[test]
    fn targets_are_found_and_code_is_not() {
        let text =
            "[a](b.ipynb) ![c](d.svg \"e\") `[x](y)` <a href=\"f#g\">h</a>\n```\n[i](j)\n```\n";
        assert_eq!(targets(text), ["b.ipynb", "d.svg", "f#g"]);
    }

    #[test]
    fn files_and_headings_must_be_there() -> Result<()> {
        let cells = json!([{"cell_type": "markdown", "source": "## The fix: each piece first"}]);
        let own = Notebook::new("a", json!({"nbformat": 4, "cells": cells}))?;
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let broken = |text: &str| broken(text, folder, &own).count();
        for fine in [
            "[a](Cargo.toml)",
            "[a](src)",
            "[a](#The-fix:-each-piece-first)",
            "[a](https://a.org/x)",
        ] {
            assert_eq!(broken(fine), 0, "{fine}");
        }
        for wrong in ["[a](no.toml)", "[a](#the-bug)", "[a](no.ipynb#x)"] {
            assert_eq!(broken(wrong), 1, "{wrong}");
        }
        Ok(())
    }
}
