"""Looks at notebooks in JupyterLab: as they are opened, and after all their cells were run there.

usage: lab.py URL SCREENSHOTS NOTEBOOK…      (the server's token in the variable TOKEN)

The server's folder has these notebooks by the same names, and those of fixtures/lab, on which each check must find the
mistakes that are in them, and nothing else.
"""

import json
import os
import sys
from pathlib import Path

import lab_checks as checks
from chromium import chromium
from claims import Claims
from lab_page import LabPage, NotRunning

CONTROLS = Path(__file__).with_name("fixtures") / "lab" / "controls.ipynb"

# Before anything was run, and without the notebook being trusted.
OPENED = {
    "every figure is drawn, and has its caption": checks.figures,
    "explorable figures are still pictures": checks.explorables_still,
    "checks are green, and red where that is meant": checks.checks,
    "every text is there": checks.texts,
    "every formula is set": checks.formulas,
}
RUN = {
    "every cell has run": checks.not_run,
    "nothing has failed that is not meant to": checks.errors,
    "every figure is drawn, and has its caption": checks.figures,
    "explorable figures can be played with": checks.explorables_alive,
    "checks are green, and red where that is meant": checks.checks,
    "every text is as it was committed": checks.texts,
}


def read(path: Path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def visit(claims: Claims, page: LabPage, path: Path, screenshots: Path) -> None:
    cells, name = read(path), path.stem
    page.open(len(cells))
    problem = "JupyterLab trusts it" if page.is_trusted() else None
    claims.check(f"{name}, opened: nothing is trusted or run", problem)
    shown = page.cells()
    for claim, check in OPENED.items():
        claims.check(f"{name}, opened: {claim}", checks.look(check, cells, shown))
    claims.check(f"{name}, opened: one can scroll to every figure", page.hidden_images())
    page.photograph(screenshots, f"{name}-opened")

    page.run_all()
    shown = page.cells()
    page.photograph(screenshots, f"{name}-run")
    for claim, check in RUN.items():
        claims.check(f"{name}, run: {claim}", checks.look(check, cells, shown))
    claims.check(f"{name}: nobody but the server is asked for anything", page.strangers())


def with_what_came_late(cells: list[dict], shown: list[dict]):
    """Each cell with what it shows. The kernel's standard error may arrive with the next cell: cells that only wait follow
    those that write there, and what is shown below them belongs to the one before."""
    for at, (cell, seen) in enumerate(zip(cells, shown)):
        if cell["metadata"].get("waits"):
            continue
        late = shown[at + 1]["outputs"] if at + 1 < len(cells) and cells[at + 1]["metadata"].get("waits") else []
        yield cell, {**seen, "outputs": seen["outputs"] + late}


def control(claims: Claims, page: LabPage) -> None:
    """In the cells' metadata stands by which check a mistake must be found, `opened` and `run`, and which cells only wait."""
    cells = read(CONTROLS)
    page.open(len(cells))
    opened = page.cells()
    page.run_all()
    last, never_run = cells[-1], opened[-1]
    problem = None if checks.not_run(last, never_run) else "it is not seen"
    claims.check(f"controls, opened: {last['metadata']['what']}", problem)
    for state, all_checks, shown in [("opened", OPENED, opened), ("run", RUN, page.cells())]:
        if len(shown) != len(cells):
            claims.check(f"controls, {state}", f"{len(shown)} cells instead of {len(cells)}")
            continue
        for cell, seen in with_what_came_late(cells, shown):
            found = sorted({check.__name__ for check in all_checks.values() if check(cell, seen)})
            expected = sorted(cell["metadata"].get(state, []))
            problem = None if found == expected else f"found by {found or 'none'}, not by {expected or 'none'}"
            claims.check(f"controls, {state}: {cell['metadata']['what']}", problem)


def main(url: str, token: str, screenshots: Path, notebooks: list[Path]) -> int:
    claims = Claims()
    with chromium() as browser:
        for path in notebooks:
            with LabPage(browser, url, token, path.name) as page:
                try:
                    visit(claims, page, path, screenshots)
                except NotRunning as error:
                    claims.check(f"{path.stem} runs to its end", str(error))
        with LabPage(browser, url, token, CONTROLS.name) as page:
            control(claims, page)
    return claims.status()


if __name__ == "__main__":
    server, folder, *paths = sys.argv[1:]
    sys.exit(main(server, os.environ["TOKEN"], Path(folder), [Path(path) for path in paths]))
