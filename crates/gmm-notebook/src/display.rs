//! How a value reaches the reader: blocks of typed content on standard output, which the kernel gathers into one result.
//!
//! The kernel calls the method `evcxr_display` of a cell's last expression. Each block names a MIME type; a viewer shows the
//! richest that it can. A second block of the same type would replace the first, so a cell shows one figure.

use std::fmt;
use std::io::Write;

/// The same value, once as plain text and in richer forms.
pub(crate) struct Contents {
    pub(crate) plain: String,
    /// MIME type and content of each.
    pub(crate) rich: Vec<(&'static str, String)>,
}

impl Contents {
    /// Sends all forms to the kernel.
    pub(crate) fn send(&self) {
        let blocks = format!("{BEGIN}text/plain\n{self:?}{END}");
        // One write under one lock: other threads' output cannot come between the markers. If standard output is closed,
        // there is nobody left to tell.
        let _ = std::io::stdout().lock().write_all(blocks.as_bytes());
    }
}

const BEGIN: &str = "EVCXR_BEGIN_CONTENT ";
const END: &str = "\nEVCXR_END_CONTENT\n";

/// The content of a `text/plain` block, ended and followed by the richer blocks, of which the last is left open.
///
/// When a cell's last expression moves one of the cell's variables, the kernel does not call `evcxr_display` but prints
/// `{:?}` between the markers of a `text/plain` block. With this the figure is shown there, too.
impl fmt::Debug for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.plain)?;
        self.rich
            .iter()
            .try_for_each(|(mime_type, text)| write!(f, "{END}{BEGIN}{mime_type}\n{text}"))
    }
}

/// `{:?}` of a value that can be shown: all its forms in a notebook's process, its plain text elsewhere.
pub(crate) fn debug(
    f: &mut fmt::Formatter<'_>,
    contents: impl FnOnce() -> Contents,
    plain: &str,
) -> fmt::Result {
    if std::env::var_os("EVCXR_IS_RUNTIME").is_some() {
        write!(f, "{:?}", contents())
    } else {
        f.write_str(plain)
    }
}

/// Text as it must be written inside HTML or SVG.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Text as it must be written inside JSON, with its quotation marks.
pub(crate) fn json_string(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out + "\""
}

/// A number as JSON knows it; infinities and NaN, which it does not, are null.
pub(crate) fn json_number(x: f64) -> String {
    if x.is_finite() { format!("{x:e}") } else { "null".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_quotation_marks_lose_their_meaning() {
        assert_eq!(escape("a < b & \"c\""), "a &lt; b &amp; &quot;c&quot;");
        assert_eq!(json_string("say \"σ\"\n\\"), r#""say \"σ\"\u000a\\""#);
    }

    #[test]
    fn the_blocks_are_those_that_the_kernel_reads() {
        let contents = Contents { plain: "1".into(), rich: vec![("text/html", "<b>1</b>".into())] };
        assert_eq!(
            format!("{contents:?}"),
            "1\nEVCXR_END_CONTENT\nEVCXR_BEGIN_CONTENT text/html\n<b>1</b>"
        );
    }

    #[test]
    fn numbers_are_json() {
        assert_eq!(json_number(0.302_27), "3.0227e-1");
        assert_eq!(json_number(f64::NAN), "null");
    }
}
