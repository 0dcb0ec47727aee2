//! A claim put to the test: what was claimed, measured, expected, and how far apart the two may be.
//!
//! A failed `assert!` in a notebook looks to Jupyter like success. A check is data instead: shown to the reader, and sent
//! along as JSON for the program that runs the notebooks.

use crate::display::{Contents, escape, json_number, json_string};
use std::borrow::Borrow;
use std::fmt;

/// The MIME type of a check's data.
const MIME_TYPE: &str = "application/vnd.gmm.checks+json";

/// Begins a check: `check("the area is 1", area).equals(1.0).within(1e-9)`.
pub fn check(claim: impl Into<String>, measured: f64) -> Claim {
    Claim { claim: claim.into(), measured }
}

/// Several checks as one, shown together: a cell shows its last expression only. Takes an array or a vector, or a
/// reference to one.
pub fn checks<C: Borrow<Check>>(checks: impl IntoIterator<Item = C>) -> Checks {
    Checks(checks.into_iter().map(|check| check.borrow().clone()).collect())
}

/// A claim and what was measured; [`equals`](Self::equals) goes on.
#[derive(Debug, Clone)]
#[must_use = "a check is complete with .equals(…).within(…)"]
pub struct Claim {
    claim: String,
    measured: f64,
}

impl Claim {
    /// The value that the claim leads to expect.
    pub fn equals(self, expected: f64) -> Measured {
        Measured { claim: self, expected }
    }
}

/// A claim, what was measured and what was expected; [`within`](Self::within) completes it.
#[derive(Debug, Clone)]
#[must_use = "a check is complete with .within(…)"]
pub struct Measured {
    claim: Claim,
    expected: f64,
}

impl Measured {
    /// The greatest difference that still counts as equal, not negative.
    pub fn within(self, tolerance: f64) -> Check {
        let Claim { claim, measured } = self.claim;
        Check { claim, measured, expected: self.expected, tolerance }
    }
}

/// A complete check. Shown as the last expression of a cell, printed elsewhere.
#[derive(Clone, PartialEq)]
#[must_use = "a check is shown as the last expression of a cell, without a semicolon"]
pub struct Check {
    claim: String,
    measured: f64,
    expected: f64,
    tolerance: f64,
}

impl Check {
    /// Whether measured and expected value differ by no more than the tolerance. Never with an infinity or a NaN among
    /// them.
    pub fn passed(&self) -> bool {
        self.tolerance.is_finite() && (self.measured - self.expected).abs() <= self.tolerance
    }

    /// Shows the check in a notebook; the kernel calls this.
    pub fn evcxr_display(&self) {
        contents(std::slice::from_ref(self)).send();
    }

    fn mark(&self) -> &'static str {
        if self.passed() { "✓" } else { "✗" }
    }

    /// Measured and expected value, tolerance, and difference.
    fn values(&self) -> [String; 4] {
        let number = |x| number(x, self.tolerance);
        let difference = (self.measured - self.expected).abs();
        [number(self.measured), number(self.expected), exactly(self.tolerance), short(difference)]
    }

    fn to_json(&self) -> String {
        format!(
            r#"{{"claim": {}, "measured": {}, "expected": {}, "tolerance": {}, "passed": {}}}"#,
            json_string(&self.claim),
            json_number(self.measured),
            json_number(self.expected),
            json_number(self.tolerance),
            self.passed()
        )
    }

    fn to_html(&self) -> String {
        let color = if self.passed() { "#00724f" } else { "#c2002f" };
        format!(
            "<tr><td style=\"color:{color};font-weight:bold\">{}</td>\
             <td style=\"text-align:left\">{}</td>\
             {}</tr>",
            self.mark(),
            escape(&self.claim),
            self.values().map(|v| format!("<td style=\"white-space:nowrap\">{v}</td>")).concat()
        )
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [measured, expected, tolerance, difference] = self.values();
        write!(
            f,
            "{} {}\n  measured {measured}, expected {expected} ± {tolerance}, off by {difference}",
            self.mark(),
            self.claim
        )
    }
}

/// The text.
impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Several checks, shown together.
#[derive(Clone, PartialEq)]
#[must_use = "checks are shown as the last expression of a cell, without a semicolon"]
pub struct Checks(Vec<Check>);

impl Checks {
    /// Whether there is at least one check and none fails.
    pub fn passed(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(Check::passed)
    }

    /// Shows the checks in a notebook; the kernel calls this.
    pub fn evcxr_display(&self) {
        contents(&self.0).send();
    }
}

impl fmt::Display for Checks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(Check::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

/// The text.
impl fmt::Debug for Checks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn contents(checks: &[Check]) -> Contents {
    let join = |each: fn(&Check) -> String, between| -> String {
        checks.iter().map(each).collect::<Vec<_>>().join(between)
    };
    let html = format!(
        "<table><thead><tr><th></th><th style=\"text-align:left\">claim</th><th>measured</th><th>expected</th>\
         <th>tolerance</th><th style=\"white-space:nowrap\">off by</th></tr></thead><tbody>{}</tbody></table>",
        join(Check::to_html, "")
    );
    let json = format!("{{\"checks\": [{}]}}", join(Check::to_json, ", "));
    Contents {
        plain: join(Check::to_string, "\n"),
        rich: vec![("text/html", html), (MIME_TYPE, json)],
    }
}

/// A value with as many decimals as show a tenth of the tolerance, 10 for 1e-9; or all its digits if they are fewer. What
/// the tolerance cannot tell from 0, and what is very large, is written as a power of ten.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn number(x: f64, tolerance: f64) -> String {
    let decimals = (1.0 - tolerance.log10()).ceil();
    if x.abs() <= tolerance {
        return short(x);
    }
    let exact = exactly(x);
    if x.abs() >= 1e6 || decimals > 15.0 || decimals.is_nan() {
        return exact;
    }
    let rounded = format!("{x:.*}", decimals.max(0.0) as usize);
    if exact.len() <= rounded.len() { exact } else { rounded }
}

/// A number with all its digits, small ones as they are written in code.
fn exactly(x: f64) -> String {
    if x == 0.0 || (1e-3..1e6).contains(&x.abs()) { x.to_string() } else { format!("{x:e}") }
}

/// Two significant digits.
fn short(x: f64) -> String {
    let rounded = format!("{x:.1e}");
    rounded.parse().map_or(rounded, exactly)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_passes_within_the_tolerance_and_not_beyond() {
        let area = |measured: f64| check("the area is 1", measured).equals(1.0).within(0.5);
        assert!(area(1.0).passed() && area(1.5).passed() && area(0.5).passed());
        assert!(!area(1.500_001).passed() && !area(-1.0).passed());
    }

    #[test]
    fn what_is_not_a_number_never_passes() {
        for (measured, expected, tolerance) in [
            (f64::NAN, 1.0, 1.0),
            (1.0, f64::NAN, 1.0),
            (f64::INFINITY, 1.0, f64::INFINITY),
            (1.0, 1.0, f64::NAN),
            (f64::INFINITY, 1.0, 1.0),
        ] {
            assert!(!check("", measured).equals(expected).within(tolerance).passed());
        }
        assert!(!check("a negative tolerance", 1.0).equals(1.0).within(-1e-9).passed());
    }

    #[test]
    fn no_checks_are_no_pass() {
        assert!(!checks::<Check>([]).passed());
        let good = check("", 1.0).equals(1.0).within(0.0);
        let bad = check("", 1.0).equals(2.0).within(0.0);
        assert!(checks([&good]).passed());
        assert!(!checks([good, bad]).passed());
    }

    #[test]
    fn it_reads_as_a_sentence() {
        let good = check("the area is 1", 0.999_999_9).equals(1.0).within(1e-6);
        assert_eq!(
            good.to_string(),
            "✓ the area is 1\n  measured 0.9999999, expected 1 ± 1e-6, off by 1e-7"
        );
        let bad = check("it is 0", -1.0).equals(0.0).within(1e-3);
        assert_eq!(bad.to_string(), "✗ it is 0\n  measured -1, expected 0 ± 0.001, off by 1");
        assert_eq!(number(-1.26e-9, 1e-2), "-1.3e-9");
        assert_eq!(number(std::f64::consts::PI, 1e-3), "3.1416");
        let quarter = check("it is near", 1.649e-3).equals(0.0).within(0.25);
        assert!(quarter.to_string().ends_with("± 0.25, off by 0.0016"), "{quarter}");
        assert_eq!(number(3e-20, 1e-22), "3e-20");
        assert_eq!(number(1e300, 1.0), "1e300");
    }

    #[test]
    fn all_forms_are_sent() {
        let a = check("w < 1 & \"so\"", 0.5).equals(0.5).within(0.1);
        let contents = contents(&[a.clone(), a.clone()]);
        assert_eq!(contents.plain, format!("{a}\n{a}"));
        let (html_type, html) = &contents.rich[0];
        assert_eq!(*html_type, "text/html");
        assert!(html.contains("w &lt; 1 &amp; &quot;so&quot;") && html.contains("✓"));
        let (json_type, json) = &contents.rich[1];
        // What the program that runs the notebooks looks for.
        assert_eq!(*json_type, "application/vnd.gmm.checks+json");
        assert_eq!(*json, format!("{{\"checks\": [{0}, {0}]}}", a.to_json()));
    }

    #[test]
    fn its_data_is_json() {
        let c = check("w\"", f64::NAN).equals(1.0).within(0.5);
        let stated = r#"{"claim": "w\"", "measured": null, "expected": 1e0, "tolerance": 5e-1, "passed": false}"#;
        assert_eq!(c.to_json(), stated);
    }
}
