"""Shares and means with intervals that stay honest when there are few questions or few documents."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from course_lib.evaluation.statistics import cluster_bootstrap, wilson

FEW_CLUSTERS = 20  # with fewer, resampling documents gives intervals that are too narrow


@dataclass(frozen=True)
class Score:
    """One number of the report.

    Attributes:
        system: what was measured, such as ``both`` or ``rag``.
        metric: name of the measure.
        value: from 0 to 1; None if nothing could be scored.
        low, high: 95 % interval; None where there are too few documents for one.
        n: questions behind it.
    """

    system: str
    metric: str
    value: float | None
    low: float | None
    high: float | None
    n: int


def share(system: str, metric: str, hits: Sequence[bool], clusters: Sequence[Hashable]) -> Score:
    """Return the share of questions that succeed.

    The interval is Wilson's, widened to that of resampling documents where there are enough of them. So it never
    shrinks to a point when all questions succeed, and it is not too narrow when questions share documents.
    """
    if not hits:
        return Score(system, metric, None, None, None, 0)
    interval = wilson(sum(map(bool, hits)), len(hits))
    low, high = interval.low, interval.high
    if len(set(clusters)) >= FEW_CLUSTERS:
        drawn = cluster_bootstrap([float(hit) for hit in hits], clusters)
        low, high = min(low, drawn.low), max(high, drawn.high)
    return Score(system, metric, interval.value, low, high, len(hits))


def mean(system: str, metric: str, values: Sequence[float], clusters: Sequence[Hashable]) -> Score:
    """Return a mean over questions; its interval comes from resampling documents, and needs enough of them."""
    if not values:
        return Score(system, metric, None, None, None, 0)
    if len(set(clusters)) < FEW_CLUSTERS:
        return Score(system, metric, sum(values) / len(values), None, None, len(values))
    drawn = cluster_bootstrap(values, clusters)
    return Score(system, metric, drawn.value, drawn.low, drawn.high, drawn.n)
