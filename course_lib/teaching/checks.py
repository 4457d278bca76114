"""What every check of an exercise ends with: it is noted as done, or what is wrong is said, never the answer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real
from typing import Any

from course_lib.teaching.markup import visible
from course_lib.teaching.progress import mark_done


def passed(name: str, message: str) -> bool:
    """Note that an exercise is done, and say so; ``00.2`` is exercise 2 of notebook 00."""
    mark_done(name)
    print(f"Right. {message}")
    return True


def noted(name: str, message: str) -> bool:
    """Note that a prediction is made, which cannot be right or wrong yet, and say so."""
    mark_done(name)
    print(f"Noted. {message}")
    return True


def not_yet(message: str) -> bool:
    """Say what is missing or wrong."""
    print(f"Not yet: {message}")
    return False


def called(function: object, *given: Any, hints: Mapping[type[Exception], str] | None = None) -> tuple[Any, str]:
    """Call a learner's function on one example.

    Args:
        function: what the learner gave to the check.
        given: its arguments; copies, if it must not change them.
        hints: what to say of some kinds of error instead; ``{error}`` in it becomes the error's own words.

    Returns:
        What it returns, and an empty text; or None, and a sentence about why there is no result.
    """
    if not callable(function):
        return None, "give the function itself to the check, without brackets after its name."
    try:
        return function(*given), ""
    except Exception as error:  # whatever the learner's code raises is a message, not a crash
        for kind, hint in (hints or {}).items():
            if isinstance(error, kind):
                return None, hint.replace("{error}", visible(error)[:200])
        return None, f"your function stopped with {type(error).__name__}: {visible(error)[:200]}"


def check_hundred(name: str, guess: object, things: str, impossible: str) -> bool:
    """Check that a guess is a number from 0 to 100; whether it holds is measured later in the notebook.

    Args:
        name: the exercise.
        guess: what the learner wrote for ``my_guess``.
        things: what there are a hundred of, such as ``answers``.
        impossible: what a number beyond 0 to 100 of them is said to be, such as ``is not possible``.
    """
    if guess is None:
        return not_yet("my_guess is None. Write a number from 0 to 100 after the equals sign and run both cells again.")
    if isinstance(guess, bool) or not isinstance(guess, Real) or not math.isfinite(guess):
        return not_yet(f"my_guess is {visible(guess)[:40]!r}. A plain number from 0 to 100 is needed, without quotes.")
    if not 0 <= guess <= 100:
        return not_yet(f"{guess:g} of a hundred {things} {impossible}. Write a number from 0 to 100.")
    if 0 < guess < 1:
        return not_yet(f"{guess:g} looks like a share. How many of a hundred {things} is that? Write that number.")
    return noted(name, f"Your guess is {guess:g} of a hundred. You will measure it below.")
