//! Faults, done for real: this program runs a small notebook in a child of its own, something goes wrong, and then it is
//! seen what the child said, whether a process of it is left, and what has become of the notebook's file.
//!
//! A full disk is the system's `/dev/full`, which takes no byte, in the place of the file that is about to be written:
//! no privilege is needed for it, and the error is the true one.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::children::{self, BEAT};
use crate::files;
use crate::project::Project;
use crate::runner::Results;
use crate::terminal::Progress;

/// How long something may take that happens unless everything is lost, on however busy a machine.
const PATIENCE: Duration = Duration::from_mins(5);
/// How long a process may take to vanish after it was killed.
const GOODBYE: Duration = Duration::from_secs(20);
/// Every process of a scene inherits a variable of this name: so none can hide.
const MARK: &str = "GMM_FAULT";

/// One thing that goes wrong.
struct Scene {
    what: &'static str,
    cell: &'static str,
    /// The result that the cell was committed with.
    committed: Option<&'static str>,
    args: &'static [&'static str],
    strike: Strike,
    expected: Expected,
    /// What the child must say.
    says: &'static [&'static str],
}

/// What goes wrong from outside.
#[derive(Clone, Copy)]
enum Strike {
    Nothing,
    /// This program gets a signal while a cell runs.
    Runner(Signal),
    /// The Jupyter client is killed while a cell runs.
    KillClient,
    /// The kernel is stopped before it has answered, and lives on.
    StopKernel,
    /// The disk is full when the executed notebook is written, or the notebook itself.
    FullDisk(Target),
}

#[derive(Clone, Copy)]
enum Target {
    Executed,
    Original,
}

/// How the child must end.
enum Expected {
    Code(i32),
    Signal(Signal),
}

/// Says that it has been reached, and stays.
const LONG: &str = "std::fs::write(\"reached\", \"\")?;\nstd::thread::sleep(std::time::Duration::from_secs(3600));";
/// Shows how often it has run.
const COUNTS: &str = "let times = std::fs::read_to_string(\"times\").map_or(0, |text| text.len());
std::fs::write(\"times\", \"x\".repeat(times + 1))?;
times";

const SCENES: &[Scene] = &[
    Scene {
        what: "a notebook that passes is written, with all its outputs",
        cell: "1 + 1",
        committed: None,
        args: &["--write"],
        strike: Strike::Nothing,
        expected: Expected::Code(0),
        says: &["✓ fault"],
    },
    Scene {
        what: "another output than the committed one fails, and says how",
        cell: "1 + 1",
        committed: Some("3"),
        args: &[],
        strike: Strike::Nothing,
        expected: Expected::Code(1),
        says: &["text/plain, line 1", "committed  3", "now        2", "--write"],
    },
    Scene {
        what: "another output in a second run in the same kernel fails",
        cell: COUNTS,
        committed: None,
        args: &["--write"],
        strike: Strike::Nothing,
        expected: Expected::Code(1),
        says: &["in a second run in the same kernel", "first   0", "second  1"],
    },
    Scene {
        what: "a cell that does not end",
        cell: "loop {}",
        committed: None,
        args: &["--write", "--limit", "5"],
        strike: Strike::Nothing,
        expected: Expected::Code(1),
        says: &["code cell 1 of 1", "longer than its limit of 5 s"],
    },
    Scene {
        what: "a kernel that never answers",
        cell: "1 + 1",
        committed: None,
        args: &["--write", "--start-limit", "5"],
        strike: Strike::StopKernel,
        expected: Expected::Code(1),
        says: &["the kernel did not start", "did not answer within 5 s"],
    },
    Scene {
        what: "Ctrl-C in mid-cell",
        cell: LONG,
        committed: None,
        args: &["--write"],
        strike: Strike::Runner(Signal::SIGINT),
        expected: Expected::Code(130),
        says: &["Interrupted"],
    },
    Scene {
        what: "a request to end (SIGTERM) in mid-cell",
        cell: LONG,
        committed: None,
        args: &["--write"],
        strike: Strike::Runner(Signal::SIGTERM),
        expected: Expected::Code(130),
        says: &["Interrupted"],
    },
    Scene {
        what: "the runner itself killed in mid-cell",
        cell: LONG,
        committed: None,
        args: &["--write"],
        strike: Strike::Runner(Signal::SIGKILL),
        expected: Expected::Signal(Signal::SIGKILL),
        says: &[],
    },
    Scene {
        what: "the Jupyter client killed in mid-cell",
        cell: LONG,
        committed: None,
        args: &["--write"],
        strike: Strike::KillClient,
        expected: Expected::Code(1),
        says: &["the Jupyter client ended"],
    },
    Scene {
        what: "the disk full when the executed notebook is written",
        cell: "1 + 1",
        committed: None,
        args: &["--write"],
        strike: Strike::FullDisk(Target::Executed),
        expected: Expected::Code(1),
        says: &["cannot write", "No space left on device"],
    },
    Scene {
        what: "the disk full when the notebook itself is written",
        cell: "1 + 1",
        committed: None,
        args: &["--write"],
        strike: Strike::FullDisk(Target::Original),
        expected: Expected::Code(1),
        says: &["cannot write", "No space left on device"],
    },
];

/// Plays all scenes, with a line for each.
pub(crate) fn run(project: &Project, results: &mut Results) -> Result<()> {
    let folder = project.tools().join("controls").join("faults");
    for (scene, number) in SCENES.iter().zip(1..) {
        let stage = Stage::new(&folder, number)?;
        let outcome = play(scene, &stage);
        // Before anything is judged: whatever is left was left by the scene.
        let strays = stage.clear();
        children::check_interrupted()?;
        let outcome = outcome.and_then(|()| {
            ensure!(strays.is_empty(), "left running: {}", strays.join("; "));
            Ok(())
        });
        results.count(outcome.is_ok());
        match outcome {
            Ok(()) => println!("✓ fault: {}", scene.what),
            Err(error) => {
                println!("✗ fault: {}: {error:#}\n{}", scene.what, files::tail(&stage.log, 20));
            }
        }
    }
    files::remove_folder(&folder)
}

/// Where a scene plays.
struct Stage {
    notebooks: PathBuf,
    output: PathBuf,
    log: PathBuf,
    mark: String,
}

impl Stage {
    fn new(folder: &Path, number: usize) -> Result<Self> {
        let folder = folder.join(number.to_string());
        files::remove_folder(&folder)?;
        let (notebooks, output) = (folder.join("notebooks"), folder.join("output"));
        fs::create_dir_all(&notebooks)?;
        fs::create_dir_all(output.join("notebooks"))?;
        let mark = format!("{MARK}={}-{number}", std::process::id());
        Ok(Self { notebooks, output, log: folder.join("log"), mark })
    }

    fn notebook(&self) -> PathBuf {
        self.notebooks.join("fault.ipynb")
    }

    fn executed(&self) -> PathBuf {
        self.output.join("notebooks").join("fault.ipynb")
    }

    /// The ids of the scene's processes that still run.
    fn processes(&self) -> Vec<i32> {
        let is_marked = |id: &i32| {
            let environment = fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
            environment.split(|&byte| byte == 0).any(|entry| entry == self.mark.as_bytes())
        };
        all_processes().filter(is_marked).collect()
    }

    /// Waits until no process of the scene is left; those that stay are ended now, and told.
    fn clear(&self) -> Vec<String> {
        let start = Instant::now();
        while !self.processes().is_empty() && start.elapsed() < GOODBYE {
            thread::sleep(BEAT);
        }
        let strays = self.processes();
        let told = strays.iter().map(|&id| command_line(id)).collect();
        for id in strays {
            let _ = kill(Pid::from_raw(id), Signal::SIGKILL);
        }
        told
    }
}

fn play(scene: &Scene, stage: &Stage) -> Result<()> {
    let original = notebook_file(scene);
    files::write(&stage.notebook(), &original)?;
    if let Strike::FullDisk(target) = scene.strike {
        let file = match target {
            Target::Executed => stage.executed(),
            Target::Original => stage.notebook(),
        };
        symlink("/dev/full", files::temporary(&file)?)?;
    }
    let mut child = start(scene, stage)?;
    let status = strike(scene.strike, stage, &child.0).and_then(|()| wait(&mut child.0));
    if status.is_err() {
        let _ = child.0.kill();
        let _ = child.0.wait();
    }
    let status = status?;
    let said = fs::read_to_string(&stage.log)?;
    ensure!(scene.expected.is(status), "it ended with {status}");
    for part in scene.says {
        ensure!(said.contains(part), "it did not say {part:?}");
    }
    inspect(stage, &original, matches!(scene.expected, Expected::Code(0)))
}

/// The notebook: one cell, as a reader might have written it.
fn notebook_file(scene: &Scene) -> Vec<u8> {
    let result = |text| json!({"output_type": "execute_result", "execution_count": 1, "data": {"text/plain": text}, "metadata": {}});
    let outputs: Vec<Value> = scene.committed.map(result).into_iter().collect();
    let cell = json!({"id": "a", "cell_type": "code", "metadata": {}, "source": scene.cell, "execution_count": null, "outputs": outputs});
    let metadata = json!({"kernelspec": {"name": "rust", "display_name": "Rust", "language": "rust"}, "language_info": {"name": "rust"}});
    json!({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": [cell]})
        .to_string()
        .into_bytes()
}

fn start(scene: &Scene, stage: &Stage) -> Result<(Child, children::Group)> {
    let log = File::create(&stage.log)?;
    let mut xtask = children::command(std::env::current_exe()?);
    xtask.arg("notebooks").args(scene.args);
    xtask.arg("--dir").arg(&stage.notebooks).arg("--out").arg(&stage.output);
    let (name, value) = stage.mark.split_once('=').unwrap_or_default();
    xtask.env(name, value).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    children::spawn(&mut xtask)
}

fn strike(strike: Strike, stage: &Stage, child: &Child) -> Result<()> {
    let reached = stage.notebooks.join("reached");
    let hit = |id: i32, signal| kill(Pid::from_raw(id), signal).context("the process is gone");
    match strike {
        Strike::Nothing | Strike::FullDisk(_) => Ok(()),
        Strike::Runner(signal) => {
            until("a cell that runs", || reached.exists().then_some(()))?;
            hit(i32::try_from(child.id())?, signal)
        }
        Strike::KillClient => {
            until("a cell that runs", || reached.exists().then_some(()))?;
            let client =
                until("a client", || stage.processes().into_iter().find(|&id| is_client(id)))?;
            hit(client, Signal::SIGKILL)
        }
        Strike::StopKernel => {
            let kernel =
                until("a kernel", || stage.processes().into_iter().find(|&id| is_kernel(id)))?;
            hit(kernel, Signal::SIGSTOP)
        }
    }
}

/// What is there now: a whole notebook, the old one or the executed one, and no other file.
fn inspect(stage: &Stage, original: &[u8], passed: bool) -> Result<()> {
    let now = fs::read(stage.notebook())?;
    if passed {
        let executed: Value = serde_json::from_slice(&now).context("the notebook is damaged")?;
        let result = &executed["cells"][0]["outputs"][0]["data"]["text/plain"];
        ensure!(result == &json!(["2"]), "the notebook was written with {result} as result");
        ensure!(fs::read(stage.executed())? == now, "the two written notebooks differ");
    } else {
        ensure!(now == original, "the notebook's file was changed");
    }
    for folder in [stage.notebooks.clone(), stage.output.join("notebooks")] {
        for entry in fs::read_dir(folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            ensure!(!name.starts_with('.'), "a half-written file was left: {name}");
        }
    }
    Ok(())
}

impl Expected {
    fn is(&self, status: ExitStatus) -> bool {
        match *self {
            Self::Code(code) => status.code() == Some(code),
            Self::Signal(signal) => status.signal() == Some(signal as i32),
        }
    }
}

fn wait(child: &mut Child) -> Result<ExitStatus> {
    until("its end", || child.try_wait().transpose())?.context("cannot wait for the child")
}

/// Looks again and again until there is something.
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> Result<T> {
    let mut progress = Progress::new(&format!("waiting for {what}"));
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return Ok(found);
        }
        children::check_interrupted()?;
        if start.elapsed() > PATIENCE {
            bail!("waited {} s for {what}", PATIENCE.as_secs());
        }
        progress.tick();
        thread::sleep(Duration::from_millis(10));
    }
}

fn all_processes() -> impl Iterator<Item = i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn command_line(id: i32) -> String {
    let bytes = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).replace('\0', " ")
}

fn is_client(id: i32) -> bool {
    command_line(id).contains("run_cells.py")
}

/// A child of the client's that runs what it was started for, be it still the wrapper.
fn is_kernel(id: i32) -> bool {
    let line = command_line(id);
    let starts = line.contains("start_kernel.py") || line.contains("evcxr_jupyter");
    starts && parent(id).is_some_and(is_client)
}

fn parent(id: i32) -> Option<i32> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let fields: BTreeMap<&str, &str> =
        status.lines().filter_map(|line| line.split_once(':')).collect();
    fields.get("PPid")?.trim().parse().ok()
}
