//! Who is measured: programs that answer a line of words with a line of JSON, and this project's crate inside the notebooks' kernel.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::{fs, iter};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::Value;

use super::workload::Work;
use crate::children::{self, Group};
use crate::files;
use crate::packages;
use crate::project::Project;
use crate::session::{BUILD_FOLDERS, Outcome, Session};

/// A cell may take as long as the slowest line, and compiles first.
const CELL_SECONDS: u32 = 3600;

/// What a measurement came to.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Answer {
    pub(crate) seconds: f64,
    /// The mean of what was computed.
    pub(crate) value: Option<f64>,
    /// Of a fit.
    pub(crate) iterations: usize,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Reply {
    Answer(Answer),
    #[allow(dead_code)]
    Cannot {
        cannot: bool,
    },
    Error {
        error: String,
    },
}

/// One column of the table.
pub(crate) struct Contestant {
    pub(crate) name: &'static str,
    /// Whether it fits from the start that it is given.
    pub(crate) takes_a_start: bool,
    /// The word by which it is asked for a whole fit.
    pub(crate) whole_fit: &'static str,
    /// Work that it is not asked for.
    pub(crate) leaves_out: fn(Work) -> bool,
    answers: Box<dyn Answers>,
}

/// Whatever answers requests, a line for a line.
trait Answers {
    fn replies(&mut self, requests: &[String]) -> Result<Vec<String>>;
}

impl Contestant {
    pub(crate) fn program(
        name: &'static str,
        command: Command,
        threads: usize,
        log: &Path,
    ) -> Result<Self> {
        Ok(Self::new(name, Box::new(Program::start(command, threads, log)?)))
    }

    pub(crate) fn kernel(name: &'static str, project: &Project, data: &Path) -> Result<Self> {
        Ok(Self::new(name, Box::new(Kernel::start(project, data)?)))
    }

    fn new(name: &'static str, answers: Box<dyn Answers>) -> Self {
        Self { name, takes_a_start: true, whole_fit: "whole", leaves_out: |_| false, answers }
    }

    /// Whether it must come to what the others come to.
    pub(crate) fn must_agree(&self, work: Work) -> bool {
        match work {
            Work::Iterations { .. } => self.takes_a_start,
            Work::Call(_) => true,
            Work::WholeFit | Work::Stream => false,
        }
    }

    /// The answer to a request; none if it has no such thing.
    pub(crate) fn ask(&mut self, request: String) -> Result<Option<Answer>> {
        Ok(self.ask_all(&[request])?.and_then(|answers| answers.first().copied()))
    }

    /// The answers to requests of one kind; none if it has no such thing.
    pub(crate) fn ask_all(&mut self, requests: &[String]) -> Result<Option<Vec<Answer>>> {
        let mut answers = Vec::new();
        for (reply, request) in self.answers.replies(requests)?.iter().zip(requests) {
            let reply = serde_json::from_str(reply)
                .with_context(|| format!("{} answered {reply:?} to {request:?}", self.name))?;
            match reply {
                Reply::Answer(answer) => answers.push(answer),
                Reply::Cannot { .. } => return Ok(None),
                Reply::Error { error } => bail!("{}: {error} ({request})", self.name),
            }
        }
        let missing = requests.len() - answers.len();
        ensure!(missing == 0, "{} left {missing} requests without an answer", self.name);
        Ok(Some(answers))
    }
}

/// What tells the usual libraries how many threads to use, when they are loaded.
fn variables(threads: usize) -> impl Iterator<Item = (&'static str, String)> {
    let names = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"];
    names.into_iter().zip(iter::repeat(threads.to_string()))
}

/// A program that runs until its input ends.
struct Program {
    child: Child,
    group: Group,
    requests: Option<ChildStdin>,
    replies: Lines<BufReader<ChildStdout>>,
    log: PathBuf,
}

impl Program {
    fn start(mut command: Command, threads: usize, log: &Path) -> Result<Self> {
        command.envs(variables(threads));
        // Kernels for another processor than this one, chosen by whoever set these, would be slower.
        command.env_remove("OPENBLAS_CORETYPE").env_remove("OPENBLAS_L2_SIZE");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(children::create_log(log)?);
        let (mut child, group) = children::spawn(&mut command)?;
        let requests = child.stdin.take();
        let replies = BufReader::new(child.stdout.take().context("it has no output")?).lines();
        Ok(Self { child, group, requests, replies, log: log.to_path_buf() })
    }
}

impl Program {
    fn reply(&mut self, request: &str) -> Result<String> {
        // If it has gone, the next lines say so, and why.
        let line = format!("{request}\n");
        let _ = self.requests.as_mut().map(|requests| requests.write_all(line.as_bytes()));
        if let Some(reply) = self.replies.next() {
            return Ok(reply?);
        }
        children::check_interrupted()?;
        bail!("no answer to {request:?}; it last said:\n{}", files::tail(&self.log, 8))
    }
}

impl Answers for Program {
    fn replies(&mut self, requests: &[String]) -> Result<Vec<String>> {
        requests.iter().map(|request| self.reply(request)).collect()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.requests = None;
        self.group.kill();
        let _ = self.child.wait();
    }
}

/// A kernel as a notebook has it, with the functions that a release build of the same text answers with.
struct Kernel {
    session: Session,
    data: String,
}

impl Kernel {
    fn start(project: &Project, data: &Path) -> Result<Self> {
        let folders = project.tools().join("bench").join("kernels");
        files::remove_folder(&folders)?;
        files::copy_folder(&packages::ready(project), &folders.join(packages::READY))?;
        let mut variables: Vec<_> = variables(1).collect();
        variables.push((BUILD_FOLDERS, folders.display().to_string()));
        let log = project.log("bench-kernel");
        let folder = project.notebooks();
        let session = Session::start_with(project, &folder, CELL_SECONDS, &log, &variables, || ())?;
        let mut kernel = Self { session, data: data.display().to_string() };
        let cell =
            packages::first_cell(project)?.context("there is no cell that loads packages")?;
        kernel.run(&cell.source)?;
        let path = project.bench_script("ours/src/measure.rs");
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        kernel.run(&as_cell(&text))?;
        Ok(kernel)
    }

    /// What the cell printed.
    fn run(&mut self, source: &str) -> Result<String> {
        let outputs = match self.session.run(source, true, || ())? {
            Outcome::Finished(outputs) => outputs,
            Outcome::TimedOut(_) => bail!("a cell took longer than {CELL_SECONDS} s"),
            Outcome::Died(reason) => bail!("the kernel ended: {reason}"),
        };
        let text = |output: &Value| output["text"].as_str().unwrap_or_default().to_owned();
        if let Some(error) = outputs.iter().find(|output| output["output_type"] == "error") {
            bail!("a cell failed: {error}");
        }
        Ok(outputs.iter().map(text).collect())
    }
}

impl Answers for Kernel {
    /// In one cell, as each is compiled together with the functions it calls.
    fn replies(&mut self, requests: &[String]) -> Result<Vec<String>> {
        let folder = format!("std::path::Path::new({:?})", self.data);
        let print = |request| format!("println!(\"{{}}\", answer({folder}, {request:?}));\n");
        let printed = self.run(&requests.iter().map(print).collect::<String>())?;
        Ok(printed.lines().map(str::to_owned).collect())
    }
}

/// A module's text as a cell: without what is said of the module as a whole, which must stand first in a file.
fn as_cell(module: &str) -> String {
    module.lines().filter(|line| !line.starts_with("//!")).flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Answers for fn(&str) -> String {
        fn replies(&mut self, requests: &[String]) -> Result<Vec<String>> {
            Ok(requests.iter().map(|request| self(request)).collect())
        }
    }

    impl Answers for &'static str {
        fn replies(&mut self, requests: &[String]) -> Result<Vec<String>> {
            Ok(self.lines().take(requests.len()).map(str::to_owned).collect())
        }
    }

    /// For tests: no program, but a function, or the same words to everything.
    impl Contestant {
        pub(crate) fn answering(name: &'static str, reply: fn(&str) -> String) -> Self {
            Self::new(name, Box::new(reply))
        }

        pub(crate) fn same(name: &'static str, reply: &'static str) -> Self {
            Self::new(name, Box::new(reply))
        }
    }

    #[test]
    fn an_answer_is_no_refusal_and_a_refusal_no_error() -> Result<()> {
        let answer = Contestant::same("x", r#"{"seconds": 0.5, "value": null, "iterations": 3}"#)
            .ask("fit".to_owned())?;
        assert!(answer.is_some_and(|a| a.seconds == 0.5 && a.value.is_none() && a.iterations == 3));
        assert!(Contestant::same("x", r#"{"cannot": true}"#).ask("fit".to_owned())?.is_none());
        for wrong in [r#"{"error": "no file"}"#, "Traceback", r#"{"seconds": "fast"}"#, ""] {
            assert!(Contestant::same("x", wrong).ask("fit".to_owned()).is_err(), "{wrong}");
        }
        Ok(())
    }

    #[test]
    fn a_cell_has_all_of_a_module_but_its_heading() {
        assert_eq!(
            as_cell("//! Of all.\n\n/// Of one.\nfn f() {}\n"),
            "\n/// Of one.\nfn f() {}\n"
        );
    }
}
