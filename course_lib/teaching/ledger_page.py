"""Write the page of all statements and their results: ``python -m course_lib.teaching.ledger_page``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from course_lib.errors import CourseError, DataError
from course_lib.files import iter_files, write_atomic
from course_lib.settings import ROOT, Settings, load_settings
from course_lib.teaching.ledger import Statement, claim_calls, load_ledger, load_rows
from course_lib.teaching.units import bound_text

HEADINGS = {
    "see": "What each technique changes",
    "rag_flow": "RAG, step by step",
    "fine_tuning": "What training is for",
    "table": "Side by side",
    "when": "When to use which",
    "hybrid": "Both together",
    "decide": "Deciding",
    "mistakes": "Mistakes",
    "test_first": "Testing first",
    "faq": "Questions people ask",
    "sources": "Sources",
    "counter": "Limits and rivals, reported whichever way they come out",
}
_INTRO = (
    "Every statement that the course teaches, with what its notebook measured. The value decides: a statement "
    "**holds** if the value is within its bound and is **refuted** if it is not. Refuted statements stay. This page "
    "is written by running the notebooks, or by `python -m course_lib.teaching.ledger_page`."
)
_COLUMNS = "| statement | measured | bound | verdict | where |\n|---|---|---|---|---|"


def page_text(
    ledger: Mapping[str, Statement], rows: Mapping[str, Mapping[str, Any]], cells: Mapping[str, tuple[str, str]]
) -> str:
    """Return the page as Markdown.

    Args:
        ledger: the statements.
        rows: recorded results by id.
        cells: by id, the notebook (without suffix) and the id of the cell that binds a statement.
    """
    known = [rows[name] for name in ledger if name in rows]
    held = sum(row["holds"] for row in known)
    counts = (
        f"{len(ledger)} statements: {held} hold, {len(known) - held} are refuted, "
        f"{len(ledger) - len(known)} are not yet measured."
    )
    parts = ["# What the course claims, and what came out", _INTRO, counts]
    for group, members in groupby(ledger.values(), key=lambda statement: statement.group):
        lines = [_line(statement, rows.get(statement.id), cells.get(statement.id)) for statement in members]
        parts += [f"## {HEADINGS.get(group, group)}", "\n".join([_COLUMNS, *lines])]
    return "\n\n".join(parts) + "\n"


def _line(statement: Statement, row: Mapping[str, Any] | None, cell: tuple[str, str] | None) -> str:
    where = f"[{cell[0]}](../../notebooks/{cell[0]}.ipynb#cell-id={cell[1]})" if cell else statement.notebook
    if row is None:
        found = ["", "", "not yet measured"]
    else:
        verdict = "holds" if row["holds"] else "**refuted**"
        found = [row["sentence"], bound_text(row["relation"], row["threshold"], statement.unit), verdict]
    return "| " + " | ".join(_escaped(text) for text in [statement.statement, *found, where]) + " |"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def bound_cells(notebooks: Path) -> dict[str, tuple[str, str]]:
    """Return for each id that a notebook claims the notebook's name and the cell's id."""
    found: dict[str, tuple[str, str]] = {}
    for path in iter_files(notebooks, ".ipynb"):
        try:
            found |= {name: (path.stem, cell) for name, cell in claim_calls(path) if name}
        except (DataError, KeyError, TypeError):  # a notebook that the learner broke: its rows have no link
            continue
    return found


def write_page(settings: Settings, notebooks: Path = ROOT / "notebooks") -> None:
    """Write ``data/results/CLAIMS.md`` from the ledger, the recorded results and the notebooks.

    Raises:
        DataError: one of them is missing or broken.
    """
    text = page_text(load_ledger(settings.data), load_rows(settings.data), bound_cells(notebooks))
    write_atomic(settings.data / "results" / "CLAIMS.md", text)


if __name__ == "__main__":
    try:
        write_page(load_settings())
    except CourseError as failure:
        sys.exit(f"Error: {failure}")
