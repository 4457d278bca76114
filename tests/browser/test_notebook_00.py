"""The first notebook works in a real JupyterLab: it runs to its end, and what a learner solves stays solved."""

from __future__ import annotations

import json
import shutil

from course_lib.settings import ROOT
from tests.browser.browser import Notebook

FIRST = ROOT / "notebooks" / "00_start_here.ipynb"
WHOLE_SECONDS = 420
NAME = "hybrid"


def _copied(notebook: Notebook, name: str) -> str:
    shutil.copy(FIRST, notebook.lab.notebooks / name)
    return name


def _place(text: str) -> int:
    """Return the place of the first code cell that holds a text."""
    cells = json.loads(FIRST.read_text(encoding="utf-8"))["cells"]
    return next(
        place for place, cell in enumerate(cells) if cell["cell_type"] == "code" and text in "".join(cell["source"])
    )


def test_every_cell_runs_to_the_end_without_an_error(notebook: Notebook):
    notebook.open(_copied(notebook, "00_whole.ipynb"))
    notebook.run_all(WHOLE_SECONDS)
    code = [cell for cell in notebook.cells() if cell["cell_type"] == "code" and "".join(cell["source"]).strip()]
    assert notebook.errors() == []
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert notebook.foreign == [] and notebook.ran == []


def test_a_solved_exercise_is_still_done_after_the_kernel_restarts(notebook: Notebook):
    stub, check, progress = _place('my_guess = ""'), _place("check_guess(my_guess)"), _place("show_progress()")
    notebook.lab.cache.joinpath("progress.json").unlink(missing_ok=True)
    notebook.open(_copied(notebook, "00_exercise.ipynb"))
    assert "0 of " in notebook.run(progress)
    notebook.run(stub)
    assert "Not yet" in notebook.run(check)
    notebook.write(stub, f'my_guess = "{NAME}"')
    notebook.run(stub)
    assert f"Noted. Your guess, {NAME}, is kept." in notebook.run(check)
    notebook.restart()
    shown = notebook.run(progress)
    assert "1 of " in shown and "done" in shown.split("1 of ")[0]
    assert notebook.cells()[progress]["execution_count"] == 1, "the kernel did not restart"
