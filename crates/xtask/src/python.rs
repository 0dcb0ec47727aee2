//! Python and its virtual environments.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

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

/// A virtual environment inside the project, with its packages in exact versions.
pub(crate) struct Environment {
    /// What it is for, as a message names it.
    what: &'static str,
    folder: PathBuf,
    requirements: PathBuf,
    /// A module without which it is of no use.
    module: &'static str,
    /// What installing it costs, roughly.
    cost: Cost,
    /// What pip said.
    log: PathBuf,
}

/// What a reader is told before a long step, and after it has failed.
struct Cost {
    time: &'static str,
    megabytes: u32,
}

impl Environment {
    /// Jupyter: runs the notebooks, shows them, makes the site.
    pub(crate) fn jupyter(project: &Project) -> Self {
        Self {
            what: "Jupyter",
            folder: project.jupyter(),
            requirements: project.support("requirements.txt"),
            module: "jupyterlab",
            cost: Cost { time: "about a minute", megabytes: 300 },
            log: project.log("jupyter"),
        }
    }

    /// What looks at the notebooks and the site in a browser. Apart from Jupyter's: a reader needs none of it.
    pub(crate) fn browser(project: &Project) -> Self {
        Self {
            what: "the browser's driver",
            folder: project.tools().join("browser"),
            requirements: project.browser_script("requirements.txt"),
            module: "playwright",
            cost: Cost { time: "some seconds", megabytes: 150 },
            log: project.log("browser-driver"),
        }
    }

    /// What the benchmark compares with. Nobody else needs it.
    pub(crate) fn bench(project: &Project) -> Self {
        Self {
            what: "the benchmark's peers",
            folder: project.tools().join("bench").join("python"),
            requirements: project.bench_script("requirements.txt"),
            module: "daal4py",
            cost: Cost { time: "about a minute", megabytes: 750 },
            log: project.log("bench-python"),
        }
    }

    /// Its Python.
    pub(crate) fn python(&self) -> PathBuf {
        self.folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
    }

    /// Whether it is complete, made for this place, of these packages, and its Python still runs.
    pub(crate) fn is_ready(&self) -> Result<bool> {
        let stamp = fs::read_to_string(self.stamp_path()).unwrap_or_default();
        let looks = format!(
            "import importlib.util, sys; sys.exit(importlib.util.find_spec('{}') is None)",
            self.module
        );
        Ok(stamp == self.stamp_text()? && succeeds(self.python(), &looks))
    }

    /// Makes it anew. The stamp comes last: without it nothing else counts.
    pub(crate) fn install(&self, project: &Project, python: &Python) -> Result<()> {
        println!(
            "Installing {} ({} packages, {}, once) in {}.",
            self.what,
            self.n_packages()?,
            self.cost.time,
            project.short(&self.folder)
        );
        files::remove_folder(&self.folder)?;

        let mut progress = Progress::new("making the virtual environment");
        let mut venv = children::command(&python.0);
        venv.args(["-m", "venv"]).arg(&self.folder);
        if !children::run_logged(&mut venv, &self.log, || progress.tick())?.success() {
            drop(progress);
            let said = files::tail(&self.log, 8);
            bail!("{} could not make a virtual environment:\n{said}", python.0);
        }

        progress.set("downloading and installing the packages");
        if !children::run_logged(&mut self.pip(), &self.log, || progress.tick())?.success() {
            drop(progress);
            bail!(self.what_pip_said(project));
        }
        files::write(&self.stamp_path(), self.stamp_text()?.as_bytes())
    }

    fn pip(&self) -> Command {
        let mut pip = children::command(self.python());
        pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet"]);
        pip.args(["--require-hashes", "-r"]).arg(&self.requirements);
        pip
    }

    fn what_pip_said(&self, project: &Project) -> String {
        let said = files::tail(&self.log, 8);
        let said = if said.trim().is_empty() { "nothing, as on a full disk" } else { &said };
        format!(
            "installing {} failed. It needs the network, to download Python packages, and {} MB of disk space; \
             running the same command again takes up where it stopped. pip said (all of it is in {}):\n{said}",
            self.what,
            self.cost.megabytes,
            project.short(&self.log),
        )
    }

    fn n_packages(&self) -> Result<usize> {
        Ok(self.read_requirements()?.lines().filter(|line| line.contains("==")).count())
    }

    fn stamp_path(&self) -> PathBuf {
        self.folder.join("installed.txt")
    }

    /// The packages with their hashes, and the place: an environment that was moved does not work.
    fn stamp_text(&self) -> Result<String> {
        Ok(format!("{}\n{}", self.folder.display(), self.read_requirements()?))
    }

    fn read_requirements(&self) -> Result<String> {
        fs::read_to_string(&self.requirements)
            .with_context(|| format!("cannot read {}", self.requirements.display()))
    }
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
