//! Python and its virtual environment with Jupyter.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::children;
use crate::doctor::Missing;
use crate::files;
use crate::project::Project;
use crate::terminal::Progress;

/// The oldest Python that the locked packages support.
pub(crate) const OLDEST: (u32, u32) = (3, 10);

/// A Python program that can make virtual environments.
#[derive(Debug)]
pub(crate) struct Python(String);

/// The first suitable Python: the one in the variable `PYTHON` if that is set, else by its usual names.
pub(crate) fn find() -> Result<Python, Missing> {
    let names = match env::var("PYTHON") {
        Ok(name) => vec![name],
        Err(_) => vec!["python3".to_owned(), "python".to_owned()],
    };
    let mut found = Vec::new();
    for name in names {
        let Some((major, minor)) = version(&name) else { continue };
        if (major, minor) < OLDEST {
            found.push(format!("{name} is {major}.{minor}"));
        } else if !succeeds(&name, "import ensurepip, venv") {
            return Err(Missing::Venv { python: name, minor });
        } else {
            return Ok(Python(name));
        }
    }
    Err(Missing::Python(found))
}

fn version(python: &str) -> Option<(u32, u32)> {
    let mut command = children::command(python);
    command.args(["-c", "import sys; print(*sys.version_info[:2])"]).stdin(Stdio::null());
    let output = command.output().ok()?;
    parse_version(&String::from_utf8(output.stdout).ok()?)
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.trim().split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn succeeds(python: impl AsRef<std::ffi::OsStr>, code: &str) -> bool {
    let mut command = children::command(python);
    command.args(["-c", code]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Whether the environment is complete, made for this place, of these packages, and its Python still runs.
pub(crate) fn is_ready(project: &Project) -> Result<bool> {
    let stamp = fs::read_to_string(stamp_path(project)).unwrap_or_default();
    let looks =
        "import importlib.util, sys; sys.exit(importlib.util.find_spec('jupyterlab') is None)";
    Ok(stamp == stamp_text(project)? && succeeds(project.python(), looks))
}

/// Makes the environment anew. The stamp comes last: without it nothing else counts.
pub(crate) fn install(project: &Project, python: &Python) -> Result<()> {
    let requirements = project.support("requirements.txt");
    let packages =
        fs::read_to_string(&requirements)?.lines().filter(|line| line.contains("==")).count();
    println!(
        "Installing Jupyter ({packages} packages, about a minute, once) in {}.",
        project.short(&project.jupyter())
    );
    files::remove_folder(&project.jupyter())?;

    let mut progress = Progress::new("making the virtual environment");
    let log = project.log("jupyter");
    let mut venv = children::command(&python.0);
    venv.args(["-m", "venv"]).arg(project.jupyter());
    if !children::run_logged(&mut venv, &log, || progress.tick())?.success() {
        drop(progress);
        bail!("{} could not make a virtual environment:\n{}", python.0, files::tail(&log, 8));
    }

    progress.set("downloading and installing the packages");
    let mut pip = children::command(project.python());
    pip.args([
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "--quiet",
        "--require-hashes",
        "-r",
    ]);
    pip.arg(&requirements);
    if !children::run_logged(&mut pip, &log, || progress.tick())?.success() {
        drop(progress);
        let said = files::tail(&log, 8);
        let said = if said.trim().is_empty() { "nothing, as on a full disk" } else { &said };
        bail!(
            "installing Jupyter failed. It needs the network, to download Python packages, and 300 MB of disk space; \
             running the same command again takes up where it stopped. pip said (all of it is in {}):\n{said}",
            project.short(&log),
        );
    }
    files::write(&stamp_path(project), stamp_text(project)?.as_bytes())
}

fn stamp_path(project: &Project) -> std::path::PathBuf {
    project.jupyter().join("installed.txt")
}

/// The packages with their hashes, and the place: an environment that was moved does not work.
fn stamp_text(project: &Project) -> Result<String> {
    let requirements = project.support("requirements.txt");
    let packages = fs::read_to_string(&requirements)
        .with_context(|| format!("cannot read {}", requirements.display()))?;
    Ok(format!("{}\n{packages}", Path::new(&project.jupyter()).display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(parse_version("3 9\n"), Some((3, 9)));
        assert!(parse_version("3 9").is_some_and(|version| version < OLDEST));
        assert!(parse_version("3 10").is_some_and(|version| version >= OLDEST));
        assert_eq!(parse_version("Python was not found"), None);
    }
}
