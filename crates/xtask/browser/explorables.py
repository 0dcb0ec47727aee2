"""Plays with the explorables as a reader does, and compares what they show with what the crate computes.

usage: explorables.py FOLDER [SCREENSHOTS]

FOLDER holds the pages and `expected.json` that `cargo run -p gmm-notebook --example explorables -- FOLDER` writes.
"""

import bisect
import json
import math
import re
import sys
from pathlib import Path

from chromium import DESKTOP, PHONE, chromium
from claims import Claims

# Coordinates in a path have two decimals, and the axes are read from lines that have all.
PIXEL = 0.011
# Heights of trapezia are whole parts of 1/3000 of 182 units, besides.
TRAPEZIA = 0.5 / 3000 * 182 + PIXEL
# A tick label has as many digits as its number needs; what is read from it is the number.
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
# Below this, errors of the trapezoid rule are rounding: sums in another order give others.
ROUNDING = 1e-14

AXES = """figure => {
    const svg = figure.querySelector("svg"), inner = svg.querySelector("svg");
    const ticks = (kind, side) => [...svg.querySelectorAll(`text.tick.${kind}`)].map((text) =>
        [text.textContent, text.previousElementSibling.getAttribute(side) - inner.getAttribute(kind)]);
    const paths = {};
    for (const path of inner.querySelectorAll("path")) paths[path.dataset.layer] = path.getAttribute("d");
    const dots = [...inner.querySelectorAll("circle")].map((c) => [Number(c.getAttribute("cx")), Number(c.getAttribute("cy"))]);
    return {x: ticks("x", "x1"), y: ticks("y", "y1"), paths, dots, height: Number(inner.getAttribute("height"))};
}"""


def number(text: str) -> float:
    """What a reader takes `−4.09×10⁻³` or `10⁻⁸` for."""
    text = text.strip().replace("−", "-")
    mantissa, _, power = text.partition("×10")
    if power:
        return float(f"{mantissa}e{power.translate(SUPERSCRIPTS)}")
    if match := re.fullmatch(r"10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)", text):
        return 10.0 ** int(match[1].translate(SUPERSCRIPTS))
    return float(text)


def last_digit(text: str) -> float:
    """Half a unit of the last digit of a printed number: what rounding to it may change, with the rounding of that half."""
    text = text.strip().replace("−", "-")
    mantissa, _, power = text.partition("×10")
    decimals = len(mantissa.partition(".")[2])
    return 0.5 * 10.0 ** (int(power.translate(SUPERSCRIPTS) or 0) - decimals) * (1 + 1e-6)


class Compared:
    """What was compared, and what differed."""

    def __init__(self) -> None:
        self.count = 0
        self.problems: list[str] = []

    def near(self, what: str, found: float, expected: float, tolerance: float) -> None:
        self.count += 1
        if not abs(found - expected) <= tolerance:
            self.problems.append(f"{what}: shows {found!r}, the crate has {expected!r}")

    def printed(self, what: str, text: str, expected: float, slack: float = 0.0) -> None:
        self.near(what, number(text), expected, last_digit(text) + slack)

    def true(self, what: str, holds: bool) -> None:
        self.count += 1
        if not holds:
            self.problems.append(what)


class Panel:
    """A pair of axes as it is drawn."""

    def __init__(self, figure, log: bool = False) -> None:
        drawn = figure.evaluate(AXES)
        self.scale = math.log10 if log else float
        self.paths, self.dots, self.height = drawn["paths"], drawn["dots"], drawn["height"]
        self.across, self.up = (self.axis(drawn[kind]) for kind in "xy")

    def axis(self, ticks):
        """From a value to a place, by the outermost ticks."""
        (a, pa), (b, pb) = [(self.scale(number(text)), place) for text, place in (ticks[0], ticks[-1])]
        return lambda value: pa + (self.scale(value) - a) / (b - a) * (pb - pa)

    def points(self, layer: str):
        pairs = re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", self.paths[layer])
        return [(float(x), float(y)) for x, y in pairs]

    def compare(self, compared: Compared, what: str, layer: str, xs, ys, tolerance: float = PIXEL) -> None:
        """Whether the layer's path runs through the points (x, y): each of them is one of its own."""
        points = sorted(self.points(layer))
        for x, y in zip(xs, ys):
            left = self.across(x)
            at = bisect.bisect_left(points, (left - PIXEL, -math.inf))
            near = [p for p in points[at : at + 4] if abs(p[0] - left) <= PIXEL]
            up = self.up(y)
            found = min((p[1] for p in near), key=lambda top: abs(top - up), default=math.nan)
            compared.near(f"{what} at {x:.4f}, in pixels", found, up, tolerance)


class Pages:
    """The folder's pages, each opened as a file, with everything noted that a page must not do."""

    def __init__(self, browser, folder: Path) -> None:
        self.browser, self.folder = browser, folder
        self.requests: list[str] = []
        self.console: list[str] = []

    def open(self, name: str, viewport=DESKTOP, **options):
        page = self.browser.new_context(viewport=viewport, **options).new_page()
        page.add_init_script("window.before = new Set(Object.getOwnPropertyNames(window))")
        address = (self.folder / f"{name}.html").resolve().as_uri()
        note = lambda request: None if request.url.startswith("data:") or request.url == address else self.requests.append(request.url)
        page.on("request", note)
        page.on("console", lambda message: self.console.append(f"{name}: {message.text}"))
        page.on("pageerror", lambda error: self.console.append(f"{name}: {error}"))
        page.goto(address)
        return page


def slide_to(slider, value: float) -> None:
    """Moves a slider by keyboard until it says the value, to the digits that it shows."""
    slider.press("Home")
    for _ in range(int(slider.get_attribute("max")) + 1):
        said = slider.get_attribute("aria-valuetext").split("=")[0]
        if abs(number(said) - value) <= last_digit(said):
            return
        slider.press("ArrowRight")
    raise AssertionError(f"no stop of the slider says {value}")


def component(pages: Pages, expected, claims: Claims) -> None:
    page = pages.open("component")
    std_dev = page.get_by_role("slider", name="σ of component 1")
    weight = page.get_by_role("slider", name="weight w of component 1")
    same = page.get_by_role("checkbox", name="this σ for every component")
    areas, curves, sentence, hidden = Compared(), Compared(), Compared(), Compared()
    start = page.locator("table").inner_text(), Panel(page.locator(".panels figure").first).paths
    # Each stop is found by keyboard once. Then sliders are set, as a pointer sets them.
    std_devs, weights = {}, {}
    for state in expected:
        for slider, value, known in [(std_dev, state["std_dev"], std_devs), (weight, state["weight"], weights)]:
            if value not in known:
                slide_to(slider, value)
                known[value] = slider.input_value()
            slider.fill(known[value])
        same.set_checked(state["same"])
        rows = page.locator("tbody tr")
        cells = [row.split("\t")[1:] for row in rows.all_inner_texts()]
        goals = [*state["weights"], 1.0]
        columns = [goals, [*state["wrong_areas"], state["wrong_total"]], [*state["right_areas"], state["right_total"]]]
        name = f"σ = {state['std_dev']}, w = {state['weight']:.4f}, same {state['same']}"
        for column, values in enumerate(columns):
            for row, value in enumerate(values):
                text, _, mark = cells[row][column].partition(" ")
                areas.printed(f"{name}: row {row}, column {column}", text, value)
                if column:
                    agrees = abs(value - goals[row]) < 0.5e-4
                    areas.true(f"{name}: row {row}, column {column} is marked {mark}", mark == ("✓" if agrees else "✗"))
        wrong, right = (Panel(page.locator(".panels figure").nth(i)) for i in (0, 1))
        wrong.compare(curves, f"{name}: wrong", "wrong", state["x"], state["wrong"])
        wrong.compare(curves, f"{name}: dashed", "right beside wrong", state["x"], state["right"])
        right.compare(curves, f"{name}: right", "right", state["x"], state["right"])
        z, distance = re.findall(r"(\d\.\d{4})\.", page.locator("output").inner_text())
        sentence.printed(f"{name}: area of the sum", z, state["z"])
        # The area between curves that cross has kinks: of second order in the page's step.
        sentence.printed(f"{name}: largest error", distance, state["distance"], slack=1e-4)
        if state["same"]:
            hidden.true(f"{name}: wrong and right differ", wrong.paths["wrong"] == right.paths["right"])
    claims.check(f"the areas printed are the crate's ({areas.count} compared, to the last digit)", areas.problems)
    claims.check(f"both curves run where the crate's do ({curves.count} points compared, to {PIXEL} px)", curves.problems)
    claims.check(f"the area before dividing and the largest error are the crate's ({sentence.count} compared)", sentence.problems)
    claims.check(f"with one σ for all, wrong and right are the same curve ({hidden.count} times)", hidden.problems)
    page.get_by_role("button", name="Reset").click()
    again = page.locator("table").inner_text(), Panel(page.locator(".panels figure").first).paths
    claims.check("Reset restores the beginning", [] if start == again else "table or curves differ")


def trapezoid(pages: Pages, name: str, expected, has_law: bool, claims: Claims) -> None:
    page = pages.open(name)
    slider = page.get_by_role("slider", name="step h")
    numbers, drawn, seen = Compared(), Compared(), []
    slider.press("Home")
    for _ in range(int(slider.get_attribute("max")) + 1):
        cells = dict(row.split("\t") for row in page.locator("tbody tr").all_inner_texts())
        steps = int(cells["number of steps"])
        state = next(state for state in expected if state["steps"] == steps)
        seen.append(steps)
        numbers.printed(f"{steps} steps: area", cells["area of the trapezia"], state["area"])
        numbers.printed(f"{steps} steps: error", cells["error"], state["error"], slack=ROUNDING)
        if has_law:
            numbers.printed(f"{steps} steps: law", cells["error in theory, at most"], state["law"])
        curve = Panel(page.locator(".panels figure").nth(0))
        curve.compare(drawn, f"{steps} steps", "trapezia", state["x"], state["y"], TRAPEZIA)
        drawn.true(f"{steps} steps: other trapezia drawn", curve.paths["trapezia"].count("Z") == steps)
        errors = Panel(page.locator(".panels figure").nth(1), log=True)
        if abs(state["error"]) > 1000 * ROUNDING:
            drawn.near(f"{steps} steps: the dot, in pixels", errors.dots[-1][1], errors.up(abs(state["error"])), PIXEL)
        slider.press("ArrowRight")
    numbers.true("fewer than 20 steps seen", len(seen) >= 20)
    numbers.true("the step does not grow from left to right", seen == sorted(seen, reverse=True))
    claims.check(f"{name}: area, error{' and law' if has_law else ''} are the crate's at every stop ({numbers.count} compared)", numbers.problems)
    claims.check(f"{name}: the trapezia and the error are drawn where they belong ({drawn.count} points compared)", drawn.problems)


def readings(page):
    return [row.split("\t")[1] for row in page.locator("tbody tr").all_inner_texts()]


def density(pages: Pages, expected, claims: Claims) -> None:
    page = pages.open("density")
    slider = page.get_by_role("slider", name="x")
    read = Compared()
    n = len(expected["x"]) - 1

    def compare(page, i: int, how: str) -> None:
        for key, text in zip(["x", "density", "cdf", "p_value"], readings(page)):
            # Six digits are shipped, four shown: a half may round the other way.
            read.printed(f"{how} at column {i}: {key}", text, expected[key][i], slack=1e-5 * abs(expected[key][i]))

    slider.press("Home")
    for i in range(n + 1):
        compare(page, i, "key")
        slider.press("ArrowRight")
    for which in (0, 1):
        svg = page.locator(".panels figure > svg").nth(which)
        box = svg.bounding_box()
        for i in (0, 17, 90, 131, 200, n):
            left = box["x"] + (46 + 304 * i / n) / 360 * box["width"]
            page.mouse.move(left, box["y"] + box["height"] / 2)
            compare(page, i, "mouse")
    claims.check(f"x, density, cdf and p-value are the crate's, by key and by mouse ({read.count} compared)", read.problems)

    shaded = Compared()
    for i in (20, 120, 160):
        slider.fill(str(i))
        cdf, p_value = (Panel(page.locator(".panels figure").nth(k)) for k in (0, 1))
        for panel, layer, area in [(cdf, "cdf", expected["cdf"][i]), (p_value, "p-value", expected["p_value"][i])]:
            # What is shaded, in units of the axes, by the shoelace formula over its closed pieces.
            total = 0.0
            for piece in panel.paths[layer].split("Z"):
                points = [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", piece)]
                total += 0.5 * abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, points[1:] + points[:1])))
            unit = (panel.across(1.0) - panel.across(0.0)) * (panel.up(0.0) - panel.up(1.0))
            # Straight lines between 241 points, and the tails beyond the axes.
            shaded.near(f"{layer} at column {i}", total / unit, area, 2e-3)
    claims.check(f"the shaded areas are the cdf and the p-value ({shaded.count} compared)", shaded.problems)

    touched = Compared()
    phone = pages.open("density", viewport=PHONE, has_touch=True)
    box = phone.locator(".panels figure > svg").first.bounding_box()
    before = readings(phone)
    phone.touchscreen.tap(box["x"] + 0.7 * box["width"], box["y"] + 0.4 * box["height"])
    touched.true("a touch changes nothing", readings(phone) != before)
    claims.check("a touch reads a value, too", touched.problems)


def everywhere(pages: Pages, names, claims: Claims) -> None:
    """What holds for each page."""
    static, keyboard, spoken, narrow, clean = Compared(), Compared(), Compared(), Compared(), Compared()
    for name in names:
        page = pages.open(name, java_script_enabled=False)
        image = page.locator("img").first
        static.true(f"{name}: no picture", image.is_visible() and image.evaluate("i => i.naturalWidth") > 300)
        static.true(f"{name}: no caption", "Figure:" in page.locator("figcaption").first.inner_text())
        text = page.locator("body").inner_text()
        static.true(f"{name}: stray text", "const" not in text and "{" not in text)

        page = pages.open(name)
        static.true(f"{name}: the static figure is still seen", not page.locator("img").first.is_visible())
        fresh = pages.browser.new_context().new_page()
        added = page.evaluate("Object.getOwnPropertyNames(window).filter((name) => !window.before.has(name) && name !== 'before')")
        clean.true(f"{name}: global names {added}", not added)
        saved = page.content()
        fresh.set_content(saved)
        clean.true(f"{name}: saved and opened again, it is dead", fresh.get_by_role("slider").count() > 0)
        for slider in page.get_by_role("slider").all():
            spoken.true(f"{name}: a slider without a spoken value", bool(slider.get_attribute("aria-valuetext")))
        spoken.true(f"{name}: nothing is announced", page.locator("output[aria-live=polite]").count() > 0)
        page.keyboard.press("Tab")
        focus = page.evaluate("""() => {
            const focused = document.activeElement.shadowRoot?.activeElement;
            return focused ? [focused.type, getComputedStyle(focused).outlineStyle] : [];
        }""")
        keyboard.true(f"{name}: Tab leads to {focus}", focus == ["range", "solid"])
        before = page.get_by_role("slider").first.get_attribute("aria-valuetext")
        page.keyboard.press("ArrowLeft")
        keyboard.true(f"{name}: an arrow key moves nothing", page.get_by_role("slider").first.get_attribute("aria-valuetext") != before)

        page = pages.open(name, viewport=PHONE)
        narrow.true(f"{name}: wider than a phone", page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"])
    claims.check("without JavaScript the static figure and its caption are seen, and nothing else", static.problems)
    claims.check("every control is reached and moved by keyboard, with a visible focus", keyboard.problems)
    claims.check("sliders say their values, and changes are announced", spoken.problems)
    claims.check("no page is wider than a phone", narrow.problems)
    claims.check("no global name is left behind, and a saved page works again", clean.problems)


def several(pages: Pages, claims: Claims) -> None:
    page = pages.open("several")
    tables = lambda: page.locator("table").all_inner_texts()
    before = tables()
    page.get_by_role("slider", name="σ of component 1").first.press("End")
    changed = [a != b for a, b in zip(before, tables())]
    claims.check("several on a page, one of them twice, live by themselves", [] if changed == [True, False, False, False] else f"changed: {changed}")


def screenshots(pages: Pages, folder: Path, names) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        for size, viewport in [("desktop", DESKTOP), ("phone", PHONE)]:
            page = pages.open(name, viewport=viewport)
            page.keyboard.press("Tab")
            page.screenshot(path=folder / f"{name}-{size}.png", full_page=True)


def main(folder: Path, shots: Path | None) -> int:
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    names = ["component", "trapezoid", "tent", "density", "pair"]
    claims = Claims()
    with chromium() as browser:
        pages = Pages(browser, folder)
        component(pages, expected["component"], claims)
        trapezoid(pages, "trapezoid", expected["trapezoid"], True, claims)
        trapezoid(pages, "tent", expected["tent"], False, claims)
        density(pages, expected["density"], claims)
        several(pages, claims)
        everywhere(pages, names, claims)
        if shots:
            screenshots(pages, shots, names)
        claims.check("no page asks for anything outside of itself", pages.requests)
        claims.check("no page writes to the console", pages.console)
    return claims.status()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None))
