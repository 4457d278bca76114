"""From judged answers to the scoreboard: one row for each assistant and metric, with its interval."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from course_lib.assistants.parsing import parse_house
from course_lib.evaluation.causes import CAUSES
from course_lib.evaluation.judge import Judgement
from course_lib.evaluation.retrieved import score_ids
from course_lib.evaluation.statistics import Interval, cluster_bootstrap, cluster_mean
from course_lib.knowledge.chunking import Passage

METRICS = (
    "correct",
    "stale",
    "hit_at_3",
    "mrr",
    "ndcg_at_10",
    "format_valid",
    "citation_exists",
    "citation_supports",
    "citation_correct",
    "abstain_recall",
    "false_refusal",
    "seconds_p50",
    "tokens_in",
    "tokens_out",
)
RANKING_METRICS = ("hit_at_3", "mrr", "ndcg_at_10")
COUNTS = ("tokens_in", "tokens_out")  # the others are shares, or scores from 0 to 1


@dataclass(frozen=True)
class Row:
    """One score; ``value`` is None where it does not apply (a workflow has no ranking to score)."""

    assistant: str
    metric: str
    value: float | None
    low: float | None
    high: float | None
    n: int

    def as_dict(self) -> dict:
        """Return the row as plain JSON values."""
        return asdict(self)


def score_answers(judgements: Sequence[Judgement]) -> dict[str, list[tuple[float, str]]]:
    """Return for each metric of the answers its items, each a value and the article it is clustered by.

    ``format_valid`` is about what the model wrote, before any check could replace it.
    ``stale`` is over questions with a former value, ``citation_*`` over answers that do not decline,
    ``abstain_recall`` over unanswerable and ``false_refusal`` over answerable questions.
    """
    items: dict[str, list[tuple[float, str]]] = {metric: [] for metric in METRICS}

    def add(metric: str, judged: Judgement, value: float | None) -> None:
        if value is not None:
            items[metric].append((float(value), judged.question.cluster))

    for judged in judgements:
        question, answer = judged.question, judged.answer
        add("correct", judged, judged.correct)
        add("stale", judged, judged.stale if question.stale else None)
        add("format_valid", judged, parse_house(answer.raw).valid if answer.raw else answer.parsed.valid)
        add("citation_exists", judged, judged.citation_exists)
        add("citation_supports", judged, judged.citation_supports)
        add("citation_correct", judged, judged.citation_correct)
        add("false_refusal" if question.answerable else "abstain_recall", judged, answer.abstained)
        add("tokens_in", judged, answer.tokens_in)
        add("tokens_out", judged, answer.tokens_out)
    return items


def rows_for(
    assistant: str,
    judgements: Sequence[Judgement],
    rankings: Mapping[str, Sequence[str]] | None,
    passages: Mapping[str, Passage],
) -> list[Row]:
    """Return the scoreboard rows of one assistant.

    Args:
        assistant: its name.
        judgements: its judged answers.
        rankings: ids of the ten best passages by question id; None if it retrieves nothing.
        passages: the current site's passages by id.
    """
    items = score_answers(judgements)
    if rankings is not None:
        told = [judged.question for judged in judgements if judged.question.answerable]
        scores = score_ids(told, rankings, passages)
        for metric in RANKING_METRICS:
            items[metric] = [(scores[question.id][metric], question.cluster) for question in told]
    rows = [_row(assistant, metric, items[metric]) for metric in METRICS if metric != "seconds_p50"]
    spent = sorted(sum(judged.answer.seconds.values()) for judged in judgements)
    rows.insert(METRICS.index("seconds_p50"), Row(assistant, "seconds_p50", *_median(spent), len(spent)))
    return rows


def _row(assistant: str, metric: str, items: list[tuple[float, str]]) -> Row:
    if not items:
        return Row(assistant, metric, None, None, None, 0)
    values, clusters = zip(*items)
    interval = (cluster_mean if metric in COUNTS else cluster_bootstrap)(values, clusters)
    return Row(
        assistant, metric, *(round(number, 4) for number in (interval.value, interval.low, interval.high)), interval.n
    )


def _median(spent: Sequence[float]) -> tuple[float, float, float]:
    """Return the median and its distribution-free 95 % interval, by order statistics."""
    half = 0.98 * math.sqrt(len(spent))
    low, high = max(0, int(len(spent) / 2 - half)), min(len(spent) - 1, math.ceil(len(spent) / 2 + half))
    return tuple(round(float(number), 4) for number in (np.median(spent), spent[low], spent[high]))


def board(intervals: Mapping[str, Mapping[str, Interval]]) -> list[Row]:
    """Return intervals as the rows of a scoreboard: a column for each outer name, a line for each inner one."""
    return [
        Row(column, line, interval.value, interval.low, interval.high, interval.n)
        for column, lines in intervals.items()
        for line, interval in lines.items()
    ]


def count_causes(judgements: Sequence[Judgement]) -> dict[str, int]:
    """Return how many wrong answers have each cause; the counts sum to the wrong answers."""
    counts = Counter(judged.cause for judged in judgements if not judged.correct)
    return {cause: counts.get(cause, 0) for cause in CAUSES}
