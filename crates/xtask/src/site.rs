//! The executed notebooks as web pages, made by `jupyter/make_site.py`.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::children;
use crate::files;
use crate::lab;
use crate::notebook;
use crate::project::Project;
use crate::terminal::Progress;

/// Makes the site of those notebooks that have been executed, now or earlier, in reading order.
pub(crate) fn make(project: &Project, notebooks: &[PathBuf]) -> Result<()> {
    let executed = notebooks
        .iter()
        .map(|path| project.executed().join(format!("{}.ipynb", notebook::stem(path))));
    let executed: Vec<PathBuf> = executed.filter(|path| path.is_file()).collect();
    if executed.is_empty() {
        return Ok(());
    }
    // Made beside the old one, which it then replaces.
    let new = project.site().with_extension("new");
    files::remove_folder(&new)?;
    let mut python = children::command(project.python());
    python.arg(project.support("make_site.py")).arg(&new).args(&executed);
    lab::set_environment(&mut python, project);
    let mut progress = Progress::new("making the site");
    let log = project.log("site");
    if !children::run_logged(&mut python, &log, || progress.tick())?.success() {
        drop(progress);
        bail!("the site could not be made:\n{}", files::tail(&log, 12));
    }
    drop(progress);
    files::remove_folder(&project.site())?;
    std::fs::rename(&new, project.site())?;
    println!("The notebooks as web pages: {}", project.short(&project.site().join("index.html")));
    Ok(())
}
