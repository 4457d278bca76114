"""The four behavior targets that are trained on tickets: routing, voice, workflow choice, and records."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from course_lib.errors import DataError
from course_lib.files import read_json, read_jsonl
from course_lib.settings import Settings
from course_lib.training.targets import CHOICE, JSON, PATTERN, Form, Item, Target
from course_lib.training.ticket_forms import record_rules, record_schema, workflow_rules, workflow_schema

SPLITS = ("train", "dev", "test")
SIGN_OFF = "Ride on, Tarnwheel"


def ticket_target(name: str, settings: Settings) -> Target:
    """Return a target by name.

    Raises:
        DataError: there is no such target, or its data are missing.
    """
    if name not in TICKET_TARGETS:
        raise DataError(f"There is no target {name!r}.", f"Use one of {', '.join(TICKET_TARGETS)}.")
    return _MAKERS[name](settings.data / "tickets")


def _routing(folder: Path) -> Target:
    categories = read_json(folder / "routing_categories.json")
    names = {one["id"]: one["name"] for one in categories}
    described = [f"{one['id']}: {one['belongs']}" for one in categories]
    return Target(
        "routing",
        f"Sort the customer's message into one category. Reply with the category alone: {', '.join(names)}.",
        "What belongs where; if two fit, take the one that stands first.\n" + "\n".join(described),
        "Category.",
        _by_split(folder / "routing.jsonl", lambda row: (row["text"], row["category"], row["category"])),
        Form(CHOICE, tuple(names)),
        16,
        len(names),
        "routing",
    )


def _voice(folder: Path) -> Target:
    rules = voice_rules(folder)
    return Target(
        "voice",
        "Rewrite the reply in the voice of Tarnwheel. Keep every fact. Reply with the new text alone.",
        rules_block(rules),
        "In our voice.",
        _by_split(folder / "voice.jsonl", lambda row: (row["draft"], row["rewrite"], "")),
        # Of the rules, a pattern can enforce two: no exclamation mark, and the fixed sign-off.
        Form(PATTERN, rf"[^!\n]{{20,400}}\n{SIGN_OFF}"),
        112,
        4,
        "voice",
    )


def voice_rules(folder: Path) -> list[dict[str, Any]]:
    """Return the rules of the voice guide, in order, each with its ``id`` and ``rule``."""
    return read_json(folder / "voice_guide.json")


def rules_block(rules: Sequence[dict[str, Any]]) -> str:
    """Write rules of the voice as a prompt shows them."""
    return "Rules:\n" + "\n".join(f"- {rule['rule']}" for rule in rules)


def _workflow(folder: Path) -> Target:
    definitions = read_json(folder / "workflows.json")
    workflows = definitions["workflows"]
    return Target(
        "workflow",
        "Choose the workflow for the customer's message and fill in its arguments. Reply with one JSON object: "
        f"workflow, arguments. Workflows: {', '.join(one['id'] for one in workflows)}.",
        workflow_rules(definitions),
        "Workflow as JSON.",
        _by_split(folder / "workflow_choice.jsonl", _call),
        Form(JSON, workflow_schema(workflows)),
        72,
        len(workflows),
        "workflow",
        definitions,
    )


def _call(row: dict[str, Any]) -> tuple[str, str, str]:
    wanted = json.dumps({"workflow": row["workflow"], "arguments": row["arguments"]})
    return row["text"], wanted, row["workflow"]


def _records(folder: Path) -> Target:
    fields = read_json(folder / "record_rules.json")
    return Target(
        "records",
        f"Bring the note into our form. Reply with one JSON object: {', '.join(one['field'] for one in fields)}.",
        record_rules(fields),
        "Record as JSON.",
        _by_split(folder / "records.jsonl", lambda row: (row["text"], json.dumps(row["record"]), "")),
        Form(JSON, record_schema(fields)),
        128,
        6,
        "records",
        fields,
    )


def _by_split(path: Path, read: Callable[[dict[str, Any]], tuple[str, str, str]]) -> dict[str, list[Item]]:
    rows = read_jsonl(path)
    items = {split: [Item(row["id"], *read(row)) for row in rows if row["split"] == split] for split in SPLITS}
    if missing := [split for split in SPLITS if not items[split]]:
        raise DataError(f"{path} has no rows of the split {missing[0]!r}.", "Restore it with `git checkout`.")
    return items


_MAKERS: dict[str, Callable[[Path], Target]] = {
    "routing": _routing,
    "voice": _voice,
    "workflow": _workflow,
    "records": _records,
}
TICKET_TARGETS = tuple(_MAKERS)
