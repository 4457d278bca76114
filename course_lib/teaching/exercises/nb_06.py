"""Checks of the exercises in notebook 06: they say what is wrong and where to look, never the answer."""

from __future__ import annotations

from collections.abc import Callable

from course_lib.evaluation.changes import ABSTAINED, BLENDED, CURRENT, KINDS, OTHER, STALE
from course_lib.teaching.checks import called, not_yet, passed
from course_lib.teaching.markup import visible

# Text, current value, former values, what it is, and what to say if something else comes out.
_ANSWERS = (
    ("It is $12.", "$12", ["$9"], CURRENT, "a plain answer with today's value came out wrong."),
    ("It is $9.", "$12", ["$9"], STALE, "an answer with nothing but a former value came out wrong."),
    ("It was $9 and is $12.", "$12", ["$9"], BLENDED, "an answer with both values came out wrong."),
    ("It is $15.", "$12", ["$9"], OTHER, "an answer with a value that was never right came out wrong."),
    ("not in the documents", "$12", ["$9"], ABSTAINED, "an answer that declines came out wrong."),
    ("It is $9.", "$12", ["$7", "$9"], STALE, "only some of the former values were looked for."),
    ("It is $7.", "$12", ["$7", "$9"], STALE, "only some of the former values were looked for."),
    ("12 dollars", "$12", ["$9"], CURRENT, "a value in another spelling was not recognized."),
    ("It is $129.", "$12", ["$9"], OTHER, "part of a number was taken for a value."),
    ("It is $12.", "$12", [], CURRENT, "an answer about a value that never changed came out wrong."),
    ("I don't know if $9 still holds.", "$12", ["$9"], ABSTAINED, "an answer that declines may still name a value."),
    ("I don't know if $12 still holds.", "$12", ["$9"], ABSTAINED, "an answer that declines may still name a value."),
)
# First day, end, the day asked about, whether it holds, and what to say if something else comes out.
_DAYS = (
    ("2025-03-01", None, "2026-03-01", True, "a passage without an end holds from its first day on."),
    ("2025-09-01", None, "2025-03-01", False, "a passage was shown before its first day."),
    (
        "2025-03-01",
        "2025-09-01",
        "2025-06-15",
        True,
        "a passage is missing between its first day and its end.",
    ),
    ("2025-03-01", "2025-09-01", "2026-03-01", False, "a passage was shown after its end."),
    ("2025-09-01", "2026-03-01", "2025-09-01", True, "look at the first day itself."),
    ("2025-03-01", "2025-09-01", "2025-09-01", False, "look at the day on which the new version begins."),
    ("2026-03-01", None, "2026-03-01", True, "look at the first day itself, also without an end."),
)


def check_kind(function: Callable[[str, str, list[str]], str]) -> bool:
    """Check a function that tells whose value an answer states."""
    for text, current, former, expected, says in _ANSWERS:
        result, problem = called(function, text, current, list(former))
        if problem:
            return not_yet(problem)
        if result is None:
            return not_yet(f"your function returns nothing for {text!r}. Does every way through it end with `return`?")
        if result not in KINDS:
            return not_yet(f"your function returns {visible(result)[:40]!r}. Use one of these: {', '.join(KINDS)}.")
        if result != expected:
            return not_yet(f"{says} For {text!r}, with {current} now and {former} before, yours says {result!r}.")
    return passed("06.1", "Your function tells the five kinds apart.")


def check_holds(function: Callable[[str, str | None, str], bool]) -> bool:
    """Check a function that tells whether a passage holds on a day."""
    for start, end, day, expected, says in _DAYS:
        result, problem = called(function, start, end, day)
        if problem:
            return not_yet(problem)
        if not isinstance(result, bool):
            return not_yet(f"your function returns {visible(result)[:40]!r}. True or False is needed.")
        if result != expected:
            return not_yet(f"{says} From {start} until {end}: your function says {result} for {day}.")
    return passed("06.2", "Your filter shows every passage on the days on which it holds, and on no other.")
