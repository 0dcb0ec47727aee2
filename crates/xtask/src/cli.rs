//! The command line.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use crate::project::Project;
use crate::{
    bench, browser, controls, lab, latency, program_controls, programs, rules, runner, session,
    setup, starts, test,
};

/// Set up, run, check and open the notebooks.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install what the notebooks need into .tools: the Rust kernel and Jupyter.
    ///
    /// The first time the kernel is compiled, which takes about six minutes on two cores. What is already there
    /// and right is left alone, so this can be interrupted and run again at any time.
    Setup,
    /// Run notebooks on the Rust kernel, check them strictly, write them and a site to target.
    ///
    /// A cell fails on any error, on any text on standard error, on a check that does not hold, and when an
    /// output that the notebook was committed with is missing. The notebook then stops there, and stays as it was.
    /// Tags turn that round or soften it: `raises-exception`, `fails-check` (both must fail), `expect-stderr`.
    /// Each notebook runs twice in one kernel, and must put out the same both times, and what it was committed with.
    Notebooks(NotebookArgs),
    /// Check what can be seen in the notebooks' files without running them, and make the exercise copies.
    Rules,
    /// Open the notebooks in Jupyter, with the Rust kernel ready.
    Lab {
        /// Passed on to Jupyter, after `--`: for example `-- --no-browser --port=8889`.
        #[arg(last = true)]
        args: Vec<String>,
    },
    /// Prove on the Rust kernel that the runner sees what Jupyter takes for success.
    Controls,
    /// Compile and run the notebooks' code as programs, without a kernel: the fast check.
    ///
    /// Every cell is judged as on the kernel, under the versions of Cargo.lock. What only the kernel does, such as
    /// keeping variables from cell to cell, is left to `notebooks`.
    Programs {
        /// Names, or beginnings of names, of notebooks. All of them if none is given.
        names: Vec<String>,
        /// The folder with the notebooks, if it is not the project's `notebooks`.
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
        /// Prove instead that what goes wrong in a program is seen, in its cell and line.
        #[arg(long, conflicts_with_all = ["names", "dir"])]
        controls: bool,
    },
    /// Prove on the Rust kernel that it starts without compiling anything again, without a network, and with the
    /// versions of Cargo.lock.
    Starts,
    /// Look at the site and at the notebooks in JupyterLab, in a real browser: Chromium, without a window.
    ///
    /// In JupyterLab each notebook is opened, untrusted, and then run as a reader runs it; what the page shows is
    /// compared with the outputs that were committed. Screenshots go to target/screenshots.
    Browser {
        /// Names, or beginnings of names, of notebooks to open in JupyterLab. All of them if none is given.
        names: Vec<String>,
    },
    /// Measure how long a reader waits for the first figure, each later cell and the whole series.
    ///
    /// The first figure is compared with that of a bare kernel that has plotters alone, once with everything to
    /// compile and once with nothing. Leave the machine alone meanwhile: a round takes about three minutes.
    Latency {
        /// How often everything is measured, in turn.
        #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..))]
        rounds: u16,
    },
    /// Measure this project's crate beside its peers, on the same files and from the same starts.
    ///
    /// The peers, scikit-learn, oneDAL and linfa, are installed into .tools/bench the first time. Everybody has five turns
    /// on each workload, with 1 and with 2 threads; answers that should be equal are compared. The table also goes to
    /// target/bench/table.md. Nothing else should run on the machine meanwhile. All of it takes two hours or more.
    Bench {
        /// Names of workloads, from a to j. All of them if none is given.
        names: Vec<String>,
        /// A tenth of the samples, for a try.
        #[arg(long)]
        quick: bool,
    },
    /// Run everything that CI checks: format, lints, tests, documentation, the runner itself, all notebooks.
    Test,
}

/// Which notebooks to run, and where their results go.
#[derive(Args)]
pub(crate) struct NotebookArgs {
    /// Names, or beginnings of names, of notebooks: `01`, `02-the-bug`. All of them if none is given.
    pub(crate) names: Vec<String>,
    /// Also replace the notebooks themselves by the executed ones, each only after all its cells have passed.
    #[arg(long)]
    pub(crate) write: bool,
    /// The folder with the notebooks, if it is not the project's `notebooks`.
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// Where executed notebooks, exercise copies and the site go, if it is not the project's `target`.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// The longest that one cell may take, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = runner::CELL_SECONDS)]
    pub(crate) limit: u32,
    /// The longest that a kernel may take to start, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = session::START_SECONDS)]
    pub(crate) start_limit: u32,
}

/// Does what the command line asks for; `false` if something that was to be checked is wrong (and was reported).
pub(crate) fn run() -> Result<bool> {
    let cli = Cli::parse();
    let project = Project::find()?;
    match cli.command {
        Command::Setup => setup::run(&project).map(|()| true),
        Command::Notebooks(args) => {
            setup::run(&project)?;
            runner::run(&project, &args)
        }
        Command::Rules => Ok(rules::run(&project)?.failed == 0),
        Command::Lab { args } => {
            setup::run(&project)?;
            lab::open(&project, &args).map(|()| true)
        }
        Command::Controls => {
            setup::run(&project)?;
            Ok(controls::run(&project)?.failed == 0)
        }
        Command::Programs { controls: true, .. } => {
            Ok(program_controls::run(&project)?.failed == 0)
        }
        Command::Programs { names, dir, .. } => {
            let folder = dir.unwrap_or_else(|| project.notebooks());
            Ok(programs::run(&project, &folder, &names)?.failed == 0)
        }
        Command::Starts => {
            setup::run(&project)?;
            Ok(starts::prove(&project)?.failed == 0)
        }
        Command::Browser { names } => {
            setup::run(&project)?;
            Ok(browser::run(&project, &names)?.failed == 0)
        }
        Command::Latency { rounds } => {
            setup::run(&project)?;
            latency::run(&project, rounds.into()).map(|()| true)
        }
        Command::Bench { names, quick } => bench::run(&project, &names, quick),
        Command::Test => test::run(&project),
    }
}
