"""What the experiments of notebook 02 share: pages that are edited or planted, and stored answers asked again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from course_lib.assistants.rag import Rag
from course_lib.errors import DataError
from course_lib.evaluation.gold import Question
from course_lib.evaluation.matching import relevant_ids
from course_lib.knowledge.articles import Article
from course_lib.knowledge.chunking import Passage
from course_lib.knowledge.edits import misleading_page, with_value
from course_lib.knowledge.values import values_in
from course_lib.retrieval.base import Hit
from course_lib.retrieval.updatable import UpdatableIndex

PLANTED_ID = "kb-081"


def amounts(pages: Sequence[Article]) -> set[str]:
    """Return every amount of money that the site states, normalized."""
    return set().union(*(values_in(page.text, "money") for page in pages))


def editable(questions: Sequence[Question], pages: Sequence[Article]) -> list[Question]:
    """Return one question an article: the first that asks one amount, which the page states in one place only."""
    by_id, chosen = {page.id: page for page in pages}, {}
    for question in questions:
        if len(question.slots) == 1 and question.slots[0].type == "money" and question.cluster not in chosen:
            slot = question.slots[0]
            if is_one_edit(by_id[slot.article], slot.evidence, slot.value):
                chosen[question.cluster] = question
    return list(chosen.values())


def is_one_edit(page: Article, evidence: str, value: str) -> bool:
    """Tell whether replacing a value once leaves no other trace of it on the page."""
    try:
        return value not in with_value(page, evidence, value, "").text
    except DataError:  # the evidence is not there once
        return False


def plant(index: UpdatableIndex, question: Question, wrong: str) -> None:
    """Put a page into the index that answers the question in the site's own words, but with a wrong value."""
    slot, site = question.slots[0], {passage.id: passage for passage in index.passages}
    truth = site[min(relevant_ids(slot, site))]
    date = next(page.valid_from for page in index.articles if page.id == slot.article)
    index.put(misleading_page(PLANTED_ID, date, question.text, truth, slot.value, wrong))


def answered_as_stored(
    rag: Rag, rows: Sequence[Mapping[str, Any]], questions: Sequence[Question], passages: Sequence[Passage]
) -> int:
    """Answer stored rows again from the passages that they name; return how many texts come out word for word.

    Args:
        rag: the assistant, with the prompt that the rows were made with.
        rows: each with ``question``, ``passages`` (ids and scores) and ``raw``.
        questions: where to look the questions up.
        passages: the site that the rows were made from.
    """
    texts, site = {question.id: question.text for question in questions}, {one.id: one for one in passages}
    found = [[Hit(site[name], score) for name, score in row["passages"]] for row in rows]
    answers = rag.answer_from([texts[row["question"]] for row in rows], found)
    return sum(answer.raw == row["raw"] for answer, row in zip(answers, rows))
