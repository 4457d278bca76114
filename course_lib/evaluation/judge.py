"""Judge one answer: right or wrong, what its citations are worth, and the one cause if it is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from course_lib.assistants.answer import Answer
from course_lib.evaluation.gold import Question, Slot
from course_lib.knowledge.chunking import Passage
from course_lib.knowledge.values import contains, normalize, values_in

CAUSES = ("not in the documents", "not retrieved", "retrieved but not used", "stale", "misread", "wrong format",
          "wrongly refused", "should have refused")
_DENIED = re.compile(r"\b(?:not|isn't|rather than|instead of|no longer|was)\s+(?:\w+\s+){0,2}$")


@dataclass(frozen=True)
class Judgement:
    """What one answer is worth.

    Attributes:
        question: the question.
        answer: the record judged.
        correct: it states every value asked and no wrong one; for an unanswerable question, it declines.
        stale: it states a value of an earlier date instead of the current one.
        citation_exists: every cited id is a passage of the current site; None if it cites nothing or declines.
        citation_supports: every value it states stands in a cited passage; None as above, False for a missing citation.
        citation_correct: it cites a passage that answers the question, for every value asked; None if unanswerable or declined.
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
    stale = told and not correct and any(contains(text, value) for value in question.stale)
    exists = supports = right = None
    if told:
        exists = bool(answer.parsed.citations) and all(name in passages for name in answer.parsed.citations)
        cited = [passages[name] for name in answer.parsed.citations if name in passages]
        supports = exists and is_supported(text, cited)
        if question.answerable:
            right = exists and all(any(passage.id in relevant_ids(slot, passages) for passage in cited) for slot in question.slots)
    cause = "" if correct else find_cause(question, answer, passages, stale)
    return Judgement(question, answer, correct, stale, exists, supports, right, cause)


def states_all(question: Question, text: str) -> bool:
    """Tell whether a text states every value asked, no listed wrong or former one, and at most one other of its type.

    For counts and measures, the number alone will do if it is the whole of its part of the answer.
    A wrong value may be named to deny it ("not $31 but $15").
    """
    parts = [normalize(part) for part in text.split(";")]
    for slot in question.slots:
        alone = slot.type in ("count", "measure") and normalize(slot.value).split()[0] in parts
        if not alone and not contains(text, slot.value, slot.accepted):
            return False
    rest = normalize(text)
    if any(_asserted(rest, value) for value in (*question.wrong, *question.stale)):
        return False
    known = {value for slot in question.slots for form in (slot.value, *slot.accepted) for value in values_in(form, slot.type)}
    return all(len(values_in(text, slot.type) - known) <= 1 for slot in question.slots)


def _asserted(text: str, value: str) -> bool:
    if not contains(text, value):
        return False
    before = text[:text.find(normalize(value))]
    return not _DENIED.search(before)


def is_supported(text: str, cited: Sequence[Passage]) -> bool:
    """Tell whether every typed value of a text, or else every part of it, stands in the cited passages."""
    source = " ".join(f"{passage.heading} {passage.text}" for passage in cited)
    stated = [part for part in (part.strip(" .") for part in re.split(r";|, and | and ", text)) if part]
    typed = [value for kind in ("money", "percent", "duration", "date", "time", "code", "contact") for value in values_in(text, kind)]
    return bool(cited) and all(contains(source, value) for value in (typed or stated))


def relevant_ids(slot: Slot, passages: Mapping[str, Passage]) -> set[str]:
    """Return the passages of the slot's article that state its value: those that answer the question."""
    return {name for name, passage in passages.items() if passage.article == slot.article and contains(passage.text, slot.value)}


def find_cause(question: Question, answer: Answer, passages: Mapping[str, Passage], stale: bool) -> str:
    """Return the one cause of a wrong answer: the first layer, from documents to wording, that explains it."""
    if not question.answerable:
        return "should have refused"
    if stale:
        return "stale"
    shown = {hit.passage.id for hit in answer.hits}
    needed = [relevant_ids(slot, passages) for slot in question.slots]
    if not all(needed):
        return "not in the documents"
    if not all(ids & shown for ids in needed):
        return "not retrieved"
    if answer.abstained:
        return "wrongly refused"
    if answer.raw and not answer.parsed.valid and states_all(question, answer.raw):
        return "wrong format"
    return "misread" if is_supported(answer.parsed.text, [hit.passage for hit in answer.hits]) else "retrieved but not used"
