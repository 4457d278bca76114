"""Helps notebook 06: turn stored answers into a time line, and compare what training and indexing left behind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from course_lib.evaluation.changes import CURRENT, STALE, Asked
from course_lib.evaluation.statistics import Interval, cluster_bootstrap, paired_difference
from course_lib.experiments.nb06_dose import DOSES, KNOWN, UNKNOWN, UNTRAINED
from course_lib.experiments.nb06_index import APPENDED, DATED, REPLACED
from course_lib.experiments.nb06_tuned import FIRST, SECOND, THIRD
from course_lib.knowledge.values import normalize

Row = Mapping[str, Any]
Line = dict[str, list[dict[str, Any]]]  # by date, one row a question
ONCE, TWICE, ALWAYS = "fine-tuned v1", "fine-tuned v1, v2", "fine-tuned v1, v2, v3"
_TUNED = {ONCE: (FIRST,) * 3, TWICE: (FIRST, SECOND, SECOND), ALWAYS: (FIRST, SECOND, THIRD)}


def tuned_lines(rows: Iterable[Row], asked: Sequence[Asked]) -> dict[str, Line]:
    """Return the time line of each way to train: who answers at each date, and whose value each answer states.

    Args:
        rows: of ``nb06_tuned``.
        asked: the questions to count; others are left out.
    """
    texts = {(row["arm"], row["question"]): row["text"] for row in rows if row["question"]}
    return {
        name: {
            date: [judged(one, date, texts[arm, one.question.id]) for one in asked]
            for date, arm in zip(asked[0].values, arms)
        }
        for name, arms in _TUNED.items()
    }


def index_lines(reader: str, rows: Iterable[Row], asked: Sequence[Asked]) -> dict[str, Line]:
    """Return the time line of each kind of index; at the first date, nothing is old and all are the same.

    Args:
        reader: name to put before the kind of index.
        rows: of ``nb06_rag`` or ``nb06_hybrid``.
        asked: the questions to count.
    """
    texts = {(row["arm"], row["date"], row["question"]): row["text"] for row in rows}
    first, *later = asked[0].values
    lines = {}
    for arm in (REPLACED, APPENDED, DATED):
        arms = {first: REPLACED} | dict.fromkeys(later, arm)
        lines[f"{reader}, {arm}"] = {
            date: [judged(one, date, texts[arm, date, one.question.id]) for one in asked] for date, arm in arms.items()
        }
    return lines


def judged(one: Asked, date: str, text: str) -> dict[str, Any]:
    """Return what an answer is at a date; ``changed`` tells whether the value is another than at the first date."""
    kind = one.kind(text, date)
    return {
        "question": one.question.id,
        "cluster": one.question.cluster,
        "changed": one.changed(min(one.values), date),
        "kind": kind,
        CURRENT: kind == CURRENT,
        STALE: kind == STALE,
        "text": text,
    }


def changed(rows: Sequence[Row], whether: bool = True) -> list[Row]:
    """Return the rows of the questions whose value has changed since the first date, or of those whose has not."""
    return [row for row in rows if row["changed"] is whether]


def all_lines(rows: Mapping[str, Sequence[Row]], asked: Sequence[Asked]) -> dict[str, Line]:
    """Return the time line of every way to answer, from stored rows by part: ``tuned``, ``rag`` and ``hybrid``."""
    lines = tuned_lines(rows["tuned"], asked)
    for reader in ("rag", "hybrid"):
        lines |= index_lines(reader, rows[reader], asked)
    return lines


def panels_of(lines: Mapping[str, Line], names: Sequence[str]) -> dict[str, dict[str, list[Interval]]]:
    """Return the shares of current and of stale answers at each date, for some ways to answer."""
    return {
        f"{key} answers": {name: [share_of(some, key) for some in lines[name].values()] for name in names}
        for key in (CURRENT, STALE)
    }


def share_of(rows: Sequence[Row], key: str) -> Interval:
    """Return the share of rows in which a field is true, with its interval by article."""
    return cluster_bootstrap([row[key] for row in rows], [row["cluster"] for row in rows])


def gap(first: Sequence[Row], second: Sequence[Row], key: str) -> Interval:
    """Return the share of ``second`` minus that of ``first`` in which a field is true, over the same questions."""
    other = {row["question"]: row[key] for row in second}
    pairs = [(row[key], other[row["question"]]) for row in first]
    return paired_difference([a for a, _ in pairs], [b for _, b in pairs], [row["cluster"] for row in first])


def moved(rows: Iterable[Row], before: str, after: str, asked: Iterable[Asked]) -> list[dict[str, Any]]:
    """Return for each question whether two adapters answer it otherwise, and whether each states the first value.

    Args:
        rows: of ``nb06_tuned`` and ``nb06_replay`` together.
        before, after: the two adapters (``arm``).
        asked: the questions to compare.
    """
    texts = {(row["arm"], row["question"]): row["text"] for row in rows if row["question"]}
    compared = []
    for one in asked:
        old, new = (texts[arm, one.question.id] for arm in (before, after))
        right = [one.kind(text, min(one.values)) == CURRENT for text in (old, new)]
        row = {"question": one.question.id, "cluster": one.question.cluster, "right before": right[0]}
        compared.append(row | {"otherwise": normalize(old) != normalize(new), "right after": right[1]})
    return compared


def both_readers(lines: Mapping[str, Line], arm: str, date: str) -> list[dict[str, Any]]:
    """Return the answers of ``rag`` and the hybrid to changed questions from one kind of index; each one counts."""
    groups = {reader: changed(lines[f"{reader}, {arm}"][date]) for reader in ("rag", "hybrid")}
    return [{**row, "question": f"{name} {row['question']}"} for name, some in groups.items() for row in some]


def dose_points(rows: Sequence[Row]) -> dict[str, list[tuple[float, Interval]]]:
    """Return for both wordings the share of facts known after each dose; the untrained model is left out."""
    return {
        wording: [
            (dose, share_of([row for row in rows if (row["dose"], row["wording"]) == (dose, wording)], "right"))
            for dose in DOSES
        ]
        for wording in (KNOWN, UNKNOWN)
    }


def untrained_share(rows: Sequence[Row]) -> Interval:
    """Return the share of the same questions that the untrained model gets right by chance."""
    return share_of([row for row in rows if row["dose"] == UNTRAINED], "right")
