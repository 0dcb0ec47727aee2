//! `JupyterLab` for tests: on a free port of this machine, with a token, on a copy of the notebooks.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::children::{self, BEAT, Group};
use crate::files;
use crate::lab;
use crate::project::Project;

/// How long the server may take to start; a busy machine needs a fraction of it.
const START: Duration = Duration::from_mins(2);
/// How long it may take to end its kernels and itself before that is done by force.
const GOODBYE: Duration = Duration::from_secs(15);

/// A running server; dropping it stops it, with its kernels.
pub(crate) struct LabServer {
    server: Child,
    group: Group,
    /// The address, with a slash at its end.
    pub(crate) url: String,
    /// What gives access.
    pub(crate) token: String,
}

impl LabServer {
    /// Starts a server of the notebooks in `folder`; everything that Jupyter writes goes to `home`.
    pub(crate) fn start(
        project: &Project,
        folder: &Path,
        home: &Path,
        mut tick: impl FnMut(),
    ) -> Result<Self> {
        let log = project.log("lab-server");
        let file = children::create_log(&log)?;
        let mut jupyter = children::command(project.python());
        jupyter.args(["-m", "jupyterlab", "--no-browser", "--allow-root"]);
        jupyter.args(["--ServerApp.ip=127.0.0.1", "--ServerApp.port=0"]);
        jupyter.arg(format!("--ServerApp.root_dir={}", folder.display()));
        lab::set_environment_in(&mut jupyter, project, home);
        // The token is a new one, not the reader's.
        jupyter.env_remove("JUPYTER_TOKEN").current_dir(folder);
        jupyter.stdin(std::process::Stdio::null()).stdout(file.try_clone()?).stderr(file);

        let (server, group) = children::spawn(&mut jupyter)?;
        let mut started = Self { server, group, url: String::new(), token: String::new() };
        let start = Instant::now();
        while start.elapsed() < START {
            children::check_interrupted()?;
            if let Some(status) = started.server.try_wait()? {
                bail!("JupyterLab ended with {status}; it last said:\n{}", files::tail(&log, 12));
            }
            if started.answers(&lab::runtime(home))? {
                return Ok(started);
            }
            tick();
            thread::sleep(BEAT);
        }
        bail!("JupyterLab did not start in {START:?}; it last said:\n{}", files::tail(&log, 12))
    }

    /// Whether the server has written down where it listens, and does.
    fn answers(&mut self, runtime: &Path) -> Result<bool> {
        let file = runtime.join(format!("jpserver-{}.json", self.server.id()));
        let Ok(text) = fs::read_to_string(file) else { return Ok(false) };
        // It may not be whole yet.
        let Ok(said) = serde_json::from_str::<Value>(&text) else { return Ok(false) };
        let port = said["port"].as_u64().and_then(|port| u16::try_from(port).ok());
        let address = SocketAddr::from(([127, 0, 0, 1], port.context("the server has no port")?));
        self.url = said["url"].as_str().context("the server has no address")?.into();
        self.token = said["token"].as_str().context("the server has no token")?.into();
        Ok(TcpStream::connect_timeout(&address, BEAT).is_ok())
    }
}

impl Drop for LabServer {
    fn drop(&mut self) {
        // Asked to end, Jupyter ends its kernels first. Without it they end by themselves: start_kernel.py.
        self.group.ask_to_end();
        let start = Instant::now();
        while matches!(self.server.try_wait(), Ok(None)) && start.elapsed() < GOODBYE {
            thread::sleep(BEAT);
        }
        self.group.kill();
        let _ = self.server.wait();
    }
}

/// A copy of the notebooks beside a link to the crates, so that paths in them lead where they should.
pub(crate) fn copy_notebooks(project: &Project, folder: &Path) -> Result<PathBuf> {
    files::remove_folder(folder)?;
    let notebooks = folder.join("notebooks");
    copy_folder(&project.notebooks(), &notebooks)?;
    link_folder(&project.root().join("crates"), &folder.join("crates"))
        .context("cannot make a link to the folder of the crates")?;
    Ok(notebooks)
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        if is_hidden {
            continue;
        }
        if path.is_dir() {
            copy_folder(&path, &copy)?;
        } else {
            fs::copy(&path, &copy).with_context(|| format!("cannot copy {}", path.display()))?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn link_folder(to: &Path, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(to, link)
}

#[cfg(windows)]
fn link_folder(to: &Path, link: &Path) -> std::io::Result<()> {
    std::os::windows::fs::symlink_dir(to, link)
}

/// The processes that were started with `home` as Jupyter's folder and still run: the server, kernels, what runs
/// their cells. Linux tells, others do not.
pub(crate) fn left_over(home: &Path) -> Vec<u32> {
    let mark = format!("JUPYTER_RUNTIME_DIR={}", lab::runtime(home).display());
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.filter(|id| {
        let variables = fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        variables.split(|&byte| byte == 0).any(|variable| variable == mark.as_bytes())
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_that_is_left_over_is_found() -> Result<()> {
        let home = std::env::temp_dir().join(format!("xtask-left-over-{}", std::process::id()));
        let mut sleeper = std::process::Command::new("sleep")
            .arg("60")
            .env("JUPYTER_RUNTIME_DIR", lab::runtime(&home))
            .spawn()?;
        // The child has its variables only once it has become `sleep`.
        let start = Instant::now();
        while left_over(&home).is_empty() && start.elapsed() < GOODBYE {
            thread::sleep(BEAT);
        }
        let found = left_over(&home);
        sleeper.kill()?;
        sleeper.wait()?;
        assert_eq!(found, [sleeper.id()]);
        assert_eq!(left_over(&home), [0; 0]);
        Ok(())
    }
}
