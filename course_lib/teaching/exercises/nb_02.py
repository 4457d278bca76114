"""Checks of the exercises in notebook 02: they say what is wrong and where to look, never the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course_lib.assistants.answer import Answer
from course_lib.knowledge.values import contains
from course_lib.knowledge.windows import windows
from course_lib.teaching.checks import called, not_yet, passed
from course_lib.teaching.markup import visible

_TEXT = "one two three four five six seven eight nine ten"
_TRIED = ((4, 0), (5, 0), (4, 1), (4, 2), (3, 2), (10, 2), (20, 5))


def check_windows(function: Callable[[str, int, int], list[str]]) -> bool:
    """Check a function that cuts a text into windows of words, with and without overlap."""
    for size, overlap in _TRIED:
        pieces, problem = called(function, _TEXT, size, overlap)
        if problem:
            return not_yet(problem)
        if problem := _window_problem(pieces, size, overlap):
            return not_yet(f"{problem} (tried with ten words, size {size}, overlap {overlap})")
    return passed("02.1", "Your pieces are those of the course for every size and overlap that was tried.")


def _window_problem(pieces: Any, size: int, overlap: int) -> str:
    """Return what is wrong with the pieces of the text; empty if they are right."""
    expected = windows(_TEXT, size, overlap)
    if pieces is None:
        return "your function returns nothing. Does it end with a `return` line?"
    if not isinstance(pieces, list):
        return f"your function returns a {type(pieces).__name__}. A list of texts is needed."
    if not all(isinstance(piece, str) for piece in pieces):
        return "your list holds something that is not a text. Put the words of each piece together with spaces."
    if pieces == expected:
        return ""
    return _piece_problem([piece.split() for piece in pieces], [piece.split() for piece in expected], size, overlap)


def _piece_problem(given: list[list[str]], expected: list[list[str]], size: int, overlap: int) -> str:
    """Return what is wrong with pieces that are lists of words."""
    if given == expected:
        return "the words are right, but not what stands between them. Use one space."
    if not given:
        return "your list is empty. Where does the first piece begin?"
    if any(len(piece) > size for piece in given):
        return "one of your pieces has more words than `size`, which counts words."
    if missing := [word for word in _TEXT.split() if not any(word in piece for piece in given)]:
        return (
            f"the word {missing[0]!r} is in none of your pieces. The last piece reaches the end; `size` counts words."
        )
    if given[: len(expected)] == expected:
        return "your last piece says nothing new: all its words are at the end of the piece before it."
    if overlap and len(given) > 1 and given[1][0] == _TEXT.split()[size]:
        return "your pieces do not overlap. The next piece has to begin before the last one ends."
    return f"you return {len(given)} pieces, and {len(expected)} are needed. How far apart do two pieces begin?"


def check_culprit(culprit: object, answer: Answer, planted: str) -> bool:
    """Check that the culprit is the page that brought a planted value into an answer's passages."""
    if culprit is None or culprit == "":
        return not_yet("culprit is empty. Write the id of a page between the quotes, as it stands before a dot above.")
    if not isinstance(culprit, str):
        return not_yet(f"culprit is of type {type(culprit).__name__}. Write the id of a page as a text, in quotes.")
    culprit = culprit.strip().lower()
    shown: dict[str, list[str]] = {}
    for hit in answer.hits:
        shown.setdefault(hit.passage.article, []).append(hit.passage.text)
    name = visible(culprit)[:40]
    if culprit in {hit.passage.id for hit in answer.hits}:
        return not_yet(f"{name!r} is one passage. A page is removed as a whole: what does the id say before the dot?")
    if culprit not in shown:
        return not_yet(f"no passage of {name!r} was put before the model. Read the ids in the first part of the trace.")
    if not any(contains(text, planted) for text in shown[culprit]):
        return not_yet(f"what was shown of {name!r} does not state {visible(planted)}. Search the passages for it.")
    return passed("02.2", "This page brought the wrong value. You found it from the record alone.")
