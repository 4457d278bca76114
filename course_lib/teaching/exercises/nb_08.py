"""Checks of the exercises in notebook 08: they say what is wrong and where to look, never the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

from course_lib.experiments.nb08_scores import risk_coverage
from course_lib.teaching.checks import called, not_yet, passed
from course_lib.teaching.markup import visible

Pairs = list[tuple[float, float]]
_ANSWERS: tuple[tuple[list[float], list[bool]], ...] = (
    ([-0.5, -0.1, -0.9, -0.3], [True, True, False, True]),
    ([-0.1, -0.2, -0.3], [False, True, True]),
    ([-2.0, -0.4], [False, True]),
)
STEPS = ("send", "retry", "hand over")


def check_risk_coverage(function: Callable[[list[float], list[bool]], Pairs]) -> bool:
    """Check a function that returns coverage and risk after each answer, the surest first."""
    for sure, right in _ANSWERS:
        given, problem = called(function, list(sure), list(right))
        if problem := problem or _pairs_problem(given, sure, right):
            return not_yet(f"{problem} (tried with sure = {sure}, right = {right})")
    return passed("08.1", "Your curve is that of the course for all answers that were tried.")


def _pairs_problem(given: Any, sure: Sequence[float], right: Sequence[bool]) -> str:
    """Return what is wrong with the pairs of coverage and risk; empty if they are right."""
    if given is None:
        return "your function returns nothing. Does it end with a `return` line?"
    if not isinstance(given, list) or not all(isinstance(pair, tuple) and len(pair) == 2 for pair in given):
        return "a list of pairs is needed, each a tuple of two numbers: coverage and risk."
    if len(given) != len(sure):
        return f"your list has {len(given)} pairs for {len(sure)} answers. One pair is needed after each answer."
    if not all(isinstance(number, (int, float)) for pair in given for number in pair):
        return "coverage and risk have to be numbers."
    if _same(given, risk_coverage(sure, right)):
        return ""
    if any(coverage > 1 for coverage, _ in given):
        return "a coverage is above 1. It is a share of all answers, not their number."
    if [coverage for coverage, _ in given] != [coverage for coverage, _ in risk_coverage(sure, right)]:
        return "the coverage is not that after the first, the second, and every later answer."
    if _same(given, risk_coverage(sure, [not one for one in right])):
        return "your risk is the share of right answers. Risk is about the wrong ones."
    if _same(given, risk_coverage([-one for one in sure], right)):
        return "you begin with the least sure answer. Which one would you send first?"
    if _same(given, risk_coverage(list(range(len(sure), 0, -1)), right)):
        return "you take the answers in the order in which they come. Sort them by how sure the model was."
    if _same([(part, risk / part) for part, risk in given], risk_coverage(sure, right)):
        return "you divide by all answers. The risk is a share of the answers that are given so far."
    return "the coverage is right, the risk is not. Count the wrong ones among the answers that are given so far."


def _same(given: Pairs, expected: Pairs) -> bool:
    return all(abs(one - two) < 1e-9 for pair, wanted in zip(given, expected) for one, two in zip(pair, wanted))


def check_next_step(function: Callable[[Mapping[str, bool], bool, bool, bool], str]) -> bool:
    """Check a function that says what becomes of an answer: it is sent, tried again once, or handed to a person."""
    for fails, declined, for_person, retried in product(("", "format", "confident"), *[(False, True)] * 3):
        checks = {name: name != fails for name in ("format", "cites", "grounded", "fits", "confident")}
        given, problem = called(function, dict(checks), declined, for_person, retried)
        case = f"tried with: {fails or 'no check'} fails, declined {declined}, for_person {for_person}, {retried=}"
        if problem := problem or _step_problem(given, bool(fails) or declined, for_person, retried):
            return not_yet(f"{problem} ({case})")
    return passed("08.2", "Your loop ends in every case: each answer is sent or handed over after at most one retry.")


def _step_problem(given: Any, stopped: bool, for_person: bool, retried: bool) -> str:
    """Return what is wrong with a step; empty if it is right."""
    if given is None:
        return "your function returns nothing for this answer. Does every way through it end in a `return`?"
    if given not in STEPS:
        return f"{visible(given)[:40]!r} is not one of the three steps: {', '.join(STEPS)}."
    expected = STEPS[2] if for_person or (stopped and retried) else STEPS[1] if stopped else STEPS[0]
    if given == expected:
        return ""
    if for_person:
        return "this answer is about safety or law. Who has to see it, whatever the checks say?"
    if given == "send":
        return "a check failed or the model declined, and you send the answer all the same."
    if given == "retry" and stopped:
        return "this answer was tried again before. Without an end, the loop runs for ever."
    if stopped:
        return "nobody has tried this answer again yet, and you give up."
    return "all checks are passed and the model did not decline. Nothing speaks against this answer."
