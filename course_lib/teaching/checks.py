"""What every check of an exercise ends with: it is noted as done, or what is wrong is said, never the answer."""

from __future__ import annotations

import math
from numbers import Real

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
