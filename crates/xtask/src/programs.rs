//! The fast gate: the code of every notebook, compiled and run as one program under the project's `Cargo.lock`.
//!
//! No kernel and no Python: what is wrong with a formula, a check or a figure is seen in seconds. Each cell's output is
//! judged as the kernel's is (see [`crate::judge`]). What only the kernel does, such as moving variables from cell to
//! cell, is left to the kernel.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::children;
use crate::failure::Failure;
use crate::files;
use crate::judge::{self, Tally};
use crate::notebook::{self, CodeCell, Notebook};
use crate::program::{MARK, Program};
use crate::project::Project;
use crate::runner::{CELL_SECONDS, Results};
use crate::terminal::{self, Progress};
use crate::versions;

/// The package that holds the programs; [`versions`] knows the root of a resolution by this name.
const MANIFEST: &str = r#"[package]
name = "ctx"
version = "1.0.0"
edition = "2024"

# A workspace of its own, with a copy of the project's lock file.
[workspace]

# The cells compile fast, what they call runs fast; checked as in the kernel.
[profile.dev]
debug = false

[profile.dev.package."*"]
opt-level = 2

[dependencies]
"#;

/// One notebook on its way through the gate.
pub(crate) struct Tangled {
    pub(crate) name: String,
    pub(crate) cells: Vec<CodeCell>,
    /// The folder in which it runs, to which its paths are relative.
    pub(crate) folder: PathBuf,
    program: Program,
    /// Cells that cannot be compiled, as their tag says, with what the compiler said.
    refused: BTreeMap<usize, String>,
}

/// What has become of a notebook.
pub(crate) type Verdict = Result<Tally, Failure>;

/// Compiles and runs the notebooks of a folder whose names begin like one of these, with a line for each.
pub(crate) fn run(project: &Project, folder: &Path, names: &[String]) -> Result<Results> {
    let all = notebook::list(folder)?;
    let chosen = notebook::select(&all, names)?;
    if chosen.is_empty() {
        bail!("there is no notebook in {}", folder.display());
    }
    let folder = folder.canonicalize()?;
    let tangle = |path: &PathBuf| {
        let notebook = Notebook::open(path)?;
        Ok(Tangled::new(&notebook.name, notebook.code_cells(), &folder))
    };
    let notebooks = chosen.iter().map(tangle).collect::<Result<Vec<_>>>()?;
    let width = chosen.iter().map(|path| notebook::stem(path).chars().count()).max().unwrap_or(0);
    let mut results = Results { passed: 0, failed: 0 };
    for (notebook, verdict) in judge_all(project, notebooks)? {
        let name = &notebook.name;
        match verdict {
            Ok(tally) => {
                results.passed += 1;
                println!("✓ {name:width$}   {}", line(&notebook, tally));
            }
            Err(failure) => {
                results.failed += 1;
                println!("✗ {name:width$}   {failure}\n");
            }
        }
    }
    Ok(results)
}

fn line(notebook: &Tangled, tally: Tally) -> String {
    let cells = terminal::count(notebook.cells.len(), "cell");
    let checks = terminal::count(tally.checks, "check");
    let figures = terminal::count(tally.figures, "figure");
    format!("{cells:>8}   {checks:>9}   {figures:>9}")
}

/// Compiles all, runs what could be compiled, and judges every cell.
pub(crate) fn judge_all(
    project: &Project,
    mut notebooks: Vec<Tangled>,
) -> Result<Vec<(Tangled, Verdict)>> {
    let mut progress = Progress::new("compiling the notebooks' programs");
    // A cell that must not compile is left out of a second attempt.
    let mut build = compile(project, &notebooks, &mut progress)?;
    let mut again = false;
    for notebook in &mut notebooks {
        again |= notebook.leave_out(build.errors.get(&notebook.name));
    }
    if again {
        build = compile(project, &notebooks, &mut progress)?;
    }
    let mut verdicts = Vec::new();
    for notebook in notebooks {
        progress.set(&format!("{}: running", notebook.name));
        let verdict = if let Some(errors) = build.errors.get(&notebook.name) {
            Err(notebook.uncompiled(errors))
        } else {
            let program = build.programs.get(&notebook.name);
            let program = program.with_context(|| format!("no program of {}", notebook.name))?;
            run_program(project, &notebook, program, &mut progress)?
        };
        children::check_interrupted()?;
        verdicts.push((notebook, verdict));
    }
    Ok(verdicts)
}

impl Tangled {
    pub(crate) fn new(name: &str, cells: Vec<CodeCell>, folder: &Path) -> Self {
        let program = Program::new(&cells, &BTreeSet::new());
        let (name, folder, refused) = (name.to_owned(), folder.to_owned(), BTreeMap::new());
        Self { name, cells, folder, program, refused }
    }

    /// The file of the program, as cargo names it: no target's name begins with a digit.
    fn file(&self) -> String {
        format!("src/bin/{}.rs", target(&self.name))
    }

    /// Makes the program anew without the cells that must fail, and do so in the compiler; whether there are any.
    fn leave_out(&mut self, errors: Option<&Vec<CompileError>>) -> bool {
        for error in errors.into_iter().flatten() {
            let Some(number) = self.program.cell_of(error.lines.iter().copied()) else { continue };
            if self.cells[number - 1].is_tagged(judge::MUST_FAIL) {
                let text = self.program.translate(&error.text, &self.file());
                self.refused.entry(number).or_default().push_str(&text);
            }
        }
        if !self.refused.is_empty() {
            self.program = Program::new(&self.cells, &self.refused.keys().copied().collect());
        }
        !self.refused.is_empty()
    }

    /// The failure of a notebook whose program could not be compiled.
    fn uncompiled(&self, errors: &[CompileError]) -> Failure {
        let number =
            errors.iter().find_map(|error| self.program.cell_of(error.lines.iter().copied()));
        let texts =
            errors.iter().map(|error| self.program.translate(error.text.trim(), &self.file()));
        self.failure(number.unwrap_or(1), texts.collect())
    }

    fn failure(&self, number: usize, problems: Vec<String>) -> Failure {
        let source = self
            .cells
            .get(number.saturating_sub(1))
            .map(|cell| cell.source.clone())
            .unwrap_or_default();
        Failure { number, of: self.cells.len(), source, problems }
    }
}

fn target(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    format!("notebook-{}", name.chars().map(plain).collect::<String>())
}

/// What cargo has made, and what it could not make, by the notebooks' names.
#[derive(Default)]
struct Build {
    programs: BTreeMap<String, PathBuf>,
    errors: BTreeMap<String, Vec<CompileError>>,
}

/// An error of the compiler: its text, and the lines of the program that it points at, the main one first.
struct CompileError {
    text: String,
    lines: Vec<usize>,
}

fn compile(project: &Project, notebooks: &[Tangled], progress: &mut Progress) -> Result<Build> {
    let folder = project.programs();
    files::remove_folder(&folder.join("src"))?;
    let mut dependencies = BTreeSet::new();
    for notebook in notebooks {
        files::write(&folder.join(notebook.file()), notebook.program.source.as_bytes())?;
        // Paths are relative to the notebook.
        let here = format!("\"{}/..", notebook.folder.display());
        let absolute = |line: &String| line.replace("\"..", &here);
        dependencies.extend(notebook.program.dependencies.iter().map(absolute));
    }
    let lines: String = dependencies.iter().map(|line| format!("{line}\n")).collect();
    files::write(&folder.join("Cargo.toml"), format!("{MANIFEST}{lines}").as_bytes())?;
    let lock = project.root().join("Cargo.lock");
    let lock = fs::read(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    files::write(&folder.join("Cargo.lock"), &lock)?;

    let (messages, log) = (folder.join("messages.json"), project.log("programs"));
    let mut cargo = children::command("cargo");
    cargo.args(["build", "--bins", "--keep-going", "--message-format=json"]).current_dir(&folder);
    cargo.env("CARGO_TARGET_DIR", folder.join("target"));
    cargo.stdout(children::create_log(&messages)?).stderr(children::create_log(&log)?);
    let status = children::run(&mut cargo, || progress.tick())?;
    let build = read_messages(&fs::read_to_string(&messages)?, notebooks);
    if !status.success() && build.errors.is_empty() {
        bail!("the notebooks' programs could not be compiled:\n{}", files::tail(&log, 12));
    }
    versions::check(project.root(), &folder)?;
    Ok(build)
}

fn read_messages(messages: &str, notebooks: &[Tangled]) -> Build {
    let mut build = Build::default();
    for message in messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let of = |notebook: &&Tangled| message["target"]["name"] == target(&notebook.name).as_str();
        let Some(notebook) = notebooks.iter().find(of) else { continue };
        if let Some(program) = message["executable"].as_str() {
            build.programs.insert(notebook.name.clone(), PathBuf::from(program));
        }
        let error = &message["message"];
        // Without a place it is the compiler's last word: how many errors there were.
        let lines = spans(error);
        if error["level"] == "error" && !lines.is_empty() {
            let text = error["rendered"].as_str().unwrap_or_default().to_owned();
            build
                .errors
                .entry(notebook.name.clone())
                .or_default()
                .push(CompileError { text, lines });
        }
    }
    build
}

/// The lines that an error points at, also through macros, the main ones first.
fn spans(error: &Value) -> Vec<usize> {
    let spans = error["spans"].as_array().map_or(&[][..], Vec::as_slice);
    let (main, other): (Vec<&Value>, Vec<&Value>) =
        spans.iter().partition(|span| span["is_primary"] == true);
    let mut lines = Vec::new();
    for mut span in main.into_iter().chain(other) {
        while span.is_object() {
            if span["file_name"].as_str().is_some_and(|name| name.starts_with("src/bin/")) {
                lines.extend(
                    span["line_start"].as_u64().and_then(|line| usize::try_from(line).ok()),
                );
            }
            span = &span["expansion"]["span"];
        }
    }
    lines
}

/// Runs a program in its notebook's folder, and judges its cells up to the first that fails.
fn run_program(
    project: &Project,
    notebook: &Tangled,
    program: &Path,
    progress: &mut Progress,
) -> Result<Verdict> {
    let log = |stream: &str| project.programs().join(format!("{}.{stream}", notebook.name));
    let (out, err) = (log("stdout"), log("stderr"));
    let mut command = children::command(program);
    command.current_dir(&notebook.folder).env("RUST_BACKTRACE", "0").stdin(Stdio::null());
    command.stdout(children::create_log(&out)?).stderr(children::create_log(&err)?);
    let limit = Duration::from_secs(CELL_SECONDS.into());
    let status = children::run_within(&mut command, limit, || progress.tick())?;
    let read = |path: &Path| -> Result<String> {
        Ok(String::from_utf8_lossy(&fs::read(path)?).into_owned())
    };
    let (out, err) = (read(&out)?, notebook.program.translate(&read(&err)?, &notebook.file()));
    Ok(judge_cells(notebook, &sections(&out), &sections(&err), status))
}

/// What each cell has printed, by its number.
fn sections(text: &str) -> BTreeMap<usize, String> {
    let mut sections: BTreeMap<usize, String> = BTreeMap::new();
    let mut current = 0;
    for line in text.lines() {
        if let Some(number) = line.strip_prefix(MARK).and_then(|rest| rest.parse().ok()) {
            current = number;
            sections.entry(current).or_default();
        } else {
            let section = sections.entry(current).or_default();
            section.push_str(line);
            section.push('\n');
        }
    }
    sections
}

fn judge_cells(
    notebook: &Tangled,
    out: &BTreeMap<usize, String>,
    err: &BTreeMap<usize, String>,
    status: Option<ExitStatus>,
) -> Verdict {
    let reached = out.keys().next_back().copied().unwrap_or(0);
    // The program's last words are those of the last cell that has begun.
    let end = bad_end(status, reached > notebook.cells.len());
    let last = reached.min(notebook.cells.len());
    let mut total = Tally::default();
    for (cell, number) in notebook.cells.iter().zip(1..=last) {
        let text = |of: &BTreeMap<usize, String>| of.get(&number).cloned().unwrap_or_default();
        let mut outputs = outputs(&text(out), &text(err));
        if let Some(refused) = notebook.refused.get(&number) {
            outputs.push(json!({"output_type": "error", "evalue": refused, "traceback": []}));
        }
        match judge::judge(cell, &outputs) {
            Ok(tally) => total.add(tally),
            Err(problems) => return Err(notebook.failure(number, with_line(cell, problems))),
        }
    }
    match end {
        None => Ok(total),
        Some(end) => Err(notebook.failure(last, vec![end])),
    }
}

/// What is wrong with how the program ended, if anything.
fn bad_end(status: Option<ExitStatus>, complete: bool) -> Option<String> {
    match status {
        None => Some(format!("the program ran longer than its limit of {CELL_SECONDS} s")),
        Some(status) if !status.success() => Some(format!("the program ended here: {status}")),
        Some(_) if !complete => Some("the program ended here".to_owned()),
        Some(_) => None,
    }
}

/// Names the line of what the cell shows, where the problem has none of its own.
fn with_line(cell: &CodeCell, mut problems: Vec<String>) -> Vec<String> {
    let shown = crate::program::tail(&cell.source).map(|(start, _)| start.line);
    if let Some(line) = shown
        && !problems.iter().any(|problem| problem.contains(", line "))
    {
        problems.push(format!("This is about what the cell shows: its line {line}."));
    }
    problems
}

/// A cell's output as the kernel would send it: the blocks of typed content as one result, and the rest as text.
fn outputs(out: &str, err: &str) -> Vec<Value> {
    let mut data = Map::new();
    let mut plain = String::new();
    let mut lines = out.lines();
    while let Some(line) = lines.next() {
        match line.strip_prefix("EVCXR_BEGIN_CONTENT ") {
            Some(kind) => {
                let content: Vec<&str> =
                    lines.by_ref().take_while(|line| *line != "EVCXR_END_CONTENT").collect();
                data.insert(kind.to_owned(), content_of(kind, &content.join("\n")));
            }
            None => plain = plain + line + "\n",
        }
    }
    let mut outputs = Vec::new();
    for (name, text) in [("stdout", plain.as_str()), ("stderr", err)] {
        if !text.is_empty() {
            outputs.push(json!({"output_type": "stream", "name": name, "text": text}));
        }
    }
    if !data.is_empty() {
        outputs.push(json!({"output_type": "execute_result", "data": data}));
    }
    outputs
}

fn content_of(kind: &str, text: &str) -> Value {
    let json = kind.contains("json").then(|| serde_json::from_str(text).ok()).flatten();
    json.unwrap_or_else(|| Value::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notebook(cells: &[(&str, &[&str])]) -> Tangled {
        let cell = |&(source, tags): &(&str, &[&str])| CodeCell {
            source: source.to_owned(),
            tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
            ..CodeCell::default()
        };
        Tangled::new("01 n", cells.iter().map(cell).collect(), Path::new("notebooks"))
    }

    #[test]
    fn the_kernels_blocks_become_one_result() {
        let out = "hello\nEVCXR_BEGIN_CONTENT text/plain\n1\n2\nEVCXR_END_CONTENT\n\
                   EVCXR_BEGIN_CONTENT a+json\n{\"b\": 1}\nEVCXR_END_CONTENT\n";
        assert_eq!(
            outputs(out, "oh\n"),
            [
                json!({"output_type": "stream", "name": "stdout", "text": "hello\n"}),
                json!({"output_type": "stream", "name": "stderr", "text": "oh\n"}),
                json!({"output_type": "execute_result", "data": {"text/plain": "1\n2", "a+json": {"b": 1}}}),
            ]
        );
    }

    #[test]
    fn output_belongs_to_the_cell_that_began_before_it() {
        let text = format!("{MARK}1\na\n{MARK}2\n{MARK}3\nb\nc\n");
        let of = |number: usize| sections(&text)[&number].clone();
        assert_eq!((of(1), of(2), of(3)), ("a\n".into(), String::new(), "b\nc\n".into()));
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_ends_too_early_fails_where_it_ended() {
        use std::os::unix::process::ExitStatusExt;
        let notebook = notebook(&[("a();", &[]), ("std::process::exit(0);", &[]), ("b();", &[])]);
        let out = sections(&format!("{MARK}1\n{MARK}2\n"));
        for status in [Some(ExitStatus::from_raw(0)), Some(ExitStatus::from_raw(6)), None] {
            let failure = judge_cells(&notebook, &out, &BTreeMap::new(), status).unwrap_err();
            assert_eq!(failure.number, 2);
        }
    }

    #[test]
    fn an_error_of_the_compiler_names_the_cell_also_through_a_macro() {
        let error = json!({"spans": [
            {"is_primary": false, "file_name": "src/bin/n.rs", "line_start": 7},
            {"is_primary": true, "file_name": "core.rs", "line_start": 1, "expansion":
                {"span": {"file_name": "src/bin/n.rs", "line_start": 9}}},
        ]});
        assert_eq!(spans(&error), [9, 7]);
        assert_eq!(spans(&json!({})), [0; 0]);
    }

    #[test]
    fn names_of_files_become_names_of_programs() {
        assert_eq!(notebook(&[]).file(), "src/bin/notebook-01_n.rs");
    }
}
