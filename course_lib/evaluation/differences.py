"""Compare two conditions of an experiment from its stored rows, and write intervals into tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from course_lib.evaluation.scoreboard import Row
from course_lib.evaluation.statistics import Interval, paired_difference

Rows = Sequence[Mapping[str, Any]]


def difference_of(first: Rows, second: Rows, key: str) -> Interval:
    """Return the mean of ``second - first`` over the questions that both asked, resampled by article.

    Args:
        first, second: rows with ``question``, ``cluster`` and the key, one for each question, in any order.
        key: the score to compare; a number or a truth value in every row.

    Raises:
        ValueError: the two are not about the same questions, or one asked a question twice.
    """
    other = {row["question"]: row for row in second}
    if sorted(row["question"] for row in first) != sorted(other) or len(second) != len(other):
        raise ValueError("The two sets of rows are not about the same questions, each asked once.")
    return paired_difference(
        [float(row[key]) for row in first],
        [float(other[row["question"]][key]) for row in first],
        [row["cluster"] for row in first],
    )


def text_of(interval: Interval | Row) -> str:
    """Write an interval, or a score that is not missing, as a table shows it, such as ``0.71 [0.58, 0.83]``."""
    return f"{interval.value:.2f} [{interval.low:.2f}, {interval.high:.2f}]"
