"""The ledger of what the course claims: its statements, their results so far, and the cells that bind them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from course_lib.errors import DataError
from course_lib.files import read_json

UNITS = ("share", "points", "seconds", "count", "ratio")
ROW = ("id", "sentence", "measured", "relation", "threshold", "low", "high", "holds", "notebook")
_REMEDY = "Mend data/claims.yaml, or restore it with `git checkout`."


@dataclass(frozen=True)
class Statement:
    """One statement of the ledger.

    Attributes:
        id: its name, unique in the ledger.
        group: the part of the ledger it belongs to.
        statement: what is claimed, in short.
        says: the sentence with ``{measured}`` where the value goes.
        unit: one of ``UNITS``.
        notebook: name, without suffix, of the notebook that binds it.
        counter: whether it is a limit or a rival of the course's own advice.
    """

    id: str
    group: str
    statement: str
    says: str
    unit: str
    notebook: str
    counter: bool = False


def load_ledger(data: Path) -> dict[str, Statement]:
    """Return the statements of ``claims.yaml`` by id, in the order of the file.

    Raises:
        DataError: the file is missing or broken, or an entry is not complete.
    """
    path = data / "claims.yaml"
    if not path.is_file():
        raise DataError(f"{path} is missing.", "Restore it with `git checkout`.")
    try:
        groups = yaml.safe_load(path.read_text(encoding="utf-8"))
        entries = [(group, name, entry) for group, part in groups.items() for name, entry in part.items()]
    except (yaml.YAMLError, UnicodeDecodeError, AttributeError) as error:
        raise DataError(f"{path} cannot be read: {error}", _REMEDY) from error
    ledger = {name: _statement(group, name, entry) for group, name, entry in entries}
    if len(ledger) < len(entries):
        raise DataError(f"{path} has an id more than once.", "Give each statement its own id.")
    return ledger


def _statement(group: str, name: str, entry: Any) -> Statement:
    needed = ("statement", "says", "unit", "notebook")
    if not (isinstance(entry, dict) and all(isinstance(entry.get(key), str) and entry[key] for key in needed)):
        raise DataError(f"The ledger's entry {name} needs a text for each of {', '.join(needed)}.", _REMEDY)
    if entry["says"].count("{measured}") != 1:
        raise DataError(f"The sentence of {name} must have {{measured}} exactly once.", _REMEDY)
    if entry["unit"] not in UNITS:
        raise DataError(
            f"The unit of {name} is {entry['unit']!r}.", f"In data/claims.yaml, use one of {', '.join(UNITS)}."
        )
    return Statement(name, group, *(entry[key] for key in needed), counter=entry.get("kind") == "counter")


def load_rows(data: Path) -> dict[str, dict[str, Any]]:
    """Return the recorded results by id; none if nothing has been measured yet.

    Raises:
        DataError: ``results/claims.json`` is damaged.
    """
    path = data / "results" / "claims.json"
    rows = read_json(path) if path.is_file() else []
    if not (isinstance(rows, list) and all(isinstance(row, dict) and set(row) == set(ROW) for row in rows)):
        raise DataError(f"{path} is not what claim() writes.", "Restore it with `git checkout`, or delete it.")
    return {row["id"]: row for row in rows}


def claim_calls(notebook: Path) -> Iterator[tuple[str, str]]:
    """Yield the id that each ``claim(...)`` of a notebook names, and the id of its cell.

    A claim whose id is not written out as a text comes with an empty id; cells that are not Python are passed over.
    """
    for cell in read_json(notebook)["cells"]:
        if cell["cell_type"] != "code":
            continue
        try:
            tree = ast.parse("".join(cell["source"]))
        except SyntaxError:  # a cell that a learner is still working on
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "claim":
                named = node.args[0] if node.args else None
                written = isinstance(named, ast.Constant) and isinstance(named.value, str)
                yield (named.value if written else ""), cell.get("id", "")
