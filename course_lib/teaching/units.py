"""Write measured values and their bounds in words, each in its unit."""

from __future__ import annotations

import numpy as np

from course_lib.evaluation.statistics import Interval

BOUNDS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than", "==": "exactly"}
_WORDS = {"points": " percentage points", "seconds": " seconds", "ratio": " times"}


def written(value: float, unit: str, interval: Interval | None = None) -> str:
    """Return a value in words of its unit, with its interval and n in brackets if it has one.

    Args:
        value: the value; shares run from 0 to 1, and points are differences of them.
        unit: ``share``, ``points``, ``seconds``, ``count`` or ``ratio``.
        interval: where the value comes from, if it is an estimate.
    """
    text = _number(value, unit) + _WORDS.get(unit, "")
    if interval is None:
        return text
    ends = f"{_number(interval.low, unit)} to {_number(interval.high, unit)}"
    return f"{text} (95% interval {ends}, n = {interval.n})"


def bound_text(relation: str, threshold: float, unit: str) -> str:
    """Return a bound in words, such as ``at least 75.0%``."""
    return f"{BOUNDS[relation]} {written(threshold, unit)}"


def _number(value: float, unit: str) -> str:
    if unit in ("share", "points"):
        return f"{round(100 * value, 1) + 0.0:.1f}{'%' if unit == 'share' else ''}"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return np.format_float_positional(value + 0.0, precision=3, fractional=False, trim="-")
