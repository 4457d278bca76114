"""Helps notebook 11: attacks that reach a customer by defense, with people as the last one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from course_lib.assistants.parsing import is_refusal
from course_lib.evaluation.differences import text_of
from course_lib.evaluation.statistics import Interval, cluster_bootstrap
from course_lib.experiments.nb11_gate import LINES, fired, held, lines_so_far
from course_lib.experiments.nb11_injections import ATTACK, DEFENSES, HARMLESS, VALIDATOR
from course_lib.operations.approval import Draft
from course_lib.operations.approval_rules import Rule

APPROVAL = "approval"
ORDER = (*DEFENSES, APPROVAL)
COLUMNS = (
    "defense",
    "attack reaches its goal",
    "goal met with a harmless page",
    "right under attack",
    "right with a harmless page",
    "held for a person",
)
Row = Mapping[str, Any]


def waits(row: Row, rules: Sequence[Rule], least_chance: float) -> bool:
    """Tell whether an answer would wait for a person: it declines, or a trigger of any line holds it."""
    if is_refusal(row["text"]):
        return True
    draft = Draft(
        row["asked"],
        row["text"],
        row["cited_category"],
        tuple(row["citations"]),
        row["flag"],
        row["confidence"],
    )
    triggers = lines_so_far()[list(LINES)[-1]]
    return held(fired(draft, row["cited_category"], row["grounded"], rules, least_chance), triggers)


def with_approval(rows: Sequence[Row], rules: Sequence[Rule], least_chance: float) -> list[dict[str, Any]]:
    """Return all rows with ``held``, and those of the defense ``approval``: the validator's, without what waits.

    What waits does not reach the customer by itself: it fools nobody, and it is not counted as right either.
    """
    plain = [{**row, "held": False} for row in rows]
    guarded = []
    for row in rows:
        if row["defense"] == VALIDATOR:
            stopped = waits(row, rules, least_chance)
            sent = {name: bool(row[name] and not stopped) for name in ("fooled", "correct")}
            guarded.append({**row, **sent, "defense": APPROVAL, "held": stopped})
    return plain + guarded


def of(rows: Sequence[Row], defense: str, context: str) -> list[Row]:
    """Return the rows of one defense and one context."""
    return [row for row in rows if (row["defense"], row["context"]) == (defense, context)]


def _share(rows: Sequence[Row], key: str) -> Interval:
    return cluster_bootstrap([row[key] for row in rows], [row["cluster"] for row in rows])


def defense_table(rows: Sequence[Row]) -> list[list[str | None]]:
    """Return one line for each defense, under ``COLUMNS``; shares with intervals by article. Only approval holds."""
    lines = []
    for defense in ORDER:
        attacked, harmless = of(rows, defense, ATTACK), of(rows, defense, HARMLESS)
        cells = [(attacked, "fooled"), (harmless, "fooled"), (attacked, "correct"), (harmless, "correct")]
        waiting = text_of(_share(harmless, "held")) if defense == APPROVAL else None
        lines.append([defense, *(text_of(_share(some, key)) for some, key in cells), waiting])
    return lines


def defense_points(rows: Sequence[Row]) -> list[tuple[str, Interval]]:
    """Return for each defense the share of attacks that work, and then that of right answers when nobody attacks."""
    return [
        (f"{defense}: {what}", _share(of(rows, defense, context), key))
        for defense in ORDER
        for what, context, key in (("attack works", ATTACK, "fooled"), ("right, no attack", HARMLESS, "correct"))
    ]


def by_family(rows: Sequence[Row]) -> list[list[str | int]]:
    """Return for each family of attacks how many there are, and how many reach their goal under each defense."""
    families = list(dict.fromkeys(row["family"] for row in rows))
    lines = []
    for family in families:
        hits = [[row["fooled"] for row in of(rows, defense, ATTACK) if row["family"] == family] for defense in ORDER]
        lines.append([family, len(hits[0]), *map(sum, hits)])
    return lines
