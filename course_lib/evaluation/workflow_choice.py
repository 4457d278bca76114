"""Did a model choose the right workflow with the right arguments? Bad output is a value, never an error."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path

from course_lib.errors import DataError
from course_lib.evaluation.records_form import is_day, read_object
from course_lib.files import read_json

Arguments = Mapping[str, Mapping]  # the definition of each argument by name
_MONEY = re.compile(r"\$?\s?(\d{1,9}(?:\.\d{1,2})?)", re.ASCII)
_WHOLE = re.compile(r"\d{1,9}(?:\.0+)?", re.ASCII)


@dataclass(frozen=True)
class Choice:
    """What a model's text chooses.

    Attributes:
        workflow: the id; empty if the text names none that exists.
        arguments: normal form by name; an argument whose value does not fit its type is None.
        problem: why the text is not a valid choice; empty if it is.
    """

    workflow: str = ""
    arguments: Mapping[str, str | int | Decimal | None] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class ChoiceScore:
    """How one choice compares with its label.

    Attributes:
        valid: whether the text is one known workflow whose arguments all fit, with the required ones.
        workflow: whether the workflow is right.
        exact: whether the choice is valid and workflow and all arguments are right.
        arguments: right or not, for each argument that the label or a choice of the same workflow gives.
        problem: the choice's problem.
    """

    valid: bool
    workflow: bool
    exact: bool
    arguments: Mapping[str, bool]
    problem: str


def load_workflows(data: Path) -> dict[str, Arguments]:
    """Return each workflow's argument definitions by workflow id, in file order.

    Args:
        data: the course's data folder.

    Raises:
        DataError: the file is missing or not as it should be.
    """
    path = data / "tickets" / "workflows.json"
    try:
        return {row["id"]: row["arguments"] for row in read_json(path)["workflows"]}
    except (KeyError, TypeError) as error:
        raise DataError(
            f"{path} is not a list of workflows with arguments.", f"Restore it: git checkout {path}"
        ) from error


def parse_choice(raw: str, workflows: Mapping[str, Arguments]) -> Choice:
    """Read ``{"workflow": id, "arguments": {...}}``; null stands for an argument that is left out."""
    value, problem = read_object(raw)
    if value is None:
        return Choice(problem=problem)
    name, given = value.get("workflow"), value.get("arguments")
    if not isinstance(name, str) or name not in workflows:
        return Choice(problem="no known workflow")
    if set(value) != {"workflow", "arguments"} or not isinstance(given, dict):
        return Choice(name, problem="keys are not workflow and arguments")
    defined = workflows[name]
    given = {key: item for key, item in given.items() if item is not None}
    found = {key: normal_form(item, defined[key]) if key in defined else None for key, item in given.items()}
    missing = [key for key, rule in defined.items() if rule["required"] and key not in found]
    if unknown := [key for key in found if key not in defined]:
        return Choice(name, found, f"unknown argument {unknown[0]}")
    if misfits := [key for key, item in found.items() if item is None]:
        return Choice(name, found, f"{misfits[0]} does not fit its type")
    return Choice(name, found, f"{missing[0]} is missing" if missing else "")


def normal_form(value: object, definition: Mapping) -> str | int | Decimal | None:
    """Return a value in the normal form of its type, or None if it does not fit.

    Case, punctuation and spaces of names do not count. ``"6"`` is 6, and ``"$19.50"`` is 19.5.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    kind, text = definition["type"], _plain(value)
    if kind == "enum":
        return {_words(name): name for name in definition["values"]}.get(_words(text))
    if kind == "integer":
        return int(float(text)) if _WHOLE.fullmatch(text) else None
    if kind == "money":
        found = _MONEY.fullmatch(text)
        return Decimal(found.group(1)).quantize(Decimal("0.01")) if found else None
    if kind == "date":
        return text if is_day(text) else None
    return _words(text) or None


def score_choice(raw: str, row: Mapping, workflows: Mapping[str, Arguments]) -> ChoiceScore:
    """Compare a model's text with a row of ``workflow_choice.jsonl``."""
    choice, defined = parse_choice(raw, workflows), workflows[row["workflow"]]
    gold = {key: normal_form(value, defined[key]) for key, value in row["arguments"].items()}
    same = choice.workflow == row["workflow"]
    given = choice.arguments if same else {}
    each = {key: key in gold and given.get(key) == gold[key] for key in dict.fromkeys([*gold, *given])}
    valid = not choice.problem
    return ChoiceScore(valid, same, valid and same and all(each.values()), each, choice.problem)


def summarize_choices(scores: Sequence[ChoiceScore]) -> dict[str, tuple[int, int]]:
    """Return (right, counted) for valid, workflow, exact and arguments; a share over none is not 0 but missing."""
    each = [right for score in scores for right in score.arguments.values()]
    names = ("valid", "workflow", "exact")
    counts = {name: (sum(getattr(score, name) for score in scores), len(scores)) for name in names}
    return {**counts, "arguments": (sum(each), len(each))}


def _plain(value: str | int | float) -> str:
    try:
        return value.strip() if isinstance(value, str) else str(Decimal(str(value)))
    except (InvalidOperation, ValueError):  # whole numbers of thousands of digits
        return ""


def _words(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.lower().replace("'", "").replace("_", " ")))
