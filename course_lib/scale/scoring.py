"""Score retrieval in parts, so that each part can be scored by another worker, and put the parts together again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course_lib.evaluation.gold import Question, load_questions
from course_lib.evaluation.retrieved import score_found
from course_lib.knowledge.chunking import Passage, chunk_all
from course_lib.knowledge.snapshots import load_snapshot
from course_lib.retrieval.dense import DenseRetriever
from course_lib.settings import Settings

Part = tuple[float, int]  # a mean, and how many values it is the mean of


def job_data(settings: Settings) -> tuple[list[Question], list[Passage]]:
    """Return the test questions that can be answered, and the passages of the pages that they are about.

    The other pages are left out, to keep the job short.
    """
    questions = [question for question in load_questions(settings.data, "test") if question.answerable]
    asked = {slot.article for question in questions for slot in question.slots}
    return questions, [one for one in chunk_all(load_snapshot(settings.data)) if one.article in asked]


def kinds_of(questions: Sequence[Question]) -> list[list[Question]]:
    """Return the questions in parts, one for each kind, in the order in which the kinds first come."""
    kinds = dict.fromkeys(question.stratum for question in questions)
    return [[question for question in questions if question.stratum == kind] for kind in kinds]


def hit_rate(
    questions: Sequence[Question], passages: Sequence[Passage], vectors: np.ndarray, settings: Settings, k: int = 3
) -> Part:
    """Return the share of questions with a passage that tells among the first ``k``, and the number of questions.

    Args:
        questions: answerable questions.
        passages: what is searched, n passages.
        vectors: their unit-length embeddings, shape (n, 384).
        settings: where the embedding model is.
        k: depth.

    Raises:
        DataError: there are no passages.
        ValueError: there are no questions, or no passage states a value that is asked.
    """
    if not questions:
        raise ValueError("A share needs at least one question.")
    retriever = DenseRetriever(passages, settings, embedder=lambda texts: vectors)
    found = retriever.search([question.text for question in questions], 10)
    scores = score_found(questions, found, {passage.id: passage for passage in passages}, hit_k=k)
    return sum(score[f"hit_at_{k}"] for score in scores.values()) / len(scores), len(scores)


def combined(parts: Sequence[Part]) -> float:
    """Return the mean over everything, from the means of parts: each counts by the number of its values.

    Raises:
        ValueError: there are no values.
    """
    count = sum(number for _, number in parts)
    if not count:
        raise ValueError("A mean needs at least one value.")
    return sum(mean * number for mean, number in parts) / count
