"""Compares what JupyterLab shows of a cell with what the committed notebook has."""

import html
import re

from numbers_in_text import differs

CHECKS = "application/vnd.gmm.checks+json"
STDERR = "application/vnd.jupyter.stderr"
STDOUT = "application/vnd.jupyter.stdout"
ERROR = "application/vnd.jupyter.error"
# Smaller ones are no figure that one can read.
SMALLEST = (200, 100)
# Of red and green the stronger one must outweigh the other by this much, of 255.
CONTRAST = 40


def text(value) -> str:
    return value if isinstance(value, str) else "".join(value or [])


def tags(cell) -> list[str]:
    return cell["metadata"].get("tags", [])


def bundles(cell) -> list[dict]:
    """The outputs that came as a choice of forms."""
    return [output["data"] for output in cell.get("outputs", []) if "data" in output]


def is_figure(data: dict) -> bool:
    return "text/html" not in data and any(kind.startswith("image/") for kind in data)


def is_explorable(data: dict) -> bool:
    return "<script" in text(data.get("text/html"))


# --- each says what is wrong with one cell ------------------------------------------------------------------------------


def errors(cell, shown) -> list[str]:
    """Nothing fails that is not meant to."""
    if "raises-exception" in tags(cell):
        return []
    bad = [output for output in shown["outputs"] if output["kind"] in (STDERR, ERROR)]
    if "expect-stderr" in tags(cell):
        bad = [output for output in bad if output["kind"] == ERROR or "panicked" in output["text"]]
    return [f"an error: {output['text'][:80]}" for output in bad]


def not_run(cell, shown) -> list[str]:
    if cell["cell_type"] == "code" and text(cell["source"]).strip() and not re.fullmatch(r"\[\d+\]:", shown["prompt"]):
        return [f"it has not run: its prompt is {shown['prompt']!r}"]
    return []


def figures(cell, shown) -> list[str]:
    """Every figure is drawn, at a size at which it can be read, and has a caption in the notebook."""
    problems = []
    wanted = [data for data in bundles(cell) if is_figure(data)]
    drawn = [image for output in shown["outputs"] for image in output["images"] if readable(image)]
    if len(drawn) < len(wanted):
        problems.append(f"{len(drawn)} of {len(wanted)} figures are drawn")
    for data in wanted:
        if len(text(data.get("text/plain")).split()) < 5:
            problems.append("a figure has no caption")
    return problems


def readable(image) -> bool:
    return image["drawn"] and image["width"] >= SMALLEST[0] and image["height"] >= SMALLEST[1]


def explorables_still(cell, shown) -> list[str]:
    """Before anything was run: the static picture, no control that would do nothing, and no script."""
    if not any(is_explorable(data) for data in bundles(cell)):
        return []
    problems = []
    if not any(readable(image) for output in shown["outputs"] for image in output["images"]):
        problems.append("an explorable figure has no static picture")
    if any(output["controls"] or output["scripts"] for output in shown["outputs"]):
        problems.append("an explorable figure has controls, though no script may run")
    return problems


def explorables_alive(cell, shown) -> list[str]:
    if any(is_explorable(data) for data in bundles(cell)):
        if not any(output["controls"] for output in shown["outputs"]):
            return ["an explorable figure has nothing to play with"]
    return []


def checks(cell, shown) -> list[str]:
    """As many checks as in the notebook, with the same verdicts, in the colours of these."""
    wanted = [check["passed"] for data in bundles(cell) for check in data.get(CHECKS, {}).get("checks", [])]
    marks = [mark for output in shown["outputs"] for mark in output["marks"]]
    verdicts = [mark["mark"] == "✓" for mark in marks]
    problems = [] if verdicts == wanted else [f"checks: {spelt(verdicts)} instead of {spelt(wanted)}"]
    for mark in marks:
        red, green = (int(part) for part in re.findall(r"\d+", mark["colour"])[:2])
        if (green if mark["mark"] == "✓" else red) - (red if mark["mark"] == "✓" else green) < CONTRAST:
            problems.append(f"{mark['mark']} has the colour {mark['colour']}")
    return problems


def spelt(verdicts: list[bool]) -> str:
    return "".join("✓" if verdict else "✗" for verdict in verdicts) or "none"


def texts(cell, shown) -> list[str]:
    """What was printed and what is shown as text, up to the last digits."""
    problems = []
    for kind, stream, form in ((STDOUT, "stdout", "text"), ("text/plain", None, "text"), ("text/html", None, "words")):
        expected = expected_texts(cell, kind, stream)
        found = [output[form] for output in shown["outputs"] if output["kind"] == kind]
        if kind == "text/html" and any(is_explorable(data) for data in bundles(cell)):
            continue  # what its script makes of it is for another check
        difference = differs(" ".join(expected), " ".join(found))
        if difference:
            problems.append(difference)
    return problems


def expected_texts(cell, kind: str, stream: str | None) -> list[str]:
    if stream:
        return [text(output["text"]) for output in cell.get("outputs", []) if output.get("name") == stream]
    if kind == "text/plain":
        return [text(data[kind]) for data in bundles(cell) if kind in data and set(data) <= {kind, CHECKS}]
    return [words(text(data[kind])) for data in bundles(cell) if kind in data]


def words(fragment: str) -> str:
    """The texts between the tags, with spaces between them, as lab_page.py reads them off the page."""
    shown = re.sub(r"<(script|style)\b.*?</\1>", " ", fragment, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]*>", " ", shown))


def formulas(cell, shown) -> list[str]:
    """In the text, formulas are set, and none is left as it was typed."""
    if cell["cell_type"] != "markdown":
        return []
    source = re.sub(r"(`+).*?\1", "", text(cell["source"]), flags=re.DOTALL)
    n_formulas = len(re.findall(r"\$\$.+?\$\$|\$[^$]+?\$", source, flags=re.DOTALL))
    # A formula in a folded answer is not on the screen.
    folded = "".join(re.findall(r"<details>.*?</details>", source, flags=re.DOTALL))
    n_folded = len(re.findall(r"\$\$.+?\$\$|\$[^$]+?\$", folded, flags=re.DOTALL))
    problems = []
    if not n_formulas - n_folded <= shown["formulas"] <= n_formulas:
        problems.append(f"{shown['formulas']} formulas are set, of {n_formulas - n_folded}")
    if shown["badFormulas"]:
        problems.append("a formula is wrong")
    return problems


def look(check, cells: list[dict], shown: list[dict]) -> list[str]:
    """Everything that a check finds in a notebook."""
    if len(cells) != len(shown):
        return [f"{len(shown)} cells instead of {len(cells)}"]
    return [f"cell {cell['id']}: {problem}" for cell, seen in zip(cells, shown) for problem in check(cell, seen)]
