"""Checks of the exercises in notebook 10: they say what is wrong and where to look, never the answer."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from course_lib.teaching.checks import called, not_yet, passed

_TWENTY = [float(value) for value in range(1, 21)]
# Values, the percentage, and what should come out.
_PERCENTILES: tuple[tuple[list[float], float, float], ...] = (
    (_TWENTY, 95, 19.0),
    ([2.0, 3.0, 1.0], 50, 2.0),
    (_TWENTY, 100, 20.0),
    ([5.0], 95, 5.0),
    ([1.0, 1.0, 1.0, 9.0], 75, 1.0),
    ([4.0, 1.0, 3.0, 2.0], 50, 2.0),
)
# Fixed cost and cost a question of two choices, and the number of questions at which they meet.
_MEETINGS: tuple[tuple[tuple[float, float, float, float], float | None], ...] = (
    ((0.0, 2.0, 100.0, 1.0), 100.0),
    ((100.0, 1.0, 0.0, 2.0), 100.0),
    ((50.0, 0.25, 10.0, 0.5), 160.0),
    ((10.0, 2.0, 10.0, 1.0), 0.0),
    ((10.0, 1.0, 15.0, 0.6), 12.5),
    ((10.0, 1.0, 20.0, 1.0), None),
    ((10.0, 1.0, 10.0, 1.0), None),
    ((10.0, 1.0, 20.0, 2.0), None),
)
_HINTS = {
    ZeroDivisionError: (
        "your function divides by zero. When do two choices cost equally much for each further question?"
    ),
    IndexError: "your function looks past the end of the list. At which place does the last value stand?",
}


def check_percentile(function: Callable[[list[float], float], float]) -> bool:
    """Check a function that returns the smallest value that enough of the values do not exceed."""
    for values, share, expected in _PERCENTILES:
        given, problem = called(function, list(values), share, hints=_HINTS)
        if problem := problem or _percentile_problem(given, expected, values, share):
            return not_yet(f"{problem} (tried with: {share:g} percent of {values})")
    return passed("10.1", "Your percentile is right for long and short lists, sorted or not.")


def _percentile_problem(given: Any, expected: float, values: list[float], share: float) -> str:
    """Return what is wrong with a percentile; empty if it is right."""
    if given is None:
        return "your function returns nothing. Does it end with a `return` line?"
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        return f"your function returns a {type(given).__name__}, and a number is needed."
    if abs(given - expected) < 1e-9:
        return ""
    if abs(given - sum(values) / len(values)) < 1e-9:
        return "you return the mean. One very slow answer moves a mean; a percentile only counts."
    if given not in values:
        return f"you return {given:g}, which nobody waited. Return one of the values."
    unsorted = values[max(0, math.ceil(len(values) * share / 100) - 1)]
    if given == unsorted and values != sorted(values):
        return "your value stands at the right place of a list that is in no order yet."
    too = "large" if given > expected else "small"
    return f"you return {given:g}, which is too {too}. Count how many values are at most as large as yours."


def check_meeting_point(function: Callable[[float, float, float, float], float | None]) -> bool:
    """Check a function that returns at how many questions two choices cost the same, or None."""
    for numbers, expected in _MEETINGS:
        given, problem = called(function, *numbers, hints=_HINTS)
        if problem := problem or _meeting_problem(given, expected, numbers):
            return not_yet(f"{problem} (tried with: {', '.join(f'{number:g}' for number in numbers)})")
    return passed("10.2", "You find the meeting point where there is one, and say so where there is none.")


def _meeting_problem(given: Any, expected: float | None, numbers: tuple[float, float, float, float]) -> str:
    """Return what is wrong with a meeting point; empty if it is right."""
    fixed_a, each_a, fixed_b, each_b = numbers
    if given is None:
        if expected == 0:
            return "you return None, but at no questions at all these two cost the same. That is a number, too: zero."
        return "" if expected is None else "you return None, but these two do meet. Does every way end in a `return`?"
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        return f"your function returns a {type(given).__name__}, and a number or None is needed."
    if expected is None:
        if given < 0:
            return f"you return {given:g}. Nobody asks fewer than no questions: where does that leave the two?"
        if fixed_a == fixed_b:
            return (
                f"you return {given:g}, but these two cost the same everywhere. No single number is the meeting point."
            )
        return f"you return {given:g}, but these two never cost the same."
    if abs(given - expected) < 1e-9:
        return ""
    if abs(given + expected) < 1e-9:
        return (
            "your number has the wrong sign. Write down both costs for a few questions, and see which one rises faster."
        )
    return f"at {given:g} questions the first costs {fixed_a + each_a * given:g} and the second " + (
        f"{fixed_b + each_b * given:g}. At the meeting point they are equal."
    )
