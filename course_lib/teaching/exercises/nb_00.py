"""Checks of the exercises in notebook 00: they say what is wrong and where to look, never the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from course_lib.assistants.team import NAMES
from course_lib.evaluation.judge import Judgement
from course_lib.evaluation.report import Report
from course_lib.evaluation.scoreboard import count_causes
from course_lib.teaching.checks import called, not_yet, noted, passed
from course_lib.teaching.markup import visible
from course_lib.teaching.progress import keep


def check_guess(guess: object) -> bool:
    """Check that the guess is the name of an assistant, and keep it for the comparison."""
    if guess is None or guess == "":
        return not_yet("my_guess is empty. Write one name from the table between the quotes and run both cells again.")
    if not isinstance(guess, str):
        return not_yet(f"my_guess is of type {type(guess).__name__}. Write one name as a text, between quotes.")
    if guess not in NAMES:
        return not_yet(f"{visible(guess)[:40]!r} is not in the table. Copy one of its five names, in small letters.")
    keep("00.guess", guess)
    return noted("00.1", f"Your guess, {guess}, is kept. Whether it holds, you will measure below.")


def check_causes(function: Callable[[Sequence[Judgement]], dict[str, int]], report: Report) -> bool:
    """Check a function that counts the causes of wrong answers, on every assistant of a report."""
    for name, judgements in report.judgements.items():
        counted, problem = called(function, judgements)
        if problem:
            return not_yet(problem)
        if problem := _problem(counted, judgements):
            return not_yet(f"{problem} (looked at: {name})")
    return passed("00.2", "Your counts agree with the report's for all assistants.")


def _problem(counted: object, judgements: Sequence[Judgement]) -> str:
    """Return what is wrong with the counts; empty if they are right."""
    expected = {cause: count for cause, count in count_causes(judgements).items() if count}
    if counted is None:
        return "your function returns nothing. Does it end with a `return` line?"
    if not isinstance(counted, dict):
        return f"your function returns a {type(counted).__name__}. A dictionary from cause to count is needed."
    if not all(isinstance(count, int) for count in counted.values()):
        return "your dictionary holds something that is not a whole number. Each cause needs its count."
    found = {cause: count for cause, count in counted.items() if count}
    if not found and expected:
        return "your dictionary is empty, but this assistant has wrong answers. Fill it while you go through them."
    if "" in found:
        return "you counted right answers too: what does `cause` hold when an answer is right?"
    if strange := [cause for cause in found if cause not in expected]:
        return f"{visible(strange[0])[:60]!r} is not the cause of a wrong answer here. Each answer brings its own."
    if found != expected:
        return (
            f"your counts add up to {sum(found.values())}, and there are {sum(expected.values())} wrong answers. "
            "Does each wrong answer add exactly one to its own cause?"
        )
    return ""
