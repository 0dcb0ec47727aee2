//! What must hold in every notebook, whatever its cells put out: seen from the file, in no time, before anything runs.
//!
//! Rules about outputs are applied to the committed ones and to new ones.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use serde_json::Value;

use crate::exercises;
use crate::judge::{FAILS_CHECK, MAY_WARN, MUST_FAIL};
use crate::links;
use crate::markup;
use crate::notebook::{self, FAILS_WITH, Notebook};
use crate::project::Project;
use crate::runner::Results;
use crate::tidy;
use crate::traces;

/// More cells are more than one sitting, and more than one question.
const MOST_CELLS: usize = 25;
/// Larger notebooks load slowly, and code-hosting sites refuse to show them.
const LARGEST: usize = 300_000;
/// A figure, drawing and picture together, takes about 60 kB; one that takes twice as much draws what nobody sees.
const LARGEST_OUTPUT: usize = 120_000;
/// The tags that mean something to a runner. A misspelt one would mean nothing, and nobody would notice.
const TAGS: [&str; 3] = [MUST_FAIL, FAILS_CHECK, MAY_WARN];

/// A rule looks at a notebook and says what breaks it.
type Rule = fn(&Lesson<'_>) -> Vec<String>;

/// A notebook with what a rule needs to know besides.
pub(crate) struct Lesson<'a> {
    pub(crate) notebook: &'a Notebook,
    /// Where its links start from.
    pub(crate) folder: &'a Path,
}

impl<'a> Lesson<'a> {
    pub(crate) fn new(notebook: &'a Notebook, path: &'a Path) -> Self {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        Self { notebook, folder: folder.unwrap_or(Path::new(".")) }
    }

    fn cells(&self) -> impl Iterator<Item = (usize, &'a Value)> {
        (1..).zip(self.notebook.cells())
    }

    fn code(&self) -> impl Iterator<Item = (usize, &'a Value)> {
        self.cells().filter(|(_, cell)| cell["cell_type"] == "code")
    }

    fn prose(&self) -> impl Iterator<Item = (usize, String)> {
        let markdown = self.cells().filter(|(_, cell)| cell["cell_type"] == "markdown");
        markdown.map(|(number, cell)| (number, notebook::text(&cell["source"])))
    }

    fn is_exercise(&self) -> bool {
        exercises::is_copy(self.notebook)
    }
}

/// What must hold before a notebook runs, and why.
const SOURCE_RULES: &[Rule] = &[
    written_for_this_kernel,
    ids_are_there_and_differ,
    not_too_many_cells,
    one_dependency_line_and_it_is_first,
    one_figure_per_cell,
    no_line_is_lost,
    tags_mean_something,
    no_traces_in_sources,
    links_lead_somewhere,
    exercises_have_folded_answers,
];

/// What must hold of outputs, when they are committed.
const OUTPUT_RULES: &[Rule] =
    &[outputs_are_whole, not_too_large, one_figure_per_output, no_traces_in_outputs];

/// What breaks the rules about sources.
pub(crate) fn sources(lesson: &Lesson<'_>) -> Vec<String> {
    SOURCE_RULES.iter().flat_map(|rule| rule(lesson)).collect()
}

/// What breaks the rules about outputs.
pub(crate) fn outputs(lesson: &Lesson<'_>) -> Vec<String> {
    OUTPUT_RULES.iter().flat_map(|rule| rule(lesson)).collect()
}

/// Checks every notebook of the project and every exercise copy made of them, with a line for each.
pub(crate) fn run(project: &Project) -> Result<Results> {
    let mut results = Results { passed: 0, failed: 0 };
    let notebooks = notebook::list(&project.notebooks())?;
    let copies = exercises::make(project, &notebooks)?;
    for path in notebooks.iter().chain(&copies.fresh) {
        let notebook = Notebook::open(path)?;
        let lesson = Lesson::new(&notebook, path);
        let problems = [sources(&lesson), outputs(&lesson)].concat();
        results.count(problems.is_empty());
        let mark = if problems.is_empty() { "✓" } else { "✗" };
        println!("{mark} {}", project.short(path));
        for problem in &problems {
            println!("    {problem}");
        }
    }
    Ok(results)
}

/// Viewers colour the code by `language_info`, and Jupyter starts the kernel that `kernelspec` names.
fn written_for_this_kernel(lesson: &Lesson<'_>) -> Vec<String> {
    let metadata = &lesson.notebook.json["metadata"];
    let is_rust = |key: &str| metadata[key]["name"] == "rust";
    let wrong = ["kernelspec", "language_info"].into_iter().filter(|key| !is_rust(key));
    wrong
        .map(|key| format!("metadata: {key}.name is not \"rust\" but {}", metadata[key]["name"]))
        .collect()
}

/// Without an id a cell cannot be linked to, and tools that compare or merge notebooks invent one each time.
fn ids_are_there_and_differ(lesson: &Lesson<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    let json = &lesson.notebook.json;
    if json["nbformat_minor"].as_u64().is_none_or(|minor| minor < 5) {
        problems.push(format!("nbformat 4.{} has no cell ids; 4.5 has", json["nbformat_minor"]));
    }
    let mut seen = BTreeSet::new();
    for (number, cell) in lesson.cells() {
        match cell["id"].as_str() {
            Some(id) if !is_id(id) => problems.push(format!(
                "cell {number}: the id {id:?} is not 1 to 64 letters, digits, - and _"
            )),
            Some(id) if !seen.insert(id) => {
                problems.push(format!("cell {number}: an earlier cell has the id {id:?}, too"));
            }
            Some(_) => {}
            None => problems.push(format!("cell {number} has no id")),
        }
    }
    problems
}

fn is_id(id: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (1..=64).contains(&id.len()) && id.chars().all(allowed)
}

/// An exercise copy has one more, to work in.
fn not_too_many_cells(lesson: &Lesson<'_>) -> Vec<String> {
    let (cells, most) =
        (lesson.notebook.cells().len(), MOST_CELLS + usize::from(lesson.is_exercise()));
    if cells > most { vec![format!("{cells} cells; {most} are the most")] } else { Vec::new() }
}

/// Each `:dep` is resolved anew. The kernel takes it on one line only, before any code; and other commands of the kernel
/// are settings, which do not belong in a lesson.
fn one_dependency_line_and_it_is_first(lesson: &Lesson<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    for (position, (number, cell)) in lesson.code().enumerate() {
        for (line, text) in (1..).zip(notebook::text(&cell["source"]).lines()) {
            let place = || format!("cell {number}, line {line}");
            if !text.trim_start().starts_with(':') || text.trim_start().starts_with("::") {
                continue;
            }
            if !text.starts_with(":dep ") {
                problems
                    .push(format!("{}: a command of the kernel other than :dep: {text}", place()));
            } else if (position, line) != (0, 1) {
                problems.push(format!(
                    "{}: a :dep that is not the first line of the first code cell; one :dep there is enough",
                    place()
                ));
            } else if text.matches('{').count() != text.matches('}').count() {
                problems.push(format!("{}: the kernel wants the whole :dep on one line", place()));
            }
        }
    }
    problems
}

/// The kernel shows one result of a kind per cell: of two figures the first is lost.
fn one_figure_per_cell(lesson: &Lesson<'_>) -> Vec<String> {
    const MAKERS: [&str; 2] = ["Figure::", "explore_"];
    let mut problems = Vec::new();
    for (number, cell) in lesson.code() {
        let source = notebook::text(&cell["source"]);
        // Panels are one figure made of several.
        let made: usize = MAKERS.iter().map(|maker| source.matches(maker).count()).sum();
        if made > 1 && !source.contains("Panels::") {
            problems
                .push(format!("cell {number} makes {made} figures; a cell shows the last only"));
        }
    }
    problems
}

/// `print!` shows nothing before the end of the line is written, in this cell or a later one.
fn no_line_is_lost(lesson: &Lesson<'_>) -> Vec<String> {
    let is_lost = |source: &str| {
        let print = source.rfind("print!(").filter(|&at| !source[..at].ends_with('e'));
        print.is_some_and(|at| {
            let statement = source[at..].split(';').next().unwrap_or_default();
            !source[at..].contains("println!") && !statement.contains("\\n\"")
        })
    };
    let lost = lesson.code().filter(|(_, cell)| is_lost(&notebook::text(&cell["source"])));
    lost.map(|(number, _)| {
        format!(
            "cell {number}: the last print! does not end its line, so the kernel never shows it"
        )
    })
    .collect()
}

/// See [`TAGS`] and `judge.rs`.
fn tags_mean_something(lesson: &Lesson<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    for (number, cell) in lesson.cells() {
        let tags: Vec<&str> = cell["metadata"]["tags"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|tag| tag.as_str().unwrap_or("(no text)"))
            .collect();
        let mut say = |problem: String| problems.push(format!("cell {number}: {problem}"));
        for tag in tags.iter().filter(|tag| !TAGS.contains(tag)) {
            say(format!("the tag {tag:?} means nothing; there are: {}", TAGS.join(", ")));
        }
        if tags.contains(&MUST_FAIL) && tags.contains(&FAILS_CHECK) {
            say(format!("a cell is tagged {MUST_FAIL} or {FAILS_CHECK}, not both"));
        }
        let with = &cell["metadata"][FAILS_WITH];
        if tags.contains(&MUST_FAIL) && with.is_null() {
            say(format!(
                "tagged {MUST_FAIL}, but no {FAILS_WITH} in its metadata says with what message"
            ));
        }
        if !with.is_null() {
            if !tags.iter().any(|tag| [MUST_FAIL, FAILS_CHECK].contains(tag)) {
                say(format!("{FAILS_WITH}, but no tag {MUST_FAIL} or {FAILS_CHECK}"));
            }
            let is_text =
                |value: &Value| value.as_str().is_some_and(|text| !text.trim().is_empty());
            let is_list =
                with.as_array().is_some_and(|all| !all.is_empty() && all.iter().all(is_text));
            if !(is_text(with) || is_list) {
                say(format!("{FAILS_WITH} is a text or a list of texts, not {with}"));
            }
        }
    }
    problems
}

/// What stays of the machine that a notebook was written or run on.
fn no_traces_in_sources(lesson: &Lesson<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    for (number, cell) in lesson.cells() {
        let source = notebook::text(&cell["source"]);
        problems.extend(traces::of_machine(&source).map(|trace| format!("cell {number}: {trace}")));
        if cell["cell_type"] == "code" {
            problems
                .extend(traces::of_clock(&source).map(|trace| format!("cell {number}: {trace}")));
        }
        let noted =
            ["execution", "trusted"].into_iter().filter(|key| !cell["metadata"][key].is_null());
        problems.extend(noted.map(|key| format!("cell {number}: metadata of one run: {key}")));
    }
    problems
}

/// Readers of notebooks follow them where a code-hosting site shows them, and on the pages.
fn links_lead_somewhere(lesson: &Lesson<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    for (number, source) in lesson.prose() {
        let broken = links::broken(&source, lesson.folder, lesson.notebook);
        problems.extend(broken.map(|problem| format!("cell {number}: {problem}")));
    }
    problems
}

/// An answer in plain sight is read before the question is thought about; one that is missing leaves the reader alone.
fn exercises_have_folded_answers(lesson: &Lesson<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    let prose: Vec<(usize, String)> = lesson.prose().collect();
    for (number, source) in &prose {
        if source.matches("<details>").count() != source.matches("</details>").count() {
            problems.push(format!("cell {number}: <details> and </details> do not match"));
        }
    }
    let exercise = prose.iter().position(|(_, source)| exercises::heading(source).is_some());
    let Some(first) = exercise else { return problems };
    if lesson.is_exercise() {
        return problems;
    }
    let number = prose[first].0;
    let rest: String =
        prose[first..].iter().map(|(_, source)| source.as_str()).collect::<Vec<_>>().join("\n");
    let rest = &rest[exercises::heading(&rest).unwrap_or(0)..];
    let (open, folded) = exercises::unfold(rest);
    let (asked, answered) = (exercises::numbered(&open), exercises::numbered(&folded));
    if asked == 0 {
        problems.push(format!("cell {number}: exercises without a numbered list of them"));
    } else if asked != answered {
        problems.push(format!("cell {number}: {asked} exercises, but {answered} folded answers"));
    }
    problems
}

fn not_too_large(lesson: &Lesson<'_>) -> Vec<String> {
    let kilobytes = |bytes: usize| bytes.div_ceil(1000);
    let mut problems = Vec::new();
    for (number, cell) in lesson.code() {
        for output in cell["outputs"].as_array().into_iter().flatten() {
            let bytes = output.to_string().len();
            if bytes > LARGEST_OUTPUT {
                problems.push(format!(
                    "cell {number}: an output of {} kB; {} kB is the most",
                    kilobytes(bytes),
                    kilobytes(LARGEST_OUTPUT)
                ));
            }
        }
    }
    let bytes = tidy::to_bytes(lesson.notebook).map_or(0, |bytes| bytes.len());
    if bytes > LARGEST {
        problems.push(format!(
            "it has {} kB; {} kB is the most",
            kilobytes(bytes),
            kilobytes(LARGEST)
        ));
    }
    problems
}

/// A viewer shows the richest form of an output. If that is empty it shows nothing, whatever the other forms have.
fn outputs_are_whole(lesson: &Lesson<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    for (number, cell) in lesson.code() {
        for output in cell["outputs"].as_array().into_iter().flatten() {
            if output["output_type"] == "stream" && output.get("data").is_some() {
                problems.push(format!("cell {number}: a stream has a text, and no data"));
            }
            let forms = output["data"].as_object().into_iter().flatten();
            let empty =
                forms.filter(|(_, form)| !form.is_object() && notebook::text(form).is_empty());
            problems.extend(
                empty.map(|(kind, _)| format!("cell {number}: its output has an empty {kind}")),
            );
        }
    }
    problems
}

fn one_figure_per_output(lesson: &Lesson<'_>) -> Vec<String> {
    let is_figure = |output: &&Value| {
        let data = output["data"].as_object();
        data.is_some_and(|data| data.keys().any(|kind| kind.starts_with("image/")))
    };
    let figures =
        |cell: &Value| cell["outputs"].as_array().into_iter().flatten().filter(is_figure).count();
    let several =
        lesson.code().map(|(number, cell)| (number, figures(cell))).filter(|&(_, n)| n > 1);
    several.map(|(number, figures)| format!("cell {number} shows {figures} figures")).collect()
}

fn no_traces_in_outputs(lesson: &Lesson<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    for (number, cell) in lesson.code() {
        for output in cell["outputs"].as_array().into_iter().flatten() {
            let mut texts = Vec::new();
            collect_texts(output, &mut texts);
            for text in texts {
                let text = markup::without_data(&text);
                let found = traces::of_machine(&text).chain(traces::of_duration(&text));
                problems
                    .extend(found.map(|trace| format!("cell {number}: its output has {trace}")));
            }
        }
    }
    problems
}

/// All texts of an output but pictures.
fn collect_texts(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(lines) if lines.iter().all(Value::is_string) => {
            texts.push(notebook::text(value));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, texts)),
        Value::Object(fields) => {
            let readable = fields.iter().filter(|(kind, _)| kind.as_str() != "image/png");
            readable.for_each(|(_, field)| collect_texts(field, texts));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn good() -> Value {
        json!({
            "nbformat": 4, "nbformat_minor": 5,
            "metadata": {"kernelspec": {"name": "rust"}, "language_info": {"name": "rust"}},
            "cells": [
                {"id": "a", "cell_type": "markdown", "metadata": {}, "source": "# A title\n\nSee [below](#a-title)."},
                {"id": "b", "cell_type": "code", "metadata": {}, "source": ":dep a = { path = \"../a\" }\nuse a::x;", "outputs": []},
                {"id": "c", "cell_type": "code", "metadata": {"tags": ["raises-exception"], "fails_with": "no"}, "source": "print!(\"a\");\nprintln!();", "outputs": []},
                {"id": "d", "cell_type": "markdown", "metadata": {}, "source": "## Exercises\n\n1. One?\n2. Two?\n\n<details><summary>Answers</summary>\n\n1. One.\n2. Two.\n\n</details>\n"},
            ],
        })
    }

    fn problems(json: Value) -> Vec<String> {
        let Ok(notebook) = Notebook::new("a", json) else { return vec!["no notebook".to_owned()] };
        let lesson = Lesson::new(&notebook, Path::new("a.ipynb"));
        [sources(&lesson), outputs(&lesson)].concat()
    }

    /// The good notebook, spoilt: exactly one rule must see it.
    #[track_caller]
    fn seen(expected: &str, spoil: impl FnOnce(&mut Value)) {
        let mut json = good();
        spoil(&mut json);
        let found = problems(json);
        assert!(found.len() == 1 && found[0].contains(expected), "{expected:?} in {found:#?}");
    }

    fn output(kind: &str, value: &str) -> Value {
        json!([{"output_type": "execute_result", "data": {kind: value}, "metadata": {}}])
    }

    #[test]
    fn a_good_notebook_breaks_no_rule() {
        assert_eq!(problems(good()), Vec::<String>::new());
    }

    #[test]
    fn kernel_and_language() {
        seen("kernelspec.name", |n| n["metadata"]["kernelspec"]["name"] = "python3".into());
        seen("language_info.name", |n| n["metadata"]["language_info"] = Value::Null);
    }

    #[test]
    fn ids() {
        seen("cell 2 has no id", |n| n["cells"][1]["id"] = Value::Null);
        seen("cell 3: an earlier cell", |n| n["cells"][2]["id"] = "b".into());
        seen("not 1 to 64", |n| n["cells"][1]["id"] = "a b".into());
        seen("nbformat 4.4", |n| n["nbformat_minor"] = 4.into());
    }

    #[test]
    fn number_of_cells() {
        seen("26 cells", |n| {
            for i in 0..22 {
                let cell = json!({"id": format!("x{i}"), "cell_type": "markdown", "metadata": {}, "source": ""});
                n["cells"].as_array_mut().into_iter().for_each(|cells| cells.push(cell.clone()));
            }
        });
    }

    #[test]
    fn dependency_line() {
        let source =
            |n: &mut Value, cell: usize, text: &str| n["cells"][cell]["source"] = text.into();
        seen("cell 3, line 1: a :dep", |n| source(n, 2, ":dep b = \"1\""));
        seen("cell 2, line 2: a :dep", |n| source(n, 1, "use x;\n:dep b = \"1\""));
        seen("cell 2, line 2: a :dep", |n| source(n, 1, ":dep a = \"1\"\n:dep b = \"1\""));
        seen("on one line", |n| source(n, 1, ":dep a = { path = \"b\","));
        seen("other than :dep", |n| source(n, 2, ":cache 500"));
    }

    #[test]
    fn figures() {
        seen("makes 2 figures", |n| {
            n["cells"][1]["source"] = "Figure::new(1);\nFigure::new(2)".into();
        });
        seen("shows 2 figures", |n| {
            let one = output("image/png", "iVBOR");
            n["cells"][1]["outputs"] = json!([one[0], one[0]]);
        });
    }

    #[test]
    fn empty_forms() {
        let outputs = |n: &mut Value, outputs: Value| n["cells"][1]["outputs"] = outputs;
        for empty in [json!([]), json!(""), Value::Null] {
            seen("an empty text/html", |n| {
                let data = json!({"image/png": "iVBOR", "text/html": empty});
                outputs(n, json!([{"output_type": "execute_result", "data": data}]));
            });
        }
        seen("a stream has a text", |n| {
            outputs(
                n,
                json!([{"output_type": "stream", "name": "stdout", "text": "a", "data": {}}]),
            );
        });
        let mut json = good();
        json["cells"][1]["outputs"] =
            json!([{"output_type": "execute_result", "data": {"a+json": {"b": 1}}}]);
        assert_eq!(problems(json), Vec::<String>::new());
    }

    #[test]
    fn lost_lines() {
        seen("does not end its line", |n| {
            n["cells"][1]["source"] = "println!(\"a\");\nprint!(\"b\");".into();
        });
        for fine in [
            "print!(\"b\\n\");",
            "eprint!(\"b\");",
            "for i in 0..3 {\n    print!(\"b\");\n}\nprintln!();",
        ] {
            let mut json = good();
            json["cells"][1]["source"] = fine.into();
            assert_eq!(problems(json), Vec::<String>::new(), "{fine}");
        }
    }

    #[test]
    fn tags() {
        let metadata = |n: &mut Value, metadata: Value| n["cells"][2]["metadata"] = metadata;
        seen("means nothing", |n| metadata(n, json!({"tags": ["raise-exception"]})));
        seen("says with what message", |n| metadata(n, json!({"tags": ["raises-exception"]})));
        seen("but no tag", |n| metadata(n, json!({"fails_with": "no"})));
        seen("a text or a list", |n| {
            metadata(n, json!({"tags": ["fails-check"], "fails_with": []}));
        });
        seen("not both", |n| {
            metadata(n, json!({"tags": ["raises-exception", "fails-check"], "fails_with": "a"}));
        });
    }

    #[test]
    fn traces_of_machine_and_run() {
        seen("/home/", |n| n["cells"][0]["source"] = "see /home/me/x".into());
        seen("Instant", |n| n["cells"][1]["source"] = "let t = std::time::Instant::now();".into());
        seen("execution", |n| n["cells"][1]["metadata"]["execution"] = json!({"t": 1}));
        seen("/rustc/", |n| {
            n["cells"][1]["outputs"] = output("text/plain", "at /rustc/0/library/std.rs");
        });
        seen("12.5ms", |n| n["cells"][1]["outputs"] = output("text/plain", "took 12.5ms"));
        // In the data of a picture anything may look like a path.
        let mut json = good();
        json["cells"][1]["outputs"] =
            output("text/html", "<img src=\"data:image/png;base64,A /tmp/a\">");
        assert_eq!(problems(json.clone()).len(), 1, "the address ends at the space");
        json["cells"][1]["outputs"] =
            output("text/html", "<img src=\"data:image/png;base64,A+/tmp/a\">");
        assert_eq!(problems(json), Vec::<String>::new());
    }

    #[test]
    fn links() {
        seen("no-such.ipynb", |n| n["cells"][0]["source"] = "# A\n[x](no-such.ipynb)".into());
        seen("#no-such", |n| n["cells"][0]["source"] = "# A\n[x](#no-such)".into());
    }

    #[test]
    fn answers() {
        let exercises = |n: &mut Value, text: &str| n["cells"][3]["source"] = text.into();
        let one = "<details><summary>Answers</summary>\n\n1. One.\n\n</details>";
        seen("2 exercises, but 1 folded", |n| {
            exercises(n, &format!("## Exercises\n\n1. One?\n2. Two?\n\n{one}"));
        });
        seen("1 exercises, but 0 folded", |n| exercises(n, "## Exercises\n\n1. One?\n"));
        seen("do not match", |n| exercises(n, "## Exercises\n\n1. One?\n\n<details>1. One"));
        seen("without a numbered list", |n| exercises(n, "## Exercises\n\nThink."));
    }

    #[test]
    fn sizes() {
        seen("an output of", |n| {
            n["cells"][1]["outputs"] = output("image/png", &"A".repeat(LARGEST_OUTPUT + 1));
        });
        seen("300 kB is the most", |n| {
            for i in 0..3 {
                let outputs = output("image/png", &"A".repeat(LARGEST / 3));
                let cell = json!({"id": format!("x{i}"), "cell_type": "code", "metadata": {}, "source": "1", "outputs": outputs});
                n["cells"].as_array_mut().into_iter().for_each(|cells| cells.push(cell.clone()));
            }
        });
    }
}
