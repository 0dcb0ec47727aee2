//! How everybody who is measured is built and started, in folders below `.tools/bench`.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::contestant::Contestant;
use super::table::{OURS, Row};
use super::workload::{Line, Work};
use crate::children;
use crate::doctor;
use crate::project::Project;
use crate::python::{self, Environment};
use crate::setup;

/// What is asked of Python: the day, and the versions of what it compares with.
const VERSIONS: &str = "import datetime, importlib.metadata as installed\n\
    names = ['scikit-learn', 'numpy', 'scipy', 'daal', 'mlpack']\n\
    print(datetime.date.today(), *(f'{name} {installed.version(name)}' for name in names), sep=', ')";

/// Everything that is measured, ready to be started.
pub(crate) struct Peers<'a> {
    project: &'a Project,
    python: PathBuf,
}

impl<'a> Peers<'a> {
    /// Sets up the kernel and the peers' Python packages, and builds the programs; what is there is left alone.
    pub(crate) fn install(project: &'a Project) -> Result<Self> {
        setup::run(project)?;
        let environment = Environment::bench(project);
        if !environment.is_ready()? {
            environment.install(project, &python::find().map_err(doctor::error)?)?;
        }
        let peers = Self { project, python: environment.python() };
        println!("Building what is measured.");
        peers.build(&["-p", "bench-ours"], &[])?;
        let (manifest, target) = (project.bench_script("linfa/Cargo.toml"), peers.linfa());
        peers.build(&[], &[("--manifest-path", manifest), ("--target-dir", target)])?;
        Ok(peers)
    }

    fn build(&self, words: &[&str], paths: &[(&str, PathBuf)]) -> Result<()> {
        let mut cargo = children::command("cargo");
        cargo.args(["build", "--release", "--locked", "--quiet"]).args(words);
        for (option, path) in paths {
            cargo.arg(option).arg(path);
        }
        cargo.current_dir(self.project.root());
        let built = children::run(&mut cargo, || ())?.success();
        ensure!(built, "a program to measure could not be built; cargo says why above");
        Ok(())
    }

    /// Writes the data of these lines, the same in every run.
    pub(crate) fn make_data(&self, lines: &[Line]) -> Result<()> {
        std::fs::create_dir_all(self.data())?;
        let mut maker =
            Contestant::program("the data", self.ours(), 1, &self.project.log("bench"))?;
        let mut made = Vec::new();
        for request in lines.iter().flat_map(Line::files) {
            if !made.contains(&request) {
                maker.ask(request.clone())?;
                made.push(request);
            }
        }
        Ok(())
    }

    /// Draws what ours took for streams, as the lines of `rows` have it; none if there is no such line.
    pub(crate) fn plot_streams(&self, rows: &[Row]) -> Result<Option<PathBuf>> {
        let measured: Vec<u8> =
            rows.iter().filter_map(Row::stream).flatten().flat_map(f64::to_le_bytes).collect();
        if measured.is_empty() {
            return Ok(None);
        }
        std::fs::write(self.data().join("streams"), measured)?;
        let mut ours = Contestant::program("the plot", self.ours(), 1, &self.project.log("bench"))?;
        ours.ask("plot - - - 0 streams - streams.svg".to_owned())?;
        Ok(Some(self.data().join("streams.svg")))
    }

    /// Starts all who are measured with so many threads, ours first. The kernel and linfa have only one.
    pub(crate) fn start(&self, threads: usize) -> Result<Vec<Contestant>> {
        let program = |name: &'static str, command| {
            let log = self.project.log(&format!("bench-{}", name.replace(' ', "-")));
            Contestant::program(name, command, threads, &log)
        };
        let mut all = vec![program(OURS, self.ours())?];
        if threads == 1 {
            let mut kernel = Contestant::kernel("in the kernel", self.project, &self.data())?;
            kernel.leaves_out = |work| matches!(work, Work::WholeFit | Work::Stream);
            all.push(kernel);
        }
        for peer in ["scikit-learn", "oneDAL", "mlpack"] {
            let mut contestant = program(peer, self.python_peer(peer, threads))?;
            contestant.takes_a_start = peer != "mlpack";
            all.push(contestant);
        }
        if threads == 1 {
            let mut linfa = children::command(self.linfa().join("release/bench-linfa"));
            linfa.arg(self.data());
            let mut linfa = program("linfa", linfa)?;
            linfa.takes_a_start = false;
            all.push(linfa);
        }
        for (name, whole_fit) in
            [("ours, one start", "single"), ("ours, own tolerance", "defaults")]
        {
            let mut variant = program(name, self.ours())?;
            variant.whole_fit = whole_fit;
            variant.leaves_out = |work| work != Work::WholeFit;
            all.push(variant);
        }
        Ok(all)
    }

    fn ours(&self) -> Command {
        let mut ours = children::command(self.project.root().join("target/release/bench-ours"));
        ours.arg(self.data());
        ours
    }

    fn python_peer(&self, peer: &str, threads: usize) -> Command {
        let mut python = children::command(&self.python);
        python
            .arg(self.project.bench_script("peers.py"))
            .arg(peer)
            .arg(self.data())
            .arg(threads.to_string());
        python
    }

    fn data(&self) -> PathBuf {
        self.project.tools().join("bench").join("data")
    }

    fn linfa(&self) -> PathBuf {
        self.project.tools().join("bench").join("linfa")
    }

    /// The day, and everybody's version.
    pub(crate) fn versions(&self) -> Result<String> {
        let mut python = children::command(&self.python);
        let mut rustc = children::command("rustc");
        rustc.arg("--version").current_dir(self.project.root());
        let said = [said(python.args(["-c", VERSIONS]))?, self.linfa_version()?, said(&mut rustc)?];
        Ok(said.join(", "))
    }

    fn linfa_version(&self) -> Result<String> {
        let lock = std::fs::read_to_string(self.project.bench_script("linfa/Cargo.lock"))?;
        let mut lines = lock.lines().skip_while(|line| *line != "name = \"linfa-clustering\"");
        let version = lines.nth(1).and_then(|line| line.split('"').nth(1));
        Ok(format!("linfa-clustering {}", version.context("linfa is not in its lock file")?))
    }
}

fn said(command: &mut Command) -> Result<String> {
    let output = command.output()?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
