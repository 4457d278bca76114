"""Read the records of notebook 08: risk at each coverage, what a second technique mends and where it adds nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from course_lib.evaluation.causes import CAUSES
from course_lib.evaluation.differences import difference_of, text_of
from course_lib.evaluation.gold import STRATA
from course_lib.evaluation.judge import Judgement, judge
from course_lib.evaluation.scoreboard import Row
from course_lib.evaluation.statistics import Interval, cluster_bootstrap, paired_difference
from course_lib.experiments.nb08_checks import spoken
from course_lib.knowledge.chunking import Passage

PARTS = (0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 1.0)
Given = tuple[float, bool, str]  # how sure the model was, whether the answer is right, its article


def risk_coverage(sure: Sequence[float], right: Sequence[bool]) -> list[tuple[float, float]]:
    """Return coverage and risk after each answer, the surest first (El-Yaniv and Wiener, 2010).

    Args:
        sure: how sure each answer is, shape (n,); higher is surer. Equally sure ones keep their order.
        right: whether it is right, shape (n,).

    Returns:
        n pairs: the share of the answers that are given, and the share of wrong ones among them.
    """
    ranked = [right[index] for index in sorted(range(len(sure)), key=lambda index: -sure[index])]
    wrong = np.cumsum([not one for one in ranked])
    return [(count / len(ranked), int(wrong[count - 1]) / count) for count in range(1, len(ranked) + 1)]


def given(judgements: Sequence[Judgement], passages: Mapping[str, Passage]) -> list[Given]:
    """Return the answers that would be given if nobody asked how sure the model was: all other checks are passed.

    Args:
        judgements: the hybrid's judged answers.
        passages: the current site's passages by id.
    """
    loose = [judge(one.question, spoken(one.answer, ("confident",)), passages) for one in judgements]
    return [(one.answer.confidence, one.correct, one.question.cluster) for one in loose if not one.answer.abstained]


def risk_series(
    answers: Sequence[Given], least: float | None = None, seed: int = 7
) -> dict[str, list[tuple[float, Interval]]]:
    """Return the risk at some coverages, with intervals by article: by confidence, and in a random order as control.

    Args:
        answers: as :func:`given` returns them.
        least: a threshold to mark, as a series of one point; None marks none.
        seed: of the random order.
    """
    shuffled = [answers[index] for index in np.random.default_rng(seed).permutation(len(answers))]
    orders = {"by confidence": sorted(answers, key=lambda one: -one[0]), "in a random order (control)": shuffled}
    series = {
        name: [(part, _risk(order[: max(1, round(part * len(order)))])) for part in PARTS]
        for name, order in orders.items()
    }
    if least is not None:
        kept = [one for one in answers if one[0] >= least]
        series["the course's threshold"] = [(round(len(kept) / len(answers), 2), _risk(kept))]
    return series


def worth_retrying(change: Sequence[Row]) -> list[str]:
    """Return the retries that add more to the share right than to the share that is wrong and sent.

    Args:
        change: as :func:`course_lib.experiments.nb08_repair.gains` returns it.
    """
    added = {(row.assistant, row.metric): row.value for row in change}
    names = dict.fromkeys(retry for retry, _ in added)
    return [name for name in names if added[name, "right"] > added[name, "wrong and sent"]]


def _risk(answers: Sequence[Given]) -> Interval:
    return cluster_bootstrap([not right for _, right, _ in answers], [article for *_, article in answers])


def mended_rows(first: Sequence[Judgement], *others: Sequence[bool]) -> list[list[str | int]]:
    """Return for each cause how many answers of the first system have it, and how many each other one has right.

    Args:
        first: judged answers to n questions.
        others: whether each other system is right, shape (n,) each, in the same order.
    """
    rows: list[list[str | int]] = []
    for cause in CAUSES:
        places = [index for index, judged in enumerate(first) if judged.cause == cause]
        if places:
            rows.append([cause, len(places), *(sum(right[index] for index in places) for right in others)])
    return rows


def mended_with_cause(first: Sequence[Judgement], second: Sequence[bool], causes: Collection[str]) -> Interval:
    """Return, of the answers that the second system mends, the share that had one of the causes, by article.

    Raises:
        ValueError: the second system mends nothing.
    """
    mended = [judged for judged, right in zip(first, second, strict=True) if right and not judged.correct]
    return cluster_bootstrap([one.cause in causes for one in mended], [one.question.cluster for one in mended])


def gain_rows(first: Sequence[Judgement], second: Sequence[Judgement]) -> list[list[Any]]:
    """Return for each kind of question what the second system adds to the first, the least gain on top.

    A row has the kind, its questions, the difference of the shares right with its interval as a table shows it, the
    answers that the second system mends and those that it spoils.
    """
    rows = []
    for stratum in STRATA:
        pairs = [(a, b) for a, b in zip(first, second, strict=True) if a.question.stratum == stratum]
        if pairs:
            clusters = [a.question.cluster for a, _ in pairs]
            gain = paired_difference([a.correct for a, _ in pairs], [b.correct for _, b in pairs], clusters)
            mended = sum(b.correct and not a.correct for a, b in pairs)
            spoiled = sum(a.correct and not b.correct for a, b in pairs)
            rows.append([stratum, len(pairs), gain, mended, spoiled])
    rows.sort(key=lambda row: row[2].value)
    return [[kind, count, text_of(gain), *rest] for kind, count, gain, *rest in rows]


def unneeded(
    general: Mapping[str, Sequence[Mapping[str, Any]]], workflow: Sequence[Judgement], hybrid: Sequence[Judgement]
) -> list[tuple[str, Interval]]:
    """Return what the second technique does to the share right on two tasks that did not ask for it.

    Args:
        general: rows of general questions by arm, ``base`` and ``reading``.
        workflow, hybrid: judged answers to the same questions; those that the workflow answers count.
    """
    pairs = [(a, b) for a, b in zip(workflow, hybrid, strict=True) if not a.answer.abstained]
    first, second = ([judged.correct for judged in side] for side in zip(*pairs))
    covered = paired_difference(first, second, [a.question.cluster for a, _ in pairs])
    return [
        ("general questions: training added", difference_of(general["base"], general["reading"], "right")),
        ("covered by the workflow: hybrid instead", covered),
    ]
