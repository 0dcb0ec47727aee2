"""Makes a site of executed notebooks.

usage: make_site.py FOLDER NOTEBOOK…      (in reading order)

Each page stands alone: it refers to nothing outside the folder, neither scripts nor fonts. Formulas are turned
into MathML here, which every current browser shows by itself.
"""

import html
import shutil
import sys
from pathlib import Path

import nbformat
from jinja2 import pass_context
from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments.formatters import HtmlFormatter

STYLE = Path(__file__).with_name("site.css")
TITLE = "Gaussian mixtures in Rust: the notebooks"

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="site.css">
</head>
<body>
<nav>{links}</nav>
<main>
{body}
</main>
<nav>{links}</nav>
</body>
</html>
"""


def mathml(latex: str, display: str) -> str:
    try:
        return convert(latex.strip(), display=display)
    except Exception:  # a formula that the converter does not know is shown as it was written
        return f"<code>{html.escape(latex)}</code>"


# Gives each figure its caption as the text for those who cannot see it.
TEMPLATE = """
{%- extends 'basic/index.html.j2' -%}
{%- block data_svg scoped -%}
<img alt="{{ output.data['text/plain'] | default('a figure') | escape_html }}"
src="data:image/svg+xml;base64,{{ output.data['image/svg+xml'] | text_base64 }}">
{%- endblock data_svg -%}
"""


class Renderer(IPythonRenderer):
    """Markdown with its formulas as MathML, and with links to the pages where it has links to the notebooks."""

    def link(self, text: str, url: str, title: str | None = None) -> str:
        if url.endswith(".ipynb") and "/" not in url:
            url = url.removesuffix(".ipynb") + ".html"
        return super().link(text, url, title)

    def inline_math(self, body: str) -> str:
        return mathml(body, "inline")

    def block_math(self, body: str) -> str:
        return mathml(body, "block")

    def latex_environment(self, name: str, body: str) -> str:
        return mathml(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")


def render(markdown: str) -> str:
    return MarkdownWithMath(renderer=Renderer(escape=False, anchor_link_text="#")).render(markdown)


class Exporter(HTMLExporter):
    """The content of a page, without the frame that would load scripts from elsewhere."""

    template_name = "basic"
    raw_template = TEMPLATE

    @pass_context
    def markdown2html(self, context, source: str) -> str:
        return render(source)


def heading_and_summary(notebook) -> tuple[str, str]:
    """The first heading, and the first paragraph below it, of the text cells."""
    heading = summary = ""
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for block in (block.strip() for block in text.split("\n\n")):
        if not heading and block.startswith("#"):
            first, _, rest = block.partition("\n")
            heading, block = first.lstrip("# "), rest.strip()
        if heading and block and not block.startswith(("#", "$$", "|", "```")):
            summary = block
            break
    return heading, summary


def links(pages, at: int) -> str:
    """To the page before, the contents, and the page after."""
    parts = ['<a href="index.html">Contents</a>']
    if at > 0:
        parts.insert(0, f'<a href="{pages[at - 1][0]}.html">← {html.escape(pages[at - 1][1])}</a>')
    if at + 1 < len(pages):
        parts.append(f'<a href="{pages[at + 1][0]}.html">{html.escape(pages[at + 1][1])} →</a>')
    return " ".join(parts)


def index(pages) -> str:
    entries = [
        f'<li><a href="{name}.html">{html.escape(heading)}</a>{render(summary)}</li>'
        for name, heading, summary, _ in pages
    ]
    return f"<h1>{TITLE}</h1>\n<ol>\n" + "\n".join(entries) + "\n</ol>"


def main(folder: Path, paths: list[Path]) -> None:
    folder.mkdir(parents=True)
    exporter = Exporter()
    pages = []
    for path in paths:
        notebook = nbformat.read(path, as_version=4)
        notebook.cells = [cell for cell in notebook.cells if cell.source.strip()]
        heading, summary = heading_and_summary(notebook)
        body, _ = exporter.from_notebook_node(notebook)
        pages.append((path.stem, heading or path.stem, summary, body))
    for at, (name, heading, _, body) in enumerate(pages):
        page = PAGE.format(title=html.escape(heading), links=links(pages, at), body=body)
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    (folder / "index.html").write_text(PAGE.format(title=TITLE, links="", body=index(pages)), encoding="utf-8")
    shutil.copyfile(STYLE, folder / "site.css")
    with open(folder / "site.css", "a", encoding="utf-8") as style:
        style.write(HtmlFormatter(style="default").get_style_defs(".highlight"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
