"""Turns the text cells of a notebook into HTML.

Formulas become MathML here, which every current browser shows by itself, and code gets its colours here, so that a
page needs no script for either.
"""

import html
import re
from xml.etree import ElementTree

from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound


def attribute(text: str) -> str:
    return html.escape(text, quote=True)


def code_html(code: str, language: str) -> str:
    """A block of code, with its tokens in classes that site.css colours."""
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        lexer = get_lexer_by_name("text")
    # The kernel's commands are no Rust.
    commands, rest = re.match(r"((?::[^\n]*(?:\n|$))*)(.*)", code, re.DOTALL).groups()
    shown = f'<span class="kernel">{html.escape(commands)}</span>' if commands else ""
    if rest.strip():
        shown += highlight(rest, lexer, HtmlFormatter(nowrap=True))
    return f'<pre class="code"><code>{shown.rstrip()}</code></pre>\n'


def formula(latex: str, display: str) -> str:
    try:
        mathml = convert(latex.strip(), display=display)
    except Exception:  # a formula that the converter does not know is shown as it was written
        mathml = f"<code>{html.escape(latex)}</code>"
    return f'<span class="formula">{mathml}</span>' if display == "block" else breakable(mathml)


# After these a line may end, as in TeX.
BREAKS = "=≈≠≤≥<>→∝+−-·×,"


def breakable(mathml: str) -> str:
    """A formula in the running text, in pieces between which a line may end: a browser breaks none by itself."""
    ElementTree.register_namespace("", "http://www.w3.org/1998/Math/MathML")
    try:
        root = ElementTree.fromstring(mathml)
    except ElementTree.ParseError:
        return mathml
    row = root[0]
    pieces, depth, bars = [[]], 0, 0
    for element in row:
        pieces[-1].append(element)
        sign = (element.text or "").strip() if element.tag.endswith("}mo") else ""
        depth += (sign in ("(", "[", "{")) - (sign in (")", "]", "}"))
        bars += sign in ("|", "‖")
        if sign and sign in BREAKS and depth == 0 and bars % 2 == 0:
            pieces.append([])
    pieces = [piece for piece in pieces if piece]
    if len(pieces) < 2:
        return mathml
    return "<wbr>".join(math_of(root, piece) for piece in pieces)


def math_of(root, elements) -> str:
    math = ElementTree.Element(root.tag, root.attrib)
    ElementTree.SubElement(math, root[0].tag).extend(elements)
    return ElementTree.tostring(math, encoding="unicode")


def page_link(url: str) -> str:
    """Where a link to a notebook beside this one leads on the site."""
    name, mark, section = url.partition("#")
    if name.endswith(".ipynb") and "/" not in name:
        name = name.removesuffix(".ipynb") + ".html"
    return name + mark + section


class Renderer(IPythonRenderer):
    """Markdown as HTML; remembers the page's headings."""

    def __init__(self) -> None:
        super().__init__(escape=False)
        self.sections: list[tuple[int, str, str]] = []

    def heading(self, text: str, level: int, **_) -> str:
        name = self.new_name(text)
        self.sections.append((level, name, text))
        if level == 1:
            return f'<h1 id="{name}">{text}</h1>\n'
        anchor = f'<a class="anchor" href="#{name}" aria-label="Link to this section">#</a>'
        return f'<h{level} id="{name}">{text} {anchor}</h{level}>\n'

    def new_name(self, text: str) -> str:
        """Letters and digits of a heading, which no other heading of the page has."""
        plain = html.unescape(re.sub(r"<[^>]*>", "", text))
        base = re.sub(r"[\W_]+", "-", plain.lower()).strip("-") or "section"
        taken = {name for _, name, _ in self.sections}
        name, number = base, 2
        while name in taken:
            name, number = f"{base}-{number}", number + 1
        return name

    def link(self, text: str, url: str, title: str | None = None) -> str:
        return super().link(text, page_link(url), title)

    def block_code(self, code: str, info: str | None = None) -> str:
        words = (info or "").split()
        return code_html(code, words[0] if words else "text")

    def table(self, text: str) -> str:
        return f'<div class="wide"><table>{text}</table></div>\n'

    def inline_math(self, body: str) -> str:
        return formula(body, "inline")

    def block_math(self, body: str) -> str:
        return formula(body, "block")

    def latex_environment(self, name: str, body: str) -> str:
        return formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")


def text_html(markdown: str, renderer: Renderer) -> str:
    return MarkdownWithMath(renderer=renderer).render(markdown)
