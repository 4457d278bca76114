"""Judge one answer: right or wrong, what its citations are worth, and the one cause if it is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from course_lib.assistants.answer import Answer
from course_lib.evaluation.causes import CAUSES, find_cause
from course_lib.evaluation.gold import Question
from course_lib.evaluation.matching import asserts, is_supported, relevant_ids, states_all
from course_lib.knowledge.chunking import Passage

__all__ = ["CAUSES", "Judgement", "find_cause", "is_supported", "judge", "relevant_ids", "states_all"]


@dataclass(frozen=True)
class Judgement:
    """What one answer is worth.

    Attributes:
        question: the question.
        answer: the record judged.
        correct: it states every value asked and no wrong one; for an unanswerable question, it declines.
        stale: it states a value of an earlier date instead of the current one.
        citation_exists: it cites something, and every cited id is a passage of the current site; None if it declines.
        citation_supports: the citations exist, and each value it states stands in a cited passage; None if it declines.
        citation_correct: the citations exist, and for every value asked one is a passage that answers; None if it
            declines or the question is unanswerable.
        cause: one of ``CAUSES`` if it is wrong, else empty.
    """

    question: Question
    answer: Answer
    correct: bool
    stale: bool
    citation_exists: bool | None
    citation_supports: bool | None
    citation_correct: bool | None
    cause: str


def judge(question: Question, answer: Answer, passages: Mapping[str, Passage]) -> Judgement:
    """Judge an answer against its question.

    Args:
        question: with the gold values.
        answer: the record to judge.
        passages: the current site's passages by id; citations are resolved here.
    """
    told = not answer.abstained
    text = answer.parsed.text
    correct = states_all(question, text) and told if question.answerable else not told
    stale = told and not correct and any(asserts(text, value) for value in question.stale)
    exists = supports = right = None
    if told:
        exists = bool(answer.parsed.citations) and all(name in passages for name in answer.parsed.citations)
        cited = [passages[name] for name in answer.parsed.citations if name in passages]
        supports = exists and is_supported(text, cited)
        if question.answerable:
            ids = {passage.id for passage in cited}
            right = exists and all(relevant_ids(slot, passages) & ids for slot in question.slots)
    cause = "" if correct else find_cause(question, answer, passages, stale)
    return Judgement(question, answer, correct, stale, exists, supports, right, cause)
