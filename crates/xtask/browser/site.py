"""Looks at the site as its readers see it.

usage: site.py SITE CONTROLS NOTEBOOK…

SITE was made of the notebooks. CONTROLS is the site of the notebooks in fixtures, which hold one of everything. It must
pass, too; and each check must see the damage that is done to a copy of it.
"""

import shutil
import sys
import tempfile
from pathlib import Path

import site_checks as checks
from chromium import chromium
from claims import Claims
from site_checks import Site, Visit

FIXTURES = Path(__file__).with_name("fixtures")

# What holds, and the check that looks whether it does: in the files, or in the browser.
IN_FILES = {
    "every page is valid HTML": checks.invalid,
    "every link leads somewhere": checks.dangling,
    "contents, previous and next are in reading order": checks.out_of_order,
    "every output is there, each figure with its caption as alternative text": checks.missing_outputs,
}
IN_BROWSER = {
    "no request leaves the folder, and no script breaks": checks.noisy,
    "nothing is wider than a phone": checks.too_wide,
    "every figure is drawn": checks.blank_images,
    "answers are folded, and unfold": checks.badly_folded,
    "code is coloured": checks.colourless,
    "every slider moves something": checks.lifeless,
}

# A check, and damage to A-everything.html, or to the file that is named, that it must see: old text, new text.
DAMAGE = [
    (checks.invalid, "an end tag is missing", "</blockquote>", ""),
    (checks.invalid, "a name is used twice", 'id="a-4"', 'id="a-3"'),
    (checks.dangling, "a page that is not there", "B-little.html#", "C-little.html#"),
    (checks.dangling, "a section that is not there", "B-little.html#a-section", "B-little.html#no-section"),
    (checks.dangling, "a link to a notebook's file", 'href="B-little.html"', 'href="B-little.ipynb"'),
    (checks.out_of_order, "the next page is wrong", 'rel="next" href="B', 'rel="next" href="A'),
    (checks.missing_outputs, "a figure without its caption", 'alt="Figure: a triangle', 'alt="Figure: a circle'),
    (checks.missing_outputs, "an image without a text", "<img ", '<img src="data:," alt=""><img '),
    (checks.missing_outputs, "a printed line is lost", "1 &lt; 2 &amp;", ""),
    (checks.noisy, "a picture from elsewhere", "<main>", '<main><img alt="x" src="http://localhost:9/x.png">'),
    (checks.noisy, "a script that breaks", "<main>", "<main><script>nothing.there</script>"),
    (checks.too_wide, "a table that does not scroll", 'class="wide"', 'class="narrow"'),
    (checks.too_wide, "a formula that does not scroll", '<span class="formula">', '<span class="block">'),
    (checks.too_wide, "code that does not scroll", '<pre class="code">', '<pre style="overflow:visible">'),
    (checks.blank_images, "a broken figure", "data:image/svg+xml;base64,", "data:image/svg+xml;base64,AAAA"),
    (checks.blank_images, "a figure to play with that draws nothing", "<svg ", "<b "),
    (checks.badly_folded, "an answer in the open", "<details>", "<details open>"),
    (checks.colourless, "a style that is not there", "site.css", "no.css"),
    (checks.lifeless, "a slider without its script", "slider.oninput", "slider.onno"),
    (checks.lifeless, "a script without a slider", 'type="range"', 'type="hidden"'),
]


def look(check, site: Site, visit: Visit) -> list[str]:
    return check(site) if check in IN_FILES.values() else check(site, visit)


def unseen(check, site: Site, visit: Visit, old: str, new: str) -> str | None:
    """What is wrong with a check, if anything: it must pass the site, and not its damaged copy."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Site(Path(folder) / "site", site.notebooks)
        shutil.copytree(site.folder, copy.folder)
        page = copy.folder / "A-everything.html"
        content = page.read_text(encoding="utf-8")
        if old not in content:
            return f"{old!r} is not in the page"
        page.write_text(content.replace(old, new), encoding="utf-8")
        return None if look(check, copy, visit) else "it is not seen"


def main(folder: Path, controls: Path, notebooks: list[Path]) -> int:
    claims = Claims()
    everything = Site(controls, sorted(FIXTURES.glob("*.ipynb")))
    with chromium() as browser:
        visit = Visit(browser.new_page())
        for site, of in [(Site(folder, notebooks), ""), (everything, "controls: ")]:
            for claim, check in {**IN_FILES, **IN_BROWSER}.items():
                claims.check(of + claim, look(check, site, visit))
        for check, damage, old, new in DAMAGE:
            claims.check(f"{damage} is seen", unseen(check, everything, visit, old, new))
    return claims.status()


if __name__ == "__main__":
    site, controls, *notebooks = (Path(argument).resolve() for argument in sys.argv[1:])
    sys.exit(main(site, controls, notebooks))
