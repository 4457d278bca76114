"""Did a model bring a messy note to the normal form? Bad output is a value, never an error."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from course_lib.errors import DataError
from course_lib.files import read_json


@dataclass(frozen=True)
class RecordScore:
    """How one record compares with its label.

    Attributes:
        valid: whether the text is one object with exactly the fields of the form, each of its type.
        exact: whether every field is right and there is no other.
        fields: right or not, by field; all wrong if the text is no object.
        problems: what breaks the form, one line for each field.
    """

    valid: bool
    exact: bool
    fields: Mapping[str, bool]
    problems: tuple[str, ...]


def load_form(data: Path) -> dict[str, dict]:
    """Return the rule of each field of the normal form, in order.

    Args:
        data: the course's data folder.

    Raises:
        DataError: the file is missing or not as it should be.
    """
    path = data / "tickets" / "record_rules.json"
    try:
        return {row["field"]: row for row in read_json(path) if row["type"] and row["rule"]}
    except (KeyError, TypeError) as error:
        raise DataError(
            f"{path} is not a list of fields with types and rules.", f"Restore it: git checkout {path}"
        ) from error


def read_object(raw: str) -> tuple[dict | None, str]:
    """Read a text that is one JSON object; return the object or None, and what is wrong with the text."""
    try:
        value = json.loads(raw, object_pairs_hook=_each_key_once)
    except (ValueError, RecursionError, TypeError):
        return None, "not JSON, or a key comes twice"
    return (value, "") if isinstance(value, dict) else (None, "not a JSON object")


def is_day(text: str) -> bool:
    """Tell whether a text is a day of the calendar as YYYY-MM-DD."""
    try:
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def form_problems(record: Mapping, form: Mapping[str, Mapping]) -> tuple[str, ...]:
    """Name what breaks the form: fields that are missing, unknown or of the wrong type."""
    missing = [f"{name} is missing" for name in form if name not in record]
    unknown = [f"{name} is not a field" for name in record if name not in form]
    misfits = [f"{name} does not fit" for name in form if name in record and not _fits(record[name], form[name])]
    return (*missing, *unknown, *misfits)


def score_record(raw: str, expected: Mapping, form: Mapping[str, Mapping]) -> RecordScore:
    """Compare a model's text with the ``record`` of a row of ``records.jsonl``; values are compared to the letter."""
    record, problem = read_object(raw)
    if record is None:
        return RecordScore(False, False, dict.fromkeys(form, False), (problem,))
    problems = form_problems(record, form)
    fields = {name: name in record and _same(record[name], expected[name]) for name in form}
    return RecordScore(not problems, not problems and all(fields.values()), fields, problems)


def summarize_records(scores: Sequence[RecordScore]) -> dict[str, tuple[int, int]]:
    """Return (right, counted) for valid, exact, all fields together, and each field."""
    n = len(scores)
    each = {name: (sum(score.fields[name] for score in scores), n) for name in (scores[0].fields if scores else ())}
    fields = (sum(right for right, _ in each.values()), n * len(each))
    valid, exact = sum(score.valid for score in scores), sum(score.exact for score in scores)
    return {"valid": (valid, n), "exact": (exact, n), "fields": fields, **each}


def _fits(value: object, rule: Mapping) -> bool:
    if value is None:
        return not rule.get("required", False)
    if rule["type"] == "integer":
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if not isinstance(value, str):
        return False
    if rule["type"] == "enum":
        return value in rule["values"]
    if rule["type"] == "date":
        return is_day(value)
    return bool(re.fullmatch(rule.get("pattern", r"\S(?:.*\S)?"), value, re.ASCII))


def _same(value: object, expected: object) -> bool:
    return type(value) is type(expected) and value == expected  # 1, 1.0 and true are not the same in JSON


def _each_key_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("A key comes twice.")
    return dict(pairs)
