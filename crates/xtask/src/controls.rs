//! Negative controls: proves, on the real kernel, that the runner sees what Jupyter takes for success.

use std::fs;

use anyhow::Result;

use crate::children;
use crate::notebook::CodeCell;
use crate::project::Project;
use crate::runner::{self, Results, Verdict};
use crate::session::Session;
use crate::terminal::Progress;

/// A cell of which it is known how the runner must judge it.
struct Control {
    what: &'static str,
    source: &'static str,
    tags: &'static [&'static str],
    fails_with: &'static [&'static str],
    promised: &'static [&'static str],
    expected: Expected,
}

enum Expected {
    Pass,
    /// With a problem that contains this.
    Fail(&'static str),
    /// With a problem that is this and nothing more.
    FailExactly(&'static str),
}
use Expected::{Fail, FailExactly, Pass};

const fn control(what: &'static str, source: &'static str, expected: Expected) -> Control {
    Control { what, source, tags: &[], fails_with: &[], promised: &[], expected }
}

impl Control {
    const fn tagged(self, tags: &'static [&'static str]) -> Self {
        Self { tags, ..self }
    }

    /// As in a cell's metadata `fails_with`.
    const fn with(self, fails_with: &'static [&'static str]) -> Self {
        Self { fails_with, ..self }
    }

    const fn promising(self, promised: &'static [&'static str]) -> Self {
        Self { promised, ..self }
    }
}

/// All in one kernel, in this order: after each, the kernel must be good for the next.
const CONTROLS: &[Control] = &[
    control("a plain result passes", "1 + 1", Pass).promising(&["text/plain"]),
    control("a failed assertion fails", "assert!(1 > 2, \"one is less\");", Fail("one is less")),
    control("a panic fails", "let none: Option<u8> = None; none.unwrap();", Fail("None")),
    control(
        "an error that leaves the cell fails",
        "\"x\".parse::<f64>()?;",
        Fail("invalid float literal"),
    ),
    control("a compile error fails", "let n: u8 = \"x\";", Fail("mismatched types")),
    control("text on standard error fails", "eprintln!(\"careful\");", Fail("careful")),
    control("expected text on standard error passes", "eprintln!(\"careful\");", Pass)
        .tagged(&["expect-stderr"]),
    control("a panic is never expected text", "panic!(\"no\")", Fail("no"))
        .tagged(&["expect-stderr"]),
    control("a check that holds passes", HOLDING_CHECK, Pass),
    control(
        "a check that does not hold fails",
        FAILING_CHECK,
        Fail("this check does not hold: two is three"),
    ),
    control("a check that finds a mistake, as tagged, passes", FAILING_CHECK, Pass)
        .tagged(&["fails-check"]),
    control(
        "a check that should find a mistake, and does not, fails",
        HOLDING_CHECK,
        Fail("holds"),
    )
    .tagged(&["fails-check"]),
    control(
        "a check whose result is lost fails",
        "fn check(_: bool) {}\ncheck(false);",
        Fail("shows no result"),
    ),
    control("a missing output fails", "1 + 1", Fail("image/svg+xml")).promising(&["image/svg+xml"]),
    control(
        "a check of which other claims fail than should fails",
        FAILING_CHECK,
        Fail("no check has the claim"),
    )
    .tagged(&["fails-check"])
    .with(&["two is four"]),
    control("a cell that must fail, and does, passes", "assert!(1 > 2, \"one is less\");", Pass)
        .tagged(&["raises-exception"])
        .with(&["one is less"]),
    control(
        "a cell that fails with another message than it should fails",
        "assert!(1 > 2);",
        Fail("not with"),
    )
    .tagged(&["raises-exception"])
    .with(&["one is less"]),
    control("a cell that must not compile, and does not, passes", "let n: u8 = \"x\";", Pass)
        .tagged(&["raises-exception"])
        .with(&["mismatched types"]),
    control("a cell that must fail, and does not, fails", "1 + 1", Fail("did not fail"))
        .tagged(&["raises-exception"])
        .with(&["one is less"]),
    control("an aborted process fails", "std::process::abort();", Fail("SIGABRT")),
    control("after all that a good cell still passes", "1 + 1", Pass),
    #[cfg(unix)]
    control("a kernel that is killed fails", KILL_KERNEL, Fail("the kernel ended")),
];

/// What the notebooks' own crate does for the reader, in one kernel.
const WITH_CRATE: &[Control] = &[
    control(
        "the notebooks' crate is loaded",
        ":dep gmm-notebook = { path = \"../../crates/gmm-notebook\" }\nuse gmm_notebook::prelude::*;",
        Pass,
    ),
    control(
        "a panic is told in two lines, of which one is the lesson's",
        "let n = 1;\nassert!(\n    n > 2,\n    \"one is less\",\n);",
        FailExactly("error: one is less\n  panicked at: assert!(n > 2, \"one is less\");"),
    ),
    control(
        "a panic in a function of an earlier cell is told by the function's line",
        "fn seventh(x: &[f64]) -> f64 {\n    x[7]\n}\nseventh(&[1.0])",
        FailExactly(
            "error: index out of bounds: the len is 1 but the index is 7\n  panicked at: x[7]",
        ),
    ),
    control(
        "an error that leaves the cell is told in one line",
        "Weights::new([0.5, -0.5])?;",
        FailExactly("expected weights[1] to be finite and not negative, found -0.5"),
    ),
    control(
        "an aborted process takes its report of panics along",
        "std::process::abort();",
        Fail("SIGABRT"),
    ),
    control(
        "the next process has one again",
        "None::<u8>.unwrap();",
        FailExactly(
            "error: called `Option::unwrap()` on a `None` value\n  panicked at: None::<u8>.unwrap();",
        ),
    ),
    control(
        "a mixture is shown as HTML and as text",
        "GaussianMixture::new([0.5, 0.5], [-1.0, 1.0], [0.5, 0.5])?",
        Pass,
    )
    .promising(&["text/html", "text/plain"]),
];

/// What a check prints, without any package to be compiled for it.
const HOLDING_CHECK: &str = r###"println!("EVCXR_BEGIN_CONTENT application/vnd.gmm.checks+json\n{}\nEVCXR_END_CONTENT",
    r##"{"checks":[{"claim":"two is two","measured":2,"expected":2,"tolerance":0,"passed":true}]}"##);"###;
const FAILING_CHECK: &str = r###"println!("EVCXR_BEGIN_CONTENT application/vnd.gmm.checks+json\n{}\nEVCXR_END_CONTENT",
    r##"{"checks":[{"claim":"two is three","measured":2,"expected":3,"tolerance":0,"passed":false}]}"##);"###;
#[cfg(unix)]
const KILL_KERNEL: &str = "let kernel = std::os::unix::process::parent_id().to_string();
std::process::Command::new(\"kill\").args([\"-9\", &kernel]).status()?;
std::thread::sleep(std::time::Duration::from_secs(60));";

/// Runs all controls, with a line for each.
pub(crate) fn run(project: &Project) -> Result<Results> {
    let mut results = Results { passed: 0, failed: 0 };
    run_in_one_kernel(project, CONTROLS, &mut results)?;
    run_in_one_kernel(project, WITH_CRATE, &mut results)?;
    run_faults(project, &mut results)?;
    Ok(results)
}

#[cfg(target_os = "linux")]
use crate::faults::run as run_faults;

/// They are done with what Linux tells about processes; what they prove holds for this program anywhere else, unproved.
#[cfg(not(target_os = "linux"))]
fn run_faults(_: &Project, _: &mut Results) -> Result<()> {
    println!("– faults (a killed runner, a full disk and the like) are tried on Linux only");
    Ok(())
}

fn run_in_one_kernel(project: &Project, controls: &[Control], results: &mut Results) -> Result<()> {
    let folder = project.tools().join("controls");
    fs::create_dir_all(&folder)?;
    let mut progress = Progress::new("controls: starting the kernel");
    let mut session =
        Session::start(project, &folder, runner::CELL_SECONDS, &project.log("controls"), || {
            progress.tick();
        })?;
    for control in controls {
        progress.set(control.what);
        let (verdict, _) =
            runner::run_cell(&mut session, &control.cell(), true, || progress.tick())?;
        children::check_interrupted()?;
        match control.expected.mismatch(&verdict) {
            None => {
                results.passed += 1;
                progress.say(&format!("✓ {}", control.what));
            }
            Some(mismatch) => {
                results.failed += 1;
                progress.say(&format!("✗ {}: {mismatch}", control.what));
            }
        }
    }
    Ok(())
}

impl Control {
    fn cell(&self) -> CodeCell {
        CodeCell {
            index: 0,
            source: self.source.to_owned(),
            tags: self.tags.iter().map(|&tag| tag.to_owned()).collect(),
            fails_with: self.fails_with.iter().map(|&text| text.to_owned()).collect(),
            promised: self.promised.iter().map(|&kind| kind.to_owned()).collect(),
            ..CodeCell::default()
        }
    }
}

impl Expected {
    /// In what a verdict differs from the expected one.
    fn mismatch(&self, verdict: &Verdict) -> Option<String> {
        match (self, verdict) {
            (Pass, Ok(_)) => None,
            (Pass, Err(problems)) => Some(format!("it failed: {}", problems.join("; "))),
            (Fail(_) | FailExactly(_), Ok(_)) => Some("it passed".to_owned()),
            (FailExactly(text), Err(problems)) => {
                let found = problems.iter().any(|problem| problem == text);
                (!found).then(|| format!("it failed with other words: {}", problems.join("; ")))
            }
            (Fail(part), Err(problems)) => {
                let found = problems.iter().any(|problem| problem.contains(part));
                (!found).then(|| format!("it failed without {part:?}: {}", problems.join("; ")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unexpected_verdict_is_a_mismatch() {
        let passed = || Ok(crate::judge::Tally::default());
        let failed = || Err(vec!["because".to_owned()]);
        assert_eq!(Pass.mismatch(&passed()), None);
        assert_eq!(Fail("cause").mismatch(&failed()), None);
        assert!(Pass.mismatch(&failed()).is_some());
        assert!(Fail("cause").mismatch(&passed()).is_some());
        assert!(Fail("other").mismatch(&failed()).is_some());
        assert_eq!(FailExactly("because").mismatch(&failed()), None);
        assert!(FailExactly("cause").mismatch(&failed()).is_some());
        assert!(FailExactly("because").mismatch(&passed()).is_some());
    }
}
