"""Checks of the exercises in notebook 04: they say what is wrong and where to look, never the answer."""

from __future__ import annotations

from collections.abc import Callable

from course_lib.teaching.checks import called, check_hundred, not_yet, passed
from course_lib.teaching.markup import visible
from course_lib.teaching.progress import keep

# Text, old value, new value, what should come out, and what to say if something else does.
_SWAPS = (
    (
        "Classic costs $74 per month.",
        "$74",
        "$81",
        "Classic costs $81 per month.",
        "a plain swap of one price for another does not come out right.",
    ),
    (
        "Bring it back in 5 days. After 15 days it counts as lost.",
        "5 days",
        "9 days",
        "Bring it back in 9 days. After 15 days it counts as lost.",
        "15 days has become another value, though only 5 days was to be swapped. What may stand before a value?",
    ),
    (
        "Classic costs $7, and Cargo costs $74.",
        "$7",
        "$9",
        "Classic costs $9, and Cargo costs $74.",
        "$74 has become another value, though only $7 was to be swapped. What may come after a value?",
    ),
    (
        "Up to 12 miles are free. A ride of 2.12 miles is, too.",
        "12 miles",
        "30 miles",
        "Up to 30 miles are free. A ride of 2.12 miles is, too.",
        "the end of a decimal number was taken for a value. Which sign, besides letters, may not come before?",
    ),
    (
        "You pay $15 now and $15 later.",
        "$15",
        "$22",
        "You pay $22 now and $22 later.",
        "the passage states the value twice, and the old one is still there.",
    ),
    (
        "It costs $6.50 for one, or $6 for two or more.",
        "$6",
        "$8",
        "It costs $6.50 for one, or $8 for two or more.",
        "the start of a decimal number was taken for a value. What may a point be followed by?",
    ),
    (
        "The deposit for an Ox is $1,200, and a key costs $1.",
        "$1",
        "$2",
        "The deposit for an Ox is $1,200, and a key costs $2.",
        "the start of a number with a comma was taken for a value. What may a comma be followed by?",
    ),
    (
        "The desk opens at 9 am. It closes at 6 pm.",
        "6 pm",
        "8 pm",
        "The desk opens at 9 am. It closes at 8 pm.",
        "a value at the end of a sentence, with only the point after it, was not swapped.",
    ),
)


def check_guess(guess: object) -> bool:
    """Check that the guess is a number from 0 to 100, and keep it; whether it holds is measured later."""
    if not check_hundred("04.1", guess, "answers", "cannot be wrong"):
        return False
    keep("04.guess", f"{guess:g}")
    return True


def check_swap(function: Callable[[str, str, str], str]) -> bool:
    """Check a function that puts another value into a text wherever the old one stands as a whole."""
    for text, old, new, expected, says in _SWAPS:
        result, problem = called(function, text, old, new)
        if problem:
            return not_yet(problem)
        if result is None:
            return not_yet("your function returns nothing. Does it end with a `return` line that has the new text?")
        if not isinstance(result, str):
            return not_yet(f"your function returns a {type(result).__name__}. The text with the new value is needed.")
        if result == text:
            says = "your function returns the text as it was. The old value still stands in it."
        if result != expected:
            return not_yet(f"{says} Swapping {old} for {new} in {text!r} gave {visible(result)[:200]!r}.")
    return passed("04.2", "Your function swaps whole values and leaves everything else as it is.")
