"""Checks of the exercises in notebook 14: they say what is wrong and where to look, never the answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from numbers import Real

from course_lib.teaching.checks import called, not_yet, passed
from course_lib.teaching.markup import visible

# The parts, the mean over everything, and what to say if something else comes out.
_PARTS = (
    ([(0.5, 10), (0.7, 10)], 0.6, "both parts are of the same size, so the mean lies in the middle."),
    ([(1.0, 1), (0.0, 99)], 0.01, "one question was found and ninety-nine were not. Do both parts count the same?"),
    ([(0.25, 4)], 0.25, "there is one part, and its mean is the answer."),
    ([(0.0, 0), (0.8, 5)], 0.8, "the first part is empty and must not count."),
)
# Questions a minute, seconds each, busy share, machines, and what to say if something else comes out.
_LOADS = (
    (
        60,
        10.0,
        1.0,
        10,
        "one question comes each second and keeps a machine for ten. Did you turn minutes around?",
    ),
    (60, 10.0, 0.5, 20, "a machine may be busy only half of its time. Does that take more machines or fewer?"),
    (
        90,
        1.0,
        1.0,
        2,
        "this is the work of one machine and a half. Half a machine cannot be rented, and one does not do.",
    ),
    (66, 1.0, 1.0, 2, "this is a little more work than one machine can do. Who does the rest?"),
    (180, 1.0, 1.0, 3, "this is the work of three machines."),
    (0, 3.0, 0.5, 0, "nobody asks anything."),
)


def check_combined(function: Callable[[Sequence[tuple[float, int]]], float]) -> bool:
    """Check a function that puts the means of parts together."""
    for parts, expected, says in _PARTS:
        result, failure = called(function, list(parts))
        if failure:
            return not_yet(f"{failure} The parts: {parts}. Can one of them be empty?")
        if not _number(result):
            return not_yet(f"your function returns {visible(result)[:60]!r} for {parts}. A number is needed.")
        if result > 1:
            return not_yet(f"{result:g} is more than all of the questions. What do you divide by? The parts: {parts}.")
        if not math.isclose(result, expected, abs_tol=1e-9):
            return not_yet(f"for {parts} your function returns {result:g}, though {says}")
    return passed("14.1", "However the questions were cut into parts, the mean is that of all of them.")


def check_machines(function: Callable[[float, float, float], int]) -> bool:
    """Check a function that says how many machines a load needs."""
    for per_minute, seconds, busy, expected, says in _LOADS:
        case = f"{per_minute} questions a minute, {seconds:g} seconds each, busy {busy:g}"
        result, failure = called(function, per_minute, seconds, busy)
        if failure:
            return not_yet(f"{failure} The case: {case}.")
        if not _number(result) or result != int(result):
            return not_yet(f"your function returns {visible(result)[:60]!r}. Whole machines are needed: {case}.")
        if expected and result == expected + 1:
            return not_yet(f"for {case} your function returns one machine too many: these are just full.")
        if result != expected:
            return not_yet(f"for {case} your function returns {result:g}, though {says}")
    return passed("14.2", "Your function turns a load into machines.")


def _number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
