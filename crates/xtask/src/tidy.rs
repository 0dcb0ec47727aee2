//! Makes an executed notebook fit to be read and committed: the same bytes for the same results.

use anyhow::{Context, Result};
use base64::Engine as _;
use serde::Serialize as _;
use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Map, Value, json};

use crate::notebook::{self, Notebook};

/// Cleans up everything; the outputs have just been made by the kernel.
pub(crate) fn tidy(notebook: &mut Notebook) -> Result<()> {
    notebook.json["metadata"]["kernelspec"] =
        json!({"display_name": "Rust", "language": "rust", "name": "rust"});
    notebook.json["metadata"]["language_info"] = json!({
        "codemirror_mode": "rust",
        "file_extension": ".rs",
        "mimetype": "text/rust",
        "name": "rust",
        "pygments_lexer": "rust",
    });
    let mut count = 0;
    for cell in notebook.json["cells"].as_array_mut().into_iter().flatten() {
        tidy_metadata(cell);
        if cell["cell_type"] == "code" {
            // The kernel begins with 2, and Jupyter does not run what is empty.
            let is_run = !notebook::text(&cell["source"]).trim().is_empty();
            count += u64::from(is_run);
            cell["execution_count"] = if is_run { count.into() } else { Value::Null };
            let outputs = cell["outputs"].as_array_mut().map(std::mem::take).unwrap_or_default();
            cell["outputs"] = Value::Array(tidy_outputs(outputs, &cell["execution_count"])?);
        }
        cell["source"] = split(&cell["source"]);
    }
    Ok(())
}

/// When a cell ran, and whether somebody trusted it, differs each time.
fn tidy_metadata(cell: &mut Value) {
    if let Some(metadata) = cell["metadata"].as_object_mut() {
        metadata.retain(|key, _| key != "execution" && key != "trusted");
    } else {
        cell["metadata"] = json!({});
    }
}

fn tidy_outputs(mut outputs: Vec<Value>, execution_count: &Value) -> Result<Vec<Value>> {
    let mut tidied: Vec<Value> = Vec::new();
    // Streams arrive by other ways than results: in which order, is chance.
    outputs.sort_by_key(|output| match output["name"].as_str() {
        Some("stdout") => 0,
        Some("stderr") => 1,
        _ => 2,
    });
    for mut output in outputs {
        if output["output_type"] == "stream" {
            let before = tidied
                .last_mut()
                .filter(|last| last["output_type"] == "stream" && last["name"] == output["name"]);
            if let Some(before) = before {
                before["text"] =
                    (notebook::text(&before["text"]) + &notebook::text(&output["text"])).into();
                continue;
            }
        }
        if output.get("execution_count").is_some() {
            output["execution_count"] = execution_count.clone();
        }
        add_picture(&mut output)?;
        replace_drawings(&mut output)?;
        tidied.push(output);
    }
    tidied.iter_mut().for_each(split_texts);
    Ok(tidied)
}

/// Gives a drawing a picture beside it: viewers that do not trust a notebook's drawings show that.
fn add_picture(output: &mut Value) -> Result<()> {
    let drawing = &output["data"]["image/svg+xml"];
    if drawing.is_null() {
        return Ok(());
    }
    let picture = svg_picture::draw(&notebook::text(drawing))?;
    output["data"]["image/png"] =
        base64::engine::general_purpose::STANDARD.encode(picture.png).into();
    output["metadata"]["image/png"] = json!({"width": picture.width, "height": picture.height});
    Ok(())
}

/// Where HTML has a drawing in an image's address, as figures to play with have for viewers without scripts, puts a picture.
fn replace_drawings(output: &mut Value) -> Result<()> {
    const DRAWING: &str = "src=\"data:image/svg+xml,";
    // Indexing would put an empty one into every output that has none.
    let Some(html) = output.pointer_mut("/data/text~1html") else {
        return Ok(());
    };
    let text = notebook::text(html);
    if !text.contains(DRAWING) {
        return Ok(());
    }
    let mut parts = text.split(DRAWING);
    let mut replaced = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (address, rest) = part.split_once('"').context("an image's address has no end")?;
        let picture = svg_picture::draw(&percent_decode(address)?)?;
        let png = base64::engine::general_purpose::STANDARD.encode(picture.png);
        let (width, height) = (picture.width, picture.height);
        replaced += &format!(
            "width=\"{width}\" height=\"{height}\" src=\"data:image/png;base64,{png}\"{rest}"
        );
    }
    *html = replaced.into();
    Ok(())
}

fn percent_decode(address: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(address.len());
    let mut rest = address.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        if byte == b'%' {
            let (digits, after) =
                after.split_at_checked(2).context("an image's address ends in %")?;
            let digits = std::str::from_utf8(digits)?;
            let byte = u8::from_str_radix(digits, 16)
                .with_context(|| format!("%{digits} in an image's address is no byte"))?;
            bytes.push(byte);
            rest = after;
        } else {
            bytes.push(byte);
            rest = after;
        }
    }
    Ok(String::from_utf8(bytes)?)
}

/// Texts become lists of lines, as Jupyter writes them: readable when compared.
fn split_texts(output: &mut Value) {
    if output.get("text").is_some() {
        output["text"] = split(&output["text"]);
    }
    if let Some(data) = output.get_mut("data").and_then(Value::as_object_mut) {
        for (kind, value) in data {
            if kind.starts_with("text/")
                || kind == "image/svg+xml"
                || kind == "application/javascript"
            {
                *value = split(value);
            }
        }
    }
}

pub(crate) fn split(text: &Value) -> Value {
    notebook::text(text).split_inclusive('\n').collect()
}

/// The file's content, in Jupyter's own layout: keys in order, an indentation of one space.
pub(crate) fn to_bytes(notebook: &Notebook) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut bytes, PrettyFormatter::with_indent(b" "));
    sorted(&notebook.json).serialize(&mut serializer)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(sorted).collect(),
        Value::Object(object) => {
            let mut keys: Vec<&String> = object.keys().collect();
            keys.sort();
            Value::Object(
                keys.into_iter()
                    .map(|key| (key.clone(), sorted(&object[key])))
                    .collect::<Map<_, _>>(),
            )
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SVG: &str = "<svg xmlns='http://www.w3.org/2000/svg' width='4' height='2'/>";

    fn example() -> Result<Notebook> {
        let figure = json!({"output_type": "execute_result", "execution_count": 7, "data": {"image/svg+xml": SVG}, "metadata": {}});
        let stream = |text: &str| json!({"output_type": "stream", "name": "stdout", "text": text});
        Notebook::new(
            "a",
            json!({"nbformat": 4, "nbformat_minor": 5, "metadata": {"title": "é"}, "cells": [
                {"id": "a", "cell_type": "markdown", "metadata": {}, "source": "# A\n\ntext"},
                {"id": "b", "cell_type": "code", "metadata": {"execution": {"t": 1}}, "source": "1", "outputs": [stream("a\n"), stream("b\n"), figure]},
                {"id": "c", "cell_type": "code", "metadata": {}, "source": "", "execution_count": 3, "outputs": []},
                {"id": "d", "cell_type": "code", "metadata": {"tags": ["t"]}, "source": "2", "outputs": []},
            ]}),
        )
    }

    #[test]
    fn counts_streams_timing_and_pictures() -> Result<()> {
        let mut notebook = example()?;
        tidy(&mut notebook)?;
        let cells = notebook.cells();
        let counts: Vec<&Value> = cells[1..].iter().map(|cell| &cell["execution_count"]).collect();
        assert_eq!(counts, [&json!(1), &Value::Null, &json!(2)]);
        let outputs = &cells[1]["outputs"];
        assert_eq!(outputs[0]["text"], json!(["a\n", "b\n"]));
        assert_eq!(outputs[1]["execution_count"], 1);
        assert_eq!(outputs[1]["metadata"]["image/png"], json!({"width": 4.0, "height": 2.0}));
        // Nothing is added to what has no HTML.
        assert!(outputs[0].get("data").is_none());
        assert!(outputs[1]["data"].get("text/html").is_none());
        assert!(
            outputs[1]["data"]["image/png"].as_str().is_some_and(|png| png.starts_with("iVBOR"))
        );
        assert_eq!(cells[1]["metadata"], json!({}));
        assert_eq!(cells[0]["source"], json!(["# A\n", "\n", "text"]));
        Ok(())
    }

    #[test]
    fn a_drawing_inside_html_becomes_a_picture() -> Result<()> {
        let svg = SVG.replace('<', "%3C").replace("xmlns", "data-label='50%25 \u{3bc}' xmlns");
        let html = |image: &str| format!("<p>a</p>\n<img alt=\"b\" {image}>\n<p>c</p>");
        let drawing = html(&format!("src=\"data:image/svg+xml,{svg}\""));
        let mut output = json!({"data": {"text/html": drawing}});
        replace_drawings(&mut output)?;
        let picture = notebook::text(&output["data"]["text/html"]);
        let start =
            "<p>a</p>\n<img alt=\"b\" width=\"4\" height=\"2\" src=\"data:image/png;base64,iVBOR";
        assert!(picture.starts_with(start), "{picture}");
        assert!(picture.ends_with("\">\n<p>c</p>") && !picture.contains("svg"));

        let plain = json!({"data": {"text/html": html("src=\"x.png\"")}});
        let mut output = plain.clone();
        replace_drawings(&mut output)?;
        assert_eq!(output, plain);
        for broken in ["%3Csvg", "no", "%", "%zz", "%ff"] {
            let html = html(&format!("src=\"data:image/svg+xml,{broken}\""));
            assert!(
                replace_drawings(&mut json!({"data": {"text/html": html}})).is_err(),
                "{broken}"
            );
        }
        let endless = "<img src=\"data:image/svg+xml,";
        assert!(replace_drawings(&mut json!({"data": {"text/html": endless}})).is_err());
        Ok(())
    }

    #[test]
    fn tidying_twice_changes_nothing() -> Result<()> {
        let mut notebook = example()?;
        tidy(&mut notebook)?;
        let once = to_bytes(&notebook)?;
        let mut notebook = Notebook::new("a", serde_json::from_slice(&once)?)?;
        tidy(&mut notebook)?;
        assert_eq!(to_bytes(&notebook)?, once);
        Ok(())
    }

    #[test]
    fn the_layout_is_jupyters() -> Result<()> {
        let notebook = Notebook::new(
            "a",
            json!({"nbformat": 4, "metadata": {"b": "é", "a": []}, "cells": []}),
        )?;
        let text = String::from_utf8(to_bytes(&notebook)?)?;
        assert_eq!(
            text,
            "{\n \"cells\": [],\n \"metadata\": {\n  \"a\": [],\n  \"b\": \"é\"\n },\n \"nbformat\": 4\n}\n"
        );
        Ok(())
    }
}
