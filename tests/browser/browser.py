"""The system's Chromium, and a notebook in it as the tests see and use it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.browser.lab import Lab

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # what the tests would not see cannot leave either
)
OPEN_SECONDS = 120
CELL_SECONDS = 120
OUTPUTS = ".jp-Notebook .jp-Cell-outputArea"

_PANEL = "window.jupyterapp.shell.currentWidget"
_READY = f"() => Boolean(window.jupyterapp && {_PANEL}?.sessionContext?.isReady && {_PANEL}.content.model)"
_IDLE = f"{_PANEL}.sessionContext.session?.kernel?.status === 'idle'"
_RUN_ALL = """() => {
    window.courseRun = "running";
    window.jupyterapp.commands.execute("notebook:run-all-cells").then(
        () => { window.courseRun = "done"; }, error => { window.courseRun = String(error); });
}"""
_CELLS = f"{_PANEL}.content.model.sharedModel.toJSON().cells"
_FORGET_COUNT = f"place => {{ {_PANEL}.content.model.cells.get(place).executionCount = null; }}"
_HAS_RUN = f"place => {_CELLS}[place].execution_count !== null && {_IDLE}"


def find_chromium() -> str:
    """Return the path of the system's Chromium.

    Raises:
        FileNotFoundError: there is none; the message says how to get it.
    """
    for name in NAMES:
        if path := shutil.which(name):
            return path
    raise FileNotFoundError("The browser tests need Chromium. On Debian or Ubuntu: sudo apt-get install chromium")


class Notebook:
    """One notebook, open in JupyterLab, and what its page did.

    Attributes:
        page: the page of the browser.
        ran: names of the payloads that ran, and dialogs that opened.
        foreign: addresses outside this machine that something tried to reach.
    """

    def __init__(self, context: BrowserContext, lab: Lab):
        self.lab, self.ran, self.foreign = lab, [], []
        context.expose_function("payloadRan", lambda name=None: self.ran.append(str(name)))
        context.route(self._is_foreign, lambda route: route.abort())
        context.on("request", lambda request: self._note(request.url))
        context.on("page", self._watch)
        self.page: Page = context.new_page()

    def _watch(self, page: Page) -> None:
        page.on("websocket", lambda socket: self._note(socket.url))
        page.on("dialog", self._dismiss)

    def _dismiss(self, dialog: Any) -> None:
        if dialog.type != "beforeunload":
            self.ran.append(f"dialog {dialog.message}")
        dialog.accept()

    def _is_foreign(self, url: str) -> bool:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https", "ws", "wss", "ftp") and parts.netloc != f"127.0.0.1:{self.lab.port}"

    def _note(self, url: str) -> None:
        if self._is_foreign(url):
            self.foreign.append(url)

    def open(self, name: str) -> None:
        """Open a notebook and wait until its kernel is there."""
        self.page.goto(self.lab.address(name), timeout=OPEN_SECONDS * 1000)
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=OPEN_SECONDS * 1000)
        self.page.wait_for_function(_READY, timeout=OPEN_SECONDS * 1000)

    def run_all(self, seconds: float = CELL_SECONDS) -> None:
        """Run every cell and wait until the last is done."""
        self.page.evaluate(_RUN_ALL)
        self.page.wait_for_function("window.courseRun !== 'running'", timeout=seconds * 1000)
        assert self.page.evaluate("window.courseRun") == "done"

    def cells(self) -> list[dict[str, Any]]:
        """Return the cells as they would be saved, with their outputs."""
        return self.page.evaluate(_CELLS)

    def errors(self) -> list[str]:
        """Return the last line of each error among the outputs."""
        outputs = [output for cell in self.cells() for output in cell.get("outputs", ())]
        return [f"{output['ename']}: {output['evalue']}" for output in outputs if output["output_type"] == "error"]

    def cell(self, place: int) -> Locator:
        """Return a cell by its place in the notebook, from 0."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(place)

    def write(self, place: int, source: str) -> None:
        """Replace what stands in a code cell, as a learner would: click, select all, type."""
        editor = self.cell(place).locator(".jp-InputArea-editor .cm-content")
        editor.click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(source)

    def run(self, place: int, seconds: float = CELL_SECONDS) -> str:
        """Run one cell with Shift+Enter, wait until it is done, and return the text of its output."""
        self.page.evaluate(_FORGET_COUNT, place)
        self.cell(place).locator(".jp-InputArea-editor .cm-content").click()
        self.page.keyboard.press("Shift+Enter")
        self.page.wait_for_function(_HAS_RUN, arg=place, timeout=seconds * 1000)
        return self.cell(place).locator(".jp-Cell-outputArea").inner_text()

    def restart(self) -> None:
        """Restart the kernel from the menu command and confirm the question that follows."""
        self.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:restart-kernel'); }")
        self.page.locator(".jp-Dialog .jp-mod-accept").click(timeout=CELL_SECONDS * 1000)
        self.page.wait_for_selector(".jp-Dialog", state="detached", timeout=CELL_SECONDS * 1000)
        self.page.wait_for_function(f"() => {_IDLE}", timeout=CELL_SECONDS * 1000)
