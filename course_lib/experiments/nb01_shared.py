"""Read the stored rows of the prompt experiment: shares by prompt, made-up values by type, verdicts by question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from course_lib.evaluation.compare import row_of
from course_lib.evaluation.judge import Judgement
from course_lib.evaluation.scoreboard import Row
from course_lib.evaluation.statistics import cluster_bootstrap
from course_lib.experiments.nb01_prompts import PROMPTS

SCORES = ("makes up", "right", "declines", "agreed form")


def prompt_shares(rows: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return the share of answers with each of ``SCORES`` under each prompt, with intervals over articles."""
    shares = []
    for name in PROMPTS:
        some = [row for row in rows if row["variant"] == name]
        clusters = [row["cluster"] for row in some]
        shares += [row_of(name, key, cluster_bootstrap([row[key] for row in some], clusters)) for key in SCORES]
    return shares


def invented_examples(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, int, str, str]]:
    """Return for each type of value: how many answers make one up, and the first such value with its answer."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        if row["variant"] in PROMPTS:
            for kind, value in dict(row["invented"]).items():
                found.setdefault(kind, []).append((value, row["text"]))
    return [(kind, len(some), *some[0]) for kind, some in sorted(found.items())]


def right_by_question(rows: Sequence[Mapping[str, Any]], variant: str) -> dict[str, bool]:
    """Return whether the answers of one variant are right, by question id."""
    return {row["question"]: row["right"] for row in rows if row["variant"] == variant}


def same_as_stored(rows: Sequence[Mapping[str, Any]], variant: str, judgements: Sequence[Judgement]) -> int:
    """Count live answers whose raw text equals the stored one of the same question."""
    stored = {row["question"]: row["raw"] for row in rows if row["variant"] == variant}
    return sum(stored.get(judged.question.id) == judged.answer.raw for judged in judgements)
