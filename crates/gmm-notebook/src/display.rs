//! How a value reaches the reader: blocks of typed content on standard output, which the kernel gathers into one result.
//!
//! The kernel calls the method `evcxr_display` of a cell's last expression. Each block names a MIME type; a viewer shows the
//! richest that it can. A second block of the same type would replace the first, so a cell shows one figure.

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
        // One write under one lock: other threads' output cannot come between the markers. If standard output is closed,
        // there is nobody left to tell.
        let _ = std::io::stdout().lock().write_all(self.blocks().as_bytes());
    }

    /// Sends a drawing with its caption; of one that could not be made, says why on standard error, which the notebook shows.
    pub(crate) fn send_drawing(
        what: &str,
        mime_type: &'static str,
        drawing: Result<String, impl std::fmt::Display>,
        caption: impl FnOnce() -> String,
    ) {
        match drawing {
            Ok(drawing) => Self { plain: caption(), rich: vec![(mime_type, drawing)] }.send(),
            Err(error) => eprintln!("{what}: {error}"),
        }
    }

    fn blocks(&self) -> String {
        let plain = [("text/plain", self.plain.as_str())];
        let rich = self.rich.iter().map(|(mime_type, text)| (*mime_type, text.as_str()));
        let block = |(mime_type, text)| {
            format!("EVCXR_BEGIN_CONTENT {mime_type}\n{text}\nEVCXR_END_CONTENT\n")
        };
        plain.into_iter().chain(rich).map(block).collect()
    }
}

/// Text as it must be written inside HTML or SVG.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(' '),
            // XML 1.0 has no way to write these.
            c if c < ' ' || c == '\u{fffe}' || c == '\u{ffff}' => {}
            c => out.push(c),
        }
    }
    out
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
        assert_eq!(escape("two\nlines\0"), "two lines");
        assert_eq!(json_string("say \"σ\"\n\\"), r#""say \"σ\"\u000a\\""#);
    }

    #[test]
    fn the_blocks_are_those_that_the_kernel_reads() {
        let contents = Contents { plain: "1".into(), rich: vec![("text/html", "<b>1</b>".into())] };
        assert_eq!(
            contents.blocks(),
            "EVCXR_BEGIN_CONTENT text/plain\n1\nEVCXR_END_CONTENT\n\
             EVCXR_BEGIN_CONTENT text/html\n<b>1</b>\nEVCXR_END_CONTENT\n"
        );
    }

    #[test]
    fn numbers_are_json() {
        assert_eq!(json_number(0.302_27), "3.0227e-1");
        assert_eq!(json_number(f64::NAN), "null");
    }
}
