"""What an instructor wants to know of a notebook, read from the notebook itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_lib.errors import DataError
from course_lib.files import iter_files, read_json

_TITLE = re.compile(r"^# +(.+)$", re.MULTILINE)
_OBJECTIVE = re.compile(r"^- (.+?)[;.]?$", re.MULTILINE)
_NEEDS = re.compile(r"\*\*You need\*\* +(.+?)(?: New words are printed in .*)?$", re.MULTILINE)
_EXERCISE = re.compile(r"^#+ +Exercise (\d+)\b[:. ]*(.*)$", re.MULTILINE)
_QUIZ = re.compile(
    r"^\*\*\d\.\*\* (.+?)\n+<details>\s*<summary>Answer</summary>\s*(.+?)\s*</details>", re.DOTALL | re.M
)
_PREDICT = re.compile(r"\bPredict\b")  # "to predict each token" asks nobody for a prediction


@dataclass(frozen=True)
class Exercise:
    """One exercise: its number and title, the cell of its text, its solution, and what later cells use of it."""

    number: str
    title: str
    cell: str
    solution: str
    used_later: tuple[str, ...]


@dataclass(frozen=True)
class Book:
    """One notebook.

    Attributes:
        name: file name without suffix.
        title: its first heading.
        objectives: what it says you learn.
        needs: what it says you need.
        exercises: in order.
        quiz: questions with answers.
        predictions: ids of the cells that ask for a prediction.
        cells: ids of all cells.
    """

    name: str
    title: str
    objectives: tuple[str, ...]
    needs: str
    exercises: tuple[Exercise, ...]
    quiz: tuple[tuple[str, str], ...]
    predictions: tuple[str, ...]
    cells: tuple[str, ...]


def read_books(folder: Path) -> dict[str, Book]:
    """Return the notebooks of a folder by name.

    Raises:
        DataError: a file is no notebook.
    """
    return {path.stem: read_book(path) for path in iter_files(folder, ".ipynb")}


def read_book(path: Path) -> Book:
    """Read one notebook; errors as for :func:`read_books`."""
    try:
        cells = [{**cell, "source": "".join(cell["source"])} for cell in read_json(path)["cells"]]
        texts = [cell["source"] for cell in cells if cell["cell_type"] == "markdown"]
        header, footer = texts[0], texts[-1]
        title, needs = _TITLE.search(header), _NEEDS.search(header)
        return Book(
            path.stem,
            title.group(1) if title else path.stem,
            tuple(_OBJECTIVE.findall(header.partition("**You will learn to**")[2])),
            needs.group(1)[:1].upper() + needs.group(1)[1:] if needs else "",
            tuple(_exercises(cells)),
            tuple((question.strip(), answer) for question, answer in _QUIZ.findall(footer)),
            tuple(cell["id"] for cell in cells if cell["cell_type"] == "markdown" and _PREDICT.search(cell["source"])),
            tuple(cell["id"] for cell in cells),
        )
    except (KeyError, TypeError, IndexError) as error:
        raise DataError(f"{path.name} is not a notebook of the course.", "Restore it with `git checkout`.") from error


def _exercises(cells: Sequence[dict[str, Any]]) -> list[Exercise]:
    found, heading = [], None
    for place, cell in enumerate(cells):
        if cell["cell_type"] == "markdown" and (match := _EXERCISE.search(cell["source"])):
            heading = (*match.groups(), cell["id"])
        if heading and "solution" in cell["metadata"].get("tags", []):
            later = [one["source"] for one in cells[place + 1 :] if one["cell_type"] == "code"]
            used = tuple(sorted(_bound(cell["source"]) & set().union(*map(_read, later))))
            found.append(Exercise(*heading, cell["source"], used))
    return found


def _parsed(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError:  # a cell that somebody is still working on
        return ast.Module([], [])


def _bound(source: str) -> set[str]:
    """Return the names that the top level of a cell makes."""
    names = set()
    for node in _parsed(source).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {part.id for target in node.targets for part in ast.walk(target) if isinstance(part, ast.Name)}
    return names


def _read(source: str) -> set[str]:
    """Return the names that a cell reads without making them itself before."""
    tree = _parsed(source)
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return read - _bound(source)
