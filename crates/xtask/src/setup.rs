//! Set-up: each step looks whether its work is done, and does it if not.

use anyhow::Result;

use crate::children;
use crate::doctor;
use crate::kernel;
use crate::kernelspec;
use crate::packages;
use crate::project::Project;
use crate::python::Environment;
use crate::rust_src;

/// Makes sure that the kernel and Jupyter are there.
pub(crate) fn run(project: &Project) -> Result<()> {
    let jupyter = Environment::jupyter(project);
    let has_jupyter = jupyter.is_ready()?;
    // Before the slow steps, so that nobody waits six minutes to learn that Python is missing.
    let python = doctor::examine(project, !has_jupyter)?;
    if let Some(python) = python {
        jupyter.install(project, &python)?;
    }
    kernel::install(project)?;
    rust_src::install(project)?;
    kernelspec::install(project)?;
    kernelspec::configure(project)?;
    std::fs::create_dir_all(project.tools().join("lab"))?;
    packages::compile(project)?;
    children::check_interrupted()
}
