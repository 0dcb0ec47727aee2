//! Runs notebooks, strictly, and writes the ones that pass.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::children;
use crate::cli::NotebookArgs;
use crate::failure::Failure;
use crate::files;
use crate::judge::{self, Tally};
use crate::notebook::{self, CodeCell, Notebook};
use crate::project::Project;
use crate::session::{Outcome, Session};
use crate::site;
use crate::terminal::{self, Progress};
use crate::tidy;

/// The longest that one cell may take unless the command line says otherwise; the first one compiles.
pub(crate) const CELL_SECONDS: u32 = 300;
/// Larger notebooks load slowly, and code-hosting sites refuse to show them.
const LARGEST: usize = 300_000;

/// What has become of the notebooks of one run.
pub(crate) struct Results {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
}

/// Runs what the command line names; whether all has passed.
pub(crate) fn run(project: &Project, args: &NotebookArgs) -> Result<bool> {
    Ok(run_all(project, args)?.failed == 0)
}

/// Runs the notebooks one after the other, reports on each, and makes the site.
pub(crate) fn run_all(project: &Project, args: &NotebookArgs) -> Result<Results> {
    let folder = args.dir.clone().unwrap_or_else(|| project.notebooks());
    let all = notebook::list(&folder)?;
    let chosen = notebook::select(&all, &args.names)?;
    if chosen.is_empty() {
        bail!("there is no notebook in {}", folder.display());
    }
    let width = chosen.iter().map(|path| notebook::stem(path).chars().count()).max().unwrap_or(0);
    let mut results = Results { passed: 0, failed: 0 };
    for path in &chosen {
        let outcome = run_one(project, path, args);
        children::check_interrupted()?;
        let name = notebook::stem(path);
        match outcome {
            Ok(done) => {
                results.passed += 1;
                println!("✓ {name:width$}   {}", done.line());
            }
            Err(error) => {
                results.failed += 1;
                println!("✗ {name:width$}   {error:#}\n");
            }
        }
    }
    summarise(&results);
    site::make(project, &all)?;
    Ok(results)
}

fn summarise(results: &Results) {
    let total = terminal::count(results.passed + results.failed, "notebook");
    match results.failed {
        0 => println!("\n{total}, all passed."),
        failed => println!("\n{total}, {failed} failed; the failed ones were not written."),
    }
}

/// What the summary line of a notebook says.
struct Done {
    cells: usize,
    tally: Tally,
    time: Duration,
    warning: Option<String>,
}

impl Done {
    fn line(&self) -> String {
        let cells = terminal::count(self.cells, "cell");
        let checks = terminal::count(self.tally.checks, "check");
        let figures = terminal::count(self.tally.figures, "figure");
        let warning =
            self.warning.as_ref().map_or_else(String::new, |text| format!("\n  warning: {text}"));
        format!(
            "{cells:>8}   {checks:>9}   {figures:>9}   {:>8}{warning}",
            terminal::time(self.time)
        )
    }
}

/// Runs one notebook and writes it. A [`Failure`] is a cell's; any other error means that it could not be run.
fn run_one(project: &Project, path: &Path, args: &NotebookArgs) -> Result<Done> {
    let name = notebook::stem(path);
    let output = project.executed().join(format!("{name}.ipynb"));
    // What is there from an earlier run would pass for the result of this one.
    let _ = std::fs::remove_file(&output);

    let start = Instant::now();
    let mut notebook = Notebook::open(path)?;
    let tally = execute(project, &mut notebook, path, args.limit)?;
    let time = start.elapsed();
    children::check_interrupted()?;

    tidy::tidy(&mut notebook)?;
    let bytes = tidy::to_bytes(&notebook)?;
    let warning = too_large(bytes.len());
    files::write(&output, &bytes)?;
    if args.write {
        if let Some(warning) = warning {
            bail!("all cells passed, but {warning}; it was not written over {}", path.display());
        }
        files::write(path, &bytes)?;
    }
    Ok(Done { cells: notebook.code_cells().len(), tally, time, warning })
}

fn too_large(bytes: usize) -> Option<String> {
    let message =
        || format!("it has {} kB; {} kB is the most", bytes.div_ceil(1000), LARGEST / 1000);
    (bytes > LARGEST).then(message)
}

/// Runs the cells in a new kernel, up to the first that fails.
fn execute(project: &Project, notebook: &mut Notebook, path: &Path, limit: u32) -> Result<Tally> {
    let name = notebook.name.clone();
    let folder = absolute_folder(path)?;
    let mut progress = Progress::new(&format!("{name}: starting the kernel"));
    let mut session =
        Session::start(project, &folder, limit, &project.log(&name), || progress.tick())?;
    let cells = notebook.code_cells();
    let mut total = Tally::default();
    for (cell, number) in cells.iter().zip(1..) {
        let compiles =
            if cell.source.contains(":dep") { ", compiling what the notebook uses" } else { "" };
        progress.set(&format!("{name}: cell {number} of {}{compiles}", cells.len()));
        // Also before a cell that must fail, lest it gets the credit for this one's panic; and at the end.
        let settle = judge::must_settle(cell) || cells.get(number).is_none_or(judge::must_settle);
        let (verdict, outputs) = run_cell(&mut session, cell, settle, || progress.tick())?;
        match verdict {
            Ok(tally) => total.add(tally),
            Err(problems) => {
                bail!(Failure { number, of: cells.len(), source: cell.source.clone(), problems })
            }
        }
        notebook.set_outputs(cell.index, outputs);
    }
    Ok(total)
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
