"""In a real JupyterLab, hostile text is shown and does nothing."""

from __future__ import annotations

import pytest

from course_lib.teaching.markup import visible
from tests.browser.browser import OUTPUTS, Notebook
from tests.browser.cells import HELPERS, HOSTILE_MENUS, SETUP, write_notebook
from tests.browser.payloads import CALLS_AS_MARKDOWN, CALLS_RAW, FOREIGN, PAYLOADS, RUNS_RAW

SETTLE_MS = 1500  # time for what loads late: images, frames, animations, a refresh
_TEXTS = f"() => [...document.querySelectorAll('{OUTPUTS}')].map(output => output.textContent)"
_HEIGHTS = f"() => [...document.querySelectorAll('{OUTPUTS}')].map(output => output.getBoundingClientRect().height)"


def _plain(text: str) -> str:
    return " ".join(text.split())


def test_there_are_enough_payloads_of_different_kinds():
    assert len(PAYLOADS) >= 25 and len(set(PAYLOADS.values())) == len(PAYLOADS)


def test_every_display_helper_shows_hostile_text_as_text_and_nothing_runs_or_calls_out(notebook: Notebook):
    name = write_notebook(notebook.lab.notebooks, "hostile.ipynb", [SETUP, *HELPERS.values()], PAYLOADS)
    notebook.open(name)
    notebook.run_all()
    assert notebook.errors() == []
    page = notebook.page
    page.evaluate("() => document.querySelectorAll('.jp-RenderedHTML details').forEach(part => { part.open = true; })")
    links = page.locator(f"{OUTPUTS} .jp-RenderedHTML a")
    assert {link.get_attribute("href")[:9] for link in links.all()} <= {"#passage-"}
    links.evaluate_all("links => links.forEach(link => link.click())")
    page.wait_for_timeout(SETTLE_MS)
    outputs = dict(zip(HELPERS, map(_plain, page.evaluate(_TEXTS)[-len(HELPERS) :])))
    missing = [
        (helper, payload)
        for helper, shown in outputs.items()
        for payload, text in PAYLOADS.items()
        if _plain(visible(text)) not in shown
    ]
    assert missing == []
    assert min(page.evaluate(_HEIGHTS)[-len(HELPERS) :]) > 0
    assert notebook.ran == [] and notebook.foreign == []


def test_the_menus_of_the_explorer_show_hostile_text_as_text(notebook: Notebook):
    name = write_notebook(notebook.lab.notebooks, "hostile_menus.ipynb", [SETUP, HOSTILE_MENUS], PAYLOADS)
    notebook.open(name)
    notebook.run_all()
    assert notebook.errors() == []
    question = notebook.page.locator(".widget-dropdown select").nth(3)
    for number, text in enumerate(PAYLOADS.values()):
        question.select_option(index=number)
        view = notebook.page.locator(".widget-output .jp-RenderedHTML").filter(has_text=f"t-{number}")
        view.get_by_text(visible(text)[:30]).first.wait_for(state="visible", timeout=30_000)
    notebook.page.wait_for_timeout(SETTLE_MS)
    assert notebook.ran == [] and notebook.foreign == []


@pytest.mark.parametrize(
    ("form", "runs", "calls"), [("HTML", RUNS_RAW, CALLS_RAW), ("Markdown", (), CALLS_AS_MARKDOWN)]
)
def test_the_same_texts_do_run_and_call_out_when_they_are_displayed_raw(notebook: Notebook, form, runs, calls):
    texts = {name: PAYLOADS[name] for name in (*runs, *calls)}
    setup = f"import json\nfrom pathlib import Path\nfrom IPython.display import display, {form}"
    show = f"for text in json.loads(Path('payloads.json').read_text()): display({form}(text))"
    name = write_notebook(notebook.lab.notebooks, f"raw_{form}.ipynb", [setup, show], texts)
    notebook.open(name)
    notebook.run_all()
    notebook.page.wait_for_timeout(SETTLE_MS)
    assert set(runs) <= set(notebook.ran)
    called = " ".join(notebook.foreign)
    assert [name for name in calls if f"{FOREIGN}/{name.replace(' ', '-')}" not in called] == []
