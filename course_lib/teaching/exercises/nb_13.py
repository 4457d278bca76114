"""Checks of the exercises in notebook 13: they say what is wrong and where to look, never the answer."""

from __future__ import annotations

from collections.abc import Callable

from course_lib.teaching.checks import called, check_hundred, not_yet, passed

# Spent, ceiling, tokens in, most tokens out, price in, price out (per million), what should come out, what to say.
_CALLS = (
    (0.0, 1.0, 1_000, 100, 2.0, 10.0, True, "a small call well below the ceiling is stopped."),
    (
        0.0,
        0.5,
        1_000,
        100_000,
        2.0,
        10.0,
        False,
        "a call whose answer may cost a dollar is made under a ceiling of half a dollar. What can the answer cost?",
    ),
    (
        0.0,
        0.5,
        500_000,
        10,
        2.0,
        10.0,
        False,
        "a call with a very long prompt is made. What does the prompt cost?",
    ),
    (
        0.75,
        1.0,
        100_000,
        10_000,
        2.0,
        10.0,
        False,
        "a call is made that only fits if nothing had been spent before. What is left of the ceiling?",
    ),
    (  # every part is a whole number of quarters, so no way to add them up suffers from rounding
        0.5,
        1.0,
        125_000,
        25_000,
        2.0,
        10.0,
        True,
        "a call that uses up exactly what is left is stopped. It does not exceed the ceiling.",
    ),
    (0.5, 0.25, 0, 0, 2.0, 10.0, False, "a call is made though more than the ceiling is spent already."),
    (0.0, 0.0, 5_000, 500, 0.0, 0.0, True, "a call to a server that costs nothing is stopped."),
)


def check_guess(guess: object) -> bool:
    """Check that the guess is a number from 0 to 100; whether it holds is measured later in the notebook."""
    return check_hundred("13.1", guess, "questions", "is not possible")


def check_ceiling(function: Callable[..., bool]) -> bool:
    """Check a function that tells whether a call may be made under a ceiling."""
    for *values, expected, says in _CALLS:
        result, problem = called(function, *values)
        if problem:
            return not_yet(problem)
        if result is None:
            return not_yet("your function returns nothing. Does it end with a `return` line?")
        if not isinstance(result, bool):
            return not_yet(f"your function returns a {type(result).__name__}. True or False is needed.")
        if result is not expected:
            spent, ceiling, tokens_in, most_out, *_ = values
            shown = f"spent ${spent:g} of ${ceiling:g}, {tokens_in:,} tokens in, at most {most_out:,} out"
            return not_yet(f"{says} The case: {shown}.")
    return passed("13.2", "No call can exceed your ceiling, and none is stopped that could not.")
