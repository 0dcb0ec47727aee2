//! Whether a cell has put out the same as before: text is compared, up to the last digits of its numbers.
//!
//! Of each kind of output, what a reader reads: the text, a table's structure with its text, what a check measured, the
//! words and numbers in a drawing. Not compared are lines and points of a drawing (its caption has their
//! numbers), pictures, scripts, and the message of a cell that must fail, for which `fails_with` is there.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use serde_json::Value;

use crate::judge::{CHECKS, MUST_FAIL};
use crate::markup;
use crate::notebook::{self, CodeCell};
use crate::numbers;

/// Outputs that are not what they should be.
#[derive(Debug)]
pub(crate) struct Changed {
    /// How many code cells there are.
    pub(crate) of: usize,
    /// What they should be.
    pub(crate) what: &'static str,
    /// Each with the number of its code cell.
    pub(crate) differences: Vec<(usize, String)>,
    /// What to do now.
    pub(crate) advice: String,
}

/// More than these nobody reads at a time.
const MOST_SHOWN: usize = 6;

impl Display for Changed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "the outputs are not {}:\n", self.what)?;
        for (number, text) in self.differences.iter().take(MOST_SHOWN) {
            let text = text.replace('\n', "\n  ");
            writeln!(f, "  code cell {number} of {}, {text}\n", self.of)?;
        }
        let more = self.differences.len().saturating_sub(MOST_SHOWN);
        if more > 0 {
            writeln!(f, "  and {more} more\n")?;
        }
        write!(f, "  {}", self.advice)
    }
}

impl std::error::Error for Changed {}

/// What has been put out, as lines to compare, by kind.
type Shown = BTreeMap<String, Vec<String>>;

/// In what two outputs of the same cell differ: one readable text for each difference. `names` are what to call the two.
pub(crate) fn differences(
    cell: &CodeCell,
    before: &[Value],
    now: &[Value],
    names: [&str; 2],
) -> Vec<String> {
    let slack = slack(before).max(slack(now));
    let (before, now) = (shown(cell, before), shown(cell, now));
    let mut found = Vec::new();
    for (kind, old) in &before {
        match now.get(kind) {
            None => found.push(format!("{kind}: there is none {}, but {}", names[1], names[0])),
            Some(new) => {
                found.extend(first_difference(kind, old, new, slack_of(kind, slack), names));
            }
        }
    }
    let grown = now.keys().filter(|kind| !before.contains_key(*kind));
    found
        .extend(grown.map(|kind| format!("{kind}: there was none {}, but {}", names[0], names[1])));
    found
}

fn first_difference(
    kind: &str,
    before: &[String],
    now: &[String],
    slack: f64,
    names: [&str; 2],
) -> Option<String> {
    let lines = before.len().max(now.len());
    let line = |lines: &[String], at: usize| lines.get(at).cloned();
    let at = (0..lines).find(|&at| match (before.get(at), now.get(at)) {
        (Some(a), Some(b)) => !numbers::same_line(a, b, slack),
        _ => true,
    })?;
    let show = |text: Option<String>| text.unwrap_or_else(|| "(no such line)".to_owned());
    let width = names[0].chars().count().max(names[1].chars().count());
    Some(format!(
        "{kind}, line {}:\n  {:width$}  {}\n  {:width$}  {}",
        at + 1,
        names[0],
        show(line(before, at)),
        names[1],
        show(line(now, at)),
    ))
}

/// What a check measured is compared by itself; in how it is shown, "off by" is free up to the tolerance.
fn slack_of(kind: &str, slack: f64) -> f64 {
    if kind.starts_with("text/") { slack } else { 0.0 }
}

/// The largest tolerance of the checks among these outputs, 0 if there are none.
fn slack(outputs: &[Value]) -> f64 {
    let checks = outputs.iter().filter_map(|output| output["data"][CHECKS]["checks"].as_array());
    let tolerances = checks.flatten().filter_map(|check| check["tolerance"].as_f64());
    tolerances.fold(0.0, f64::max)
}

fn shown(cell: &CodeCell, outputs: &[Value]) -> Shown {
    let must_fail = cell.is_tagged(MUST_FAIL);
    let mut shown = Shown::new();
    let mut streams: BTreeMap<&str, String> = BTreeMap::new();
    for output in outputs {
        if let Some(name) = output["name"].as_str() {
            *streams.entry(name).or_default() += &notebook::text(&output["text"]);
        }
        if output["output_type"] == "error" && !must_fail {
            shown.entry("error".to_owned()).or_default().push(output["evalue"].to_string());
        }
        for kind in notebook::kinds(std::slice::from_ref(output)) {
            let lines = lines(&kind, &output["data"][&kind]);
            shown.entry(kind).or_default().extend(lines);
        }
    }
    for (name, text) in streams {
        if !(text.is_empty() || must_fail && name == "stderr") {
            let kind = if name == "stdout" { "standard output" } else { "standard error" };
            shown.insert(kind.to_owned(), text.lines().map(str::to_owned).collect());
        }
    }
    shown
}

/// What there is to read in an output, line by line.
fn lines(kind: &str, value: &Value) -> Vec<String> {
    match kind {
        CHECKS => value["checks"].as_array().into_iter().flatten().map(check_line).collect(),
        "text/html" => markup::skeleton(&notebook::text(value)),
        "image/svg+xml" => markup::words(&notebook::text(value)),
        _ if kind.starts_with("image/") => Vec::new(),
        _ if value.is_string() || kind.starts_with("text/") => {
            notebook::text(value).lines().map(str::to_owned).collect()
        }
        _ => vec![value.to_string()],
    }
}

fn check_line(check: &Value) -> String {
    let verdict = if check["passed"] == true { "✓" } else { "✗" };
    let (measured, expected) = (&check["measured"], &check["expected"]);
    format!(
        "{verdict} {}: measured {measured}, expected {expected} ± {}",
        check["claim"].as_str().unwrap_or_default(),
        check["tolerance"]
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn result(data: &Value) -> Value {
        json!({"output_type": "execute_result", "data": data, "metadata": {}})
    }

    fn stream(name: &str, text: &str) -> Value {
        json!({"output_type": "stream", "name": name, "text": text})
    }

    fn compare(before: &[Value], now: &[Value]) -> Vec<String> {
        differences(&CodeCell::default(), before, now, ["committed", "now"])
    }

    fn checks(measured: f64, plain: &str) -> [Value; 1] {
        let check = json!({"claim": "a", "measured": measured, "expected": 0.0, "tolerance": 0.04, "passed": true});
        [result(&json!({CHECKS: {"checks": [check]}, "text/plain": plain}))]
    }

    #[test]
    fn a_difference_names_kind_line_and_both_texts() {
        let before = [stream("stdout", "one\n"), stream("stdout", "mean 0.25\n")];
        let now = [stream("stdout", "one\nmean 0.35\n")];
        let found = compare(&before, &now);
        assert_eq!(
            found,
            ["standard output, line 2:\n  committed  mean 0.25\n  now        mean 0.35"]
        );
        assert!(compare(&before, &[stream("stdout", "one\nmean 0.26\n")]).is_empty());
        assert!(!compare(&before, &[stream("stdout", "one\n")]).is_empty());
    }

    #[test]
    fn a_kind_may_neither_vanish_nor_grow() {
        let plain = [result(&json!({"text/plain": "1"}))];
        let both = [result(&json!({"text/plain": "1", "text/html": "<b>1</b>"}))];
        assert!(compare(&plain, &both)[0].contains("text/html: there was none committed"));
        assert!(compare(&both, &plain)[0].contains("text/html: there is none now"));
        assert!(!compare(&[], &[stream("stdout", "x\n")]).is_empty());
        // The picture that the runner adds to a drawing is not the kernel's.
        let drawing = result(&json!({"image/svg+xml": "<svg/>"}));
        let pair = result(&json!({"image/svg+xml": "<svg/>", "image/png": "iVBOR"}));
        assert!(compare(&[pair], &[drawing]).is_empty());
    }

    #[test]
    fn checks_may_be_off_by_something_else_but_must_measure_the_same() {
        let before = checks(0.024_819_451, "✓ a\n  measured 0.025, off by 0.025");
        assert!(
            compare(&before, &checks(0.024_819_451, "✓ a\n  measured 0.025, off by 0.031"))
                .is_empty()
        );
        assert!(
            !compare(&before, &checks(0.031, "✓ a\n  measured 0.025, off by 0.025")).is_empty()
        );
        assert!(
            !compare(&before, &checks(0.024_819_451, "✗ a\n  measured 0.025, off by 0.025"))
                .is_empty()
        );
    }

    #[test]
    fn tables_and_drawings_are_compared_by_what_is_read_in_them() {
        let html = |text: &str| [result(&json!({"text/html": text}))];
        let table = html("<table><tr><td>0.481</td></tr></table>");
        assert!(compare(&table, &html("<table><tr><td>0.480</td></tr></table>")).is_empty());
        assert!(!compare(&table, &html("<table><tr><td>0.471</td></tr></table>")).is_empty());
        assert!(!compare(&table, &html("<table><tr><th>0.481</th></tr></table>")).is_empty());
        let explorable = |uri: &str, script: &str| {
            html(&format!("<figure><img src=\"{uri}\"><script>{script}</script></figure>"))
        };
        assert!(
            compare(
                &explorable("data:image/png;base64,AAAA", "a(1)"),
                &explorable("data:image/svg+xml;base64,BB", "b(2)")
            )
            .is_empty()
        );
        let drawing = |d: &str, label: &str| {
            [result(
                &json!({"image/svg+xml": format!("<svg><path d='{d}'/><text>{label}</text></svg>")}),
            )]
        };
        assert!(compare(&drawing("M0 1", "GMM"), &drawing("M0 2 3", "GMM")).is_empty());
        assert!(!compare(&drawing("M0 1", "GMM"), &drawing("M0 1", "Gauss_sum")).is_empty());
    }

    #[test]
    fn of_a_cell_that_must_fail_the_message_is_free() {
        let cell = CodeCell { tags: vec![MUST_FAIL.to_owned()], ..CodeCell::default() };
        let (one, two) = ([stream("stderr", "thread 7")], [stream("stderr", "thread 8")]);
        assert!(differences(&cell, &one, &two, ["committed", "now"]).is_empty());
        assert!(!compare(&one, &two).is_empty());
    }
}
