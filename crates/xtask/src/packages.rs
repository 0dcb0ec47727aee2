//! The packages that every notebook loads, compiled for the kernel at set-up: no reader's first cell waits for them.
//!
//! Later kernels find them in their folder, or in the cache that `kernelspec` asks for.

use anyhow::{Result, bail};

use crate::files;
use crate::judge;
use crate::notebook::{self, Notebook};
use crate::project::Project;
use crate::runner::CELL_SECONDS;
use crate::session::{Outcome, Session};

/// Runs the first cell of the first notebook once, which is the one that loads the packages.
pub(crate) fn compile(project: &Project) -> Result<()> {
    let marker = project.tools().join("kernels").join("compiled");
    if marker.exists() {
        return Ok(());
    }
    let Some(path) = notebook::list(&project.notebooks())?.into_iter().next() else {
        return Ok(());
    };
    let Some(cell) = Notebook::open(&path)?.code_cells().into_iter().next() else {
        return Ok(());
    };
    println!(
        "Compiling the notebooks' packages for the kernel. This takes about half a minute, once."
    );
    let log = project.log("packages");
    let mut session = Session::start(project, &project.notebooks(), CELL_SECONDS, &log, || ())?;
    let outcome = session.run(&cell.source, true, || ())?;
    let problem = match outcome {
        Outcome::Finished(outputs) => match judge::judge(&cell, &outputs) {
            Ok(_) => return files::write(&marker, b""),
            Err(problems) => problems.join("\n"),
        },
        Outcome::TimedOut(_) => format!("it took longer than {CELL_SECONDS} seconds"),
        Outcome::Died(reason) => format!("the kernel ended: {reason}"),
    };
    bail!(
        "the notebooks' packages could not be compiled:\n{problem}\n{}\nThis step needs the network the first time, to \
         download their sources. Running the same command again takes up where it stopped.",
        files::tail(&log, 12)
    )
}
