//! Programs started by this one: what they inherit, and that none outlives an interruption.
//!
//! Every child leads a process group of its own, so Ctrl-C reaches this program only, and this program decides
//! how the others end: a request first, then, after a grace period, by force. The groups of kernels, started by
//! a child, are kept here as well.

use std::env;
use std::ffi::OsStr;
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::files;

/// How long a child may take to end after it was asked to.
const GRACE: Duration = Duration::from_secs(3);
/// How often to look whether a child has ended.
pub(crate) const BEAT: Duration = Duration::from_millis(50);

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
static GROUPS: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// From now on SIGINT, SIGTERM and SIGHUP stop all children; then [`interrupted`] is true.
pub(crate) fn stop_on_signals() -> Result<()> {
    ctrlc::set_handler(|| {
        INTERRUPTED.store(true, Ordering::SeqCst);
        stop_all();
    })
    .context("cannot handle Ctrl-C")
}

/// Whether the user has asked to stop.
pub(crate) fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// An error if the user has asked to stop; for the places between two steps.
pub(crate) fn check_interrupted() -> Result<()> {
    ensure!(!interrupted(), "interrupted");
    Ok(())
}

fn stop_all() {
    signal_all(false);
    let mut waited = Duration::ZERO;
    while waited < GRACE && !groups().is_empty() {
        thread::sleep(BEAT);
        waited += BEAT;
    }
    signal_all(true);
}

fn signal_all(force: bool) {
    for id in groups() {
        signal_group(id, force);
    }
}

fn groups() -> Vec<u32> {
    GROUPS.lock().map(|groups| groups.clone()).unwrap_or_default()
}

#[cfg(unix)]
fn signal_group(id: u32, force: bool) {
    use nix::sys::signal::{Signal, killpg};
    use nix::unistd::Pid;

    let signal = if force { Signal::SIGKILL } else { Signal::SIGTERM };
    if let Ok(id) = i32::try_from(id) {
        // An error means that the group is gone already.
        let _ = killpg(Pid::from_raw(id), signal);
    }
}

#[cfg(not(unix))]
fn signal_group(id: u32, _force: bool) {
    let id = id.to_string();
    let _ = Command::new("taskkill").args(["/F", "/T", "/PID", &id]).output();
}

/// A process group that an interruption stops.
pub(crate) struct Group(u32);

impl Group {
    /// Keeps the group led by process `id` in mind as long as this value lives.
    pub(crate) fn new(id: u32) -> Self {
        if let Ok(mut groups) = GROUPS.lock() {
            groups.push(id);
        }
        // The signal may have come between the start of the process and the line above.
        if interrupted() {
            signal_group(id, true);
        }
        Self(id)
    }

    /// The process that leads it.
    pub(crate) fn id(&self) -> u32 {
        self.0
    }

    /// Asks it to end.
    pub(crate) fn ask_to_end(&self) {
        signal_group(self.0, false);
    }

    /// Ends it now, by force.
    pub(crate) fn kill(&self) {
        signal_group(self.0, true);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Ok(mut groups) = GROUPS.lock() {
            groups.retain(|&id| id != self.0);
        }
    }
}

/// A command that starts as if the user had typed it: without what `cargo run` says about this package.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(is_about_this_package) {
            command.env_remove(name);
        }
    }
    command
}

fn is_about_this_package(name: &str) -> bool {
    const NAMES: [&str; 6] = [
        "CARGO",
        "CARGO_BIN_NAME",
        "CARGO_CRATE_NAME",
        "CARGO_PRIMARY_PACKAGE",
        "OUT_DIR",
        "NUM_JOBS",
    ];
    NAMES.contains(&name) || name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
}

/// Starts a command as the leader of its own process group.
pub(crate) fn spawn(command: &mut Command) -> Result<(Child, Group)> {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let name = command.get_program().to_string_lossy().into_owned();
    let child = command.spawn().with_context(|| format!("cannot start {name}"))?;
    let group = Group::new(child.id());
    Ok((child, group))
}

/// Runs a command to its end, calling `tick` often meanwhile. What it prints, it prints.
pub(crate) fn run(command: &mut Command, tick: impl FnMut()) -> Result<ExitStatus> {
    command.stdin(Stdio::null());
    let status = run_within(command, Duration::MAX, tick)?;
    status.context("a command has outlived all time")
}

/// As [`run`], with the command's own input and no longer than it may take; none if it took longer, and was ended.
pub(crate) fn run_within(
    command: &mut Command,
    limit: Duration,
    mut tick: impl FnMut(),
) -> Result<Option<ExitStatus>> {
    let (mut child, group) = spawn(command)?;
    let start = Instant::now();
    let mut status = child.try_wait()?;
    while status.is_none() && start.elapsed() <= limit {
        tick();
        thread::sleep(BEAT);
        status = child.try_wait()?;
    }
    if status.is_none() {
        group.kill();
        child.wait()?;
    }
    check_interrupted()?;
    Ok(status)
}

/// As [`run`], with everything that is printed going to a file.
pub(crate) fn run_logged(
    command: &mut Command,
    log: &Path,
    tick: impl FnMut(),
) -> Result<ExitStatus> {
    let log = create_log(log)?;
    command.stdout(log.try_clone()?).stderr(log);
    run(command, tick)
}

/// An empty file for what a child prints, with the folders above it.
pub(crate) fn create_log(path: &Path) -> Result<File> {
    files::create_parent(path)?;
    File::create(path).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cargo_run_adds_is_removed() {
        for name in
            ["CARGO", "CARGO_PKG_NAME", "CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "OUT_DIR"]
        {
            assert!(is_about_this_package(name), "{name}");
        }
        for name in
            ["CARGO_HOME", "CARGO_TARGET_DIR", "CARGO_NET_OFFLINE", "RUSTUP_TOOLCHAIN", "RUSTFLAGS"]
        {
            assert!(!is_about_this_package(name), "{name}");
        }
    }
}
