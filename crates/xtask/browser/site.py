"""Looks at the site as its readers see it.

usage: site.py FOLDER
"""

import sys
from pathlib import Path

import html5lib

from chromium import DESKTOP, chromium
from claims import Claims


def invalid(pages: list[Path]) -> list[str]:
    """What is wrong with the HTML, as the standard's own parser sees it."""
    problems = []
    for page in pages:
        parser = html5lib.HTMLParser()
        parser.parse(page.read_text(encoding="utf-8"))
        for (line, column), code, details in parser.errors:
            problems.append(f"{page.name}:{line}:{column}: {html5lib.constants.E[code] % details}")
    return problems


def main(folder: Path) -> int:
    pages = sorted(folder.glob("*.html"))
    claims = Claims()
    claims.check("every page is valid HTML", invalid(pages) if pages else "there is no page")
    left = []
    with chromium() as browser:
        page = browser.new_page(viewport=DESKTOP)
        page.on("request", lambda request: left.append(request.url))
        for path in pages:
            page.goto(path.as_uri())
    own = folder.as_uri() + "/"
    claims.check("no request leaves the folder", [url for url in left if not url.startswith((own, "data:"))])
    return claims.status()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
