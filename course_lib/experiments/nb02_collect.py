"""Leave out one article at a time: how many of its questions lose every passage that tells?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from course_lib.evaluation.found import stated_anywhere
from course_lib.evaluation.gold import Question, load_questions
from course_lib.experiments.sources import SITE_DATA
from course_lib.knowledge.snapshots import load_snapshot
from course_lib.retrieval.updatable import UpdatableIndex
from course_lib.settings import Settings

NAME = "nb02_collect"
USES = SITE_DATA
TOP_K = 3


def run(settings: Settings, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Return one row for each answerable test question: is it answered from the whole site, and without its page?"""
    questions = [question for question in load_questions(settings.data, "test") if question.answerable]
    index = UpdatableIndex(load_snapshot(settings.data), settings)
    rows = []
    for article in sorted({question.cluster for question in questions}):
        rows += without_article(index, article, [question for question in questions if question.cluster == article])
        say(f"{article} left out: {len(rows)} of {len(questions)} questions")
    return rows


def without_article(index: UpdatableIndex, article: str, questions: Sequence[Question]) -> list[dict[str, Any]]:
    """Ask retrieval with the whole site and without one article, and put the article back.

    Args:
        index: the site.
        article: id of the page to leave out.
        questions: answerable questions that hang on it.

    Returns:
        A row each: ``question``, ``cluster``, and whether the first passages state every value asked (``whole``,
        ``without``) and lose it (``lost``; None where the whole site did not have it either).
    """
    texts = [question.text for question in questions]
    whole = index.search(texts, TOP_K)
    page = index.remove(article)
    without = index.search(texts, TOP_K)
    index.put(page)
    rows = []
    for question, before, after in zip(questions, whole, without):
        had, has = stated_anywhere(question, before), stated_anywhere(question, after)
        lost = not has if had else None
        rows.append({"question": question.id, "cluster": article, "whole": had, "without": has, "lost": lost})
    return rows
