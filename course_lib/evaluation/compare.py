"""Compare assistants on the same questions: shares, pairs, and tables of both."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from course_lib.assistants.answer import Answer, Parsed
from course_lib.evaluation.gold import Question
from course_lib.evaluation.judge import CAUSES, Judgement, judge
from course_lib.evaluation.scoreboard import Row, count_causes
from course_lib.evaluation.statistics import Interval, cluster_bootstrap, mcnemar_exact, paired_difference
from course_lib.knowledge.chunking import Passage

PAIR_COLUMNS = ("compared", "difference", "low", "high", "only the first", "only the second", "p")


@dataclass(frozen=True)
class Pair:
    """How two systems differ on the same questions.

    Attributes:
        difference: share right of the second minus that of the first, with its interval (-1 to 1).
        only_first, only_second: questions that only this one got right.
        p: exact McNemar p-value (0 to 1).
    """

    difference: Interval
    only_first: int
    only_second: int
    p: float


def pair_of(first: Sequence[bool], second: Sequence[bool], clusters: Sequence[Hashable]) -> Pair:
    """Compare two systems question by question.

    Args:
        first, second: whether each was right, shape (n,), in the same order.
        clusters: the article of each question, shape (n,).

    Raises:
        ValueError: the sequences differ in length or are empty.
    """
    return Pair(
        paired_difference(first, second, clusters),
        sum(bool(a and not b) for a, b in zip(first, second)),
        sum(bool(b and not a) for a, b in zip(first, second)),
        mcnemar_exact(first, second),
    )


def all_pairs(right: Mapping[str, Mapping[str, bool]], clusters: Mapping[str, Hashable]) -> dict[tuple[str, str], Pair]:
    """Compare every two systems on the questions that all of them answered.

    Args:
        right: by system, whether it was right, by question id.
        clusters: the article of each question to compare on, by question id.

    Raises:
        ValueError: no question of ``clusters`` was answered by all.
    """
    shared = [name for name in clusters if all(name in answered for answered in right.values())]
    about = [clusters[name] for name in shared]
    scores = {system: [answered[name] for name in shared] for system, answered in right.items()}
    return {(one, two): pair_of(scores[one], scores[two], about) for one, two in combinations(scores, 2)}


def pair_rows(pairs: Mapping[tuple[str, str], Pair]) -> list[list[Any]]:
    """Return one line a pair for a table under ``PAIR_COLUMNS``."""
    return [
        [
            f"{second} minus {first}",
            *(round(number, 2) for number in (pair.difference.value, pair.difference.low, pair.difference.high)),
            pair.only_first,
            pair.only_second,
            "below 0.001" if pair.p < 0.001 else f"{pair.p:.3f}",
        ]
        for (first, second), pair in pairs.items()
    ]


def row_of(name: str, metric: str, interval: Interval) -> Row:
    """Return an interval as a row of a scoreboard, so that it can be shown like one."""
    return Row(name, metric, interval.value, interval.low, interval.high, interval.n)


def rows_of(metric: str, intervals: Mapping[str, Interval]) -> list[Row]:
    """Return intervals by name as the rows of one metric."""
    return [row_of(name, metric, interval) for name, interval in intervals.items()]


def share_right(judgements: Sequence[Judgement]) -> Interval:
    """Return the share of right answers with an interval over articles.

    Raises:
        ValueError: there are no judgements.
    """
    right = [judged.correct for judged in judgements]
    return cluster_bootstrap(right, [judged.question.cluster for judged in judgements])


def split_rows(
    judgements: Mapping[str, Sequence[Judgement]], covered: Sequence[bool], names: Sequence[str]
) -> list[Row]:
    """Return each assistant's share right on the questions that are covered, on the others, and on all.

    Args:
        judgements: by assistant, its judged answers in one order.
        covered: whether each question is covered, in the same order.
        names: what to call the three parts.

    Raises:
        ValueError: a part is empty, or the lengths differ.
    """
    parts = {names[0]: {True}, names[1]: {False}, names[2]: {True, False}}
    return [
        row_of(name, part, share_right([judged for judged, use in zip(some, covered, strict=True) if use in wanted]))
        for part, wanted in parts.items()
        for name, some in judgements.items()
    ]


def cause_rows(judgements: Mapping[str, Sequence[Judgement]]) -> list[list[str | int]]:
    """Return a table of causes, one column an assistant; its last two lines are counted each on its own."""
    counts = [count_causes(some) for some in judgements.values()]
    return [
        *([cause, *(count[cause] for count in counts)] for cause in CAUSES),
        ["sum of the causes", *(sum(count.values()) for count in counts)],
        ["wrong answers", *(sum(not judged.correct for judged in some) for some in judgements.values())],
    ]


def share_of_texts(questions: Sequence[Question], texts: Sequence[str], passages: Mapping[str, Passage]) -> Interval:
    """Return the share that the judge calls right of texts given as answers, one a question.

    This tests the judge: texts that are known to be right or wrong have to come out so.

    Raises:
        ValueError: there is not one text a question, or no question.
    """
    answers = [
        Answer("", question.text, (), "", "", Parsed(text)) for question, text in zip(questions, texts, strict=True)
    ]
    return share_right([judge(question, answer, passages) for question, answer in zip(questions, answers)])
