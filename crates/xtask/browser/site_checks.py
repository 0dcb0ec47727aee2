"""What must hold for every page of the site. Each check returns what is wrong, in words; nothing if all is well."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import html5lib
from playwright.sync_api import Page as Tab

# A phone's width, and the narrowest that guidelines for accessible pages name.
PHONE_WIDTHS = [390, 320]
# A fraction of a pixel is rounding.
SLACK = 1
# Letters smaller than this make a phone's reader zoom.
SMALLEST_TEXT = 16


@dataclass
class Site:
    """A folder with pages, and the notebooks they were made of, in reading order."""

    folder: Path
    notebooks: list[Path]

    def pages(self) -> list[Path]:
        return [self.folder / "index.html"] + [self.folder / f"{path.stem}.html" for path in self.notebooks]


def tree(page: Path):
    return html5lib.parse(page.read_text(encoding="utf-8"), namespaceHTMLElements=False)


# --- without a browser ------------------------------------------------------------------------------------------------


def invalid(site: Site) -> list[str]:
    """The standard's own parser is lenient, and reports what it had to mend. What it leaves to others is added."""
    problems = []
    for page in site.pages():
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        root = parser.parse(page.read_text(encoding="utf-8"))
        for (line, _), code, details in parser.errors:
            problems.append(f"{page.name}:{line}: {html5lib.constants.E[code] % details}")
        names = [element.get("id") for element in root.iter() if element.get("id") is not None]
        problems += [f"{page.name}: two elements are called {name!r}" for name in set(names) if names.count(name) > 1]
        problems += [f"{page.name}: {name!r} is no name" for name in names if not name or re.search(r"\s", name)]
        for tag in ("h1", "main", "title"):
            if len(list(root.iter(tag))) != 1:
                problems.append(f"{page.name}: not one {tag}, but {len(list(root.iter(tag)))}")
        if root.get("lang") != "en":
            problems.append(f"{page.name}: no language")
    return problems


def dangling(site: Site) -> list[str]:
    """Links that lead nowhere, or to something that is not on the site."""
    names = {page.name: {element.get("id") for element in tree(page).iter()} for page in site.pages()}
    problems = []
    for page in site.pages():
        for element in tree(page).iter():
            if element.tag not in ("a", "link", "img", "script"):
                continue
            target = element.get("href", element.get("src"))
            if target is None:
                if element.tag in ("a", "img"):
                    problems.append(f"{page.name}: a {element.tag} without a target")
                continue
            parts = urlsplit(target)
            if parts.scheme == "data" or (element.tag == "a" and parts.scheme == "https"):
                continue
            file = unquote(parts.path) or page.name
            if parts.scheme or parts.netloc or "/" in file or not (site.folder / file).is_file():
                problems.append(f"{page.name}: {target} is not on the site")
            elif parts.fragment and unquote(parts.fragment) not in names.get(file, set()):
                problems.append(f"{page.name}: {target} has no such place")
    return problems


def out_of_order(site: Site) -> list[str]:
    """The contents name every notebook in order, with what it answers; each page leads to its neighbours."""
    stems = [path.stem for path in site.notebooks]
    problems = []
    entries = tree(site.folder / "index.html").findall(".//main/ol/li")
    links = [entry.find("a").get("href") for entry in entries]
    if links != [f"{stem}.html" for stem in stems]:
        problems.append(f"the contents are {links}")
    for entry in entries:
        if not "".join(text for paragraph in entry.iter("p") for text in paragraph.itertext()).strip():
            problems.append(f"the contents do not say what {entry.find('a').get('href')} answers")
    for at, stem in enumerate(stems):
        expected = {"prev": stems[at - 1] if at > 0 else None, "next": stems[at + 1] if at + 1 < len(stems) else None}
        found = {link.get("rel"): link.get("href") for link in tree(site.folder / f"{stem}.html").iter("a")}
        for way, name in expected.items():
            if found.get(way) != (name and f"{name}.html"):
                problems.append(f"{stem}: {way} is {found.get(way)}")
        if "index.html" not in {link.get("href") for link in tree(site.folder / f"{stem}.html").iter("a")}:
            problems.append(f"{stem}: no way back to the contents")
    return problems


# --- what the notebooks have ------------------------------------------------------------------------------------------


def text(value) -> str:
    return value if isinstance(value, str) else "".join(value or [])


def outputs(notebook: Path):
    """Each cell's identity, and its outputs."""
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if text(cell["source"]).strip():
            yield cell["id"], cell.get("outputs", [])


def squeezed(words: str) -> str:
    return " ".join(words.split())


def missing_outputs(site: Site) -> list[str]:
    """Whatever a cell has put out stands below it, figures with their captions as alternative text."""
    problems = []
    for notebook in site.notebooks:
        page = tree(site.folder / f"{notebook.stem}.html")
        cells = {element.get("id"): element for element in page.iter("div") if element.get("id")}
        for name, shown in outputs(notebook):
            cell = cells.get(name)
            for output in shown:
                data = output.get("data", {})
                if cell is None:
                    problems.append(f"{notebook.stem}: no cell {name}")
                elif "text/html" not in data and any(kind.startswith("image/") for kind in data):
                    caption = squeezed(text(data.get("text/plain")))
                    if not caption or caption not in [squeezed(image.get("alt") or "") for image in cell.iter("img")]:
                        problems.append(f"{notebook.stem}: cell {name} has no figure with its caption")
                else:
                    wanted = visible(text(data["text/html"])) if "text/html" in data else text(data.get("text/plain", output.get("text")))
                    if squeezed(wanted) not in squeezed("".join(cell.itertext())):
                        problems.append(f"{notebook.stem}: cell {name} lacks {squeezed(wanted)[:60]!r}")
        problems += [f"{notebook.stem}: an image without a text" for image in page.iter("img") if not image.get("alt")]
    return problems


def visible(fragment: str) -> str:
    """The text of some HTML."""
    return "".join(html5lib.parseFragment(fragment, namespaceHTMLElements=False).itertext())


# --- in the browser ---------------------------------------------------------------------------------------------------


class Visit:
    """Opens pages in a tab and keeps what they ask for and complain about."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.requests: list[str] = []
        self.complaints: list[str] = []
        tab.on("request", lambda request: self.requests.append(request.url))
        tab.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, page: Path, width: int = 1280) -> Tab:
        self.tab.set_viewport_size({"width": width, "height": 900})
        self.tab.goto(page.as_uri())
        return self.tab


def noisy(site: Site, visit: Visit) -> list[str]:
    """Requests that leave the folder, and scripts that break."""
    visit.requests, visit.complaints = [], []
    for page in site.pages():
        visit.open(page).evaluate("for (const box of document.querySelectorAll('details')) box.open = true")
        visit.tab.mouse.wheel(0, 20000)
        visit.tab.wait_for_load_state("networkidle")
    own = site.folder.as_uri() + "/"
    strange = [url for url in visit.requests if not url.startswith((own, "data:", "blob:"))]
    return [f"asks for {url}" for url in strange] + visit.complaints


TOO_WIDE = """slack => {
  const width = document.documentElement.clientWidth;
  const scrolls = box => box && (['auto', 'scroll'].includes(getComputedStyle(box).overflowX) || scrolls(box.parentElement));
  const wide = [...document.body.querySelectorAll('*')].filter(box =>
    box.getBoundingClientRect().right > width + slack && !scrolls(box.parentElement) && getComputedStyle(box).display != 'none');
  const found = wide.map(box => `${box.tagName.toLowerCase()} reaches ${Math.round(box.getBoundingClientRect().right)} px`);
  if (document.documentElement.scrollWidth > width) found.push('the page scrolls sideways');
  return found;
}"""


def too_wide(site: Site, visit: Visit) -> list[str]:
    """On a phone nothing is wider than the screen, unless it scrolls by itself; and the letters are large enough."""
    problems = []
    for page in site.pages():
        for width in PHONE_WIDTHS:
            tab = visit.open(page, width)
            tab.evaluate("for (const box of document.querySelectorAll('details')) box.open = true")
            problems += [f"{page.name} at {width} px: {problem}" for problem in tab.evaluate(TOO_WIDE, SLACK)]
        size = tab.evaluate("parseFloat(getComputedStyle(document.querySelector('main p')).fontSize)")
        if size < SMALLEST_TEXT:
            problems.append(f"{page.name}: text of {size} px")
    return problems


BLANK = """() => {
  const large = box => { const at = box.getBoundingClientRect(); return at.width > 100 && at.height > 50; };
  const inTree = box => { for (; box; box = box.parentElement) if (box.shadowRoot) return true; return false; };
  const images = [...document.images].filter(image => !inTree(image));
  const blank = images.filter(image => !(image.complete && image.naturalWidth > 0 && large(image)));
  // What a figure to play with hangs in the place of its picture.
  const trees = [...document.querySelectorAll('*')].filter(box => box.shadowRoot);
  const empty = trees.filter(box => ![...box.shadowRoot.querySelectorAll('svg')].some(large));
  return [...blank.map(image => image.alt), ...empty.map(box => box.querySelector('img')?.alt ?? box.className)]
    .map(name => name.slice(0, 60));
}"""


def blank_images(site: Site, visit: Visit) -> list[str]:
    """Every image is drawn, with a size, or has a drawing in its place."""
    problems = []
    for page in site.pages():
        tab = visit.open(page)
        tab.wait_for_load_state("load")
        problems += [f"{page.name}: {alt!r} is not drawn" for alt in tab.evaluate(BLANK)]
    return problems


def badly_folded(site: Site, visit: Visit) -> list[str]:
    """What is folded is closed, and a click on its title opens it."""
    problems = []
    for page in site.pages():
        boxes = visit.open(page).locator("details")
        for at in range(boxes.count()):
            box = boxes.nth(at)
            content = box.locator(":scope > :not(summary)").first
            if content.is_visible():
                problems.append(f"{page.name}: an answer is in the open")
            box.locator("summary").click()
            if not content.is_visible():
                problems.append(f"{page.name}: an answer does not unfold")
    return problems


COLOURS = """() => [...document.querySelectorAll('.cell > pre.code')].map(block => {
  const words = [...block.querySelectorAll('span')].filter(word => /^(let|fn|use|for|mut)$/.test(word.textContent));
  return {source: block.textContent, own: getComputedStyle(block).color, words: words.map(word => getComputedStyle(word).color)};
})"""
KEYWORD = re.compile(r"^\s*(let|fn|use|for)\b", re.MULTILINE)


def colourless(site: Site, visit: Visit) -> list[str]:
    """Keywords of code have another colour than the rest."""
    problems = []
    for page in site.pages():
        for block in visit.open(page).evaluate(COLOURS):
            coloured = [colour for colour in block["words"] if colour != block["own"]]
            if KEYWORD.search(block["source"]) and (not coloured or len(coloured) < len(block["words"])):
                problems.append(f"{page.name}: {squeezed(block['source'])[:40]!r} has no colours")
    return problems


# Without the slider's own label, which changes even if nothing else does.
BESIDE = """slider => {
  const root = slider.getRootNode() == document ? slider.closest('.output') : slider.getRootNode();
  const copy = document.createElement('div');
  copy.append(...[...root.childNodes].map(node => node.cloneNode(true)));
  for (const label of copy.querySelectorAll('label')) label.remove();
  return copy.innerHTML;
}"""


def lifeless(site: Site, visit: Visit) -> list[str]:
    """An output with a script does something: each of its sliders, moved by a key, changes what stands beside it."""
    problems = []
    for notebook in site.notebooks:
        tab = visit.open(site.folder / f"{notebook.stem}.html")
        for name, shown in outputs(notebook):
            if not any("<script" in text(output.get("data", {}).get("text/html")) for output in shown):
                continue
            output = tab.locator(f"[id='{name}'] .output")
            sliders = output.locator("input[type=range]")
            if output.locator("input:visible, [tabindex]:visible").count() == 0:
                problems.append(f"{notebook.stem}: cell {name} has nothing to play with")
            for at in range(sliders.count()):
                before = sliders.nth(at).evaluate(BESIDE)
                sliders.nth(at).focus()
                tab.keyboard.press("ArrowRight")
                tab.wait_for_timeout(100)
                if sliders.nth(at).evaluate(BESIDE) == before:
                    problems.append(f"{notebook.stem}: slider {at + 1} of cell {name} changes nothing")
    return problems
