"""How sure a score is: intervals, and paired comparisons of two systems."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats


@dataclass(frozen=True)
class Interval:
    """An estimate with its confidence interval.

    Attributes:
        value: the estimate, in the unit of the scores (a share runs from 0 to 1); ``low`` and ``high`` likewise.
        n: number of items behind the estimate.
    """

    value: float
    low: float
    high: float
    n: int


def wilson(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """Return a share with its Wilson score interval (Wilson, 1927).

    The items have to be independent; for questions that share articles use :func:`cluster_bootstrap`.

    Args:
        successes: number of items that succeeded, 0 to ``n``.
        n: number of items.
        confidence: coverage aimed at, above 0 and below 1.

    Raises:
        ValueError: ``n`` is 0, ``successes`` is outside 0 to ``n``, or ``confidence`` is outside 0 to 1.
    """
    if n == 0:
        raise ValueError("n is 0: a score over no items is missing, not 0.")
    _check_confidence(confidence)
    ends = stats.binomtest(successes, n).proportion_ci(confidence, method="wilson")
    return Interval(successes / n, float(ends.low), float(ends.high), n)


def cluster_bootstrap(
    values: Sequence[float], clusters: Sequence[Hashable], draws: int = 2000, seed: int = 7, confidence: float = 0.95
) -> Interval:
    """Return a share, or a mean of scores from 0 to 1, with an interval from resampling whole clusters.

    Where all values are 0, or all are 1, resampling sees no doubt. Wilson's interval takes its place, with as many
    items as there are clusters, because those are what is independent. Arguments and errors as for
    :func:`cluster_mean`.
    """
    drawn = cluster_mean(values, clusters, draws, seed, confidence)
    if drawn.value not in (0, 1) or any(value != drawn.value for value in values):
        return drawn
    count = len(set(clusters))
    ends = wilson(int(drawn.value) * count, count, confidence)
    return Interval(drawn.value, ends.low, ends.high, drawn.n)


def cluster_mean(
    values: Sequence[float], clusters: Sequence[Hashable], draws: int = 2000, seed: int = 7, confidence: float = 0.95
) -> Interval:
    """Return a mean with a percentile interval from resampling whole clusters (Field and Welsh, 2007).

    Questions about one article tend to fail together, so articles are drawn, not questions. With fewer than
    about 20 clusters the interval is too narrow; with one cluster it shrinks to a point.

    Args:
        values: one score per item, shape (n,).
        clusters: the cluster of each item, such as its article id, shape (n,).
        draws: number of resamples.
        seed: seed of the random generator; the same seed gives the same interval.
        confidence: coverage aimed at, above 0 and below 1.

    Raises:
        ValueError: no values, a value that is not finite, unequal lengths, or an option outside its range.
    """
    _check_confidence(confidence)
    if draws < 1:
        raise ValueError(f"draws ({draws}) must be at least 1.")
    sums, sizes = _cluster_totals(values, clusters)
    picks = np.random.default_rng(seed).integers(len(sums), size=(draws, len(sums)))
    means = sums[picks].sum(axis=1) / sizes[picks].sum(axis=1)
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(sums.sum() / sizes.sum()), float(low), float(high), int(sizes.sum()))


def paired_difference(
    first: Sequence[float],
    second: Sequence[float],
    clusters: Sequence[Hashable],
    draws: int = 2000,
    seed: int = 7,
    confidence: float = 0.95,
) -> Interval:
    """Return the mean of ``second - first`` over the same items, with a cluster bootstrap interval.

    Positive means that ``second`` scores higher. Other arguments and errors as for :func:`cluster_mean`.

    Raises:
        ValueError: ``first`` and ``second`` differ in length, or as for :func:`cluster_mean`.
    """
    _check_paired(first, second)
    differences = np.asarray(second, dtype=float) - np.asarray(first, dtype=float)
    return cluster_mean(differences, clusters, draws, seed, confidence)


def mcnemar_exact(first: Sequence[bool], second: Sequence[bool]) -> float:
    """Return the exact two-sided p-value that two systems are right equally often on the same items (McNemar, 1947).

    Only items on which exactly one is right count; without any, p is 1. Items are taken as independent.

    Raises:
        ValueError: the two sequences differ in length.
    """
    _check_paired(first, second)
    only_first = sum(bool(a and not b) for a, b in zip(first, second, strict=True))
    only_second = sum(bool(b and not a) for a, b in zip(first, second, strict=True))
    discordant = only_first + only_second
    return float(stats.binomtest(only_first, discordant).pvalue) if discordant else 1.0


def _cluster_totals(values: Sequence[float], clusters: Sequence[Hashable]) -> tuple[np.ndarray, np.ndarray]:
    """Return each cluster's sum and size, in order of first appearance."""
    scores = np.asarray(values, dtype=float)
    if len(scores) == 0 or len(scores) != len(clusters):
        raise ValueError(
            "Need at least one value, and one cluster per value, "
            f"not {len(scores)} values and {len(clusters)} clusters."
        )
    if not np.isfinite(scores).all():
        raise ValueError("values must be finite: a missing score has to be left out or counted as 0 by the caller.")
    numbers = {cluster: number for number, cluster in enumerate(dict.fromkeys(clusters))}
    codes = [numbers[cluster] for cluster in clusters]
    return np.bincount(codes, weights=scores), np.bincount(codes)


def _check_paired(first: Sequence, second: Sequence) -> None:
    if len(first) != len(second):
        raise ValueError(f"Paired outcomes need the same items: first has {len(first)}, second {len(second)}.")


def _check_confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence ({confidence}) must be above 0 and below 1.")
