"""Chromium, headless, driven by Playwright. By hand: the variable CHROMIUM names the program to take.

    with chromium() as browser:
        page = browser.new_page()

Every browser starts with an empty profile and without what would use the network by itself, and is gone when the
block ends. Without CHROMIUM it is the one that `playwright install chromium` has downloaded.
"""

import contextlib
import os
import tempfile

from playwright.sync_api import Browser, sync_playwright

QUIET = [
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
]
# Text in a screenshot is the same on every screen.
STEADY = ["--force-color-profile=srgb", "--font-render-hinting=none"]

DESKTOP = {"width": 1280, "height": 900}
# As many CSS pixels as a usual phone has.
PHONE = {"width": 390, "height": 844}


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


@contextlib.contextmanager
def chromium(**options) -> Browser:
    """A browser; `options` go to Playwright's `launch`."""
    arguments = QUIET + STEADY
    if is_root():  # Chromium refuses to run as root inside its sandbox, and only then it may go without.
        arguments.append("--no-sandbox")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        # Besides its profile, Chromium keeps folders in the user's home.
        kept = {name: home for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")}
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or None,
            chromium_sandbox=not is_root(),
            args=arguments,
            env={**os.environ, **kept},
            **options,
        )
        try:
            yield browser
        finally:
            browser.close()
