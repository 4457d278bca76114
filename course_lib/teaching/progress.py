"""What the learner has done so far, kept in a file of the cache, so that it survives restarts."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from course_lib.errors import DataError
from course_lib.files import iter_files, read_json, write_json
from course_lib.settings import ROOT, load_settings
from course_lib.teaching.display import show_table

_HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)
_EXERCISE = re.compile(r"^#+ +Exercise (\d+)\b[:. ]*(.*)$", re.MULTILINE)


def progress_file() -> Path:
    """Return where the progress is kept."""
    return load_settings().cache / "progress.json"


def mark_done(name: str) -> None:
    """Note that an exercise is done; ``00.2`` is exercise 2 of notebook 00."""
    state = _load()
    write_json(progress_file(), state | {"done": sorted({*state["done"], name})})


def done() -> set[str]:
    """Return the names of the exercises that are done."""
    return set(_load()["done"])


def keep(name: str, value: str) -> None:
    """Keep something the learner wrote, such as a prediction, for a later cell."""
    state = _load()
    write_json(progress_file(), state | {"kept": {**state["kept"], name: value}})


def kept(name: str) -> str | None:
    """Return what was kept under a name; None if there is nothing."""
    return _load()["kept"].get(name)


def show_progress(notebooks: Path = ROOT / "notebooks") -> None:
    """Show every exercise of the course and whether it is done."""
    finished = done()
    rows = [
        (notebook, f"{name.partition('.')[2]}. {title}", "done" if name in finished else "to do")
        for path in iter_files(notebooks, ".ipynb")
        for notebook, name, title in exercises_of(path)
    ]
    show_table(rows, ("notebook", "exercise", ""))
    print(f"{sum(row[2] == 'done' for row in rows)} of {len(rows)} exercises done.")


def exercises_of(path: Path) -> list[tuple[str, str, str]]:
    """Return notebook title, exercise name and exercise title for each ``Exercise N`` heading of a notebook."""
    try:
        cells = read_json(path)["cells"]
        text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    except (DataError, KeyError, TypeError):  # a notebook that the learner broke is no reason to hide the others
        return []
    heading = _HEADING.search(text)
    title = heading.group(1) if heading else path.stem
    return [(title, f"{path.stem.partition('_')[0]}.{number}", name) for number, name in _EXERCISE.findall(text)]


def _load() -> dict[str, Any]:
    """Read the progress; a damaged file is set aside, so that nothing is lost and the course goes on."""
    path = progress_file()
    if not path.is_file():
        return {"done": [], "kept": {}}
    try:
        state = read_json(path)
        if _well_formed(state):
            return state
    except DataError:
        pass
    aside = path.with_suffix(".damaged.json")
    os.replace(path, aside)
    print(f"Your progress could not be read and starts again. The damaged file is kept as {aside.name} in the cache.")
    return {"done": [], "kept": {}}


def _well_formed(state: Any) -> bool:
    if not (isinstance(state, dict) and isinstance(state.get("done"), list) and isinstance(state.get("kept"), dict)):
        return False
    return all(isinstance(text, str) for text in (*state["done"], *state["kept"], *state["kept"].values()))
