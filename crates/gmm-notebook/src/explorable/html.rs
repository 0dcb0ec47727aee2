//! An explorable as HTML.
//!
//! The static figure is an `img` with the drawing in its address: viewers that strip scripts and drawings from a notebook leave
//! that. The script hangs the explorable into the `div` as a shadow tree, which hides the static figure, shares neither styles nor ids
//! with the page, and is not there when a saved page is opened again, so that the script makes it anew.

use super::data::Data;
use crate::display::escape;

const COMMON: &str = include_str!("web/explorable.js");
const STYLE: &str = include_str!("web/explorable.css");

/// Keys that are pressed in here move a slider, not JupyterLab's cursor.
const OWN_KEYS: &str = "data-lm-suppress-shortcuts=\"true\"";

pub(super) fn piece(title: &str, svg: &str, caption: &str, script: &str, data: Data) -> String {
    let key = format!("{:016x}", hash(&data.object()));
    let data = data.text("key", &key);
    let caption: Vec<String> = caption.lines().map(escape).collect();
    let css = Data::default().text("css", &compact(STYLE));
    format!(
        "<div class=\"gmm-explorable\" data-key=\"{key}\" {OWN_KEYS}>\n\
         <figure style=\"margin:0\">\n\
         <img style=\"max-width:100%\" alt=\"{}\" src=\"data:image/svg+xml,{}\">\n\
         <figcaption>{}</figcaption>\n\
         </figure>\n\
         <script>\n(() => {{\n\"use strict\";\nconst data = {};\nconst {{ css }} = {};\n{}{}}})();\n</script>\n</div>",
        escape(title),
        percent_encode(svg),
        caption.join("<br>\n"),
        data.object(),
        css.object(),
        compact(COMMON),
        compact(script),
    )
}

pub(super) fn page(title: &str, piece: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n\
         </head>\n<body>\n{piece}\n</body>\n</html>\n",
        escape(title)
    )
}

/// Without indentation, empty lines and lines that are comments: a reader of the source has those, a notebook need not.
fn compact(source: &str) -> String {
    let lines = source.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .fold(String::new(), |out, line| out + line + "\n")
}

/// A drawing inside an address. Spaces and a few more may stay as they are, and it is shorter so.
fn percent_encode(svg: &str) -> String {
    let mut out = String::with_capacity(svg.len() * 5 / 4);
    for byte in svg.bytes() {
        match byte {
            b' ' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(char::from(byte)),
            b'-' | b'.' | b'_' | b'/' | b':' | b'=' | b',' | b';' | b'(' | b')' | b'!' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// FNV-1a: the same in every version of the compiler, so that the same input gives the same bytes.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_in_an_address_has_no_markup() {
        assert_eq!(
            percent_encode("<svg id=\"a#%\">μ</svg>"),
            "%3Csvg id=%22a%23%25%22%3E%CE%BC%3C/svg%3E"
        );
    }

    #[test]
    fn titles_and_captions_are_escaped() {
        let html = piece("a < \"b\"", "<svg/>", "c & d\ne", "", Data::default());
        assert!(html.contains("alt=\"a &lt; &quot;b&quot;\""));
        assert!(html.contains("<figcaption>c &amp; d<br>\ne</figcaption>"));
        assert!(page("a < b", &html).contains("<title>a &lt; b</title>"));
    }

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(hash("a"), 0xaf63_dc4c_8601_ec8c);
    }
}
