"""Checks of the exercises in notebook 09: they say what is wrong and where to look, never the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from numbers import Real
from typing import Any

from course_lib.evaluation.causes import CAUSES
from course_lib.evaluation.judge import Judgement
from course_lib.experiments.nb09_scenarios import failures_of
from course_lib.experiments.nb09_weights import crossing
from course_lib.teaching.checks import called, not_yet, passed
from course_lib.teaching.markup import visible

Part = tuple[float, float]
# Score on the criterion and mean score on the others, of two choices each; two are level at an end of the scale, and
# the last two nowhere between.
_PAIRS: tuple[tuple[Part, Part], ...] = (
    ((1.0, 0.2), (0.0, 0.6)),
    ((0.2, 0.9), (0.7, 0.4)),
    ((0.5, 0.5), (1.0, 0.4)),
    ((0.8, 0.5), (0.3, 0.5)),
    ((0.6, 0.9), (0.6, 0.1)),
    ((0.4, 0.6), (0.2, 0.3)),
    ((0.75, 0.75), (0.25, 0.25)),
)
_HINTS = {
    ZeroDivisionError: "your function divides by zero. When do two choices stay equally far apart at every weight?"
}


def check_failures(
    function: Callable[[Sequence[Judgement]], Mapping[str, float]], published: Mapping[str, Sequence[Judgement]]
) -> bool:
    """Check a function that turns judged answers into the failures of a task: shares of all questions, by cause."""
    tried = {f"the answers of {name}": list(judgements) for name, judgements in published.items()}
    shorter = {f"{what}, all but the last": some[:-1] for what, some in tried.items()}
    for what, judgements in (tried | shorter).items():
        given, problem = called(function, list(judgements), hints=_HINTS)
        if problem := problem or _failures_problem(given, judgements):
            return not_yet(f"{problem} (tried with {what})")
    return passed("09.1", "The rules can read your failures: one share for each cause, of all questions.")


def _failures_problem(given: Any, judgements: Sequence[Judgement]) -> str:
    """Return what is wrong with the failures; empty if they are right."""
    if given is None:
        return "your function returns nothing. Does it end with a `return` line?"
    if not isinstance(given, Mapping):
        return f"your function returns a {type(given).__name__}. A dictionary from cause to share is needed."
    if "" in given:
        return "one of your causes is empty: that is what right answers have. Leave them out."
    if strange := [cause for cause in given if cause not in CAUSES]:
        return f"{visible(strange[0])[:40]!r} is not the cause of any answer."
    if not all(isinstance(share, Real) and not isinstance(share, bool) for share in given.values()):
        return "a share is not a number."
    expected = failures_of(judgements)
    found = {cause: float(share) for cause, share in given.items() if share}
    if _alike(found, expected):
        return ""
    if not found:
        return "your dictionary has no failure, though some of these answers are wrong."
    wrong = sum(not judged.correct for judged in judgements)
    if _alike(found, {cause: share * len(judgements) for cause, share in expected.items()}):
        return "you return numbers of answers. The rules need shares, so divide."
    if _alike(found, {cause: share * len(judgements) / wrong for cause, share in expected.items()}):
        return (
            "your shares are of the wrong answers. The rules ask how often customers meet a failure: of all questions."
        )
    return "your shares are not those counted from these answers. How many answers have each cause, and of how many?"


def _alike(one: Mapping[str, float], two: Mapping[str, float]) -> bool:
    return set(one) == set(two) and all(abs(one[key] - two[key]) < 1e-9 for key in one)


def check_crossing(function: Callable[[Part, Part], float | None]) -> bool:
    """Check a function that returns the weight of one criterion at which two choices are level."""
    for first, second in _PAIRS:
        given, problem = called(function, first, second, hints=_HINTS)
        if problem := problem or _crossing_problem(given, first, second):
            return not_yet(f"{problem} (tried with first = {first}, second = {second})")
    return passed("09.2", "Your weights are right, and you say so where two choices are level nowhere in between.")


def _crossing_problem(given: Any, first: Part, second: Part) -> str:
    """Return what is wrong with the weight at which two choices are level; empty if it is right."""
    expected = crossing(first, second)
    if given is None:
        return "" if expected is None else "you return None, though there is a weight at which these two are level."
    if isinstance(given, bool) or not isinstance(given, Real):
        return f"your function returns a {type(given).__name__}. A number is needed, or None."
    if expected is None:
        return f"you return {float(given):.3g}. Is that a weight, and are these two level there? If not, return None."
    if abs(given - expected) < 1e-9:
        return ""
    if abs(given - (1 - expected)) < 1e-9:
        return "that is the weight of all other criteria together. Which weight is asked for?"
    return f"at a weight of {float(given):.3g} one is still ahead. Put it into both totals: they have to be equal."
