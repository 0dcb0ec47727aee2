//! What is read in HTML and SVG: not a parser, but enough to compare what this project's own code has written.

/// One tag or one text.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Token<'a> {
    /// With its angle brackets.
    Tag(&'a str),
    Text(&'a str),
}

/// HTML as lines of tags and texts, without what is no structure: scripts, styles, and the data in addresses.
pub(crate) fn skeleton(html: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut tokens = tokens(html).into_iter();
    while let Some(token) = tokens.next() {
        match token {
            Token::Text(text) if text.trim().is_empty() => {}
            Token::Text(text) => lines.push(text.trim().to_owned()),
            Token::Tag(tag) => {
                lines.push(without_key(&without_data(tag)));
                if let Some(closing) = raw_text_end(tag) {
                    tokens
                        .find(|token| matches!(token, Token::Tag(tag) if tag.starts_with(closing)));
                    lines.push(format!("{closing}>"));
                }
            }
        }
    }
    lines
}

/// The texts in a drawing, each a line; the descriptions for those who do not see it are among them.
pub(crate) fn words(svg: &str) -> Vec<String> {
    let words = skeleton(svg);
    words.into_iter().filter(|line| !line.starts_with('<')).collect()
}

/// The start of the tag that ends an element whose content is no markup.
fn raw_text_end(tag: &str) -> Option<&'static str> {
    let name = |name: &str| {
        let after = tag.strip_prefix('<').and_then(|tag| tag.strip_prefix(name));
        after.is_some_and(|after| after.starts_with(['>', ' ', '\n', '\t'])) && !tag.ends_with("/>")
    };
    [("script", "</script"), ("style", "</style")]
        .iter()
        .find_map(|&(n, end)| name(n).then_some(end))
}

fn tokens(markup: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = markup;
    let mut raw: Option<&str> = None;
    while !rest.is_empty() {
        let start = match raw.take() {
            Some(end) => rest.find(end),
            None => rest.find('<'),
        };
        let (text, after) = rest.split_at(start.unwrap_or(rest.len()));
        if !text.is_empty() {
            tokens.push(Token::Text(text));
        }
        let (tag, after) = after.split_at(tag_length(after));
        if !tag.is_empty() {
            tokens.push(Token::Tag(tag));
            raw = raw_text_end(tag);
        }
        rest = after;
    }
    tokens
}

/// Up to the bracket that closes the tag, which is not one within quotes.
fn tag_length(text: &str) -> usize {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '>') => return at + 1,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    text.len()
}

/// A tag whose data addresses are cut: which picture it is, says nothing to who reads a comparison.
pub(crate) fn without_data(text: &str) -> String {
    let mut parts = text.split("data:");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(['"', '\'', ')', '>', ' ', '\n']).unwrap_or(part.len());
        kept += "data:…";
        kept += &part[end..];
    }
    kept
}

/// A tag without the key by which an explorable figure's script finds it: a digest of all digits of its numbers, also of those in which
/// processors differ.
fn without_key(tag: &str) -> String {
    const KEY: &str = "data-key=\"";
    let Some((before, after)) = tag.split_once(KEY) else { return tag.to_owned() };
    let rest = after.find('"').map_or("", |end| &after[end..]);
    format!("{before}{KEY}…{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structure_and_text_stay() {
        let html = "<table>\n<tr><td title=\"a > b\">1 &lt; 2</td></tr></table>";
        assert_eq!(
            skeleton(html),
            ["<table>", "<tr>", "<td title=\"a > b\">", "1 &lt; 2", "</td>", "</tr>", "</table>"]
        );
    }

    #[test]
    fn scripts_styles_and_data_go() {
        let html = "<style>a{}</style><img src='data:image/png;base64,AA=='><script type=m>if (a<b) {}</script>x";
        assert_eq!(
            skeleton(html),
            ["<style>", "</style>", "<img src='data:…'>", "<script type=m>", "</script>", "x"]
        );
    }

    #[test]
    fn a_key_made_of_all_digits_goes() {
        let html = "<div class=\"figure\" data-key=\"0123abcd\" id=\"a\">";
        assert_eq!(skeleton(html), ["<div class=\"figure\" data-key=\"…\" id=\"a\">"]);
        assert_eq!(without_key("<div data-key=\"0"), "<div data-key=\"…");
    }

    #[test]
    fn a_drawing_has_words() {
        let svg = "<svg><desc>Figure: a.</desc><path d='M0 0'/><text x='1'> σ </text></svg>";
        assert_eq!(words(svg), ["Figure: a.", "σ"]);
        assert!(words("<svg").is_empty());
    }
}
