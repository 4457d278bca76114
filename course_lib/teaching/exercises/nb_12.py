"""Checks of the exercises in notebook 12: they say what is wrong and where to look, never the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from course_lib.teaching.checks import called, not_yet, passed
from course_lib.teaching.markup import visible

# Passages and milliseconds, the limit, what should come out, and what to say if something else does.
_CURVES = (
    (
        [(100, 1.0), (1000, 2.0), (10000, 20.0)],
        5.0,
        1000,
        "the times grow with every size, and the limit lies between two of them.",
    ),
    (
        [(100, 1.0), (1000, 2.0), (10000, 4.0)],
        5.0,
        10000,
        "every size stays within the limit, so the last one counts.",
    ),
    (
        [(100, 1.0), (1000, 5.0), (10000, 9.0)],
        5.0,
        1000,
        "a time that is exactly the limit is still within it.",
    ),
    (
        [(100, 1.0), (1000, 6.0), (10000, 4.0), (100000, 50.0)],
        5.0,
        100,
        "one larger size had a lucky time. May it count, when a smaller one was too slow?",
    ),
    (
        [(100, 9.0), (1000, 20.0)],
        5.0,
        None,
        "even the smallest size is too slow, so there is no size to return.",
    ),
)


def check_guess(guess: object, files: int) -> bool:
    """Check that the guess is a whole number of files; whether it holds is seen in the next cell of the notebook."""
    if guess is None:
        return not_yet("my_guess is None. Write a whole number after the equals sign and run both cells again.")
    if isinstance(guess, bool) or not isinstance(guess, int):
        return not_yet(f"my_guess is {visible(guess)[:40]!r}. A plain whole number is needed, without quotes.")
    if not 0 <= guess <= files:
        return not_yet(f"{guess} of these files cannot be read: count the rows of the table above.")
    return passed("12.1", f"Your guess is {guess} of {files}. The next cell reads them.")


def check_switch(function: Callable[[Sequence[tuple[int, float]], float], int | None]) -> bool:
    """Check a function that finds the largest size up to which a way to search is fast enough."""
    for curve, limit, expected, says in _CURVES:
        result, problem = called(function, list(curve), limit)
        if problem:
            return not_yet(problem)
        if result is None and expected is not None:
            return not_yet(f"your function returns nothing for {curve} and the limit {limit:g}, though {says}")
        if isinstance(result, (bool, float)) or not isinstance(result, (int, type(None))):
            return not_yet(f"your function returns {visible(result)[:60]!r}. A size is needed: a number of passages.")
        if result != expected:
            return not_yet(f"{says} For {curve} and the limit {limit:g} your function returns {result}.")
    return passed("12.2", "Your function finds where a way to search stops being fast enough.")
