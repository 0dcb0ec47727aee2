//! The standard library's source as the kernel reads it: without the part that takes longest and says nothing.
//!
//! The kernel's rust-analyzer reads that source at every start, to know the types of variables. Nearly half of its lines are
//! processors' intrinsics, of every vendor. Without them a kernel needs about a quarter less processor time up to its first
//! variable. What is lost is the type of a variable that an intrinsic returns, which the kernel then asks for.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::children;
use crate::files;
use crate::project::Project;

/// The folder of the intrinsics.
const LEFT_OUT: &str = "stdarch";
/// Says what the copy was made of; without it the copy counts as nothing.
const STAMP: &str = "copied-from";

/// Makes the copy for the kernels, unless it is there. `start_kernel.py` names it to them.
pub(crate) fn install(project: &Project) -> Result<()> {
    let library = library(project).context("rustc does not say where its library is")?;
    let copy = project.tools().join("rust-src");
    let stamp = stamp(&library)?;
    if fs::read_to_string(copy.join(STAMP)).is_ok_and(|present| present == stamp) {
        return Ok(());
    }
    files::remove_folder(&copy)?;
    copy_most(&library, &copy.join("library"))?;
    files::write(&copy.join(STAMP), stamp.as_bytes())
}

/// Where the source is: the folder `library`.
pub(crate) fn library(project: &Project) -> Option<PathBuf> {
    match env::var_os("RUST_SRC_PATH") {
        Some(path) => Some(PathBuf::from(path)),
        None => Some(sysroot(project)?.join("lib/rustlib/src/rust/library")),
    }
}

/// The toolchain's folder, as chosen by `rust-toolchain.toml`.
fn sysroot(project: &Project) -> Option<PathBuf> {
    let output = children::command("rustc")
        .args(["--print", "sysroot"])
        .current_dir(project.root())
        .output()
        .ok()?;
    Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
}

/// Changes with the source's place, and when another release is put there.
fn stamp(library: &Path) -> Result<String> {
    let core = library.join("core/src/lib.rs");
    let changed = fs::metadata(&core).and_then(|data| data.modified());
    let changed = changed.with_context(|| format!("cannot read {}", core.display()))?;
    Ok(format!("{} {changed:?}\n", library.display()))
}

fn copy_most(library: &Path, copy: &Path) -> Result<()> {
    for entry in files::entries(library)? {
        let name = entry.file_name().unwrap_or_default();
        if name == LEFT_OUT {
            continue;
        }
        if entry.is_dir() {
            files::copy_folder(&entry, &copy.join(name))?;
        } else {
            files::write(&copy.join(name), &fs::read(&entry)?)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_but_the_intrinsics_is_copied() -> Result<()> {
        let folder = env::temp_dir().join(format!("xtask-rust-src-{}", std::process::id()));
        let (library, copy) = (folder.join("library"), folder.join("copy"));
        for path in ["core/src/lib.rs", "stdarch/crates/a.rs", "Cargo.lock"] {
            files::write(&library.join(path), path.as_bytes())?;
        }
        copy_most(&library, &copy)?;
        assert_eq!(fs::read(copy.join("core/src/lib.rs"))?, b"core/src/lib.rs");
        assert!(copy.join("Cargo.lock").is_file() && !copy.join("stdarch").exists());
        files::remove_folder(&folder)
    }
}
