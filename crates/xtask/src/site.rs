//! The executed notebooks as web pages, made by `jupyter/make_site.py`.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::children;
use crate::files;
use crate::lab;
use crate::notebook;
use crate::project::Project;
use crate::terminal::Progress;

/// What the site is made of: each of these notebooks as it was last executed, or else as it was committed, lest a link
/// between two of them lead nowhere.
pub(crate) fn sources(project: &Project, notebooks: &[PathBuf]) -> Vec<PathBuf> {
    let executed = |path: &PathBuf| {
        let executed = project.executed().join(format!("{}.ipynb", notebook::stem(path)));
        if executed.is_file() { executed } else { path.clone() }
    };
    notebooks.iter().map(executed).collect()
}

/// Makes the site of these notebooks, in reading order.
pub(crate) fn make(project: &Project, notebooks: &[PathBuf]) -> Result<()> {
    let notebooks = sources(project, notebooks);
    // Made beside the old one, which it then replaces.
    let new = project.site().with_extension("new");
    write(project, &new, &notebooks)?;
    files::remove_folder(&project.site())?;
    std::fs::rename(&new, project.site())?;
    println!("The notebooks as web pages: {}", project.short(&project.site().join("index.html")));
    Ok(())
}

/// Writes a site of these notebooks, in this order, to a new folder.
pub(crate) fn write(project: &Project, folder: &Path, notebooks: &[PathBuf]) -> Result<()> {
    files::remove_folder(folder)?;
    let mut python = children::command(project.python());
    python.arg(project.support("make_site.py")).arg(folder).args(notebooks);
    // The script's modules are compiled where they are, among the project's own files.
    python.env("PYTHONDONTWRITEBYTECODE", "1");
    lab::set_environment(&mut python, project);
    let mut progress = Progress::new("making the site");
    let log = project.log("site");
    let status = children::run_logged(&mut python, &log, || progress.tick())?;
    drop(progress);
    if !status.success() {
        bail!("the site could not be made:\n{}", files::tail(&log, 12));
    }
    Ok(())
}
