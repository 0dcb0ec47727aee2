//! Everything that CI checks, in the order in which a mistake is found soonest.

use std::time::Instant;

use anyhow::Result;

use crate::browser;
use crate::children;
use crate::cli::NotebookArgs;
use crate::controls;
use crate::exercises;
use crate::notebook;
use crate::program_controls;
use crate::programs;
use crate::project::Project;
use crate::rules;
use crate::runner::{self, Results};
use crate::session;
use crate::setup;
use crate::starts;
use crate::terminal;

const ALL_NOTEBOOKS: NotebookArgs = NotebookArgs {
    names: Vec::new(),
    write: false,
    dir: None,
    out: None,
    limit: runner::CELL_SECONDS,
    start_limit: session::START_SECONDS,
};

/// A name, and how to do it.
type Step<'a> = (&'a str, Box<dyn Fn() -> Result<Results> + 'a>);

/// Does every step up to the first that fails; the last line says how many parts have passed.
pub(crate) fn run(project: &Project) -> Result<bool> {
    let mut total = Results { passed: 0, failed: 0 };
    for (name, step) in steps(project) {
        println!("\n=== {name}");
        let start = Instant::now();
        let results = step().unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            Results { passed: 0, failed: 1 }
        });
        children::check_interrupted()?;
        total.passed += results.passed;
        total.failed += results.failed;
        let verdict = if results.failed == 0 { "passed" } else { "FAILED" };
        println!("=== {name}: {verdict} ({})", terminal::time(start.elapsed()));
        if results.failed > 0 {
            break;
        }
    }
    println!("\n{} passed, {} failed", total.passed, total.failed);
    Ok(total.failed == 0)
}

fn steps(project: &Project) -> Vec<Step<'_>> {
    let cargo = move |args: &'static [&'static str]| Box::new(move || run_cargo(project, args));
    vec![
        ("format", cargo(&["fmt", "--all", "--check"])),
        (
            "lints",
            cargo(&[
                "clippy",
                "--workspace",
                "--all-targets",
                "--all-features",
                "--",
                "-D",
                "warnings",
            ]),
        ),
        ("tests", cargo(&["test", "--workspace", "--all-features"])),
        ("rules for notebooks", Box::new(move || rules::run(project))),
        ("documentation", cargo(&["doc", "--workspace", "--no-deps", "--all-features"])),
        ("negative controls of the programs", Box::new(move || program_controls::run(project))),
        (
            "notebooks as programs",
            Box::new(move || programs::run(project, &project.notebooks(), &[])),
        ),
        ("exercise copies as programs", Box::new(move || exercise_copies(project))),
        ("set-up", Box::new(move || setup::run(project).map(|()| one(true)))),
        ("negative controls on the kernel", Box::new(move || controls::run(project))),
        ("a kernel's start", Box::new(move || starts::prove(project))),
        ("notebooks on the kernel", Box::new(move || runner::run_all(project, &ALL_NOTEBOOKS))),
        (
            "the notebooks' site and JupyterLab in a browser",
            Box::new(move || browser::run(project, &[])),
        ),
    ]
}

/// Those that nobody has worked in.
fn exercise_copies(project: &Project) -> Result<Results> {
    let copies = exercises::make(project, &notebook::list(&project.notebooks())?)?;
    let names: Vec<String> = copies.fresh.iter().map(|copy| notebook::stem(copy)).collect();
    if names.is_empty() {
        return Ok(Results { passed: 0, failed: 0 });
    }
    programs::run(project, &project.exercises(), &names)
}

fn run_cargo(project: &Project, args: &[&str]) -> Result<Results> {
    let mut cargo = children::command("cargo");
    cargo.args(args).current_dir(project.root());
    if args.first() == Some(&"doc") {
        cargo.env("RUSTDOCFLAGS", "-D warnings");
    }
    Ok(one(children::run(&mut cargo, || ())?.success()))
}

fn one(passed: bool) -> Results {
    Results { passed: usize::from(passed), failed: usize::from(!passed) }
}
