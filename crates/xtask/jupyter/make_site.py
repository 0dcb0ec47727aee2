"""Makes a site of executed notebooks.

usage: make_site.py FOLDER NOTEBOOK…      (in reading order)

The site refers to nothing outside its folder, neither scripts nor fonts, and can be read from the disk.
"""

import base64
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat

from site_code import cell_html
from site_text import Renderer, attribute, text_html

STYLE = Path(__file__).with_name("site.css")
TITLE = "Gaussian mixtures in Rust"
SUBTITLE = "Notebooks about densities, areas and what they mean"
INTRODUCTION = """
A person fits a Gaussian mixture, builds “the same” curve by hand from the fitted means, widths and weights, and gets another curve. These
notebooks reproduce that, find the mistake, mend it, and go on from there to judging any density: what must integrate to what, how to
measure it, and what a density does and does not say.
"""
HOW_TO_RUN = """
Every number and figure here was put out by the code above it. To run and change it, open the project's folder and type
<code>cargo xtask lab</code>.
"""
# A bell, drawn by hand, so that no browser asks a server for an icon.
BELL = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">
<path d="M1 14C6 14 5 2 8 2s2 12 7 12" fill="none" stroke="#c2185b" stroke-width="2"/></svg>"""
ICON = "data:image/svg+xml;base64," + base64.b64encode(BELL.encode()).decode()

FRAME = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="{description}">
<title>{title}</title>
<link rel="icon" href="{icon}">
<link rel="stylesheet" href="site.css">
</head>
<body>
{body}
</body>
</html>
"""


@dataclass
class Page:
    """A notebook's page, and what the contents say about it."""

    name: str
    heading: str
    question: str
    sections: list[tuple[int, str, str]]
    body: str

    def link(self, text: str) -> str:
        return f'<a href="{self.name}.html">{text}</a>'


def read(path: Path) -> Page:
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.source.strip()]
    renderer = Renderer()
    body = []
    for cell in cells:
        if cell.cell_type == "markdown":
            body.append(f'<div class="text">\n{text_html(cell.source, renderer)}</div>\n')
        elif cell.cell_type == "code":
            body.append(cell_html(cell))
    headings = [text for level, _, text in renderer.sections if level == 1]
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    return Page(
        name=path.stem,
        heading=headings[0] if headings else path.stem,
        question=question(texts),
        sections=[section for section in renderer.sections if section[0] == 2],
        body="".join(body),
    )


def question(texts: list[str]) -> str:
    """What a notebook answers: the paragraph of its opening that holds the question set in bold, else the first."""
    opening = texts[0] if texts else ""
    blocks = [block.strip() for block in opening.split("\n\n")]
    paragraphs = [block for block in blocks if block and block[0] not in "#|>$`<"]
    asking = [block for block in paragraphs if re.search(r"\*\*[^*]+\?\*\*", block)]
    chosen = (asking or paragraphs or [""])[0]
    # The contents lead to the notebooks themselves, not to what they refer to.
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", chosen)


def plain(markup: str) -> str:
    return re.sub(r"<[^>]*>", "", markup)


def frame(title: str, description: str, body: str) -> str:
    return FRAME.format(title=title, description=attribute(description), icon=ICON, body=body)


def neighbours(pages: list[Page], at: int) -> str:
    """To the page before and the page after."""
    links = []
    if at > 0:
        page = pages[at - 1]
        links.append(f'<a rel="prev" href="{page.name}.html"><span>Previous</span>{page.heading}</a>')
    if at + 1 < len(pages):
        page = pages[at + 1]
        links.append(f'<a rel="next" href="{page.name}.html"><span>Next</span>{page.heading}</a>')
    return f'<nav class="neighbours" aria-label="Other notebooks">\n{"".join(links)}\n</nav>\n'


def sections(page: Page) -> str:
    """The page's own contents, for screens that have room beside the text."""
    entries = "".join(f'<li><a href="#{name}">{text}</a></li>' for _, name, text in page.sections)
    return f'<nav class="sections" aria-label="On this page"><ol>{entries}</ol></nav>\n' if entries else ""


def notebook_html(pages: list[Page], at: int) -> str:
    page = pages[at]
    header = f'<header><a href="index.html">{TITLE}</a><span>{at + 1} of {len(pages)}</span></header>\n'
    body = f"{header}{sections(page)}<main>\n{page.body}</main>\n{neighbours(pages, at)}"
    description = plain(text_html(page.question, Renderer())).strip()
    return frame(f"{plain(page.heading)} · {TITLE}", description, body)


def index_html(pages: list[Page]) -> str:
    entries = "".join(
        f"<li>{page.link(page.heading)}\n{text_html(page.question, Renderer())}</li>\n" for page in pages
    )
    body = (
        f'<main class="index">\n<h1>{TITLE}</h1>\n<p class="subtitle">{SUBTITLE}</p>\n<p>{INTRODUCTION.strip()}</p>\n'
        f"<h2>In reading order, and what each answers</h2>\n<ol>\n{entries}</ol>\n<p>{HOW_TO_RUN.strip()}</p>\n</main>"
    )
    return frame(TITLE, SUBTITLE, body)


def main(folder: Path, paths: list[Path]) -> None:
    folder.mkdir(parents=True)
    pages = [read(path) for path in paths]
    for at, page in enumerate(pages):
        (folder / f"{page.name}.html").write_text(notebook_html(pages, at), encoding="utf-8")
    (folder / "index.html").write_text(index_html(pages), encoding="utf-8")
    shutil.copyfile(STYLE, folder / "site.css")


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
