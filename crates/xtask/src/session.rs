//! One kernel with its client: cells go in, outputs come out. The client is `jupyter/run_cells.py`.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::children::{self, BEAT, Group};
use crate::files;
use crate::lab;
use crate::project::Project;
use crate::versions;

/// How long the client may take to stop its kernel before it is stopped by force.
const GOODBYE: Duration = Duration::from_secs(10);

/// The variable that makes `start_kernel.py` use other build folders than the reader's.
pub(crate) const BUILD_FOLDERS: &str = "GMM_BUILD_FOLDERS";
/// The variable that names a folder in which Jupyter looks for the kernel before it looks into the project's. One that is
/// registered there resolves packages by itself, and builds where it likes.
pub(crate) const KERNELS: &str = "JUPYTER_PATH";
/// The variable without which a reader is told about packages that are being compiled; an output like any other.
const QUIET: &str = "GMM_QUIET";

/// The longest that a kernel may take to answer, in seconds, unless the command line says otherwise. That includes what
/// its settings ask for, on a cold and busy machine.
pub(crate) const START_SECONDS: u32 = 600;

/// What a kernel may take at most, in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// From the start of its process to its first answer.
    pub(crate) start: u32,
    /// One cell.
    pub(crate) cell: u32,
}

impl From<u32> for Limits {
    fn from(cell: u32) -> Self {
        Self { start: START_SECONDS, cell }
    }
}

/// The client keeps the limits. If it is late by more than this, it is the client that hangs.
const LATE: Duration = Duration::from_mins(1);

/// A running kernel; dropping it stops it.
pub(crate) struct Session {
    client: Child,
    client_group: Group,
    kernel_group: Option<Group>,
    cells: Option<ChildStdin>,
    messages: Receiver<String>,
    log: PathBuf,
    limits: Limits,
    root: PathBuf,
    folders: PathBuf,
    is_ours: bool,
    /// When the kernel's process had been started.
    started: Instant,
}

/// What has become of a cell.
pub(crate) enum Outcome {
    /// It has ended, well or not, with these outputs.
    Finished(Vec<Value>),
    /// It took longer than it may; these are its outputs so far. The kernel is of no more use.
    TimedOut(Vec<Value>),
    /// The kernel has gone, with this message.
    Died(String),
}

impl Session {
    /// Starts a kernel in `folder`; a number of seconds as its limits is that of a cell. `tick` is called often.
    pub(crate) fn start(
        project: &Project,
        folder: &Path,
        limits: impl Into<Limits>,
        log: &Path,
        tick: impl FnMut(),
    ) -> Result<Self> {
        Self::start_with(project, folder, limits, log, &[], tick)
    }

    /// As [`start`](Self::start), with these environment variables as well.
    pub(crate) fn start_with(
        project: &Project,
        folder: &Path,
        limits: impl Into<Limits>,
        log: &Path,
        variables: &[(&str, String)],
        mut tick: impl FnMut(),
    ) -> Result<Self> {
        let limits = limits.into();
        let mut python = children::command(project.python());
        python.arg(project.support("run_cells.py")).arg(folder);
        python.args([limits.cell.to_string(), limits.start.to_string()]);
        python.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(children::create_log(log)?);
        lab::set_environment(&mut python, project);
        python.env(QUIET, "1").envs(variables.iter().map(|(name, value)| (name, value)));

        let (mut client, client_group) = children::spawn(&mut python)?;
        let cells = client.stdin.take();
        let messages = read_lines(client.stdout.take().context("the client has no output")?);
        let mut session = Self {
            client,
            client_group,
            kernel_group: None,
            cells,
            messages,
            log: log.to_path_buf(),
            limits,
            root: project.root().to_path_buf(),
            folders: folders(project, variables),
            is_ours: variables.iter().all(|(name, _)| *name != KERNELS),
            started: Instant::now(),
        };
        session.wait_until_ready(&mut tick)?;
        Ok(session)
    }

    fn wait_until_ready(&mut self, tick: &mut impl FnMut()) -> Result<()> {
        let message = self.receive(self.limits.start, tick)?;
        self.started = Instant::now();
        let kernel = message["kernel"].as_u64().and_then(|id| u32::try_from(id).ok());
        self.kernel_group = Some(Group::new(kernel.context("the client did not name its kernel")?));
        let message = self.receive(self.limits.start, tick)?;
        if let Some(reason) = message["died"].as_str() {
            bail!("the kernel did not start: {reason}\n{}", files::tail(&self.log, 12));
        }
        Ok(())
    }

    /// The longest that a cell may take, in seconds.
    pub(crate) fn limit(&self) -> u32 {
        self.limits.cell
    }

    /// The seconds since the kernel's process was started.
    pub(crate) fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    /// The folder in which this kernel builds its cells.
    pub(crate) fn build_folder(&self) -> Result<PathBuf> {
        let kernel = self.kernel_group.as_ref().context("there is no kernel")?;
        versions::folder_of(&self.folders, kernel.id())
    }

    /// Runs one cell. With `settle`, everything that it wrote to standard error is among its outputs; without,
    /// the end of that may show up among those of the next cell.
    pub(crate) fn run(
        &mut self,
        source: &str,
        settle: bool,
        mut tick: impl FnMut(),
    ) -> Result<Outcome> {
        let line = json!({"source": source, "settle": settle}).to_string() + "\n";
        // If the client has gone, `receive` says so, and why. The mark that `settle` waits for has a limit of its own.
        let _ = self.cells.as_mut().map(|cells| cells.write_all(line.as_bytes()));
        let mut message = self.receive(self.limits.cell.saturating_mul(2), &mut tick)?;
        let outputs = |value: &mut Value| value.as_array_mut().map(std::mem::take);
        if let Some(outputs) = outputs(&mut message["outputs"]) {
            if loads_packages(source) {
                self.check_versions()?;
            }
            Ok(Outcome::Finished(outputs))
        } else if let Some(outputs) = outputs(&mut message["timeout"]) {
            Ok(Outcome::TimedOut(outputs))
        } else {
            Ok(Outcome::Died(message["died"].as_str().unwrap_or("no reason given").to_owned()))
        }
    }

    /// An error if the kernel has loaded other packages than those of the project's lock file.
    fn check_versions(&self) -> Result<()> {
        // Elsewhere a kernel has no folder that one could look into; see start_kernel.py.
        if !cfg!(unix) || !self.is_ours {
            return Ok(());
        }
        versions::check(&self.root, &self.build_folder()?.join("crate"))
    }

    /// The next message; an error if there is none because the client has ended, or hangs.
    fn receive(&mut self, seconds: u32, tick: &mut impl FnMut()) -> Result<Value> {
        let start = Instant::now();
        loop {
            if start.elapsed() > Duration::from_secs(seconds.into()) + LATE {
                bail!(
                    "the Jupyter client does not answer; it last said:\n{}",
                    files::tail(&self.log, 12)
                );
            }
            match self.messages.recv_timeout(BEAT) {
                Ok(line) => {
                    return serde_json::from_str(&line)
                        .with_context(|| format!("not a message: {line}"));
                }
                Err(RecvTimeoutError::Timeout) => tick(),
                Err(RecvTimeoutError::Disconnected) => {
                    children::check_interrupted()?;
                    bail!(
                        "the Jupyter client ended without a reason; it last said:\n{}",
                        files::tail(&self.log, 12)
                    );
                }
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The end of its input makes the client stop its kernel and leave.
        self.cells = None;
        let start = Instant::now();
        while matches!(self.client.try_wait(), Ok(None)) && start.elapsed() < GOODBYE {
            thread::sleep(BEAT);
        }
        // Nothing is left of either group by now, unless the client was killed.
        self.client_group.kill();
        if let Some(kernel) = &self.kernel_group {
            kernel.kill();
        }
        let _ = self.client.wait();
    }
}

/// Where `start_kernel.py` makes the build folders.
fn folders(project: &Project, variables: &[(&str, String)]) -> PathBuf {
    let other = variables.iter().find(|(name, _)| *name == BUILD_FOLDERS);
    other.map_or_else(|| project.build_folders(), |(_, folder)| PathBuf::from(folder))
}

fn loads_packages(source: &str) -> bool {
    source.lines().any(|line| line.trim_start().starts_with(":dep"))
}

/// Reads in the background, so that the foreground can watch the clock.
fn read_lines(output: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}
