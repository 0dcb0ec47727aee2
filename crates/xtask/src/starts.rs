//! Proves on the kernel what a reader is promised about a kernel's start: that it compiles nothing again, needs no
//! network, and has the versions of `Cargo.lock`, which [`Session`] looks at whenever a cell loads packages.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail, ensure};

use crate::children;
use crate::files;
use crate::notebook::CodeCell;
use crate::packages;
use crate::project::Project;
use crate::runner::{self, CELL_SECONDS, Results};
use crate::session::{BUILD_FOLDERS, Session};
use crate::terminal::Progress;

/// The crate that is changed to see that nothing else is compiled then: the last in the chain.
const CHANGED: &str = "gmm-notebook";
/// Nothing answers there, so whatever asks the network for something fails.
const NO_NETWORK: [&str; 3] = ["CARGO_HTTP_PROXY", "https_proxy", "http_proxy"];
const NOWHERE: &str = "http://127.0.0.1:9";

/// What is promised, and how to see whether it is kept.
type Promise = (&'static str, fn(&Trial) -> Result<()>);

const PROMISES: [Promise; 3] = [
    ("a kernel in a new build folder compiles nothing and needs no network", nothing_is_compiled),
    ("a second kernel in the same folder compiles nothing either", nothing_is_compiled),
    (
        "when a crate of the project has changed, only that is compiled",
        only_the_changed_is_compiled,
    ),
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

/// Cargo takes a crate for changed if its notes on it are gone.
fn only_the_changed_is_compiled(trial: &Trial) -> Result<()> {
    let notes = packages::fingerprints(&trial.crate_folder())?;
    let is_its = |folder: &Path| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        name.rsplit_once('-').is_some_and(|(name, _)| name == CHANGED)
    };
    let its: Vec<&PathBuf> = notes.iter().filter(|folder| is_its(folder)).collect();
    ensure!(!its.is_empty(), "cargo has never compiled {CHANGED}");
    for folder in its {
        fs::remove_dir_all(folder)?;
    }
    trial.expect(&[CHANGED])
}

impl Trial<'_> {
    /// Where the first, and here the only, kernel builds.
    fn crate_folder(&self) -> PathBuf {
        self.folders.join("1").join("crate")
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
