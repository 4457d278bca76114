"""Checks of the exercises in notebook 03: they say what is wrong and where to look, never the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from course_lib.evaluation.gold import Question
from course_lib.evaluation.retrieved import tells
from course_lib.knowledge.chunking import Passage
from course_lib.retrieval.base import Hit
from course_lib.teaching.checks import called, not_yet, passed

_RANKINGS: tuple[tuple[list[str], set[str], float], ...] = (
    (["p1", "p2", "p3", "p4"], {"p1"}, 1.0),
    (["p1", "p2", "p3", "p4"], {"p3"}, 1 / 3),
    (["p1", "p2", "p3", "p4"], {"p2", "p4"}, 1 / 2),
    (["p1", "p2", "p3", "p4"], {"p9"}, 0.0),
    ([], {"p1"}, 0.0),
)
_HINTS = {KeyError: "your function looked for {error}, which is not there. What if a page is withdrawn?"}


def check_reciprocal_rank(function: Callable[[list[str], set[str]], float]) -> bool:
    """Check a function that returns the reciprocal rank of the first passage that answers."""
    for ranking, relevant, expected in _RANKINGS:
        given, problem = called(function, list(ranking), set(relevant), hints=_HINTS)
        if problem := problem or _rank_problem(given, expected, ranking, relevant):
            shown = f"ranking {ranking}, relevant {sorted(relevant)}"
            return not_yet(f"{problem} (tried with: {shown})")
    return passed("03.1", "Your function is right for first, later, several and missing passages.")


def _rank_problem(given: Any, expected: float, ranking: Sequence[str], relevant: set[str]) -> str:
    """Return what is wrong with a reciprocal rank; empty if it is right."""
    if given is None:
        return "your function returns nothing for this ranking. Does every way through it end in a `return`?"
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        return f"your function returns a {type(given).__name__}, and a number is needed."
    if abs(given - expected) < 1e-9:
        return ""
    ranks = [rank for rank, name in enumerate(ranking, 1) if name in relevant]
    if not ranks:
        return f"you return {given:g}, though none of these passages answers. What is a ranking worth that never helps?"
    if given == ranks[0]:
        return "you return the rank itself. A later place has to score lower, not higher."
    if len(ranks) > 1 and abs(given - sum(1 / rank for rank in ranks)) < 1e-9:
        return "you add up several passages. Only the first one that answers counts."
    if ranks[0] > 1 and abs(given - 1 / (ranks[0] - 1)) < 1e-9:
        return "your ranks begin at 0. The first place has rank 1."
    if given == 0:
        return "you return 0, though one of these passages answers. Do you look at every place before you give up?"
    return f"you return {given:g}. Count at which place the first passage stands that is in `relevant`."


def check_refreshed(
    function: Callable[[Sequence[Hit], Mapping[str, Passage]], list[Hit]],
    stale: Sequence[Sequence[Hit]],
    questions: Sequence[Question],
    site: Mapping[str, Passage],
) -> bool:
    """Check a function that gives hits the present text of their passages, and measure again what it is worth.

    Args:
        function: from hits and the present passages by id, to hits with the present text.
        stale: the hits of the stale copy, one list a question.
        questions: the questions, in the same order.
        site: the present passages by id.
    """
    gone = stale[0][-1].passage.id  # the same site without one passage: as if its page had been withdrawn
    smaller = {name: passage for name, passage in site.items() if name != gone}
    trials = [*((hits, site, False) for hits in stale), (stale[0], smaller, True)]
    mended = []
    for hits, present, one_gone in trials:
        given, problem = called(function, list(hits), dict(present), hints=_HINTS)
        if problem := problem or _refresh_problem(given, hits, present, one_gone):
            return not_yet(problem)
        mended.append(given)
    before = sum(tells(question, hits) for question, hits in zip(questions, stale))
    after = sum(tells(question, hits) for question, hits in zip(questions, mended))
    return passed(
        "03.2",
        f"Measured again: of {len(questions)} questions, the value asked was shown for {before}, now for {after}.",
    )


def _refresh_problem(given: Any, hits: Sequence[Hit], present: Mapping[str, Passage], one_gone: bool) -> str:
    """Return what is wrong with the refreshed hits; empty if they are right."""
    if given is None:
        return "your function returns nothing. Does it end with a `return` line?"
    if not isinstance(given, list) or not all(isinstance(hit, Hit) for hit in given):
        return "a list of Hit objects is needed, each made with Hit(passage, score)."
    expected = [hit for hit in hits if hit.passage.id in present]
    if not given and expected:
        return "your list is empty, but these passages still exist. Add one hit for each of them."
    names = [hit.passage.id for hit in given]
    if one_gone and len(given) == len(hits):
        return "one passage no longer exists in the present site, and you still show it. What should become of it?"
    if names != [hit.passage.id for hit in expected]:
        return "the ids or their order changed. Keep the hits in the order in which they were found."
    if any(hit.passage.text != present[hit.passage.id].text for hit in given):
        return "at least one text is still the old one. Where does the present passage with the same id stand?"
    if [hit.score for hit in given] != [hit.score for hit in expected]:
        return "the scores changed. Each hit keeps the score with which it was found."
    return ""
