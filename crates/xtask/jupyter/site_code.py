"""Turns the code cells of a notebook, with their outputs, into HTML."""

import base64
import html
import re

from nbconvert.filters import strip_ansi

from site_text import attribute, code_html

CHECKS = "application/vnd.gmm.checks+json"
DRAWING = "image/svg+xml"
PICTURE = "image/png"

# What a reader who only scrolls past must know about a cell that fails.
INTENDED = {
    "fails-check": "This check is meant to fail.",
    "raises-exception": "This cell is meant to fail.",
}


def cell_html(cell) -> str:
    parts = [code_html(cell.source, "rust")]
    outputs = "".join(output_html(output) for output in cell.outputs)
    if outputs:
        tags = cell.metadata.get("tags", [])
        notes = [f'<p class="intended">{note}</p>\n' for tag, note in INTENDED.items() if tag in tags]
        parts.append(f'<div class="output">\n{"".join(notes)}{outputs}</div>\n')
    return f'<div class="cell" id="{attribute(cell.id)}">\n{"".join(parts)}</div>\n'


def output_html(output) -> str:
    if output.output_type == "stream":
        return text_block(output.text, "error" if output.name == "stderr" else "text")
    if output.output_type == "error":
        return text_block("\n".join(output.traceback) or output.evalue, "error")
    return data_html(output.data)


def data_html(data) -> str:
    """The richest of the forms in which a value has come."""
    if "text/html" in data:
        kind = "wide checks" if CHECKS in data else "wide"
        return f'<div class="{kind}">{data["text/html"]}</div>\n'
    for kind in (DRAWING, PICTURE):
        if kind in data:
            return figure(kind, data[kind], data.get("text/plain", "a figure"))
    return text_block(data.get("text/plain", ""), "text")


def text_block(text: str, kind: str) -> str:
    return f'<pre class="{kind}">{html.escape(strip_ansi(text)).rstrip()}</pre>\n' if text.strip() else ""


def figure(kind: str, content: str, caption: str) -> str:
    """A figure; its caption is both the text for those who do not see it, and to be unfolded by those who do."""
    encoded = content if kind == PICTURE else base64.b64encode(content.encode()).decode()
    image = f'<img{size(content) if kind == DRAWING else ""} alt="{attribute(caption)}" src="data:{kind};base64,{encoded}">'
    lines = "".join(f"<p>{html.escape(line)}</p>" for line in caption.splitlines() if line.strip())
    folded = f"<details><summary>The figure in words and numbers</summary>{lines}</details>"
    return f"<figure>\n{image}\n<figcaption>{folded}</figcaption>\n</figure>\n"


def size(drawing: str) -> str:
    """The drawing's size, lest the page jump when it appears."""
    start = drawing[: drawing.find(">")]
    found = [re.search(rf'\b{name}="([\d.]+)"', start) for name in ("width", "height")]
    if not all(found):
        return ""
    width, height = (round(float(match.group(1))) for match in found)
    return f' width="{width}" height="{height}"'
