"""The menus of the explorer answer to a click while the kernel runs."""

from __future__ import annotations

from tests.browser.browser import Notebook
from tests.browser.cells import MENUS, SETUP, write_notebook

WAIT_MS = 30_000


def test_picking_in_a_menu_narrows_the_questions_and_shows_the_picked_one(notebook: Notebook):
    notebook.open(write_notebook(notebook.lab.notebooks, "menus.ipynb", [SETUP, MENUS]))
    notebook.run_all()
    assert notebook.errors() == []
    page = notebook.page
    stratum, assistant, cause, question = (page.locator(".widget-dropdown select").nth(place) for place in range(4))
    view = page.locator(".widget-output")
    view.get_by_text("hybrid says $10").wait_for(timeout=WAIT_MS)
    question.click()
    question.select_option(label="t-2: Question 2?")
    view.get_by_text("rag says $20").wait_for(timeout=WAIT_MS)
    assert "hybrid says" not in view.inner_text()
    cause.click()
    cause.select_option(label="stale")
    view.get_by_text("rag says $10").wait_for(timeout=WAIT_MS)
    (only,) = question.locator("option").all_inner_texts()
    assert only.replace("\xa0", " ") == "t-1: Question 1?", "the menu writes its spaces so that they do not break"
    assistant.select_option(label="hybrid")
    view.get_by_text("No answer fits these menus.").wait_for(timeout=WAIT_MS)
    assert stratum.locator("option").all_inner_texts() == ["any", "lookup"]
