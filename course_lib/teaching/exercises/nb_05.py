"""Checks of the exercises in notebook 05: they say what is wrong and where to look, never the answer."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral

from course_lib.experiments.nb05_views import SCORES
from course_lib.teaching.checks import called, not_yet, noted, passed
from course_lib.teaching.markup import visible
from course_lib.teaching.progress import keep

# Losses, patience, the epoch to keep, and what to say if another comes out.
_RUNS = (
    ((3.0, 2.0, 1.5, 1.4), 2, 3, "this loss falls after every epoch, so nothing should stop the training."),
    (
        (3.0, 1.0, 1.2, 1.3, 0.5),
        2,
        1,
        "training had stopped before the last loss was measured, so nobody can know that one.",
    ),
    ((1.0, 2.0, 3.0), 1, 0, "this loss only rises. The state before training has a number, too."),
    ((3.0, 1.0, 1.2, 0.8, 0.9, 1.0), 2, 3, "one epoch without a new lowest loss is fewer than the patience allows."),
    (
        (3.0, 2.0, 2.5, 1.9, 2.5, 1.8, 2.0, 2.1),
        2,
        5,
        "the epochs without a new lowest loss have to come in a row: a new lowest one starts the count again.",
    ),
    (
        (3.0, 1.0, 2.0, 1.5, 1.4),
        2,
        1,
        "a loss below that of the epoch before is no new lowest loss. Which one do you compare with?",
    ),
    ((3.0, 1.0, 1.0, 1.0), 2, 1, "an equal loss is no new lowest loss. Of equals, the earliest is kept."),
)
_STOPS = (_RUNS[1][0], 3)  # the first of these runs that stops early, and the epoch at which it does


def check_guess(guess: object) -> bool:
    """Check that the guess is a list of target names, and keep it; whether it holds is measured later."""
    known = ", ".join(SCORES)
    if guess is None:
        return not_yet("my_guess is None. Write a list of names in square brackets, and run both cells again.")
    if not isinstance(guess, (list, tuple, set)):
        return not_yet(f"my_guess is {visible(guess)[:40]!r}. A list is needed, in square brackets, even for one name.")
    names = list(guess)
    if strange := [name for name in names if not isinstance(name, str) or name not in SCORES]:
        return not_yet(f"{visible(strange[0])[:40]!r} is no target of this notebook. The five are {known}.")
    if len(set(names)) < len(names):
        return not_yet("a name stands in your list twice. Name each target once.")
    keep("05.guess", ", ".join(names) or "none")
    return noted("05.1", f"You expect training to stay behind or level in {len(names)} of {len(SCORES)} targets.")


def check_stop(function: Callable[[list[float], int], int]) -> bool:
    """Check a function that says which epoch's weights early stopping keeps."""
    for losses, patience, expected, says in _RUNS:
        result, problem = called(function, list(losses), patience)
        if problem:
            return not_yet(problem)
        if result is None:
            return not_yet("your function returns nothing. Does it end with a `return` line that names an epoch?")
        if isinstance(result, bool) or not isinstance(result, Integral):
            return not_yet(f"your function returns {visible(result)[:40]!r}. The number of an epoch is needed.")
        if (losses, result) == _STOPS:
            says = "return the epoch that is kept, not the one at which training stops."
        if result != expected:
            return not_yet(f"{says} For the losses {list(losses)} and patience {patience} you keep epoch {result}.")
    return passed("05.2", "Your function stops in time, and it never looks ahead.")
