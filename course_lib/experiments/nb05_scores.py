"""Read the stored rows of notebook 05: scores of each arm with intervals, paired differences, tokens and time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

import numpy as np

from course_lib.evaluation.differences import difference_of
from course_lib.evaluation.statistics import Interval, cluster_bootstrap
from course_lib.evaluation.target_scores import macro_f1

Rows = Sequence[Mapping[str, Any]]
DRAWS = 1000


def by_arm(rows: Rows, key: str = "arm") -> dict[str, list[Mapping[str, Any]]]:
    """Return the rows by arm, in the order in which the arms first come."""
    return {arm: [row for row in rows if row[key] == arm] for arm in dict.fromkeys(row[key] for row in rows)}


def shares(rows: Rows, score: str) -> dict[str, Interval]:
    """Return the mean of a score in each arm, with an interval over items.

    Args:
        rows: of one experiment.
        score: ``valid``, ``exact`` or ``share``.
    """
    return {
        arm: cluster_bootstrap([float(row[score]) for row in some], [row["cluster"] for row in some])
        for arm, some in by_arm(rows).items()
    }


def differences(rows: Rows, score: str, against: str) -> dict[str, Interval]:
    """Return how much more every other arm scores than one arm, item by item."""
    arms = by_arm(rows)
    return {arm: difference_of(arms[against], some, score) for arm, some in arms.items() if arm != against}


def f1_of(rows: Rows, draws: int = DRAWS, seed: int = 7) -> Interval:
    """Return the macro-F1 of one arm, with a percentile interval from resampling its items.

    Args:
        rows: of one arm, with ``gold`` and ``label``.
        draws: number of resamples.
        seed: seed of the resamples.
    """
    gold, given = [row["gold"] for row in rows], [row["label"] for row in rows]
    picks = np.random.default_rng(seed).integers(len(rows), size=(draws, len(rows)))
    scores = [macro_f1([gold[at] for at in pick], [given[at] for at in pick]) for pick in picks]
    low, high = np.quantile(scores, [0.025, 0.975])
    return Interval(macro_f1(gold, given), float(low), float(high), len(rows))


def costs(rows: Rows) -> dict[str, dict[str, float]]:
    """Return for each arm the median tokens of the prompt and of the answer, and milliseconds an item."""
    return {
        arm: {key: float(median(row[key] for row in some)) for key in ("tokens_in", "tokens_out", "ms")}
        for arm, some in by_arm(rows).items()
    }


def tokens_saved(rows: Rows, long: str = "strong prompt", short: str = "LoRA") -> float:
    """Return how many prompt tokens an item the short prompt of the trained model saves, on average."""
    arms = by_arm(rows)
    means = [sum(row["tokens_in"] for row in arms[arm]) / len(arms[arm]) for arm in (long, short)]
    return means[0] - means[1]
