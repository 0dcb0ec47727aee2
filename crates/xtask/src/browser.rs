//! Chromium and the scripts of `browser/`, which look at pages as a reader sees them.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::children::{self, BEAT};
use crate::doctor::{self, Missing};
use crate::files;
use crate::lab_server::{self, LabServer};
use crate::notebook;
use crate::project::Project;
use crate::python::{self, Environment};
use crate::runner::Results;
use crate::site;
use crate::terminal::Progress;

/// Names of the program, in the order in which they are tried.
const NAMES: [&str; 5] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// Where it is on systems that do not put it on the path.
const PLACES: [&str; 5] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
];

/// A browser, and the Python that drives it.
pub(crate) struct Browser {
    python: PathBuf,
    /// None: the one that Playwright has downloaded.
    program: Option<PathBuf>,
    downloads: PathBuf,
}

impl Browser {
    /// Finds the browser and installs its driver, unless that is done.
    pub(crate) fn prepare(project: &Project) -> Result<Self> {
        let named = env::var_os("CHROMIUM").map(PathBuf::from);
        let program = find(named, &folders_of_path()).map_err(doctor::error)?;
        let environment = Environment::browser(project);
        if !environment.is_ready()? {
            let python = python::find().map_err(doctor::error)?;
            environment.install(project, &python)?;
        }
        let python = environment.python();
        let browser = Self { python, program, downloads: project.tools().join("chromium") };
        if browser.program.is_none() {
            browser.download(project)?;
        }
        Ok(browser)
    }

    /// A command that runs a script of the folder `browser`.
    pub(crate) fn script(&self, project: &Project, name: &str) -> Command {
        let mut command = self.command();
        command.arg(project.browser_script(name));
        command
    }

    fn command(&self) -> Command {
        let mut command = children::command(&self.python);
        command
            .env("PLAYWRIGHT_BROWSERS_PATH", &self.downloads)
            .env("PYTHONIOENCODING", "utf-8")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env_remove("CHROMIUM");
        if let Some(program) = &self.program {
            command.env("CHROMIUM", program);
        }
        command
    }

    /// Returns at once if the download is there from an earlier run.
    fn download(&self, project: &Project) -> Result<()> {
        let mut progress = Progress::new("looking for a Chromium to download");
        let log = project.log("chromium");
        let mut command = self.command();
        command.args(["-m", "playwright", "install", "chromium"]);
        let status = children::run_logged(&mut command, &log, || progress.tick())?;
        drop(progress);
        if !status.success() {
            return Err(doctor::error(Missing::Browser { said: files::tail(&log, 4) }));
        }
        Ok(())
    }
}

/// The program to take; none if there is none, which a download may mend.
fn find(named: Option<PathBuf>, folders: &[PathBuf]) -> Result<Option<PathBuf>, Missing> {
    if let Some(named) = named {
        let found = if named.is_file() {
            Some(named.clone())
        } else {
            named.to_str().and_then(|name| on_path(name, folders))
        };
        return found.map(Some).ok_or(Missing::NamedBrowser(named));
    }
    let by_name = NAMES.iter().find_map(|name| on_path(name, folders));
    let by_place = || PLACES.iter().map(PathBuf::from).find(|place| place.is_file());
    Ok(by_name.or_else(by_place))
}

fn on_path(name: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    folders.iter().map(|folder| folder.join(&file)).find(|path| path.is_file())
}

fn folders_of_path() -> Vec<PathBuf> {
    env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect()
}

/// Looks at the site, and at these notebooks in `JupyterLab`.
pub(crate) fn run(project: &Project, names: &[String]) -> Result<Results> {
    let notebooks = notebook::list(&project.notebooks())?;
    let chosen = notebook::select(&notebooks, names)?;
    let mut results = look_at_site(project, &notebooks)?;
    for more in [play_with_explorables(project)?, look_at_lab(project, &chosen)?] {
        results.passed += more.passed;
        results.failed += more.failed;
    }
    println!("\n{} passed, {} failed", results.passed, results.failed);
    Ok(results)
}

/// Moves the sliders of explorable figures, and compares what they then show with what the crate computes.
fn play_with_explorables(project: &Project) -> Result<Results> {
    let browser = Browser::prepare(project)?;
    let pages = project.site().with_extension("explorables");
    let mut cargo = children::command("cargo");
    cargo.args(["run", "--quiet", "-p", "gmm-notebook", "--example", "explorables", "--"]);
    cargo.arg(&pages).current_dir(project.root());
    ensure!(
        children::run(&mut cargo, || ())?.success(),
        "the explorable figures could not be written"
    );
    let mut script = browser.script(project, "explorables.py");
    script.arg(&pages);
    run_script(&mut script, "playing with the explorables", &project.log("browser-explorables"))
}

/// Looks at the site, and at a small one that holds one of everything, on copies of which each check must fail.
pub(crate) fn look_at_site(project: &Project, notebooks: &[PathBuf]) -> Result<Results> {
    let site = project.site();
    ensure!(
        site.join("index.html").is_file(),
        "there is no site yet; cargo xtask notebooks makes it"
    );
    let browser = Browser::prepare(project)?;
    let controls = site.with_extension("controls");
    site::write(project, &controls, &notebook::list(&project.browser_script("fixtures"))?)?;
    let mut script = browser.script(project, "site.py");
    script.arg(&site).arg(&controls).args(site::sources(project, notebooks));
    let results = run_script(&mut script, "looking at the site", &project.log("browser-site"))?;
    files::remove_folder(&controls)?;
    Ok(results)
}

/// Opens the notebooks in `JupyterLab`, runs them there, and compares what the page shows with what was committed.
pub(crate) fn look_at_lab(project: &Project, notebooks: &[PathBuf]) -> Result<Results> {
    let browser = Browser::prepare(project)?;
    let folder = project.root().join("target").join("lab");
    let copies = lab_server::copy_notebooks(project, &folder)?;
    for control in notebook::list(&project.browser_script("fixtures/lab"))? {
        let name = control.file_name().context("a notebook has a name")?;
        fs::copy(&control, copies.join(name))?;
    }
    let home = folder.join("home");
    fs::create_dir_all(&home)?;
    let screenshots = project.screenshots();
    files::remove_folder(&screenshots)?;
    fs::create_dir_all(&screenshots)?;

    let mut progress = Progress::new("starting JupyterLab");
    let server = LabServer::start(project, &copies, &home, || progress.tick())?;
    drop(progress);
    let mut script = browser.script(project, "lab.py");
    script.env("TOKEN", &server.token).arg(&server.url).arg(&screenshots).args(notebooks);
    let results = run_script(
        &mut script,
        "looking at the notebooks in JupyterLab",
        &project.log("browser-lab"),
    );
    drop(server);

    let mut results = results?;
    if cfg!(target_os = "linux") {
        let line = is_gone(&home);
        println!("{line}");
        count(&line, &mut results);
    }
    files::remove_folder(&folder)?;
    println!("Screenshots: {}", project.short(&screenshots));
    Ok(results)
}

/// How long a process may take to vanish after its end.
const VANISHING: Duration = Duration::from_secs(5);

/// A line for the claim that nothing of the server is left.
fn is_gone(home: &Path) -> String {
    let start = Instant::now();
    while !lab_server::left_over(home).is_empty() && start.elapsed() < VANISHING {
        thread::sleep(BEAT);
    }
    match lab_server::left_over(home).as_slice() {
        [] => "✓ neither server nor kernel is left".to_owned(),
        left => format!("✗ neither server nor kernel is left: {left:?} still run"),
    }
}

/// Runs a script that prints a line for each claim; shows the lines and counts them.
pub(crate) fn run_script(command: &mut Command, label: &str, log: &Path) -> Result<Results> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(children::create_log(log)?);
    let (mut script, _group) = children::spawn(command)?;
    let lines = script.stdout.take().context("the script has no output")?;
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(lines).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });

    let mut results = Results { passed: 0, failed: 0 };
    let mut progress = Progress::new(label);
    loop {
        match receiver.recv_timeout(BEAT) {
            Ok(line) => {
                drop(progress);
                println!("{line}");
                count(&line, &mut results);
                progress = Progress::new(label);
            }
            Err(RecvTimeoutError::Timeout) => progress.tick(),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    drop(progress);
    let status = script.wait()?;
    children::check_interrupted()?;
    ensure!(
        status.success() || results.failed > 0,
        "{label}: the script ended with {status}; it last said:\n{}",
        files::tail(log, 12)
    );
    if results.passed + results.failed == 0 {
        bail!("{label}: the script has looked at nothing");
    }
    Ok(results)
}

fn count(line: &str, results: &mut Results) {
    results.passed += usize::from(line.starts_with('✓'));
    results.failed += usize::from(line.starts_with('✗'));
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    fn folder_with(names: &[&str]) -> Result<PathBuf> {
        let id = format!("xtask-browser-{}-{}", std::process::id(), names.join("-"));
        let folder = env::temp_dir().join(id);
        for name in names {
            files::write(&folder.join(format!("{name}{}", env::consts::EXE_SUFFIX)), b"")?;
        }
        Ok(folder)
    }

    #[test]
    fn the_first_name_on_the_path_is_taken_unless_a_variable_says_otherwise() -> Result<()> {
        let folder = folder_with(&["google-chrome", "chromium-browser", "mine"])?;
        let path = [env::temp_dir(), folder.clone()];
        let name = |found: Result<Option<PathBuf>, Missing>| {
            let stem = |path: PathBuf| path.file_stem().map(OsStr::to_os_string);
            found.ok().flatten().and_then(stem).and_then(|stem| stem.into_string().ok())
        };
        assert_eq!(name(find(None, &path)).as_deref(), Some("chromium-browser"));
        assert_eq!(name(find(Some("mine".into()), &path)).as_deref(), Some("mine"));
        let whole = folder.join(format!("mine{}", env::consts::EXE_SUFFIX));
        assert_eq!(name(find(Some(whole), &[])).as_deref(), Some("mine"));
        assert_eq!(find(Some("other".into()), &path), Err(Missing::NamedBrowser("other".into())));
        files::remove_folder(&folder)
    }

    #[cfg(unix)]
    #[test]
    fn claims_are_counted_and_a_script_that_breaks_or_says_nothing_is_an_error() -> Result<()> {
        let folder = folder_with(&["script"])?;
        let run = |code: &str| {
            let mut shell = Command::new("sh");
            shell.args(["-c", code]);
            run_script(&mut shell, "a script", &folder.join("log"))
        };
        let results =
            run("echo '✓ one'; echo '✗ two: why'; echo '  a note'; echo '✓ three'; exit 1")?;
        assert_eq!((results.passed, results.failed), (2, 1));
        let broken =
            run("echo '✓ one'; echo reason >&2; exit 3").map_err(|error| error.to_string());
        assert!(broken.is_err_and(|text| text.contains("reason")));
        assert!(run("true").is_err());
        files::remove_folder(&folder)
    }
}
