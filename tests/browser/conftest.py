"""A JupyterLab and a browser for all browser tests, and a fresh window with a notebook for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.browser import FLAGS, Notebook, find_chromium
from tests.browser.lab import Lab

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Any:
    """Note whether the test itself failed, so that the window can be photographed before it closes."""
    report = yield
    if call.when == "call":
        item.stash[_FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start the system's Chromium; fail with what to install if a part is missing."""
    try:
        from playwright.sync_api import sync_playwright

        path = find_chromium()
    except ModuleNotFoundError:
        pytest.fail(
            "The browser tests need Playwright: .venv/bin/python -m pip install -r requirements-browser.txt",
            pytrace=False,
        )
    except FileNotFoundError as error:
        pytest.fail(str(error), pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Start one JupyterLab; the browser comes first, so that a missing one is said at once."""
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.stop()


@pytest.fixture
def notebook(chromium: Browser, lab: Lab, request: pytest.FixtureRequest, tmp_path) -> Iterator[Notebook]:
    """Open a fresh window; leave ``failure.png`` in the test's folder if the test fails."""
    context = chromium.new_context(viewport={"width": 1280, "height": 1000}, service_workers="block")
    notebook = Notebook(context, lab)
    yield notebook
    if request.node.stash.get(_FAILED, False):
        notebook.page.screenshot(path=tmp_path / "failure.png", timeout=30_000)
        print(f"Picture of the page: {tmp_path / 'failure.png'}")
    context.close()
    lab.end_kernels()
