"""What retrieval and training each do to a score: the main effects of a 2x2 grid, paired by question."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import numpy as np

from course_lib.assistants.hybrid import before_validation
from course_lib.evaluation.compare import row_of
from course_lib.evaluation.judge import Judgement, judge
from course_lib.evaluation.scoreboard import Row
from course_lib.evaluation.statistics import cluster_mean
from course_lib.knowledge.chunking import Passage

GRID = ("prompt_only", "rag", "fine_tuned", "hybrid")  # neither, retrieval, training, both
Grid = Sequence[Sequence[float]]


def wrote_right(judged: Judgement, passages: Mapping[str, Passage]) -> bool:
    """Tell whether what the model wrote is right, before any check could replace it."""
    return judge(judged.question, before_validation(judged.answer), passages).correct


def wrote_valid(judged: Judgement) -> bool:
    """Tell whether what the model wrote has the house format, before any check could replace it."""
    return before_validation(judged.answer).parsed.valid


def main_effect(
    neither: Sequence[float], this: Sequence[float], other: Sequence[float], both: Sequence[float]
) -> np.ndarray:
    """Return what one of two factors adds to each item's score, averaged over the other factor (Fisher, 1935).

    Args:
        neither, this, other, both: scores of the same items with neither factor, with this one only, with the other
            one only, and with both; shape (n,) each.

    Returns:
        One effect an item, shape (n,); for scores of 0 and 1 it runs from -1 to 1. Their mean is the main effect.

    Raises:
        ValueError: the four differ in length.
    """
    if len({len(neither), len(this), len(other), len(both)}) != 1:
        raise ValueError("The four systems need scores of the same items, in the same order.")
    n, t, o, b = (np.asarray(scores, dtype=float) for scores in (neither, this, other, both))
    return ((t - n) + (b - o)) / 2


def effect_rows(grids: Mapping[str, Grid], clusters: Sequence[Hashable]) -> list[Row]:
    """Return the main effects of retrieval and of training on each score, with intervals over articles.

    Args:
        grids: by score, the items' scores of the four assistants of ``GRID``, in its order.
        clusters: the article of each item, shape (n,).

    Raises:
        ValueError: the lengths differ, or there are no items.
    """
    rows = []
    for score, (neither, retrieval, training, both) in grids.items():
        found = main_effect(neither, retrieval, training, both)
        trained = main_effect(neither, training, retrieval, both)
        rows += [row_of("retrieval", score, cluster_mean(found, clusters))]
        rows += [row_of("training", score, cluster_mean(trained, clusters))]
    return rows
