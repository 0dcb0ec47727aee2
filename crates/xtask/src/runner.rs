//! Runs notebooks, strictly, and writes the ones that pass.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::children;
use crate::cli::NotebookArgs;
use crate::exercises;
use crate::failure::Failure;
use crate::files;
use crate::judge::{self, Tally};
use crate::notebook::{self, CodeCell, Notebook};
use crate::project::Project;
use crate::rules::{self, Lesson};
use crate::same::{self, Changed};
use crate::session::{Limits, Outcome, Session};
use crate::site;
use crate::terminal::{self, Progress};
use crate::tidy;
use crate::usual::Usual;

/// The longest that one cell may take unless the command line says otherwise; the first one compiles.
pub(crate) const CELL_SECONDS: u32 = 300;
/// Readers run a notebook again in the kernel that they have, so it must run twice.
const RUNS: usize = 2;

/// What has become of the notebooks of one run.
pub(crate) struct Results {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
}

impl Results {
    /// One more.
    pub(crate) fn count(&mut self, passed: bool) {
        self.passed += usize::from(passed);
        self.failed += usize::from(!passed);
    }
}

/// Runs what the command line names; whether all has passed.
pub(crate) fn run(project: &Project, args: &NotebookArgs) -> Result<bool> {
    Ok(run_all(project, args)?.failed == 0)
}

/// Runs the notebooks one after the other, reports on each, and makes the exercise copies and the site.
pub(crate) fn run_all(project: &Project, args: &NotebookArgs) -> Result<Results> {
    let project = &project.with_output(args.out.as_deref());
    let folder = args.dir.clone().unwrap_or_else(|| project.notebooks());
    let all = notebook::list(&folder)?;
    let chosen = notebook::select(&all, &args.names)?;
    if chosen.is_empty() {
        bail!("there is no notebook in {}", folder.display());
    }
    let results = run_chosen(project, &chosen, args)?;
    summarise(&results);
    for kept in exercises::make(project, &all)?.kept {
        println!("{} has been worked in, so it stays as it is.", project.short(&kept));
    }
    site::make(project, &all)?;
    Ok(results)
}

fn run_chosen(project: &Project, chosen: &[PathBuf], args: &NotebookArgs) -> Result<Results> {
    let width = chosen.iter().map(|path| notebook::stem(path).chars().count()).max().unwrap_or(0);
    let mut results = Results { passed: 0, failed: 0 };
    let mut usual = Usual::read(project);
    let mut progress = Progress::bar(chosen.iter().map(|path| steps(path)).sum());
    progress.expect(usual.total(chosen));
    for (path, number) in chosen.iter().zip(1..) {
        let name = notebook::stem(path);
        let before = progress.position();
        progress.title(&format!("{name} ({number} of {})", chosen.len()));
        let outcome = run_one(project, path, args, &mut progress);
        children::check_interrupted()?;
        progress.jump(before + steps(path));
        results.count(outcome.is_ok());
        match outcome {
            Ok(done) => {
                if args.dir.is_none() {
                    usual.note(&name, done.time);
                }
                progress.say(&format!("✓ {name:width$}   {}", done.line()));
            }
            Err(error) => progress.say(&format!("✗ {name:width$}   {error:#}\n")),
        }
    }
    drop(progress);
    usual.write()?;
    Ok(results)
}

fn summarise(results: &Results) {
    let total = terminal::count(results.passed + results.failed, "notebook");
    match results.failed {
        0 => println!("\n{total}, all passed."),
        failed => println!("\n{total}, {failed} failed; the failed ones were not written."),
    }
}

/// How many steps of the progress bar a notebook is: the kernel's start, and every cell in every run.
fn steps(path: &Path) -> u64 {
    let cells = Notebook::open(path).map_or(0, |notebook| notebook.code_cells().len());
    1 + (RUNS * cells) as u64
}

/// What the summary line of a notebook says.
struct Done {
    cells: usize,
    tally: Tally,
    time: Duration,
}

impl Done {
    fn line(&self) -> String {
        let cells = terminal::count(self.cells, "cell");
        let checks = terminal::count(self.tally.checks, "check");
        let figures = terminal::count(self.tally.figures, "figure");
        format!("{cells:>8}   {checks:>9}   {figures:>9}   {:>8}", terminal::time(self.time))
    }
}

/// Runs one notebook and writes it. A [`Failure`] is a cell's, a [`Changed`] is its outputs'; any other error means that
/// it breaks a rule or could not be run.
fn run_one(
    project: &Project,
    path: &Path,
    args: &NotebookArgs,
    progress: &mut Progress,
) -> Result<Done> {
    let name = notebook::stem(path);
    let output = project.executed().join(format!("{name}.ipynb"));
    // What is there from an earlier run would pass for the result of this one.
    let _ = std::fs::remove_file(&output);

    let start = Instant::now();
    let mut notebook = Notebook::open(path)?;
    // Outputs that are about to be replaced may be what they like.
    let compares = !args.write && !exercises::is_copy(&notebook);
    let lesson = Lesson::new(&notebook, path);
    must_keep(&rules::sources(&lesson))?;
    if compares {
        must_keep(&rules::outputs(&lesson))?;
    }
    let committed = notebook.code_cells();
    let limits = Limits { start: args.start_limit, cell: args.limit };
    let tally = execute(project, &mut notebook, path, limits, progress)?;
    children::check_interrupted()?;

    tidy::tidy(&mut notebook)?;
    must_keep(&rules::outputs(&Lesson::new(&notebook, path)))?;
    if compares {
        compare(&committed, &notebook)?;
    }
    let bytes = tidy::to_bytes(&notebook)?;
    files::write(&output, &bytes)?;
    if args.write {
        files::write(path, &bytes)?;
    }
    Ok(Done { cells: committed.len(), tally, time: start.elapsed() })
}

fn must_keep(problems: &[String]) -> Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    bail!("it breaks rules for notebooks:\n  {}", problems.join("\n  "))
}

/// The new outputs must be those that readers see without running anything.
fn compare(committed: &[CodeCell], notebook: &Notebook) -> Result<()> {
    let new = notebook.code_cells();
    let mut differences = Vec::new();
    for ((before, now), number) in committed.iter().zip(&new).zip(1..) {
        let found = same::differences(before, &before.outputs, &now.outputs, ["committed", "now"]);
        differences.extend(found.into_iter().map(|text| (number, text)));
    }
    if differences.is_empty() {
        return Ok(());
    }
    let name = &notebook.name;
    let advice = format!(
        "If that is right, `cargo xtask notebooks {name} --write` puts the new outputs into the notebook."
    );
    bail!(Changed { of: new.len(), what: "what it was committed with", differences, advice })
}

/// Runs the cells in a new kernel, up to the first that fails; then all once more, in the same kernel.
fn execute(
    project: &Project,
    notebook: &mut Notebook,
    path: &Path,
    limits: Limits,
    progress: &mut Progress,
) -> Result<Tally> {
    let folder = absolute_folder(path)?;
    progress.set("starting the kernel");
    let log = project.log(&notebook.name);
    let mut session = Session::start(project, &folder, limits, &log, || progress.tick())?;
    progress.advance();
    let cells = notebook.code_cells();
    let (tally, first) = run_cells(&mut session, &cells, "", progress)?;
    let (_, second) = run_cells(&mut session, &cells, ", second run", progress)
        .context("in a second run in the same kernel, as by \"Run All Cells\" once more")?;
    let mut differences = Vec::new();
    for (((cell, before), now), number) in cells.iter().zip(&first).zip(&second).zip(1..) {
        let found = same::differences(cell, before, now, ["first", "second"]);
        differences.extend(found.into_iter().map(|text| (number, text)));
    }
    if !differences.is_empty() {
        let advice = "A cell must not depend on what a later one leaves behind.".to_owned();
        bail!(Changed {
            of: cells.len(),
            what: "those of the first, in a second run in the same kernel",
            differences,
            advice
        });
    }
    for (cell, outputs) in cells.iter().zip(first) {
        notebook.set_outputs(cell.index, outputs);
    }
    Ok(tally)
}

fn run_cells(
    session: &mut Session,
    cells: &[CodeCell],
    which: &str,
    progress: &mut Progress,
) -> Result<(Tally, Vec<Vec<Value>>)> {
    let mut total = Tally::default();
    let mut all = Vec::new();
    for (cell, number) in cells.iter().zip(1..) {
        let compiles =
            if cell.source.contains(":dep") { ", compiling what the notebook uses" } else { "" };
        progress.set(&format!("cell {number} of {}{which}{compiles}", cells.len()));
        // Also before a cell that must fail, lest it gets the credit for this one's panic; and at the end.
        let settle = judge::must_settle(cell) || cells.get(number).is_none_or(judge::must_settle);
        let (verdict, outputs) = run_cell(session, cell, settle, || progress.tick())?;
        match verdict {
            Ok(tally) => total.add(tally),
            Err(problems) => {
                bail!(Failure { number, of: cells.len(), source: cell.source.clone(), problems })
            }
        }
        progress.advance();
        all.push(outputs);
    }
    Ok((total, all))
}

fn absolute_folder(path: &Path) -> Result<PathBuf> {
    let path = path.canonicalize().with_context(|| format!("cannot find {}", path.display()))?;
    Ok(path.parent().context("a notebook is in a folder")?.to_path_buf())
}

/// What is wrong with a cell, if anything.
pub(crate) type Verdict = Result<Tally, Vec<String>>;

/// Runs one cell and judges it.
pub(crate) fn run_cell(
    session: &mut Session,
    cell: &CodeCell,
    settle: bool,
    tick: impl FnMut(),
) -> Result<(Verdict, Vec<Value>)> {
    let outcome = session.run(&cell.source, settle, tick);
    children::check_interrupted()?;
    Ok(match outcome? {
        Outcome::Finished(outputs) => (judge::judge(cell, &outputs), outputs),
        Outcome::TimedOut(outputs) => (
            Err(vec![format!("the cell ran longer than its limit of {} s", session.limit())]),
            outputs,
        ),
        Outcome::Died(reason) => {
            (Err(vec![format!("the kernel ended while the cell ran: {reason}")]), Vec::new())
        }
    })
}
