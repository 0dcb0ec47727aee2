//! How long a reader waits: from a kernel's start to the first figure, for each later cell, and for the whole series,
//! against a bare kernel that has nothing but plotters and draws the same figure.
//!
//! Nothing passes or fails here: times depend on the machine and on what else it does. Whatever is compared is
//! measured in turn, and medians are compared.

use std::fmt::{self, Display, Formatter};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::files;
use crate::notebook::{self, CodeCell, Notebook};
use crate::project::Project;
use crate::runner::{self, CELL_SECONDS};
use crate::session::{BUILD_FOLDERS, KERNELS, Session};
use crate::statistics;
use crate::terminal::Progress;

/// The first figure is to take at most this many times as long as with plotters alone.
const AIM: f64 = 1.3;

/// A notebook on its way through a kernel: seconds since the kernel's start.
struct Passage {
    /// When it answered for the first time.
    ready: f64,
    /// When each cell had ended.
    cells: Vec<f64>,
    /// When the first cell with a figure had ended.
    first_figure: Option<f64>,
}

/// What is measured once per round.
struct Round {
    floor_cold: Passage,
    floor_warm: Passage,
    cold: Passage,
    /// All notebooks, each in a kernel of its own, with the packages compiled.
    series: Vec<Passage>,
}

/// A kind of kernel, and the notebook whose first figure it is to show.
struct Contender<'a> {
    project: &'a Project,
    /// Where it builds; without this folder everything has to be compiled.
    folder: PathBuf,
    variables: Vec<(&'static str, String)>,
    working_folder: PathBuf,
}

/// Measures so many rounds, and prints medians and ranges.
pub(crate) fn run(project: &Project, rounds: usize) -> Result<()> {
    let paths = notebook::list(&project.notebooks())?;
    let lessons: Vec<Notebook> =
        paths.iter().map(|path| Notebook::open(path)).collect::<Result<_>>()?;
    let floor = Notebook::open(&project.root().join("crates/xtask/latency/plotters-alone.ipynb"))?;
    let (bare, ours) = (Contender::bare(project)?, Contender::ours(project));
    let mut progress = Progress::bar(rounds as u64 * (3 + lessons.len() as u64));
    let mut measured = Vec::new();
    for round in 1..=rounds {
        progress.title(&format!("round {round} of {rounds}"));
        measured.push(measure(&bare, &floor, &ours, &lessons, &mut progress)?);
    }
    drop(progress);
    files::remove_folder(&own_folder(project))?;
    print!("{}", Report { rounds: &measured, lessons: &lessons });
    Ok(())
}

fn measure(
    bare: &Contender<'_>,
    floor: &Notebook,
    ours: &Contender<'_>,
    lessons: &[Notebook],
    progress: &mut Progress,
) -> Result<Round> {
    let first = lessons.first().context("there is no notebook")?;
    files::remove_folder(&bare.folder)?;
    files::remove_folder(&ours.folder)?;
    let floor_cold = bare.first_figure(floor, "plotters alone, everything to compile", progress)?;
    let cold = ours.first_figure(first, "the first notebook, everything to compile", progress)?;
    let floor_warm = bare.first_figure(floor, "plotters alone", progress)?;
    let series = lessons.iter().map(|lesson| ours.all(lesson, progress)).collect::<Result<_>>()?;
    Ok(Round { floor_cold, floor_warm, cold, series })
}

impl<'a> Contender<'a> {
    /// The kernel as its own program installs it, but with a folder that outlives it.
    fn bare(project: &'a Project) -> Result<Self> {
        let own = own_folder(project);
        let folder = own.join("bare");
        let specification = json!({
            "argv": [project.kernel_program(), "--control_file", "{connection_file}"],
            "display_name": "Rust",
            "env": {
                "EVCXR_TMPDIR": &folder,
                "EVCXR_CONFIG_DIR": own.join("no-settings"),
                "JUPYTER_PATH": project.jupyter_data(),
            },
            "interrupt_mode": "message",
            "language": "rust",
        });
        let kernels = own.join("jupyter");
        files::write(
            &kernels.join("kernels/rust/kernel.json"),
            &serde_json::to_vec_pretty(&specification)?,
        )?;
        let variables = vec![(KERNELS, kernels.display().to_string())];
        Ok(Self { project, folder, variables, working_folder: own })
    }

    /// The project's.
    fn ours(project: &'a Project) -> Self {
        let folder = own_folder(project).join("kernels");
        let variables = vec![(BUILD_FOLDERS, folder.display().to_string())];
        Self { project, folder, variables, working_folder: project.notebooks() }
    }

    /// Up to the first figure.
    fn first_figure(
        &self,
        notebook: &Notebook,
        what: &str,
        progress: &mut Progress,
    ) -> Result<Passage> {
        progress.set(what);
        let passage = self.pass(notebook, true, progress)?;
        if passage.first_figure.is_none() {
            bail!("no cell of {} shows a figure", notebook.name);
        }
        Ok(passage)
    }

    /// To the end.
    fn all(&self, notebook: &Notebook, progress: &mut Progress) -> Result<Passage> {
        progress.set(&notebook.name);
        self.pass(notebook, false, progress)
    }

    /// In a new kernel.
    fn pass(
        &self,
        notebook: &Notebook,
        only_to_figure: bool,
        progress: &mut Progress,
    ) -> Result<Passage> {
        // evcxr wants its folder to be there.
        std::fs::create_dir_all(&self.folder)?;
        let log = self.project.log("latency");
        let mut session = Session::start_with(
            self.project,
            &self.working_folder,
            CELL_SECONDS,
            &log,
            &self.variables,
            || progress.tick(),
        )?;
        let ready = session.seconds();
        let mut passage = Passage { ready, cells: Vec::new(), first_figure: None };
        for cell in notebook.code_cells() {
            let figure = pass_cell(&mut session, &cell, &log, progress)?;
            let now = session.seconds();
            passage.cells.push(now);
            if figure && passage.first_figure.is_none() {
                passage.first_figure = Some(now);
                if only_to_figure {
                    break;
                }
            }
        }
        progress.advance();
        Ok(passage)
    }
}

/// Whether the cell shows a figure.
fn pass_cell(
    session: &mut Session,
    cell: &CodeCell,
    log: &Path,
    progress: &mut Progress,
) -> Result<bool> {
    // A cell that fails on purpose is waited for as any other; that it fails as it should is not the question here.
    let outcome = runner::run_cell(session, cell, false, || progress.tick())?;
    match outcome {
        (Err(problems), _) if cell.tags.is_empty() => {
            bail!("{}\n{}", problems.join("\n"), files::tail(log, 8))
        }
        (_, outputs) => Ok(outputs.iter().any(is_figure)),
    }
}

/// plotters shows its drawing within HTML.
fn is_figure(output: &Value) -> bool {
    ["image/svg+xml", "text/html"]
        .iter()
        .any(|kind| notebook::text(&output["data"][kind]).contains("<svg"))
}

/// Kept apart from what readers' kernels use.
fn own_folder(project: &Project) -> PathBuf {
    project.tools().join("latency")
}

/// The medians, with the smallest and the largest.
struct Report<'a> {
    rounds: &'a [Round],
    lessons: &'a [Notebook],
}

/// A time in all rounds.
struct Times(Vec<f64>);

impl Times {
    fn median(&self) -> f64 {
        statistics::median(&self.0).unwrap_or(f64::NAN)
    }
}

impl FromIterator<f64> for Times {
    fn from_iter<I: IntoIterator<Item = f64>>(times: I) -> Self {
        let mut sorted: Vec<f64> = times.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        Self(sorted)
    }
}

impl Display for Times {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let [Some(least), Some(most)] = [self.0.first(), self.0.last()] else { return Ok(()) };
        write!(f, "{:>7.2} s   {least:>6.2} … {most:.2}", self.median())
    }
}

impl Report<'_> {
    fn times(&self, time: impl Fn(&Round) -> f64) -> Times {
        self.rounds.iter().map(time).collect()
    }

    fn first_figures(
        &self,
        f: &mut Formatter<'_>,
        what: &str,
        floor: impl Fn(&Round) -> &Passage,
        ours: impl Fn(&Round) -> &Passage,
    ) -> fmt::Result {
        let figure = |passage: &Passage| passage.first_figure.unwrap_or(f64::NAN);
        let (floor, ours) =
            (self.times(|round| figure(floor(round))), self.times(|round| figure(ours(round))));
        let ratio = ours.median() / floor.median();
        writeln!(f, "\nFirst figure, {what}")?;
        writeln!(f, "  {:38} {floor}", "a bare kernel with plotters alone")?;
        let name = self.lessons.first().map_or("", |lesson| lesson.name.as_str());
        writeln!(f, "  {name:38} {ours}")?;
        let verdict = if ratio <= AIM { "within" } else { "above" };
        writeln!(f, "  {ratio:.2} times as long, {verdict} the aim of {AIM}")
    }

    fn cells(&self, f: &mut Formatter<'_>, number: usize, lesson: &Notebook) -> fmt::Result {
        let whole = self.times(|round| round.series[number].cells.last().copied().unwrap_or(0.0));
        writeln!(f, "\n  {:38} {whole}", lesson.name)?;
        let ready = self.times(|round| round.series[number].ready);
        writeln!(f, "    {:36} {ready}", "the kernel answers")?;
        for (cell, source) in lesson.code_cells().iter().enumerate() {
            let time = self.times(|round| round.series[number].cell(cell));
            writeln!(f, "    {:36} {time}", label(cell + 1, &source.source))?;
        }
        Ok(())
    }
}

impl Display for Report<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Median of {} rounds, least … most, from the kernel's start.",
            self.rounds.len()
        )?;
        self.first_figures(f, "with everything to compile", |r| &r.floor_cold, |r| &r.cold)?;
        self.first_figures(f, "with the packages compiled", |r| &r.floor_warm, |r| &r.series[0])?;
        let end = |passage: &Passage| passage.cells.last().copied().unwrap_or(0.0);
        let whole = self.times(|round| round.series.iter().map(end).sum());
        writeln!(f, "\nEach notebook in a kernel of its own, with the packages compiled")?;
        writeln!(f, "  {:38} {whole}", "the whole series")?;
        self.lessons
            .iter()
            .enumerate()
            .try_for_each(|(number, lesson)| self.cells(f, number, lesson))
    }
}

impl Passage {
    /// How long a cell took.
    fn cell(&self, cell: usize) -> f64 {
        let before = if cell == 0 { self.ready } else { self.cells[cell - 1] };
        self.cells[cell] - before
    }
}

/// A cell's number and first line, as far as there is room.
fn label(number: usize, source: &str) -> String {
    let line: String = source.lines().next().unwrap_or_default().chars().take(30).collect();
    format!("{number:>2}  {line}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_figure_is_one_of_either_kind() {
        let output = |kind: &str, text: &str| json!({"data": {kind: text}});
        assert!(is_figure(&output("image/svg+xml", "<svg></svg>")));
        assert!(is_figure(&output("text/html", "<div><svg></svg></div>")));
        assert!(!is_figure(&output("text/html", "<table></table>")));
        assert!(!is_figure(&output("text/plain", "<svg>")));
    }

    #[test]
    fn a_cell_takes_from_the_end_of_the_one_before_to_its_own() {
        let passage = Passage { ready: 1.0, cells: vec![3.0, 7.0], first_figure: None };
        assert_eq!([passage.cell(0), passage.cell(1)], [2.0, 4.0]);
    }

    /// Otherwise another version would be the floor.
    #[test]
    fn the_floor_has_the_plotters_of_the_lock_file() -> Result<()> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let lock = std::fs::read_to_string(root.join("Cargo.lock"))?;
        let floor = Notebook::open(&root.join("crates/xtask/latency/plotters-alone.ipynb"))?;
        let source = &floor.code_cells()[0].source;
        let version = source.split("\"=").nth(1).and_then(|rest| rest.split('"').next());
        let version = version.context("no exact version")?;
        assert!(lock.contains(&format!("name = \"plotters\"\nversion = \"{version}\"")));
        Ok(())
    }
}
