//! That a notebook stands on the versions of `Cargo.lock`.
//!
//! The kernel builds cells in a crate of its own, whose packages it resolves by itself: whatever is newest by then. So
//! each kernel gets a copy of the project's lock file before the first package is loaded, in which cargo finds a version
//! of everything and looks no further (see [`crate::kernelspec`]); what a reader loads beside it is resolved as usual.
//! After packages were loaded, the lock file that cargo has left there is compared with the project's.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// The root of the kernel's crate, which no lock file but its own knows.
pub(crate) const OWN: &str = "ctx";

/// A lock file, as far as it is compared.
#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    package: Vec<Package>,
}

/// An entry of a lock file: without a source for a package of this project.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Package {
    name: String,
    version: String,
    source: Option<String>,
    checksum: Option<String>,
}

/// Packages that a kernel has, and the project has not.
#[derive(Debug)]
struct Mismatch {
    /// What the kernel has, with what the project has of that name.
    differences: Vec<(Package, Vec<Package>)>,
}

/// An error if cargo has put a package into a kernel's crate that is not in the project's lock file.
pub(crate) fn check(project: &Path, kernel_crate: &Path) -> Result<()> {
    compare(&read(&project.join("Cargo.lock"))?, &read(&kernel_crate.join("Cargo.lock"))?)
}

/// The build folder of a running kernel: the one whose lock it holds.
pub(crate) fn folder_of(folders: &Path, kernel: u32) -> Result<PathBuf> {
    let entries = fs::read_dir(folders)
        .with_context(|| format!("cannot read the folder {}", folders.display()))?;
    for entry in entries {
        let folder = entry?.path();
        let holder = fs::read_to_string(folder.join("lock")).unwrap_or_default();
        if holder.trim() == kernel.to_string() {
            return Ok(folder);
        }
    }
    bail!("no folder in {} belongs to the kernel with process {kernel}", folders.display())
}

fn read(path: &Path) -> Result<Vec<Package>> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    parse(&text).with_context(|| format!("{} is not a lock file", path.display()))
}

fn parse(text: &str) -> Result<Vec<Package>> {
    Ok(toml::from_str::<Lock>(text)?.package)
}

fn compare(project: &[Package], kernel: &[Package]) -> Result<()> {
    let known: BTreeSet<&Package> = project.iter().collect();
    let mut by_name: BTreeMap<&str, Vec<Package>> = BTreeMap::new();
    for package in project {
        by_name.entry(&package.name).or_default().push(package.clone());
    }
    let loaded: Vec<&Package> = kernel.iter().filter(|package| package.name != OWN).collect();
    if loaded.is_empty() {
        bail!("the kernel's lock file names no package, after packages were loaded");
    }
    let unknown = loaded.into_iter().filter(|package| !known.contains(package));
    let differences: Vec<_> = unknown
        .map(|package| {
            (package.clone(), by_name.get(package.name.as_str()).cloned().unwrap_or_default())
        })
        .collect();
    if differences.is_empty() { Ok(()) } else { bail!(Mismatch { differences }) }
}

impl std::error::Error for Mismatch {}

impl Display for Mismatch {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "the kernel has loaded other packages than those of Cargo.lock:")?;
        for (have, want) in &self.differences {
            let want: Vec<String> = want.iter().map(ToString::to_string).collect();
            let want =
                if want.is_empty() { "none of that name".to_owned() } else { want.join(", ") };
            write!(f, "\n  {} {have} in the kernel, {want} in Cargo.lock", have.name)?;
        }
        Ok(())
    }
}

/// A version, and whatever distinguishes it from the same version elsewhere.
impl Display for Package {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.version)?;
        match (&self.source, &self.checksum) {
            (None, _) => f.write_str(" of this project"),
            (Some(_), Some(sum)) => write!(f, " ({})", &sum.get(..8).unwrap_or(sum)),
            (Some(source), None) => write!(f, " ({source})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROJECT: &str = r#"
version = 4

[[package]]
name = "gmm-notebook"
version = "0.1.0"
dependencies = ["rand 0.10.4"]

[[package]]
name = "rand"
version = "0.10.4"
source = "registry"
checksum = "aaaaaaaaaaaa"

[[package]]
name = "rand"
version = "0.9.1"
source = "registry"
checksum = "bbbbbbbbbbbb"
"#;

    const ROOT: &str = "[[package]]\nname = \"ctx\"\nversion = \"1.0.0\"\n";

    fn with(entry: &str) -> String {
        format!("version = 4\n\n{ROOT}\n{entry}")
    }

    fn rand(version: &str, checksum: &str) -> String {
        format!(
            "[[package]]\nname = \"rand\"\nversion = \"{version}\"\nsource = \"registry\"\nchecksum = \"{checksum}\"\n"
        )
    }

    fn verdict(kernel: &str) -> Result<()> {
        compare(&parse(PROJECT)?, &parse(kernel)?)
    }

    #[test]
    fn a_part_of_the_locked_packages_is_right() {
        assert!(verdict(&with(&rand("0.10.4", "aaaaaaaaaaaa"))).is_ok());
        assert!(
            verdict(&with("[[package]]\nname = \"gmm-notebook\"\nversion = \"0.1.0\"\n")).is_ok()
        );
    }

    #[test]
    fn another_version_content_or_package_is_wrong_and_named() {
        let message = |kernel: &str| verdict(kernel).unwrap_err().to_string();
        let newer = message(&with(&rand("0.10.5", "cccccccccccc")));
        assert!(newer.contains("rand 0.10.5 (cccccccc) in the kernel"), "{newer}");
        assert!(newer.contains("0.10.4 (aaaaaaaa), 0.9.1 (bbbbbbbb) in Cargo.lock"), "{newer}");
        let altered = message(&with(&rand("0.10.4", "dddddddddddd")));
        assert!(altered.contains("0.10.4 (dddddddd) in the kernel"), "{altered}");
        let own = with("[[package]]\nname = \"rand\"\nversion = \"0.10.4\"\n");
        assert!(message(&own).contains("0.10.4 of this project in the kernel"));
        let other = with("[[package]]\nname = \"serde\"\nversion = \"1.0.0\"\nsource = \"s\"\n");
        assert!(message(&other).contains("serde 1.0.0 (s) in the kernel, none of that name"));
    }

    #[test]
    fn a_lock_file_that_says_nothing_proves_nothing() {
        assert!(verdict(&with("")).is_err());
        assert!(parse("package = 1").is_err());
    }

    #[test]
    fn a_kernel_is_found_by_its_process() -> Result<()> {
        let folders = std::env::temp_dir().join(format!("xtask-versions-{}", std::process::id()));
        for (name, holder) in [("1", "12\n"), ("2", "3")] {
            crate::files::write(&folders.join(name).join("lock"), holder.as_bytes())?;
        }
        assert_eq!(folder_of(&folders, 3)?, folders.join("2"));
        assert!(folder_of(&folders, 1).is_err());
        crate::files::remove_folder(&folders)
    }
}
