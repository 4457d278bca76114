"""Helps notebook 10: how long answers take, by layer, in the middle and among the slowest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean, median
from typing import Any

import numpy as np

from course_lib.evaluation.statistics import Interval
from course_lib.experiments.nb10_latency import ANSWER, INDEX, LAYERS

Row = Mapping[str, Any]


def percentile(values: Sequence[float], q: float, draws: int = 2000, seed: int = 7) -> Interval:
    """Return a percentile with a bootstrap interval (Efron, 1979).

    Args:
        values: seconds, shape (n,).
        q: the percentile, 0 to 100; 50 is the median.
        draws, seed: of the resampling.

    Raises:
        ValueError: there are no values, or ``q`` is outside 0 to 100.
    """
    numbers = np.asarray(values, dtype=float)
    if not len(numbers) or not 0 <= q <= 100:
        raise ValueError("A percentile needs at least one value, and a number from 0 to 100.")
    picks = np.random.default_rng(seed).integers(len(numbers), size=(draws, len(numbers)))
    low, high = np.quantile(np.percentile(numbers[picks], q, axis=1), [0.025, 0.975])
    return Interval(float(np.percentile(numbers, q)), float(low), float(high), len(numbers))


def seconds_of(rows: Sequence[Row], assistant: str, layer: str) -> list[float]:
    """Return the seconds of one layer (or ``total``) of one assistant; none if it has no such layer."""
    mine = [row[layer] for row in rows if row["kind"] == ANSWER and row["assistant"] == assistant]
    return [value for value in mine if value is not None]


def latency_table(rows: Sequence[Row]) -> list[list[str | None]]:
    """Return one line for each assistant and layer: median and 95th percentile in seconds, with intervals."""
    lines = []
    for name in dict.fromkeys(row["assistant"] for row in rows if row["kind"] == ANSWER):
        for layer in (*LAYERS, "total"):
            if spent := seconds_of(rows, name, layer):
                lines.append([name, layer, *(_seconds(percentile(spent, q)) for q in (50, 95))])
    return lines


def token_lines(rows: Sequence[Row]) -> list[list[str]]:
    """Return for each assistant with a model the medians of tokens read, tokens written and seconds to generate."""
    lines = []
    for name in dict.fromkeys(row["assistant"] for row in rows if row["kind"] == ANSWER):
        mine = [row for row in rows if row["kind"] == ANSWER and row["assistant"] == name]
        read, written = (median(row[key] for row in mine) for key in ("tokens_in", "tokens_out"))
        if spent := seconds_of(rows, name, "generate"):
            lines.append([name, f"{read:.0f}", f"{written:.0f}", f"{median(spent):.2f}"])
    return lines


def _seconds(interval: Interval) -> str:
    return f"{interval.value:.3f} [{interval.low:.3f}, {interval.high:.3f}]"


def indexing_seconds(rows: Sequence[Row]) -> float:
    """Return the mean seconds until an edited page can be found."""
    return mean(row["seconds"] for row in rows if row["kind"] == INDEX)


def layer_points(rows: Sequence[Row], q: float) -> list[tuple[str, Interval]]:
    """Return a percentile of the seconds of each assistant's layers, labeled for a picture.

    Layers that never take a hundredth of a second are left out.
    """
    names = dict.fromkeys(row["assistant"] for row in rows if row["kind"] == ANSWER)
    spent = {(name, layer): seconds_of(rows, name, layer) for name in names for layer in LAYERS}
    return [
        (f"{name}: {layer}", percentile(values, q))
        for (name, layer), values in spent.items()
        if max(values, default=0) > 0.01
    ]
