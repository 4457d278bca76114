"""Checks of the exercises in notebook 07: they say what is wrong and where to look, never the answer."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real

from course_lib.teaching.checks import called, not_yet, passed
from course_lib.teaching.markup import visible
from course_lib.training.corruptions import KINDS

# What was said, the right answers, the planted ones, the share wanted, and what to say if another comes out.
_ANSWERS = (
    (
        ["billing", "app", "parts", "parts"],
        ["billing", "parts", "app", "app"],
        ["parts", "app", "parts", "billing"],
        2 / 3,
        "of four answers three are wrong, and two of these are the planted one.",
    ),
    (
        ["app", "app", "billing", "app", "parts"],
        ["app", "app", "app", "app", "app"],
        ["parts", "parts", "parts", "parts", "parts"],
        1 / 2,
        "right answers must not count: the share is over the wrong ones only.",
    ),
    (
        ["parts", "parts"],
        ["app", "app"],
        ["billing", "billing"],
        0,
        "both answers are wrong, and neither is the planted one. What is the share then?",
    ),
    (
        ["app", "billing"],
        ["app", "app"],
        ["app", "billing"],
        1,
        "the first answer is what was planted, but it is also right, so it is no error that was inherited.",
    ),
)
# Labels of a ticket and of its five neighbors, whether they contradict it, and what to say if not so.
_NEIGHBORS = (
    ("app", ["parts", "parts", "parts", "app", "app"], True, "three of five neighbors share another label."),
    ("app", ["app", "app", "app", "parts", "parts"], False, "most neighbors have the ticket's own label."),
    (
        "app",
        ["parts", "billing", "parts", "billing", "pause"],
        False,
        "no neighbor has the ticket's label, but no three of them agree on another.",
    ),
    (
        "app",
        ["billing", "parts", "parts", "billing", "parts"],
        True,
        "three of five share another label, though the first neighbor does not.",
    ),
    ("app", ["parts", "parts", "parts", "parts", "parts"], True, "all five neighbors share another label."),
    ("parts", ["app", "app", "billing", "billing", "parts"], False, "two is fewer than three."),
)


def check_guess(guess: object) -> bool:
    """Check that the guess is one of the five faults; whether it holds is measured later in the notebook."""
    names = ", ".join(KINDS)
    if guess is None:
        return not_yet(f"my_guess is None. Write one of these names, in quotes, after the equals sign: {names}.")
    if not isinstance(guess, str) or guess not in KINDS:
        return not_yet(f"my_guess is {visible(guess)[:40]!r}, and no fault has this name. The names are {names}.")
    return passed("07.1", f"Your guess is {guess}. You will measure it below.")


def check_inherited(function: Callable[[list[str], list[str], list[str]], float | None]) -> bool:
    """Check a function that returns which share of wrong answers is exactly the planted one."""
    for said, gold, planted, expected, says in _ANSWERS:
        result, stopped = called(function, list(said), list(gold), list(planted))
        if stopped:
            return not_yet(stopped)
        if isinstance(result, bool) or not isinstance(result, Real):
            return not_yet(f"your function returns {visible(result)[:40]!r}. A number from 0 to 1 is needed here.")
        if abs(result - expected) > 1e-9:
            return not_yet(f"{says} Said {said}, right {gold}, planted {planted}: your function returns {result:g}.")
    result, stopped = called(function, ["app"], ["app"], ["parts"])
    if stopped:
        return not_yet(f"no answer was wrong, and {stopped} What is a share of nothing?")
    if result is not None:
        return not_yet(
            f"no answer was wrong, and your function returns {visible(result)[:40]!r}. The share is missing."
        )
    return passed("07.2", "Your function counts errors that were inherited, among errors only.")


def check_conflict(function: Callable[[str, list[str]], bool]) -> bool:
    """Check a function that tells whether a ticket's neighbors agree on another label."""
    for label, neighbors, expected, says in _NEIGHBORS:
        result, stopped = called(function, label, list(neighbors))
        if stopped:
            return not_yet(stopped)
        if not isinstance(result, bool):
            return not_yet(f"your function returns {visible(result)[:40]!r}. True or False is needed.")
        if result is not expected:
            return not_yet(f"{says} For {label!r} among {neighbors} your function returns {result}.")
    return passed("07.3", "Your function finds labels that enough neighbors contradict.")
