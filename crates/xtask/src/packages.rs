//! The packages that every notebook loads, compiled for the kernel at set-up: no reader's first cell waits for them.
//!
//! What cargo has built is kept as `ready`, from which every new build folder begins (see `start_kernel.py`), together
//! with how long it took: the only honest answer to "how long does this take?" is one of this machine.

use std::collections::BTreeSet;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use serde::Serialize;

use crate::files;
use crate::judge;
use crate::kernel;
use crate::notebook::{self, CodeCell, Notebook};
use crate::project::Project;
use crate::runner::CELL_SECONDS;
use crate::session::{Outcome, Session};
use crate::versions;

/// What set-up keeps, in the folder of the build folders.
pub(crate) const READY: &str = "ready";
/// In a build folder's crate: what it was built from. A kernel leaves it alone.
const STAMP: &str = "stamp";
/// Beside `ready`: how long it took to compile everything.
pub(crate) const COST: &str = "cost.json";

/// What it took to compile all packages.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Cost {
    pub(crate) packages: usize,
    pub(crate) seconds: f64,
}

/// Runs the first cell of the first notebook once, which is the one that loads the packages.
pub(crate) fn compile(project: &Project) -> Result<()> {
    let stamp = stamp(project)?;
    let ready = ready(project);
    if fs::read_to_string(ready.join(STAMP)).is_ok_and(|present| present == stamp) {
        return Ok(());
    }
    let Some(cell) = first_cell(project)? else { return Ok(()) };
    if ready.exists() {
        println!("Compiling what has changed among the notebooks' packages.");
    } else {
        println!(
            "Compiling the notebooks' packages for the kernel. This takes about half a minute, once."
        );
    }
    let log = project.log("packages");
    let began = SystemTime::now();
    let (folder, seconds) = load(project, &cell, &log)?;
    let packages = compiled_since(&folder.join("crate"), began)?.len();
    // After an interruption only the rest was compiled, after a change only what has changed.
    if packages == compiled_since(&folder.join("crate"), UNIX_EPOCH)?.len() {
        let cost = serde_json::to_vec(&Cost { packages, seconds })?;
        files::write(&project.build_folders().join(COST), &cost)?;
    }
    keep(&folder.join("crate"), &ready, &stamp)
}

/// The crate from which new build folders begin.
pub(crate) fn ready(project: &Project) -> PathBuf {
    project.build_folders().join(READY)
}

/// The cell that loads the packages.
pub(crate) fn first_cell(project: &Project) -> Result<Option<CodeCell>> {
    let Some(path) = notebook::list(&project.notebooks())?.into_iter().next() else {
        return Ok(None);
    };
    Ok(Notebook::open(&path)?.code_cells().into_iter().next())
}

/// Runs the cell in a kernel that is gone afterwards; its build folder, and how many seconds the cell took.
fn load(project: &Project, cell: &CodeCell, log: &Path) -> Result<(PathBuf, f64)> {
    let mut session = Session::start(project, &project.notebooks(), CELL_SECONDS, log, || ())?;
    let start = Instant::now();
    let outcome = session.run(&cell.source, true, || ())?;
    let seconds = start.elapsed().as_secs_f64();
    let problem = match outcome {
        Outcome::Finished(outputs) => match judge::judge(cell, &outputs) {
            Ok(_) => return Ok((session.build_folder()?, seconds)),
            Err(problems) => problems.join("\n"),
        },
        Outcome::TimedOut(_) => format!("it took longer than {CELL_SECONDS} seconds"),
        Outcome::Died(reason) => format!("the kernel ended: {reason}"),
    };
    bail!(
        "the notebooks' packages could not be compiled:\n{problem}\n{}\nThis step needs the network the first time, to \
         download their sources. Running the same command again takes up where it stopped.",
        files::tail(log, 12)
    )
}

/// The packages that cargo has compiled in a kernel's crate since then, other than the cells.
///
/// What cargo prints passes through the kernel, which lets through only the names without a hyphen. But cargo also
/// marks, for itself, when it has last called the compiler for each.
pub(crate) fn compiled_since(crate_folder: &Path, since: SystemTime) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for folder in fingerprints(crate_folder)? {
        let called =
            fs::metadata(folder.join("invoked.timestamp")).and_then(|data| data.modified());
        let folder_name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let name = folder_name.rsplit_once('-').map_or("", |(name, _)| name);
        if name != versions::OWN && called.is_ok_and(|called| called >= since) {
            names.insert(name.to_owned());
        }
    }
    Ok(names)
}

/// Cargo's notes on each package: `target/debug/.fingerprint/NAME-HASH`, and the same below the compiler's target.
pub(crate) fn fingerprints(crate_folder: &Path) -> Result<Vec<PathBuf>> {
    let target = crate_folder.join("target");
    let mut folders = Vec::new();
    for part in files::entries(&target)?.into_iter().chain([target]) {
        let notes = part.join("debug").join(".fingerprint");
        if notes.is_dir() {
            folders.extend(files::entries(&notes)?);
        }
    }
    Ok(folders)
}

/// Keeps a copy of the crate as `ready`. Until the stamp is there, it counts as nothing.
fn keep(crate_folder: &Path, ready: &Path, stamp: &str) -> Result<()> {
    let new = ready.with_file_name(format!("{READY}.new"));
    files::remove_folder(&new)?;
    files::write(&crate_folder.join(STAMP), stamp.as_bytes())?;
    files::copy_folder(crate_folder, &new)?;
    files::remove_folder(ready)?;
    fs::rename(&new, ready).with_context(|| format!("cannot make {}", ready.display()))
}

/// Changes whenever a kernel would have to compile something: with the versions of the packages, the compiler, the
/// kernel, the place of the project, and the times of its crates' files, by which cargo knows that they are new.
fn stamp(project: &Project) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    kernel::VERSION.hash(&mut hasher);
    project.root().hash(&mut hasher);
    for name in ["Cargo.lock", "Cargo.toml", "rust-toolchain.toml"] {
        let path = project.root().join(name);
        fs::read(&path)
            .with_context(|| format!("cannot read {}", path.display()))?
            .hash(&mut hasher);
    }
    for folder in crates(project)? {
        hash_files(&folder.join("Cargo.toml"), &mut hasher)?;
        hash_files(&folder.join("src"), &mut hasher)?;
    }
    Ok(format!("{:016x}\n", hasher.finish()))
}

/// The folders of the crates that a notebook may load: all but this one.
fn crates(project: &Project) -> Result<Vec<PathBuf>> {
    let mut folders = files::entries(&project.root().join("crates"))?;
    folders.retain(|folder| folder.join("Cargo.toml").is_file() && !folder.ends_with("xtask"));
    Ok(folders)
}

fn hash_files(path: &Path, hasher: &mut impl Hasher) -> Result<()> {
    if path.is_dir() {
        return files::entries(path)?.iter().try_for_each(|entry| hash_files(entry, hasher));
    }
    let modified = fs::metadata(path).and_then(|data| data.modified());
    path.hash(hasher);
    modified.with_context(|| format!("cannot read {}", path.display()))?.hash(hasher);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn what_was_compiled_is_what_the_compiler_was_called_for() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("xtask-compiled-{}", std::process::id()));
        let notes = ["target/debug/.fingerprint", "target/some-machine/debug/.fingerprint"];
        let call = |at: &str, name: &str| {
            files::write(&folder.join(at).join(name).join("invoked.timestamp"), b"")
        };
        call(notes[0], "num-traits-0123")?;
        let since = SystemTime::now() + Duration::from_secs(1);
        for (at, name) in [(0, "proc-macro2-45"), (1, "rand-67"), (1, "rand-89"), (1, "ctx-01")] {
            call(notes[at], name)?;
            let file = folder.join(notes[at]).join(name).join("invoked.timestamp");
            fs::File::options().append(true).open(file)?.set_modified(since)?;
        }
        let names = compiled_since(&folder, since)?;
        assert_eq!(names.iter().collect::<Vec<_>>(), ["proc-macro2", "rand"]);
        files::remove_folder(&folder)
    }

    #[test]
    fn what_is_kept_has_its_stamp_and_replaces_what_was_there() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("xtask-ready-{}", std::process::id()));
        let (built, ready) = (folder.join("crate"), folder.join(READY));
        files::write(&built.join("target").join("a"), b"new")?;
        files::write(&ready.join("old"), b"old")?;
        keep(&built, &ready, "stamp")?;
        assert_eq!(fs::read(ready.join("target").join("a"))?, b"new");
        assert_eq!(fs::read(ready.join(STAMP))?, b"stamp");
        assert!(!ready.join("old").exists());
        let time = |path: &Path| fs::metadata(path).and_then(|data| data.modified());
        assert_eq!(time(&ready.join("target/a"))?, time(&built.join("target/a"))?);
        files::remove_folder(&folder)
    }
}
