//! Proves on the kernel what a reader is promised about a kernel's start: that it compiles nothing again, needs no
//! network, and has the versions of `Cargo.lock`, which [`Session`] looks at whenever a cell loads packages.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::children;
use crate::files;
use crate::lab;
use crate::notebook::{self, CodeCell};
use crate::packages::{self, Cost};
use crate::project::Project;
use crate::runner::{self, CELL_SECONDS, Results};
use crate::session::{BUILD_FOLDERS, Session};
use crate::terminal::Progress;
use crate::versions;

/// The crate that is changed to see that nothing else is compiled then: the last in the chain.
const CHANGED: &str = "gmm-notebook";
/// Nothing answers there, so whatever asks the network for something fails.
const NO_NETWORK: [&str; 3] = ["CARGO_HTTP_PROXY", "https_proxy", "http_proxy"];
const NOWHERE: &str = "http://127.0.0.1:9";

/// What the reader is told that compiling usually takes; more packages than there are.
const USUAL: Cost = Cost { packages: 1000, seconds: 30.0 };

/// What is promised, and how to see whether it is kept.
type Promise = (&'static str, fn(&Trial) -> Result<()>);

const PROMISES: &[Promise] = &[
    ("a kernel in a new build folder compiles nothing and needs no network", nothing_is_compiled),
    ("a second kernel in the same folder compiles nothing either", nothing_is_compiled),
    (
        "when a crate of the project has changed, only that is compiled",
        only_the_changed_is_compiled,
    ),
    ("with nothing to compile, the reader is told nothing", nothing_is_told),
    ("while something is compiled, the reader is told, and nothing of it stays", compiling_is_told),
    ("a kernel with another version than Cargo.lock's is found out", another_version_is_found),
    ("a kernel reads the shortened standard library, and knows the types from it", types_are_known),
];

/// Build folders that no reader's kernel uses.
struct Trial<'a> {
    project: &'a Project,
    cell: CodeCell,
    folders: PathBuf,
}

/// Checks each promise in turn, with a line for each.
pub(crate) fn prove(project: &Project) -> Result<Results> {
    let cell = packages::first_cell(project)?.context("there is no cell that loads packages")?;
    let trial = Trial { project, cell, folders: project.tools().join("trial") };
    files::remove_folder(&trial.folders)?;
    let ready = packages::ready(project);
    files::copy_folder(&ready, &trial.folders.join(packages::READY))?;
    files::write(&trial.folders.join(packages::COST), &serde_json::to_vec(&USUAL)?)?;
    let mut results = Results { passed: 0, failed: 0 };
    for (what, holds) in PROMISES {
        let verdict = holds(&trial);
        children::check_interrupted()?;
        match verdict {
            Ok(()) => {
                results.passed += 1;
                println!("✓ {what}");
            }
            Err(error) => {
                results.failed += 1;
                println!("✗ {what}: {error:#}");
            }
        }
    }
    files::remove_folder(&trial.folders)?;
    Ok(results)
}

fn nothing_is_compiled(trial: &Trial) -> Result<()> {
    trial.expect(&[])
}

fn only_the_changed_is_compiled(trial: &Trial) -> Result<()> {
    trial.change()?;
    trial.expect(&[CHANGED])
}

fn nothing_is_told(trial: &Trial) -> Result<()> {
    let seen = trial.watch()?;
    let told =
        seen.iter().find(|message| message["kind"] != "execute_result" && is_output(message));
    ensure!(told.is_none(), "the cell showed {told:?}");
    Ok(())
}

/// With everything to compile: one crate alone may be done before there is anything to tell.
fn compiling_is_told(trial: &Trial) -> Result<()> {
    files::remove_folder(&trial.crate_folder().join("target"))?;
    let began = SystemTime::now();
    let seen = trial.watch()?;
    let compiled = packages::compiled_since(&trial.crate_folder(), began)?;
    ensure!(compiled.len() > 1, "only {compiled:?} was compiled");
    let kinds: Vec<&str> = seen.iter().filter_map(|message| message["kind"].as_str()).collect();
    let at = |kind: &str| kinds.iter().position(|&other| other == kind);
    let told = at("display_data").context("nothing was told")?;
    let text = seen[told]["text"].as_str().unwrap_or_default();
    let names_one = compiled.iter().any(|name| text.contains(&format!(": {name} (")));
    ensure!(names_one && text.contains("usually"), "the reader was told {text:?}");
    let cleared = at("clear_output").context("what was told stays")?;
    let result = at("execute_result").context("the cell's own result is missing")?;
    let last = kinds.iter().rposition(|kind| kind.ends_with("display_data"));
    ensure!(last < Some(cleared) && cleared < result, "in the wrong order: {kinds:?}");
    Ok(())
}

/// Whether a front end would show it.
fn is_output(message: &Value) -> bool {
    ["stream", "execute_result", "display_data", "error"]
        .iter()
        .any(|kind| message["kind"] == *kind)
}

/// Each variable's type comes through a part of the library that is easily lost, such as a package that it stands on.
fn types_are_known(trial: &Trial) -> Result<()> {
    let source = "
        let words = \"one two two\".split(' ').map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
        let lengths: std::collections::HashMap<_, _> = words.into_iter().map(|word| (word.len(), word)).collect();
        let longest = lengths.iter().map(|(&length, word)| (length, word.clone())).max();
        let channel = std::sync::mpsc::channel::<u8>();
        let modified = std::fs::metadata(\".\").unwrap().modified().unwrap();
        let joined = std::thread::spawn(|| 5).join().unwrap();
        std::env::var(\"RUST_SRC_PATH\").unwrap()";
    let log = trial.project.log("starts");
    let variables = [(BUILD_FOLDERS, trial.folders.display().to_string())];
    let mut progress = Progress::new("starting a kernel");
    let folder = trial.project.notebooks();
    let tick = || progress.tick();
    let mut session =
        Session::start_with(trial.project, &folder, CELL_SECONDS, &log, &variables, tick)?;
    let cell = CodeCell { source: source.to_owned(), ..CodeCell::default() };
    let (verdict, outputs) = runner::run_cell(&mut session, &cell, true, || progress.tick())?;
    if let Err(problems) = verdict {
        bail!("{}", problems.join("\n"));
    }
    let own = trial.project.tools().join("rust-src");
    let read = outputs.iter().map(|output| notebook::text(&output["data"]["text/plain"]));
    let read: String = read.collect();
    ensure!(read.contains(&own.display().to_string()), "the kernel reads {read}");
    Ok(())
}

/// What cargo would have left had it chosen for itself.
fn another_version_is_found(trial: &Trial) -> Result<()> {
    let path = trial.crate_folder().join("Cargo.lock");
    let right = fs::read_to_string(&path)?;
    versions::check(trial.project.root(), &trial.crate_folder())?;
    let wrong =
        right.replace("name = \"plotters\"\nversion = \"0.", "name = \"plotters\"\nversion = \"9.");
    ensure!(wrong != right, "no plotters in {}", path.display());
    fs::write(&path, wrong)?;
    match versions::check(trial.project.root(), &trial.crate_folder()) {
        Err(error) if error.to_string().contains("plotters 9.") => Ok(()),
        Err(error) => bail!("it was found out for another reason: {error:#}"),
        Ok(()) => bail!("it passed"),
    }
}

impl Trial<'_> {
    /// Where the first, and here the only, kernel builds.
    fn crate_folder(&self) -> PathBuf {
        self.folders.join("1").join("crate")
    }

    /// Cargo takes a crate for changed if its notes on it are gone.
    fn change(&self) -> Result<()> {
        let notes = packages::fingerprints(&self.crate_folder())?;
        let is_its = |folder: &Path| {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            name.rsplit_once('-').is_some_and(|(name, _)| name == CHANGED)
        };
        let its: Vec<&PathBuf> = notes.iter().filter(|folder| is_its(folder)).collect();
        ensure!(!its.is_empty(), "cargo has never compiled {CHANGED}");
        its.into_iter().try_for_each(fs::remove_dir_all)?;
        Ok(())
    }

    /// What a front end gets to see of the cell that loads the packages, and of a value below it.
    fn watch(&self) -> Result<Vec<Value>> {
        let log = self.project.log("starts");
        let mut python = children::command(self.project.python());
        python.arg(self.project.support("watch_cell.py")).arg(self.project.notebooks());
        python.arg(CELL_SECONDS.to_string()).env(BUILD_FOLDERS, &self.folders);
        lab::set_environment(&mut python, self.project);
        let (cell, seen) = (self.folders.join("cell"), self.folders.join("seen"));
        files::write(&cell, format!("{}\n1 + 1", self.cell.source).as_bytes())?;
        python.stdin(fs::File::open(&cell)?).stdout(fs::File::create(&seen)?);
        python.stderr(children::create_log(&log)?);
        let mut progress = Progress::new("watching a cell");
        // The script has a limit of its own for the kernel's start and for the cell.
        let limit = Duration::from_secs(u64::from(CELL_SECONDS) * 3);
        children::run_within(&mut python, limit, || progress.tick())?;
        let seen = fs::read_to_string(&seen)?;
        let seen: Vec<Value> = seen.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        let ended = seen.iter().any(|message| message["text"] == "2");
        ensure!(ended, "the cell did not show its value\n{}", files::tail(&log, 8));
        Ok(seen)
    }

    /// Loads the packages in a new kernel without a network; an error unless exactly these are compiled.
    fn expect(&self, names: &[&str]) -> Result<()> {
        let log = self.project.log("starts");
        let mut variables = vec![(BUILD_FOLDERS, self.folders.display().to_string())];
        variables.extend(NO_NETWORK.map(|name| (name, NOWHERE.to_owned())));
        let began = SystemTime::now();
        let mut progress = Progress::new("starting a kernel");
        let tick = || progress.tick();
        let folder = self.project.notebooks();
        let mut session =
            Session::start_with(self.project, &folder, CELL_SECONDS, &log, &variables, tick)?;
        let (verdict, _) = runner::run_cell(&mut session, &self.cell, true, || progress.tick())?;
        if let Err(problems) = verdict {
            bail!("{}\n{}", problems.join("\n"), files::tail(&log, 8));
        }
        ensure!(
            session.build_folder()?.join("crate") == self.crate_folder(),
            "the kernel has taken another folder"
        );
        let compiled = packages::compiled_since(&self.crate_folder(), began)?;
        let expected: BTreeSet<String> = names.iter().map(|&name| name.to_owned()).collect();
        ensure!(compiled == expected, "compiled: {compiled:?}, expected: {expected:?}");
        Ok(())
    }
}
