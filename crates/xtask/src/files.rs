//! Files that are either old or new, never half-written.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Writes a file by way of a temporary one beside it: a crash, an interruption or a full disk leaves the old file.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    create_parent(path)?;
    let temporary = temporary(path)?;
    let written = write_through(&temporary, bytes).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written.with_context(|| format!("cannot write {}", path.display()))
}

/// As [`write()`], unless the file has this content already.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|present| present == bytes) { Ok(()) } else { write(path, bytes) }
}

/// Where the new content of a file is collected.
pub(crate) fn temporary(path: &Path) -> Result<PathBuf> {
    let name = path.file_name().context("a file needs a name")?.to_string_lossy();
    Ok(path.with_file_name(format!(".{name}.new")))
}

fn write_through(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes the folder that `path` is in.
pub(crate) fn create_parent(path: &Path) -> Result<()> {
    let folder = path.parent().context("a file needs a folder")?;
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))
}

/// Removes a folder with all that is in it, if it exists.
pub(crate) fn remove_folder(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Copies a folder with all that is in it, and with the files' times: to cargo, they tell what is up to date.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make the folder {}", to.display()))?;
    for entry in entries(from)? {
        let copy = to.join(entry.file_name().unwrap_or_default());
        if entry.is_dir() {
            copy_folder(&entry, &copy)?;
        } else {
            copy_file(&entry, &copy).with_context(|| format!("cannot write {}", copy.display()))?;
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::copy(from, to)?;
    File::options().append(true).open(to)?.set_modified(fs::metadata(from)?.modified()?)
}

/// What is in a folder, in the order of the names.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = || {
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()
    };
    let mut paths =
        read().with_context(|| format!("cannot read the folder {}", folder.display()))?;
    paths.sort();
    Ok(paths)
}

/// The last lines of a text file, indented; empty if there is none.
pub(crate) fn tail(path: &Path, lines: usize) -> String {
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let all: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = &all[all.len().saturating_sub(lines)..];
    last.iter().flat_map(|line| ["    ", line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_leaves_the_old_file_and_nothing_else() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("xtask-full-{}", std::process::id()));
        let file = folder.join("a.txt");
        write(&file, b"old")?;
        std::os::unix::fs::symlink("/dev/full", temporary(&file)?)?;
        let error = write(&file, b"new").map_err(|error| format!("{error:#}"));
        assert!(error.is_err_and(|text| text.contains("a.txt") && text.contains("No space left")));
        assert_eq!(fs::read(&file)?, b"old");
        assert_eq!(fs::read_dir(&folder)?.count(), 1);
        remove_folder(&folder)
    }

    #[test]
    fn writing_replaces_and_leaves_nothing_else() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("xtask-files-{}", std::process::id()));
        let file = folder.join("deep").join("a.txt");
        write(&file, b"old")?;
        write(&file, b"one\n\ntwo\nthree\n")?;
        assert_eq!(fs::read(&file)?, b"one\n\ntwo\nthree\n");
        assert_eq!(fs::read_dir(folder.join("deep"))?.count(), 1);
        assert_eq!(tail(&file, 2), "    two\n    three\n");
        remove_folder(&folder)?;
        remove_folder(&folder)
    }
}
