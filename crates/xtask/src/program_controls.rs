//! Negative controls of the fast gate: programs that go wrong, each in a way that must be seen, in the right cell and line.

use anyhow::Result;

use crate::notebook::CodeCell;
use crate::programs::{self, Tangled, Verdict};
use crate::project::Project;
use crate::runner::Results;

/// A notebook of two cells, the second of which is the control.
struct Control {
    what: &'static str,
    source: &'static str,
    tags: &'static [&'static str],
    fails_with: &'static [&'static str],
    expected: Expected,
}

enum Expected {
    Pass,
    /// Fails in the second cell, with all of these in its problems.
    Fail(&'static [&'static str]),
}
use Expected::{Fail, Pass};

const FIRST: &str = ":dep gmm-notebook = { path = \"../crates/gmm-notebook\" }
use gmm_notebook::prelude::*;
let grid = Array1::linspace(0.0, 1.0, 3);
fn double(x: f64) -> f64 { 2.0 * x }";

const fn control(what: &'static str, source: &'static str, expected: Expected) -> Control {
    Control { what, source, tags: &[], fails_with: &[], expected }
}

impl Control {
    const fn tagged(
        self,
        tags: &'static [&'static str],
        fails_with: &'static [&'static str],
    ) -> Self {
        Self { tags, fails_with, ..self }
    }
}

const HOLDING: &str = "check(\"two is two\", double(1.0)).equals(2.0).within(0.0)";
const FAILING: &str = "let two = 2.0;\ncheck(\"two is three\", two).equals(3.0).within(0.5)";

const CONTROLS: &[Control] = &[
    control("a good cell passes", HOLDING, Pass),
    control(
        "what the kernel allows, a program may do",
        "fn double(x: f64) -> f64 { 3.0 * x }\nlet Ok(one) = \"1\".parse::<f64>() else { panic!() };\n\
         let two: f64 = \"2\".parse()?;\ncheck(\"hidden\", double(one) - two).equals(1.0).within(0.0)",
        Pass,
    ),
    control(
        "a failed assert fails",
        "let a = 1;\nassert_eq!(a, 2);",
        Fail(&["panicked at", "line 2"]),
    ),
    control(
        "an error that leaves the cell fails",
        "let a = 1;\n\nlet n: i32 = \"x\".parse()?;\nn",
        Fail(&["an error left the cell", "line 3", "invalid digit"]),
    ),
    control(
        "code that cannot be compiled fails",
        "let a = 1;\nlet b: f64 = a + \"text\";",
        Fail(&["cannot add", "code cell 2, line 2"]),
    ),
    control(
        "a check that does not hold fails",
        FAILING,
        Fail(&["this check does not hold: two is three", "line 2"]),
    ),
    control(
        "a figure that cannot be drawn fails",
        "let half = [0.0];\nFigure::new(\"f\").curve(\"c\", Role::Fitted, &grid, &half)",
        Fail(&["expected one value per grid point", "line 2"]),
    ),
    control("a warning on standard error fails", "eprintln!(\"careful\");", Fail(&["careful"])),
    control("a program that leaves fails", "std::process::exit(0);", Fail(&["ended"])),
    control("a program that dies fails", "std::process::abort();", Fail(&["SIGABRT"])),
    control("a check that finds a mistake, as tagged, passes", FAILING, Pass)
        .tagged(&["fails-check"], &["two is three"]),
    control("a check that should find a mistake, and does not, fails", HOLDING, Fail(&["holds"]))
        .tagged(&["fails-check"], &[]),
    control("a cell that must fail, and does, passes", "assert!(grid.len() > 3);", Pass)
        .tagged(&["raises-exception"], &["assertion failed"]),
    control("a cell that must not compile, and does not, passes", "let a: f64 = \"text\";", Pass)
        .tagged(&["raises-exception"], &["mismatched types"]),
    control("a cell that must fail, and does not, fails", "let a = 1;", Fail(&["did not fail"]))
        .tagged(&["raises-exception"], &["anything"]),
];

/// Runs all controls, with a line for each.
pub(crate) fn run(project: &Project) -> Result<Results> {
    let folder = project.notebooks();
    let tangle = |(control, number): (&Control, usize)| {
        Tangled::new(&format!("control-{number}"), control.cells(), &folder)
    };
    let notebooks = CONTROLS.iter().zip(1..).map(tangle).collect();
    let mut results = Results { passed: 0, failed: 0 };
    for (control, (_, verdict)) in CONTROLS.iter().zip(programs::judge_all(project, notebooks)?) {
        match control.expected.mismatch(&verdict) {
            None => {
                results.passed += 1;
                println!("✓ {}", control.what);
            }
            Some(mismatch) => {
                results.failed += 1;
                println!("✗ {}: {mismatch}", control.what);
            }
        }
    }
    Ok(results)
}

impl Control {
    fn cells(&self) -> Vec<CodeCell> {
        let own = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        let first = CodeCell { source: FIRST.to_owned(), ..CodeCell::default() };
        let second = CodeCell {
            source: self.source.to_owned(),
            tags: own(self.tags),
            fails_with: own(self.fails_with),
            ..CodeCell::default()
        };
        vec![first, second]
    }
}

impl Expected {
    /// In what a verdict differs from the expected one.
    fn mismatch(&self, verdict: &Verdict) -> Option<String> {
        match (self, verdict) {
            (Pass, Ok(_)) => None,
            (Pass, Err(failure)) => Some(format!("it failed: {failure}")),
            (Fail(_), Ok(_)) => Some("it passed".to_owned()),
            (Fail(_), Err(failure)) if failure.number != 2 => {
                Some(format!("it failed in another cell: {failure}"))
            }
            (Fail(parts), Err(failure)) => {
                let said = failure.problems.join("\n");
                let missing: Vec<_> = parts.iter().filter(|&&part| !said.contains(part)).collect();
                (!missing.is_empty()).then(|| format!("it failed without {missing:?}: {said}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Failure;
    use crate::judge::Tally;

    #[test]
    fn an_unexpected_verdict_is_a_mismatch() {
        let failed = |number| {
            let problems = vec!["because".to_owned()];
            Err(Failure { number, of: 2, source: String::new(), problems })
        };
        assert_eq!(Pass.mismatch(&Ok(Tally::default())), None);
        assert_eq!(Fail(&["cause"]).mismatch(&failed(2)), None);
        assert!(Pass.mismatch(&failed(2)).is_some());
        assert!(Fail(&["cause"]).mismatch(&failed(1)).is_some());
        assert!(Fail(&["cause", "other"]).mismatch(&failed(2)).is_some());
        assert!(Fail(&[]).mismatch(&Ok(Tally::default())).is_some());
    }
}
