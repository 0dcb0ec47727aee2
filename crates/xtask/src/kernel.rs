//! The Rust kernel: compiled once, from exactly one version's source, into the project.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::children;
use crate::files;
use crate::project::Project;
use crate::terminal;

/// Belongs together with the toolchain in `rust-toolchain.toml`: the kernel contains a rust-analyzer, which must
/// understand that toolchain's standard library.
pub(crate) const VERSION: &str = "0.22.0";

/// Builds the kernel unless the right one is there.
pub(crate) fn install(project: &Project) -> Result<()> {
    let build = project.tools().join("build");
    if !is_ready(project) {
        println!(
            "Building the Rust kernel, evcxr_jupyter {VERSION}, in {}.",
            project.short(&project.kernel())
        );
        println!(
            "This takes about 6 minutes on two cores, and happens once. If it is interrupted, it resumes."
        );
        let start = Instant::now();
        cargo_install(project, &build)?;
        // What an older version has registered is not this version's.
        files::remove_folder(&project.jupyter_data().join("kernels"))?;
        println!("The kernel is built ({}).", terminal::time(start.elapsed()));
    }
    // Only what makes a build resume; several hundred megabytes.
    files::remove_folder(&build)
}

fn cargo_install(project: &Project, build: &Path) -> Result<()> {
    let mut cargo = children::command("cargo");
    cargo.args(["install", "--locked", "--force", "--root"]).arg(project.kernel());
    cargo.arg(format!("evcxr_jupyter@={VERSION}"));
    cargo.current_dir(project.root()).env("CARGO_TARGET_DIR", build);
    if let Some(path) = path_with(&project.kernel().join("bin")) {
        cargo.env("PATH", path);
    }
    if children::run(&mut cargo, || ())?.success() && is_ready(project) {
        return Ok(());
    }
    bail!(
        "the kernel could not be built; cargo says why above. This step needs the network, to download the kernel's \
         sources, and about 1 GB of disk space. Running the same command again takes up where it stopped."
    )
}

/// Cargo advises to put the folder of what it installs on the PATH, unless it is there. Nobody needs it there.
fn path_with(folder: &Path) -> Option<OsString> {
    let present = env::var_os("PATH").unwrap_or_default();
    env::join_paths(env::split_paths(&present).chain([folder.to_path_buf()])).ok()
}

/// Whether cargo has completed the installation of this version, and the program runs.
fn is_ready(project: &Project) -> bool {
    let record = fs::read_to_string(project.kernel().join(".crates.toml")).unwrap_or_default();
    is_recorded(&record)
        && children::command(project.kernel_program())
            .arg("--help")
            .output()
            .is_ok_and(|o| o.status.success())
}

/// Cargo writes its record after the program is in place.
fn is_recorded(record: &str) -> bool {
    record.lines().any(|line| line.starts_with(&format!("\"evcxr_jupyter {VERSION} ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_version_counts() {
        assert!(is_recorded("[v1]\n\"evcxr_jupyter 0.22.0 (registry)\" = [\"evcxr_jupyter\"]\n"));
        assert!(!is_recorded("[v1]\n\"evcxr_jupyter 0.22.01 (registry)\" = [\"evcxr_jupyter\"]\n"));
        assert!(!is_recorded("[v1]\n"));
        assert!(!is_recorded(""));
    }
}
