//! `cargo xtask`: set up, run, check and open the notebooks.
//!
//! Everything it installs goes to `.tools` in the project (see [`project`]); everything it makes goes to
//! `target`. `cargo xtask --help` lists the commands.

mod bench;
mod browser;
mod children;
mod cli;
mod controls;
mod doctor;
mod exercises;
mod failure;
#[cfg(target_os = "linux")]
mod faults;
mod files;
mod judge;
mod kernel;
mod kernelspec;
mod lab;
mod lab_server;
mod latency;
mod links;
mod markup;
mod notebook;
mod numbers;
mod packages;
mod program;
mod program_controls;
mod programs;
mod project;
mod python;
mod rules;
mod runner;
mod rust_src;
mod same;
mod session;
mod setup;
mod site;
mod starts;
mod statistics;
mod terminal;
mod test;
mod tidy;
mod traces;
mod usual;
mod versions;

use std::process::ExitCode;

/// What a shell expects of a program that was interrupted: 128 + SIGINT.
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let result = children::stop_on_signals().and_then(|()| cli::run());
    if children::interrupted() {
        eprintln!("\nInterrupted: the kernels are stopped, and no file was left half-written.");
        return ExitCode::from(INTERRUPTED);
    }
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
