"""The smallest difference between two systems that a set of questions is likely to show."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import stats

_STEPS = 20  # halvings of the search: the answer is known to a millionth


def mcnemar_power(n: int, difference: float, differing: float, alpha: float = 0.05) -> float:
    """Return the chance that the exact McNemar test finds a difference between two systems on the same questions.

    The exact unconditional power (Duffy, 1984): how many of the questions tell the two systems apart is itself left
    to chance, and the power of the exact test is averaged over it. Questions are taken as independent.

    Args:
        n: number of questions.
        difference: share right of the better system minus that of the other, 0 to ``differing``.
        differing: share of the questions on which exactly one of the two is right, 0 to 1.
        alpha: two-sided significance level, above 0 and below 1.

    Returns:
        A chance from 0 to 1.

    Raises:
        ValueError: an argument is outside its range.
    """
    if n < 1 or not 0 <= difference <= differing <= 1 or not 0 < alpha < 1:
        raise ValueError(
            "Need n >= 1, 0 <= difference <= differing <= 1 and 0 < alpha < 1, "
            f"not {n}, {difference}, {differing}, {alpha}."
        )
    apart = np.arange(1, n + 1)  # questions on which exactly one is right, shape (n,); with none, nothing is found
    least = stats.binom.ppf(alpha / 2, apart, 0.5)
    least -= stats.binom.cdf(least, apart, 0.5) > alpha / 2  # the largest count that is still rejected; -1 if none
    better = (differing + difference) / 2 / differing if differing else 0.5
    rejected = stats.binom.cdf(least, apart, better) + stats.binom.sf(apart - least - 1, apart, better)
    return float(np.sum(stats.binom.pmf(apart, n, differing) * rejected))


def smallest_paired_difference(n: int, differing: float, power: float = 0.8, alpha: float = 0.05) -> float:
    """Return the smallest difference between two systems that the exact McNemar test is likely to find.

    Args:
        n: number of questions that both systems answer.
        differing: share of the questions on which exactly one of the two is right, 0 to 1.
        power: chance to find the difference, above ``alpha`` and below 1.
        alpha: two-sided significance level.

    Returns:
        The difference as a share (0.1 is ten percentage points); ``math.inf`` where even the largest possible
        difference, ``differing`` itself, is too small to be found.

    Raises:
        ValueError: an argument is outside its range.
    """
    if not alpha < power < 1:
        raise ValueError(f"Need alpha < power < 1, not {alpha} and {power}.")
    if mcnemar_power(n, differing, differing, alpha) < power:
        return math.inf
    low, high = 0.0, differing
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if mcnemar_power(n, middle, differing, alpha) >= power else (middle, high)
    return high


def detectable(sizes: Sequence[int], differing: Sequence[float]) -> dict[str, dict[str, float]]:
    """Return the smallest paired difference for numbers of questions, as groups of bars to draw.

    Args:
        sizes: numbers of questions; one group each.
        differing: shares of the questions on which exactly one of the two systems is right; one bar each.

    Returns:
        Differences as shares, by group and bar. A bar is missing where even the largest possible difference,
        ``differing`` itself, would be overlooked.
    """
    return {
        f"{n} questions": {
            f"only one is right on {share:.0%}": least
            for share in differing
            if math.isfinite(least := smallest_paired_difference(n, share))
        }
        for n in sizes
    }
