//! A notebook file as the runner sees it: JSON with code cells in it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// A notebook, not yet or already executed.
pub(crate) struct Notebook {
    /// The file's name without `.ipynb`.
    pub(crate) name: String,
    /// All of it.
    pub(crate) json: Value,
}

/// A cell with code.
#[derive(Debug, Default)]
pub(crate) struct CodeCell {
    /// Its place among all cells.
    pub(crate) index: usize,
    pub(crate) source: String,
    pub(crate) tags: Vec<String>,
    /// What a failure that the cell is tagged with must say, from its metadata `fails_with`, a text or a list of them:
    /// parts of the message of a cell that must fail, the claims of a cell whose checks must find a mistake.
    pub(crate) fails_with: Vec<String>,
    /// The outputs that the notebook was committed with.
    pub(crate) outputs: Vec<Value>,
    /// Their kinds.
    pub(crate) promised: BTreeSet<String>,
}

impl Notebook {
    /// Reads a notebook file.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let text =
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let json = serde_json::from_str(&text)
            .with_context(|| format!("{} is not a notebook", path.display()))?;
        Self::new(&stem(path), json)
            .with_context(|| format!("{} is not a notebook", path.display()))
    }

    /// A notebook from its JSON, if that has the shape of one.
    pub(crate) fn new(name: &str, json: Value) -> Result<Self> {
        if json["nbformat"].as_u64() != Some(4) {
            bail!("its nbformat is not 4");
        }
        if json["cells"].as_array().is_none_or(|cells| !cells.iter().all(Value::is_object)) {
            bail!("it has no list of cells");
        }
        Ok(Self { name: name.to_owned(), json })
    }

    /// The cells, whatever they are.
    pub(crate) fn cells(&self) -> &[Value] {
        self.json["cells"].as_array().map_or(&[], Vec::as_slice)
    }

    /// The code cells, in order.
    pub(crate) fn code_cells(&self) -> Vec<CodeCell> {
        let cells = self.cells().iter().enumerate();
        cells
            .filter(|(_, cell)| cell["cell_type"] == "code")
            .map(|(index, cell)| CodeCell::new(index, cell))
            .collect()
    }

    /// Puts what the cell at `index` has just put out in the place of its old outputs.
    pub(crate) fn set_outputs(&mut self, index: usize, outputs: Vec<Value>) {
        if let Some(cell) = self.json["cells"].get_mut(index) {
            cell["outputs"] = Value::Array(outputs);
        }
    }
}

/// The key in a cell's metadata for what its failure must say.
pub(crate) const FAILS_WITH: &str = "fails_with";

impl CodeCell {
    fn new(index: usize, cell: &Value) -> Self {
        let tags = cell["metadata"]["tags"].as_array().into_iter().flatten();
        let outputs = cell["outputs"].as_array().map_or(&[][..], Vec::as_slice);
        Self {
            index,
            source: text(&cell["source"]),
            tags: tags.filter_map(|tag| tag.as_str().map(str::to_owned)).collect(),
            fails_with: texts(&cell["metadata"][FAILS_WITH]),
            outputs: outputs.to_vec(),
            promised: kinds(outputs),
        }
    }

    /// Whether the cell has this tag.
    pub(crate) fn is_tagged(&self, tag: &str) -> bool {
        self.tags.iter().any(|have| have == tag)
    }
}

/// The MIME types among the outputs; not the pictures that [`crate::tidy`] adds, which no kernel puts out.
pub(crate) fn kinds(outputs: &[Value]) -> BTreeSet<String> {
    let mut kinds = BTreeSet::new();
    for data in outputs.iter().filter_map(|output| output["data"].as_object()) {
        let added = |kind: &str| kind == "image/png" && data.contains_key("image/svg+xml");
        kinds.extend(data.keys().filter(|kind| !added(kind)).cloned());
    }
    kinds
}

/// One text, or each of a list.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(all) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// A text that a notebook keeps either whole or as a list of lines.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(whole) => whole.clone(),
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        _ => String::new(),
    }
}

/// A file's name without its ending.
pub(crate) fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// The notebooks in a folder, in reading order.
pub(crate) fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)
        .with_context(|| format!("cannot read the folder {}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.retain(|path| {
        path.extension().is_some_and(|end| end == "ipynb") && !stem(path).starts_with('.')
    });
    paths.sort();
    Ok(paths)
}

/// Those that are named, by their whole names or by beginnings; all if no name is given.
pub(crate) fn select(paths: &[PathBuf], names: &[String]) -> Result<Vec<PathBuf>> {
    let matches =
        |path: &Path, name: &String| stem(path).starts_with(name.trim_end_matches(".ipynb"));
    for name in names {
        if !paths.iter().any(|path| matches(path, name)) {
            let all: Vec<String> = paths.iter().map(|path| stem(path)).collect();
            bail!("no notebook's name begins with {name:?}; there are: {}", all.join(", "));
        }
    }
    let chosen = |path: &&PathBuf| names.is_empty() || names.iter().any(|name| matches(path, name));
    Ok(paths.iter().filter(chosen).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn paths() -> Vec<PathBuf> {
        ["01-one.ipynb", "02-two.ipynb", "02-two-more.ipynb"].iter().map(PathBuf::from).collect()
    }

    #[test]
    fn names_select_by_their_beginnings() -> Result<()> {
        assert_eq!(select(&paths(), &[])?.len(), 3);
        assert_eq!(select(&paths(), &["02".into()])?.len(), 2);
        assert_eq!(select(&paths(), &["01-one.ipynb".into(), "02-two-m".into()])?.len(), 2);
        let error = select(&paths(), &["03".into()]).map_err(|error| error.to_string());
        assert!(
            error.is_err_and(|text| text.contains("\"03\"") && text.contains("01-one, 02-two"))
        );
        Ok(())
    }

    #[test]
    fn code_cells_have_their_tags_and_promises() -> Result<()> {
        let outputs = json!([{"output_type": "execute_result", "data": {"image/svg+xml": "", "image/png": "", "text/plain": ""}}]);
        let notebook = Notebook::new(
            "a",
            json!({"nbformat": 4, "cells": [
                {"cell_type": "markdown", "source": "x"},
                {"cell_type": "code", "source": ["1\n", "2"], "metadata": {"tags": ["t"], "fails_with": "no"}, "outputs": outputs},
                {"cell_type": "code", "source": "3", "metadata": {"fails_with": ["a", "b"]}, "outputs": []},
            ]}),
        )?;
        let cells = notebook.code_cells();
        assert_eq!(cells.len(), 2);
        assert_eq!(
            (&cells[0].fails_with[..], &cells[1].fails_with[..]),
            (&["no".to_owned()][..], &["a".to_owned(), "b".to_owned()][..])
        );
        assert_eq!((cells[0].index, cells[0].source.as_str()), (1, "1\n2"));
        assert!(cells[0].is_tagged("t") && !cells[0].is_tagged("u"));
        assert_eq!(cells[0].promised.iter().collect::<Vec<_>>(), ["image/svg+xml", "text/plain"]);
        Ok(())
    }

    #[test]
    fn other_files_are_refused() {
        assert!(Notebook::new("a", json!([])).is_err());
        assert!(Notebook::new("a", json!({"nbformat": 3, "cells": []})).is_err());
        assert!(Notebook::new("a", json!({"nbformat": 4, "cells": [1]})).is_err());
    }
}
