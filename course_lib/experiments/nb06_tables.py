"""Helps notebook 06: tables of what was asked, answered, moved and repeated."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from course_lib.evaluation.changes import ABSTAINED, CURRENT, KINDS, Asked
from course_lib.evaluation.differences import text_of
from course_lib.experiments.nb06_scores import Line, Row, changed, moved, share_of
from course_lib.knowledge.values import normalize

Table = list[list[Any]]


def pattern_table(asked: Sequence[Asked], every: Sequence[Asked]) -> Table:
    """Return a line a pattern: how many questions of it both sets have, and an example with its value at each date."""
    counts = [Counter(one.pattern for one in some) for some in (asked, every)]
    examples = {one.pattern: one for one in reversed(asked)}
    return [
        [name, *(count[name] for count in counts), one.question.text, *one.values.values()]
        for name, one in sorted(examples.items())
    ]


def kind_table(lines: Mapping[str, Line], date: str, whether: bool = True) -> Table:
    """Return a line an assistant: how many answers are of each kind at a date.

    Args:
        lines: by assistant, its time line.
        date: the date to count at.
        whether: count the questions whose value has changed since the first date, or those whose has not.
    """
    return [_counted(name, [row["kind"] for row in changed(line[date], whether)]) for name, line in lines.items()]


def adapter_table(rows: Iterable[Row], arms: Sequence[str], asked: Sequence[Asked], date: str) -> Table:
    """Return a line an adapter: how many of its answers are of each kind at a date."""
    texts = {(row["arm"], row["question"]): row["text"] for row in rows if row["question"]}
    return [_counted(arm, [one.kind(texts[arm, one.question.id], date) for one in asked]) for arm in arms]


def _counted(name: str, kinds: Sequence[str]) -> list[Any]:
    counts = Counter(kinds)
    return [name, *(counts[kind] for kind in KINDS), len(kinds)]


def moved_table(rows: Sequence[Row], before: str, arms: Sequence[str], asked: Sequence[Asked]) -> Table:
    """Return a line an adapter: answers other than before, right ones before and after, and all."""
    pairs = {arm: moved(rows, before, arm, asked) for arm in arms}
    keys = ("otherwise", "right before", "right after")
    return [[arm, *(sum(pair[key] for pair in some) for key in keys), len(some)] for arm, some in pairs.items()]


def update_table(rows: Iterable[Row]) -> Table:
    """Return a line a training: how many facts it taught, its steps, its seconds and the size of its file in MB."""
    told = [row for row in rows if row["question"] is None]
    return [[row["arm"], row["facts"], row["steps"], row["seconds"], round(row["bytes"] / 1e6, 1)] for row in told]


def repeats(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Return a row for each reworded question: ``again`` tells whether the wrong answer to the first wording came back.

    Args:
        rows: of ``nb06_wordings``, of one model. A stale value is wrong; an abstention is not an answer.
    """
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["question"]].append(row)
    found = []
    for first, *others in groups.values():
        wrong = first["kind"] not in (CURRENT, ABSTAINED)
        for row in others:
            again = wrong and normalize(row["text"]) == normalize(first["text"])
            name = f"{row['question']} {row['wording']}"
            found.append({"question": name, "cluster": row["cluster"], "again": again, "wrong": wrong})
    return found


def repeat_table(rows: Sequence[Row], arms: Sequence[str]) -> Table:
    """Return a line a model: reworded questions whose first wording was answered wrong, the same again, and all."""
    found = {arm: repeats([row for row in rows if row["arm"] == arm]) for arm in arms}
    return [
        [arm, *(sum(row[key] for row in some) for key in ("wrong", "again")), len(some)] for arm, some in found.items()
    ]


def view_table(rows: Sequence[Row]) -> Table:
    """Return a line for each reader and view of ``nb06_shadow``: the share of right values with its interval."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["arm"], row["view"]), []).append(row)
    return [[*key, text_of(share_of(some, "right"))] for key, some in groups.items()]
