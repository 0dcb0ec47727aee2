//! Finds out, before anything slow starts, whether the machine has what is needed, and says how to get the rest.

use std::env;
use std::fmt::{self, Display, Formatter};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Error, Result};

use crate::children;
use crate::project::Project;
use crate::python::{self, Python};
use crate::rust_src;

/// Something that this project cannot install by itself.
#[derive(Debug, PartialEq)]
pub(crate) enum Missing {
    /// The standard library's source is not in this folder.
    RustSource(PathBuf),
    /// No Python that is new enough; what was found instead.
    Python(Vec<String>),
    /// This Python cannot make virtual environments.
    Venv { python: String, minor: u32 },
    /// No C compiler to link with.
    Linker,
    /// No browser, and none could be downloaded; the end of what was said about that.
    Browser { said: String },
    /// The variable `CHROMIUM` names something that is no program.
    NamedBrowser(PathBuf),
}

/// All that is missing, as one error.
#[derive(Debug)]
struct NotReady(Vec<Missing>);

impl std::error::Error for NotReady {}

/// Checks everything, and returns the Python to make the environment with if there is none yet.
pub(crate) fn examine(project: &Project, needs_python: bool) -> Result<Option<Python>> {
    let mut missing: Vec<Missing> =
        [rust_source(project), linker()].into_iter().flatten().collect();
    let mut found = None;
    if needs_python {
        match python::find() {
            Ok(python) => found = Some(python),
            Err(problem) => missing.push(problem),
        }
    }
    if missing.is_empty() { Ok(found) } else { Err(Error::new(NotReady(missing))) }
}

/// The error of a single missing thing.
pub(crate) fn error(missing: Missing) -> Error {
    Error::new(NotReady(vec![missing]))
}

/// The kernel's rust-analyzer reads the standard library's source, without which it knows no variable's type.
fn rust_source(project: &Project) -> Option<Missing> {
    let library = rust_src::library(project)?;
    (!library.join("core").is_dir()).then_some(Missing::RustSource(library))
}

fn linker() -> Option<Missing> {
    // On Windows this program could not have been linked without one that also serves the kernel.
    let found = cfg!(windows) || ["cc", "gcc", "clang"].into_iter().any(answers);
    (!found).then_some(Missing::Linker)
}

fn answers(compiler: &str) -> bool {
    let mut command = children::command(compiler);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

impl Display for NotReady {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "this machine lacks something that cannot be installed inside the project:")?;
        for missing in &self.0 {
            write!(f, "\n\n  - {missing}")?;
        }
        write!(f, "\n\nThen run the same command again.")
    }
}

impl Display for Missing {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::RustSource(library) => write!(
                f,
                "the source of Rust's standard library (not in {}), which the kernel reads to know the type of \
                 each variable. To install it:\n      rustup component add rust-src\n    \
                 Without rustup, set RUST_SRC_PATH to the folder `library` of Rust's source.",
                library.display()
            ),
            Self::Python(found) => {
                let (old, new) = python::OLDEST;
                let found = if found.is_empty() {
                    "none found".to_owned()
                } else {
                    format!("found: {}", found.join(", "))
                };
                let command = install("python3 python3-venv", "python3", "python");
                write!(
                    f,
                    "Python {old}.{new} or newer ({found}). To install it:\n      {command}\n    "
                )?;
                write!(
                    f,
                    "If it has another name or is elsewhere, set PYTHON to the program's path."
                )
            }
            Self::Venv { python, minor } => {
                let command = install(
                    &format!("python3-venv  (or python3.{minor}-venv)"),
                    "python3-pip",
                    "python",
                );
                write!(
                    f,
                    "the Python modules venv and ensurepip ({python} has not got them). To install them:\n      {command}"
                )
            }
            Self::Linker => {
                let command = if cfg!(target_os = "macos") {
                    "xcode-select --install".to_owned()
                } else {
                    install("build-essential", "gcc", "")
                };
                write!(
                    f,
                    "a C compiler, with which Rust links programs (no cc, gcc or clang). To install it:\n      {command}"
                )
            }
            Self::Browser { said } => write!(
                f,
                "a browser: Chromium or Chrome, in which the notebooks and the site are looked at. To install it:\n      {}\n    \
                 If it has another name or is elsewhere, set CHROMIUM to the program's path. \
                 Downloading one into the project failed as well:\n{}",
                install_browser(),
                said.trim_end()
            ),
            Self::NamedBrowser(path) => write!(
                f,
                "the browser that the variable CHROMIUM names: {} is no program. \
                 Set it to the path of Chromium or Chrome, or unset it, and the usual names are tried.",
                path.display()
            ),
        }
    }
}

/// The command that installs a package here; each manager has its own name for it.
fn install(apt: &str, dnf: &str, brew: &str) -> String {
    if cfg!(windows) {
        return "winget install Python.Python.3.12".to_owned();
    }
    if has("brew") && !brew.is_empty() {
        format!("brew install {brew}")
    } else if has("dnf") {
        format!("sudo dnf install {dnf}")
    } else {
        format!("sudo apt-get install {apt}")
    }
}

/// The same for a browser, which comes in another way on each system.
fn install_browser() -> String {
    if cfg!(windows) {
        return "winget install Google.Chrome".to_owned();
    }
    install("chromium", "chromium", "--cask google-chrome")
}

fn has(program: &str) -> bool {
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders).any(|folder: PathBuf| Path::new(&folder).join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_missing_is_named_with_its_remedy() {
        let all = vec![
            Missing::RustSource(PathBuf::from("lib/src")),
            Missing::Python(vec!["python3 is 3.8".into()]),
            Missing::Venv { python: "python3".into(), minor: 11 },
            Missing::Linker,
            Missing::Browser { said: "no route\n".into() },
            Missing::NamedBrowser(PathBuf::from("/opt/brow")),
        ];
        let text = NotReady(all).to_string();
        for part in [
            "lib/src",
            "rustup component add rust-src",
            "python3 is 3.8",
            "ensurepip",
            "C compiler",
            "Chromium or Chrome",
            "no route",
            "CHROMIUM names: /opt/brow",
            "again",
        ] {
            assert!(text.contains(part), "{part} is not in:\n{text}");
        }
    }
}
