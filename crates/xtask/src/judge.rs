//! Decides whether a cell has done what it should.
//!
//! What Jupyter reports as success is no evidence here: after a panic, a failed `assert!` or an error that leaves a
//! cell through `?`, the kernel answers "ok", and only a text on standard error tells. So a cell passes if it shows
//! no error and no such text, if all its checks hold, and if it put out everything that it was committed with.
//! A cell that is tagged as failing must fail, and in the way that its metadata `fails_with` names.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::failure;
use crate::notebook::{self, CodeCell, FAILS_WITH};

/// What `gmm_notebook::check` shows besides its table.
pub(crate) const CHECKS: &str = "application/vnd.gmm.checks+json";

/// The cell must fail, with a message that contains each text of its `fails_with`: it shows a mistake.
pub(crate) const MUST_FAIL: &str = "raises-exception";
/// The cell may write to standard error, but not panic.
pub(crate) const MAY_WARN: &str = "expect-stderr";
/// The cell shows a check that finds a mistake: the claims of its `fails_with` must fail, and no others. Without
/// `fails_with` none of its checks may hold.
pub(crate) const FAILS_CHECK: &str = "fails-check";

/// What a cell that passed has shown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    pub(crate) checks: usize,
    pub(crate) figures: usize,
}

impl Tally {
    /// Counts another cell's as well.
    pub(crate) fn add(&mut self, other: Self) {
        self.checks += other.checks;
        self.figures += other.figures;
    }
}

/// Judges a cell by its outputs; the error lists everything that is wrong.
pub(crate) fn judge(cell: &CodeCell, outputs: &[Value]) -> Result<Tally, Vec<String>> {
    let mut problems = errors(outputs);
    let warnings = stderr(outputs);
    let panicked = warnings.contains("panicked at");
    if !warnings.is_empty() && (panicked || !cell.is_tagged(MAY_WARN)) {
        problems.push(failure::readable(&warnings));
    }
    if cell.is_tagged(MUST_FAIL) {
        problems = judge_failure(cell, &problems);
    }
    let kinds = notebook::kinds(outputs);
    if cell.is_tagged(FAILS_CHECK) && !kinds.contains(CHECKS) {
        problems.push(format!("the cell is tagged {FAILS_CHECK}, but shows no check"));
    }
    problems.extend(missing(cell, &kinds));
    let mut tally = Tally::default();
    for data in outputs.iter().map(|output| &output["data"]) {
        if let Some(value) = data.get(CHECKS) {
            match judge_checks(cell, value) {
                Ok(number) => tally.checks += number,
                Err(failed) => problems.extend(failed),
            }
        }
        let is_figure =
            data.as_object().is_some_and(|data| data.keys().any(|kind| kind.starts_with("image/")));
        tally.figures += usize::from(is_figure);
    }
    if problems.is_empty() { Ok(tally) } else { Err(problems) }
}

/// What is wrong with a failure that had to come.
fn judge_failure(cell: &CodeCell, problems: &[String]) -> Vec<String> {
    if problems.is_empty() {
        return vec![format!("the cell is tagged {MUST_FAIL}, but did not fail")];
    }
    if cell.fails_with.is_empty() {
        return vec![format!(
            "the cell is tagged {MUST_FAIL}, but no {FAILS_WITH} says with what message"
        )];
    }
    let said = problems.join("\n");
    let missing = cell.fails_with.iter().filter(|text| !said.contains(text.as_str()));
    missing
        .map(|text| {
            format!("the cell failed, but not with {text:?}, as it should; it said:\n{said}")
        })
        .collect()
}

/// Whether what the cell writes to standard error decides, so that all of it must have arrived: for any other cell
/// the first line of it is enough, at once or later.
pub(crate) fn must_settle(cell: &CodeCell) -> bool {
    cell.is_tagged(MUST_FAIL) || cell.is_tagged(MAY_WARN)
}

fn errors(outputs: &[Value]) -> Vec<String> {
    let errors = outputs.iter().filter(|output| output["output_type"] == "error");
    errors.map(|error| brief(failure::readable(&error_text(error)))).collect()
}

/// On a full disk cargo fails in as many ways as it has jobs, and the kernel passes on every word of it.
fn brief(message: String) -> String {
    if !message.contains("No space left on device") {
        return message;
    }
    "The disk is full (No space left on device), so the kernel could not compile the cell. Make room where the project \
     is, and run the command again."
        .to_owned()
}

/// The kernel leaves some of an error's fields empty, not always the same.
fn error_text(error: &Value) -> String {
    let traceback: Vec<&str> =
        error["traceback"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if traceback.iter().any(|line| !line.trim().is_empty()) {
        return traceback.join("\n");
    }
    let value = error["evalue"].as_str().unwrap_or_default();
    if value.is_empty() {
        error["ename"].as_str().unwrap_or("an error without a text").to_owned()
    } else {
        value.to_owned()
    }
}

fn stderr(outputs: &[Value]) -> String {
    let streams = outputs.iter().filter(|output| output["name"] == "stderr");
    streams.map(|stream| notebook::text(&stream["text"])).collect()
}

/// Outputs that should be there and are not.
fn missing(cell: &CodeCell, kinds: &BTreeSet<String>) -> Vec<String> {
    let mut problems: Vec<String> = cell
        .promised
        .difference(kinds)
        .map(|kind| {
            format!(
                "no output of type {kind}, which the notebook was committed with (if that is meant, clear the cell's \
                 outputs first)"
            )
        })
        .collect();
    if ends_in_check(&cell.source)
        && !kinds.contains(CHECKS)
        && !cell.promised.contains(CHECKS)
        && !cell.is_tagged(MUST_FAIL)
    {
        problems.push("the cell ends in a check, but shows no result of one".to_owned());
    }
    problems
}

/// Whether the last statement calls `check` or `checks`: the last line that begins at the margin, and what follows.
///
/// A heuristic, for a check whose result is thrown away, by a semicolon for instance.
fn ends_in_check(source: &str) -> bool {
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
    let lines: Vec<&str> = source.lines().filter(is_code).collect();
    let continues = |line: &str| line.starts_with([' ', '\t', ')', '}', ']', '.']);
    let start = lines.iter().rposition(|line| !continues(line)).unwrap_or(0);
    let last = lines[start..].join("\n");
    let is_value = !["let ", "fn ", "pub ", "use ", "struct ", "impl ", ":"]
        .iter()
        .any(|word| last.starts_with(word));
    is_value && (calls(&last, "check") || calls(&last, "checks"))
}

/// Whether `name(` or `name!(` stands in the code, and not as the end of a longer name.
fn calls(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = &code[at + name.len()..];
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
            && (after.starts_with('(') || after.starts_with("!("))
    })
}

/// The number of checks, if there are any and each holds, or does not, as it should.
fn judge_checks(cell: &CodeCell, value: &Value) -> Result<usize, Vec<String>> {
    let checks = value["checks"].as_array().map_or(&[][..], Vec::as_slice);
    if checks.is_empty() {
        return Err(vec!["a check output without checks".to_owned()]);
    }
    let mut wrong: Vec<String> = checks
        .iter()
        .filter_map(|check| match (holds(check), should_hold(cell, claim(check))) {
            (false, true) => Some(describe(check, "this check does not hold")),
            (true, false) => Some(describe(check, "this check holds, but should find a mistake")),
            _ => None,
        })
        .collect();
    if cell.is_tagged(FAILS_CHECK) {
        let is_there = |name: &String| checks.iter().any(|check| claim(check) == name);
        let absent = cell.fails_with.iter().filter(|name| !is_there(name));
        wrong.extend(
            absent.map(|name| format!("no check has the claim {name:?}, which should fail")),
        );
    }
    if wrong.is_empty() { Ok(checks.len()) } else { Err(wrong) }
}

fn should_hold(cell: &CodeCell, claim: &str) -> bool {
    let named = || cell.fails_with.is_empty() || cell.fails_with.iter().any(|name| name == claim);
    !(cell.is_tagged(FAILS_CHECK) && named())
}

fn claim(check: &Value) -> &str {
    check["claim"].as_str().unwrap_or("(a check without a claim)")
}

/// Whether a check says that it holds, and its numbers say so too.
fn holds(check: &Value) -> bool {
    let number = |name: &str| check[name].as_f64().unwrap_or(f64::NAN);
    let difference = (number("measured") - number("expected")).abs();
    check["passed"] == true && difference <= number("tolerance")
}

fn describe(check: &Value, verdict: &str) -> String {
    let claim = claim(check);
    let number = |name: &str| match &check[name] {
        Value::Number(number) => number.to_string(),
        _ => "not a finite number".to_owned(),
    };
    format!(
        "{verdict}: {claim}\n  measured  {}\n  expected  {}\n  tolerance {}",
        number("measured"),
        number("expected"),
        number("tolerance")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn cell(source: &str, tags: &[&str], promised: &[&str]) -> CodeCell {
        let own = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        CodeCell {
            index: 0,
            source: source.into(),
            tags: own(tags),
            promised: own(promised).into_iter().collect(),
            ..CodeCell::default()
        }
    }

    fn failing(tag: &str, fails_with: &[&str]) -> CodeCell {
        let fails_with = fails_with.iter().map(|&text| text.to_owned()).collect();
        CodeCell { fails_with, ..cell("1", &[tag], &[]) }
    }

    fn result(kind: &str, value: &Value) -> Value {
        json!({"output_type": "execute_result", "data": {kind: value}})
    }

    fn passes(cell: &CodeCell, outputs: &[Value]) -> bool {
        judge(cell, outputs).is_ok()
    }

    #[test]
    fn text_on_standard_error_fails_unless_it_is_expected_and_no_panic() {
        let warning = [json!({"output_type": "stream", "name": "stderr", "text": ["careful\n"]})];
        let panic = [
            json!({"output_type": "stream", "name": "stderr", "text": "thread 'x' panicked at src/lib.rs:1:1:\nno\n"}),
        ];
        assert!(!passes(&cell("1", &[], &[]), &warning));
        assert!(passes(&cell("1", &[MAY_WARN], &[]), &warning));
        assert!(!passes(&cell("1", &[MAY_WARN], &[]), &panic));
    }

    #[test]
    fn a_failure_that_must_come_must_say_what_it_is_tagged_with() {
        let panic = [
            json!({"output_type": "stream", "name": "stderr", "text": "thread 'x' panicked at src/lib.rs:1:1:\nindex 7 of 3\n"}),
        ];
        assert!(passes(&failing(MUST_FAIL, &["index 7"]), &panic));
        assert!(passes(&failing(MUST_FAIL, &["index 7", "of 3"]), &panic));
        assert!(!passes(&failing(MUST_FAIL, &["index 7", "of 4"]), &panic));
        assert!(!passes(&failing(MUST_FAIL, &["index 7"]), &[]));
        assert!(!passes(&failing(MUST_FAIL, &[]), &panic));
    }

    #[test]
    fn the_named_claims_must_fail_and_no_others() {
        let check = |claim: &str, passed: bool| json!({"claim": claim, "measured": 1, "expected": i32::from(passed), "tolerance": 0.1, "passed": passed});
        let shown = [result(CHECKS, &json!({"checks": [check("a", true), check("b", false)]}))];
        assert!(passes(&failing(FAILS_CHECK, &["b"]), &shown));
        assert!(!passes(&failing(FAILS_CHECK, &["a"]), &shown));
        assert!(!passes(&failing(FAILS_CHECK, &["a", "b"]), &shown));
        assert!(!passes(&failing(FAILS_CHECK, &["b", "c"]), &shown));
        assert!(!passes(&failing(FAILS_CHECK, &[]), &shown));
        // Without the tag the names count for nothing.
        assert!(!passes(&failing("other", &["b"]), &shown));
    }

    #[test]
    fn a_full_disk_is_told_in_one_sentence() {
        let text = "Compilation failed\nerror: could not compile `a`\nNo space left on device (os error 28)\nmuch more";
        let error =
            [json!({"output_type": "error", "ename": "Error", "evalue": text, "traceback": []})];
        let problems = judge(&cell("1", &[], &[]), &error).err().unwrap_or_default();
        assert!(problems.len() == 1 && problems[0].starts_with("The disk is full"), "{problems:?}");
        assert!(!problems[0].contains("much more"));
    }

    #[test]
    fn every_check_must_say_that_it_passed() {
        let shown = |checks: Value| [result(CHECKS, &json!({"checks": checks}))];
        let good = json!({"claim": "a", "measured": 1.0, "expected": 1.0, "tolerance": 0.1, "passed": true});
        let bad = json!({"claim": "b", "measured": null, "expected": 1.0, "tolerance": 0.1, "passed": false});
        let plain = cell("1", &[], &[]);
        assert_eq!(judge(&plain, &shown(json!([good, good]))), Ok(Tally { checks: 2, figures: 0 }));
        let problems = judge(&plain, &shown(json!([good, bad]))).err().unwrap_or_default().concat();
        assert!(
            problems.contains("not hold: b") && problems.contains("measured  not a finite number"),
            "{problems}"
        );
        let lie = json!({"claim": "c", "measured": 2.0, "expected": 1.0, "tolerance": 0.1, "passed": true});
        assert!(!passes(&plain, &shown(json!([lie]))));
        assert!(!passes(&plain, &shown(json!([]))));
        let wrong = cell("1", &[FAILS_CHECK], &[]);
        assert!(passes(&wrong, &shown(json!([bad]))));
        assert!(!passes(&wrong, &shown(json!([good, bad]))) && !passes(&wrong, &[]));
        assert!(!passes(&plain, &shown(json!([{"claim": "no verdict"}]))));
    }

    #[test]
    fn promised_kinds_must_be_there() {
        let promise = cell("1", &[], &["image/svg+xml"]);
        assert!(!passes(&promise, &[result("text/plain", &json!("1"))]));
        assert_eq!(
            judge(&promise, &[result("image/svg+xml", &json!("<svg/>"))]),
            Ok(Tally { checks: 0, figures: 1 })
        );
    }

    #[test]
    fn a_final_check_is_recognised() {
        for source in [
            "check(1)",
            "x;\nchecks(&[\n    a,\n])",
            "gmm::check(1);",
            "check!(1) // done",
            "Report::new()\n    .check(1)",
        ] {
            assert!(ends_in_check(source), "{source}");
        }
        for source in [
            "",
            "1",
            "let c = check(1);",
            "check(1);\n2",
            "recheck(1)",
            "// check(1)",
            "checked(1)",
        ] {
            assert!(!ends_in_check(source), "{source}");
        }
        assert!(!passes(&cell("check(1);", &[], &[]), &[]));
    }
}
