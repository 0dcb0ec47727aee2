"""A notebook in JupyterLab, as a reader has it on the screen."""

import time

from playwright.sync_api import Browser, Page

# The machine may be busy with much else; what goes wrong is seen sooner than after these seconds.
PATIENCE = 180
RUN_PATIENCE = 900
# A notebook whose state has not changed for so long has come to rest.
STILL = 1.5

SCREEN = {"width": 1280, "height": 900}
# A screenshot of everything comes in pieces of this height, in pixels.
PIECE = 1800

CELLS = """() => {
  // A picture of which only the beginning is there counts as complete, with a size. What is missing is transparent; a
  // figure has a background.
  const isWhole = image => {
    if (!image.complete || !image.naturalWidth) return false;
    const brush = new OffscreenCanvas(image.naturalWidth, image.naturalHeight).getContext('2d');
    brush.drawImage(image, 0, 0);
    const row = brush.getImageData(0, image.naturalHeight - 1, image.naturalWidth, 1).data;
    return row.some((value, at) => at % 4 == 3 && value > 0);
  };
  return [...document.querySelectorAll('.jp-Notebook .jp-Cell')].map(cell => {
  const seen = box => { const at = box.getBoundingClientRect(); return at.width > 0 && at.height > 0; };
  const parts = (box, which) => [box, ...[...box.querySelectorAll('*')].map(part => part.shadowRoot).filter(Boolean)]
    .flatMap(root => [...root.querySelectorAll(which)]);
  const words = box => {
    const walk = document.createTreeWalker(box, NodeFilter.SHOW_TEXT), found = [];
    while (walk.nextNode()) if (!walk.currentNode.parentElement.closest('script, style')) found.push(walk.currentNode.data);
    return found.join(' ');
  };
  const outputs = [...cell.querySelectorAll('.jp-OutputArea-output')];
  return {
    isCode: cell.classList.contains('jp-CodeCell'),
    prompt: (cell.querySelector('.jp-InputPrompt')?.textContent ?? '').trim(),
    outputs: outputs.map(output => ({
      kind: output.dataset.mimeType,
      text: output.innerText,
      words: words(output),
      images: [...output.querySelectorAll('img')].map(image => ({
        kind: image.src.slice(5, image.src.search(/[;,]/)), drawn: isWhole(image),
        width: image.getBoundingClientRect().width, height: image.getBoundingClientRect().height})),
      controls: parts(output, 'input, button, [tabindex]').filter(seen).length,
      scripts: output.querySelectorAll('script').length,
      marks: [...output.querySelectorAll('td:first-child, th:first-child')].filter(mark => /^[✓✗]$/.test(mark.innerText.trim()))
        .map(mark => ({mark: mark.innerText.trim(), colour: getComputedStyle(mark).color})),
    })),
    formulas: [...cell.querySelectorAll('.jp-MarkdownOutput mjx-container')].filter(seen).length,
    badFormulas: cell.querySelectorAll('.jp-MarkdownOutput mjx-merror, .jp-MarkdownOutput .MathJax_Error').length,
    text: cell.querySelector('.jp-MarkdownOutput')?.innerText ?? '',
  };
  });
}"""
STATE = """() => [document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status,
  [...document.querySelectorAll('.jp-Notebook .jp-InputPrompt')].map(prompt => prompt.textContent).join(),
  document.querySelectorAll('.jp-OutputArea-output').length]"""
SCROLLER = ".jp-WindowedPanel-outer"


class NotRunning(Exception):
    """The kernel did not come to rest."""


class LabPage:
    """One notebook, opened in a JupyterLab of its own: no other tab, nothing remembered."""

    def __init__(self, browser: Browser, url: str, token: str, name: str) -> None:
        self.url, self.token, self.name = url, token, name
        self.context = browser.new_context(viewport=SCREEN)
        self.context.set_default_timeout(PATIENCE * 1000)
        self.page: Page = self.context.new_page()
        self.requests: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        """Also ends the kernel, so that the next notebook finds its warm folder free."""
        self.page.close()
        headers = {"Authorization": f"token {self.token}"}
        try:
            for session in self.context.request.get(f"{self.url}api/sessions", headers=headers).json():
                self.context.request.delete(f"{self.url}api/sessions/{session['id']}", headers=headers)
        finally:
            self.context.close()

    def open(self, n_cells: int) -> None:
        """Opens the notebook, and waits until all cells are there and the kernel is ready."""
        name = self.name.removesuffix(".ipynb")
        self.page.goto(f"{self.url}lab/workspaces/{name}/tree/{self.name}?token={self.token}")
        self.page.wait_for_function(
            "n => document.querySelectorAll('.jp-Notebook .jp-Cell').length >= n", arg=n_cells
        )
        self.rest(PATIENCE)

    def rest(self, seconds: float) -> None:
        """Waits until the kernel is idle, no cell waits for it, and nothing changes any more."""
        end = time.monotonic() + seconds
        before, since = None, time.monotonic()
        while time.monotonic() < end:
            state = self.page.evaluate(STATE)
            if state != before:
                before, since = state, time.monotonic()
            is_done = state[0] == "idle" and "[*]" not in state[1]
            if is_done and time.monotonic() - since > STILL:
                return
            self.page.wait_for_timeout(200)
        raise NotRunning(f"after {seconds} s the kernel is {before[0]}, and the cells are {before[1]}")

    def run_all(self) -> None:
        """As a reader does it: Run, Restart Kernel and Run All Cells."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.locator(".lm-Menu-item", has_text="Restart Kernel and Run All Cells").click()
        self.page.locator(".jp-Dialog button.jp-mod-accept").click()
        # Its first sign; a kernel that starts anew takes a while.
        self.page.wait_for_function(
            "() => [...document.querySelectorAll('.jp-InputPrompt')].some(prompt => prompt.textContent.includes('*'))"
        )
        self.rest(RUN_PATIENCE)

    def is_trusted(self) -> bool:
        title = self.page.locator(".jp-StatusItem-trust").get_attribute("title")
        return not title.startswith("Notebook not trusted: 0 of")

    def cells(self) -> list[dict]:
        return self.page.evaluate(CELLS)

    def hidden_images(self) -> list[str]:
        """Images that are not on the screen after somebody has scrolled to them."""
        problems = []
        images = self.page.locator(".jp-OutputArea-output img")
        for at in range(images.count()):
            images.nth(at).scroll_into_view_if_needed()
            box = images.nth(at).bounding_box()
            size = self.page.viewport_size
            if not box or box["y"] + box["height"] <= 0 or box["y"] >= size["height"] or box["x"] >= size["width"]:
                problems.append(f"figure {at + 1} is not on the screen")
        return problems

    def strangers(self) -> list[str]:
        """What was asked of others than the server."""
        return sorted({url for url in self.requests if not url.startswith((self.url, "data:", "blob:"))})

    def photograph(self, folder, name: str) -> None:
        """The whole notebook, in pieces from top to bottom."""
        height = self.page.locator(SCROLLER).evaluate("box => box.scrollHeight") + 150
        self.page.set_viewport_size({"width": SCREEN["width"], "height": height})
        self.page.locator(SCROLLER).evaluate("box => box.scrollTo(0, 0)")
        self.page.wait_for_timeout(500)
        for number, top in enumerate(range(0, height, PIECE), start=1):
            clip = {"x": 0, "y": top, "width": SCREEN["width"], "height": min(PIECE, height - top)}
            self.page.screenshot(path=str(folder / f"{name}-{number}.png"), clip=clip)
        self.page.set_viewport_size(SCREEN)
