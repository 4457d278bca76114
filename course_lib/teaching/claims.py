"""Bind a statement to a measurement: show one sentence rendered from the value, and whether the statement holds."""

from __future__ import annotations

import difflib
import math
from typing import Any

import numpy as np

from course_lib.errors import DataError
from course_lib.evaluation.statistics import Interval
from course_lib.experiments.store import publishable
from course_lib.files import write_json
from course_lib.results import results_locked
from course_lib.settings import Settings, load_settings
from course_lib.teaching.display import show
from course_lib.teaching.ledger import Statement, load_ledger, load_rows
from course_lib.teaching.ledger_page import write_page
from course_lib.teaching.markup import View, boxed, safe, visible
from course_lib.teaching.units import BOUNDS, bound_text, written

_RANGES = {"share": (0, 1), "points": (-1, 1), "seconds": (0, math.inf), "ratio": (0, math.inf)}
_NEAR = 1e-9  # two numbers that close are equal: sums of floats differ in the last digit between machines


def claim(id: str, measured: float | Interval, relation: str, threshold: float) -> None:
    """Show what was measured about a statement of the ledger and whether it holds, and record it.

    The value decides. Where its interval reaches past the bound, the text says so. The row goes to
    ``data/results/claims.json``; with another model than the course's own it is shown and not recorded.

    Args:
        id: id of the statement in ``data/claims.yaml``.
        measured: the value, with its interval if it has one; a share runs from 0 to 1.
        relation: how the value has to relate to the threshold: ``>=``, ``<=``, ``>``, ``<`` or ``==``.
        threshold: the bound, in the unit of the value.

    Raises:
        DataError: the id or the relation is unknown, or a number is missing, not finite or not of the unit.
    """
    settings = load_settings()
    ledger = load_ledger(settings.data)
    if id not in ledger:
        near = difflib.get_close_matches(str(id), ledger, 3)
        remedy = f"Did you mean {' or '.join(near)}?" if near else "Add it to data/claims.yaml."
        raise DataError(f"The ledger has no statement {id!r}.", remedy)
    row = claim_row(ledger[id], measured, relation, threshold)
    show(claim_view(ledger[id], row))
    if publishable(settings):
        _record(row, ledger, settings)
    else:
        print("Not recorded: this is not the model, the number type and the seed of the published results.")


def claim_row(statement: Statement, measured: float | Interval, relation: str, threshold: float) -> dict[str, Any]:
    """Compare a measurement with its bound; return the row that ``claims.json`` keeps.

    Raises:
        DataError: as for :func:`claim`.
    """
    if relation not in BOUNDS:
        raise DataError(f"The relation of {statement.id} is {relation!r}.", f"Use one of {' '.join(BOUNDS)}.")
    interval = measured if isinstance(measured, Interval) else None
    value = _checked(statement, interval.value if interval else measured, "measured value")
    ends = (interval.low, interval.high) if interval else ()
    low, high = [_checked(statement, end, "interval") for end in ends] or (None, None)
    bound = _checked(statement, threshold, "threshold")
    return {
        "id": statement.id,
        "sentence": statement.says.replace("{measured}", written(value, statement.unit, interval)),
        "measured": value,
        "relation": relation,
        "threshold": bound,
        "low": low,
        "high": high,
        "holds": _compare(value, relation, bound),
        "notebook": statement.notebook,
    }


def claim_view(statement: Statement, row: dict[str, Any]) -> View:
    """Show a statement, the sentence about it, and the verdict with its bound."""
    verdict = "HOLDS" if row["holds"] else "REFUTED"
    bound = f"The bound: {bound_text(row['relation'], row['threshold'], statement.unit)}.{_doubt(row)}"
    html = f"<div><i>{safe(statement.statement)}</i></div><div>{safe(row['sentence'])}</div>"
    plain = f"{visible(statement.statement)}\n  {visible(row['sentence'])}\n  {verdict}. {bound}"
    return View(boxed(f"{html}<div><b>{verdict}</b>. {safe(bound)}</div>"), plain)


def _checked(statement: Statement, number: Any, what: str) -> float:
    """Return a number rounded to what is stable between machines, or say what is wrong with it."""
    if isinstance(number, (bool, np.bool_)) or not isinstance(number, (int, float, np.number)):
        raise DataError(f"The {what} of {statement.id} is {number!r}, which is no number.", "Give the number itself.")
    value = round(float(number), 6) + 0.0
    if not math.isfinite(value):
        raise DataError(f"The {what} of {statement.id} is {value}.", "Measure it first: a missing score is no result.")
    low, high = _RANGES.get(statement.unit, (-math.inf, math.inf))
    if not low - _NEAR <= value <= high + _NEAR:
        remedy = "Give shares from 0 to 1, not percent; or mend the unit in data/claims.yaml."
        raise DataError(f"The {what} of {statement.id} is {value:g}, which is no {statement.unit}.", remedy)
    return value


def _compare(value: float, relation: str, bound: float) -> bool:
    if abs(value - bound) <= _NEAR:
        return relation in (">=", "<=", "==")
    return value > bound if relation in (">", ">=") else relation in ("<", "<=") and value < bound


def _doubt(row: dict[str, Any]) -> str:
    ends = [end for end in (row["low"], row["high"]) if end is not None]
    if all(_compare(end, row["relation"], row["threshold"]) == row["holds"] for end in ends):
        return ""
    return " The interval reaches past it: with other items of the same kind the verdict could change."


def _record(row: dict[str, Any], ledger: dict[str, Statement], settings: Settings) -> None:
    """Put a row into the results in the ledger's order, and bring the page of all statements up to date."""
    with results_locked(settings):
        rows = load_rows(settings.data) | {row["id"]: row}
        write_json(settings.data / "results" / "claims.json", [rows[name] for name in ledger if name in rows])
        write_page(settings)
