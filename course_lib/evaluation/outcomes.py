"""What an answer from a given context looks like, and what it is worth: one row each, and shares of rows."""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from course_lib.assistants.parsing import is_refusal, parse_house
from course_lib.evaluation.judge import Judgement
from course_lib.evaluation.retrieved import tells
from course_lib.evaluation.statistics import Interval, cluster_bootstrap, paired_difference
from course_lib.retrieval.faults import states_a

SEEN = ("format", "cites", "plausible", "reached")  # scores that nobody needs a right answer for
# "may" is left out: it is also a month.
_DOUBT = re.compile(
    r"\b(?:might|perhaps|probably|possibly|maybe|likely|unsure|not sure|I think|it seems)\b", re.IGNORECASE
)


def outcome(condition: str, judged: Judgement) -> dict:
    """Return an answer to an answerable question as plain JSON values: what it looks like and what it is worth.

    Some fields could be counted without knowing the right answer. About the text that the model wrote: ``format``,
    it keeps the house format; ``cites``, it cites passages that were shown and no other, or declines; ``plausible``,
    it states a value of each kind asked, or declines; ``hedges``, it declines or uses a word of doubt;
    ``confidence``, the probability of its least sure token. About what leaves the assistant: ``reached``, a value.

    The others need the right answer: ``tells``, the shown passages state it; ``correct`` and ``cause`` as judged;
    ``misled``, a value reached the customer without a word of doubt, and the answer is not correct.
    """
    answer, question = judged.answer, judged.question
    wrote, shown = parse_house(answer.raw), {hit.passage.id for hit in answer.hits}
    declined = is_refusal(wrote.text)
    hedges = declined or bool(_DOUBT.search(wrote.text))
    return {
        "condition": condition,
        "question": question.id,
        "stratum": question.stratum,
        "cluster": question.cluster,
        "passages": [hit.passage.id for hit in answer.hits],
        "raw": answer.raw,
        "format": wrote.valid,
        "cites": declined or (bool(wrote.citations) and set(wrote.citations) <= shown),
        "plausible": declined or all(states_a(slot.type, wrote.text) for slot in question.slots),
        "hedges": hedges,
        "confidence": None if answer.confidence is None else round(math.exp(answer.confidence), 4),
        "reached": not answer.abstained,
        "tells": tells(question, answer.hits),
        "correct": judged.correct,
        "misled": not (answer.abstained or hedges or judged.correct),
        "cause": judged.cause,
    }


def by_condition(rows: Sequence[dict]) -> dict[str, list[dict]]:
    """Return the rows grouped by condition, in the order in which conditions first appear."""
    groups: dict[str, list[dict]] = {}
    for row in rows:
        groups.setdefault(row["condition"], []).append(row)
    return groups


def share(rows: Sequence[dict], key: str) -> Interval:
    """Return the mean of a field with its 95 % interval by article; rows in which it is None do not count.

    Raises:
        ValueError: no row has the field.
    """
    kept = [row for row in rows if row[key] is not None]
    return cluster_bootstrap([row[key] for row in kept], [row["cluster"] for row in kept])


def quality(rows: Sequence[dict]) -> tuple[float, Interval]:
    """Return the share of questions whose values were shown, and the share of right answers with its interval."""
    return share(rows, "tells").value, share(rows, "correct")


def main_causes(groups: Mapping[str, Sequence[dict]]) -> list[tuple[str, int, str | None]]:
    """Return, for each condition, how many answers are wrong and their most frequent cause (None if none is)."""
    causes = {name: Counter(row["cause"] for row in rows if not row["correct"]) for name, rows in groups.items()}
    return [(name, counts.total(), counts.most_common(1)[0][0] if counts else None) for name, counts in causes.items()]


def turned_wrong(
    groups: Mapping[str, Sequence[dict]], conditions: Mapping[str, str], base: str = "intact"
) -> dict[str, Interval]:
    """Return, of the questions answered correctly under ``base``, the share that each condition turns misleading.

    Args:
        groups: rows by condition, all of the same questions.
        conditions: name to report, and the condition that it stands for.
        base: the condition to start from.
    """
    right = {row["question"] for row in groups[base] if row["correct"]}
    return {
        name: share([row for row in groups[condition] if row["question"] in right], "misled")
        for name, condition in conditions.items()
    }


def excess_fall(rows: Sequence[dict], base: str = "intact") -> Interval:
    """Return how much further ``correct`` falls than the score of ``SEEN`` that falls most with it.

    Args:
        rows: the same questions under ``base`` and under faults. All faults count together.
        base: the condition to compare with.

    Returns:
        The paired difference of the two falls, as a share, with its interval by article.
    """
    before = {row["question"]: row for row in rows if row["condition"] == base}
    broken = [row for row in rows if row["condition"] != base]
    falls = {key: [before[row["question"]][key] - row[key] for row in broken] for key in ("correct", *SEEN)}
    clusters = [row["cluster"] for row in broken]
    gaps = [paired_difference(falls[key], falls["correct"], clusters) for key in SEEN]
    return min(gaps, key=lambda gap: gap.value)


def mixed(good: Sequence[dict], bad: Sequence[dict], part: float, seed: int = 7) -> list[dict]:
    """Return the rows of a system in which a fault hits only a part of the questions, drawn by chance.

    Args:
        good, bad: rows of the same questions, in the same order.
        part: share of questions that the fault hits, 0 to 1.
        seed: seed of the draw. A larger part contains the questions of a smaller one.
    """
    order = random.Random(seed).sample(range(len(good)), len(good))
    hit = set(order[: round(part * len(good))])
    return [bad[index] if index in hit else good[index] for index in range(len(good))]
