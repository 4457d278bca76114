"""A slice of the questions that has every stratum, for when asking all of them would take too long."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from course_lib.evaluation.gold import Question

TOUR_QUESTIONS = 18  # about as many as two cores answer in a minute


def tour_slice(questions: Sequence[Question], count: int = TOUR_QUESTIONS) -> list[Question]:
    """Return a slice of so many questions that has every stratum about in proportion, spread over each stratum.

    Every stratum has at least one question if ``count`` allows; the largest make room for the smallest.

    Args:
        questions: in any order; those of a stratum come out in the order given.
        count: length of the slice; all questions if there are no more.
    """
    groups: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        groups[question.stratum].append(question)
    shares = _shares({name: len(group) for name, group in groups.items()}, min(count, len(questions)))
    return [
        group[place * len(group) // shares[name]] for name, group in groups.items() for place in range(shares[name])
    ]


def _shares(sizes: dict[str, int], count: int) -> dict[str, int]:
    """Deal places out to groups: one each if there are enough, then each to the group most short of its share.

    Of two that are equally short, the smaller is served first.
    """
    total = sum(sizes.values())
    shares = dict.fromkeys(sizes, int(count >= len(sizes)))
    for _ in range(count - sum(shares.values())):
        shortest = max(sizes, key=lambda name: (count * sizes[name] - total * shares[name], -sizes[name]))
        shares[shortest] += 1
    return shares
