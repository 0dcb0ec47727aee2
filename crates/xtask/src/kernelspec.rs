//! The kernel's registration and settings, in the project only.

use std::env;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::children;
use crate::files;
use crate::project::Project;

/// Variables of this session that a kernel must see too when somebody else starts it, such as an editor.
const PASSED_ON: [&str; 1] = ["RUST_SRC_PATH"];

/// Registers the kernel unless that is done, for exactly this place.
pub(crate) fn install(project: &Project) -> Result<()> {
    let folder = project.jupyter_data().join("kernels").join("rust");
    let wanted = serde_json::to_string_pretty(&specification(project)?)? + "\n";
    if fs::read_to_string(folder.join("kernel.json")).is_ok_and(|present| present == wanted) {
        return Ok(());
    }
    install_logos(project)?;
    // Last: it is what says that all is done.
    files::write(&folder.join("kernel.json"), wanted.as_bytes())
}

/// The first command of every kernel: gives its crate, which has no packages yet, the project's lock file. Before that
/// the kernel has run cargo once, which removes from a lock file whatever is not needed at the time. `start_kernel.py`
/// sets the variables. A kernel without the file resolves by itself, and [`crate::versions`] sees it.
const FIRST_COMMANDS: &str =
    if cfg!(unix) { "!cp \"$GMM_LOCK_FILE\" \"$EVCXR_TMPDIR/Cargo.lock\" || true\n" } else { "" };

/// Writes the kernel's settings, which are the project's, not the user's.
pub(crate) fn configure(project: &Project) -> Result<()> {
    let path = project.tools().join("evcxr").join("init.evcxr");
    if fs::read_to_string(&path).is_ok_and(|present| present == FIRST_COMMANDS) {
        return Ok(());
    }
    files::write(&path, FIRST_COMMANDS.as_bytes())
}

/// evcxr brings its own logos and scripts, and the version number by which it knows that they are up to date.
fn install_logos(project: &Project) -> Result<()> {
    let mut evcxr = children::command(project.kernel_program());
    evcxr.arg("--install").env("JUPYTER_PATH", project.jupyter_data());
    let log = project.log("kernelspec");
    if !children::run_logged(&mut evcxr, &log, || ())?.success() {
        bail!("the kernel could not register itself:\n{}", files::tail(&log, 8));
    }
    Ok(())
}

/// Our `kernel.json`: evcxr's own would start it without the wrapper that gives each kernel a folder.
fn specification(project: &Project) -> Result<Value> {
    let text = |path: &Path| {
        path.to_str().map(str::to_owned).with_context(|| format!("{} is not UTF-8", path.display()))
    };
    let variables = PASSED_ON
        .iter()
        .filter_map(|&name| Some((name.to_owned(), Value::from(env::var(name).ok()?))));
    Ok(json!({
        "argv": [text(&project.python())?, text(&project.support("start_kernel.py"))?, "{connection_file}"],
        "display_name": "Rust",
        "env": variables.collect::<Map<_, _>>(),
        "interrupt_mode": "message",
        "language": "rust",
    }))
}
