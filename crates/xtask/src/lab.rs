//! `JupyterLab`, with nothing of it outside the project.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::children;
use crate::project::Project;

/// Opens `JupyterLab` in the folder of the notebooks; returns when it ends.
pub(crate) fn open(project: &Project, args: &[String]) -> Result<()> {
    let mut jupyter = children::command(project.python());
    jupyter.args(["-m", "jupyter", "lab"]).args(args).current_dir(project.notebooks());
    set_environment(&mut jupyter, project);
    hand_over(&mut jupyter)
}

/// Makes every Jupyter program use the project's folders, not the user's.
pub(crate) fn set_environment(command: &mut Command, project: &Project) {
    set_environment_in(command, project, &project.tools().join("lab"));
}

/// The same, with a folder of its own for what Jupyter writes: settings, open files, which notebooks are trusted.
pub(crate) fn set_environment_in(command: &mut Command, project: &Project, home: &Path) {
    command
        .env("JUPYTER_PATH", project.jupyter_data())
        .env("JUPYTER_PREFER_ENV_PATH", "1")
        .env("JUPYTER_CONFIG_PATH", project.support("config"))
        .env("JUPYTER_CONFIG_DIR", home.join("config"))
        .env("JUPYTER_DATA_DIR", home.join("data"))
        .env("JUPYTER_RUNTIME_DIR", runtime(home))
        .env("JUPYTERLAB_SETTINGS_DIR", home.join("settings"))
        .env("JUPYTERLAB_WORKSPACES_DIR", home.join("workspaces"))
        .env("IPYTHONDIR", home.join("ipython"));
}

/// Where a running server says how to reach it.
pub(crate) fn runtime(home: &Path) -> PathBuf {
    home.join("runtime")
}

/// Becomes the other program, so that Ctrl-C and its question are Jupyter's own.
#[cfg(unix)]
fn hand_over(command: &mut Command) -> Result<()> {
    let error = std::os::unix::process::CommandExt::exec(command);
    bail!("cannot start JupyterLab: {error}")
}

#[cfg(not(unix))]
fn hand_over(command: &mut Command) -> Result<()> {
    if !command.status()?.success() {
        bail!("JupyterLab ended with an error");
    }
    Ok(())
}
