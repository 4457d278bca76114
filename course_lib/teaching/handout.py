"""The handout: the course without its solutions, in a folder of its own, for the learners of a workshop."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from course_lib.errors import CourseError
from course_lib.files import iter_files, read_json
from course_lib.settings import ROOT
from course_lib.teaching.own_files import write_own_files

FOLDERS = ("course_lib", "data")  # notebooks/ comes without solutions
FILES = (
    "CITATION.cff",
    "LICENSE",
    "Makefile",
    "pyproject.toml",
    "requirements-extra.txt",
    "requirements.txt",
)
_LEFT_BY_RUNNING = {"__pycache__", ".ipynb_checkpoints", ".DS_Store"}
_ANSWER = re.compile(r"<details>\s*<summary>Answer</summary>.*?</details>\s*", re.DOTALL)
_NO_ANSWER = "*Write your answer here, then compare with your neighbor.*\n\n"
_README = """\
# RAG or fine-tuning? Handout

The notebooks of this folder have no solutions and no outputs: you make them. The hints are still there.

On Linux or macOS, in this folder:

```sh
make course
```

On Windows, in PowerShell:

```powershell
py -3.11 -m venv .venv
.venv\\Scripts\\python -m pip install -r requirements.txt
.venv\\Scripts\\python -m pip install --no-deps -e .
.venv\\Scripts\\python -m course_lib prepare
.venv\\Scripts\\python -m course_lib preflight
.venv\\Scripts\\python -m jupyterlab notebooks/00_start_here.ipynb
```

Do this at home, on a good network. Afterwards the course needs none. `python -m course_lib preflight` tells you in
seconds whether your laptop is ready, and what to do if it is not.

Some cells use what you wrote in an exercise. If you are stuck, ask: your instructor has the answer key.
"""


def write_handout(target: Path, root: Path = ROOT) -> dict[str, int]:
    """Write the handout into a folder; running it again brings the folder up to date.

    Args:
        target: the folder; it is made if it is missing.
        root: the course.

    Returns:
        How many files were ``written``, ``unchanged`` and ``removed``.

    Raises:
        CourseError: the folder holds a file that is not the handout's, or lies inside the course's own folders.
    """
    place = target.resolve()
    inside = [name for name in (*FOLDERS, "notebooks") if place.is_relative_to((root / name).resolve())]
    if inside:
        raise CourseError(f"{target} is inside {inside[0]}/, which is copied.", "Choose a folder outside it.")
    return write_own_files(target, dict(handout_files(root)), remedy="Choose another folder with --to.")


def handout_files(root: Path = ROOT) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of each file of the handout."""
    for name in FOLDERS:
        for path in sorted((root / name).rglob("*")):
            if path.is_file() and not _LEFT_BY_RUNNING & set(path.relative_to(root).parts):
                yield path.relative_to(root).as_posix(), path.read_bytes()
    for name in FILES:
        yield name, (root / name).read_bytes()
    yield "README.md", _README.encode()
    for path in iter_files(root / "notebooks", ".ipynb"):
        book = without_solutions(read_json(path))
        yield f"notebooks/{path.name}", (json.dumps(book, indent=1, ensure_ascii=False) + "\n").encode()


def without_solutions(book: dict[str, Any]) -> dict[str, Any]:
    """Return a notebook without solution cells, answers of the quiz and outputs; hints stay."""
    kept = [cell for cell in book["cells"] if "solution" not in cell["metadata"].get("tags", [])]
    return {**book, "cells": [_bare(cell) for cell in kept]}


def _bare(cell: dict[str, Any]) -> dict[str, Any]:
    if cell["cell_type"] == "code":
        return {**cell, "outputs": [], "execution_count": None}
    text = _ANSWER.sub(_NO_ANSWER, "".join(cell["source"]))
    return {**cell, "source": text.splitlines(keepends=True)}
