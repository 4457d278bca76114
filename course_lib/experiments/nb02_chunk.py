"""Cut the same pages in several ways: how often is the answer among what is retrieved, at equal length?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from course_lib.evaluation.differences import text_of
from course_lib.evaluation.found import found_within
from course_lib.evaluation.gold import Question, load_questions
from course_lib.evaluation.retrieved import tells
from course_lib.evaluation.statistics import Interval, cluster_bootstrap, paired_difference
from course_lib.experiments.sources import SITE_DATA
from course_lib.knowledge.articles import Article
from course_lib.knowledge.chunking import Passage, chunk_all
from course_lib.knowledge.snapshots import load_snapshot
from course_lib.knowledge.windows import whole_pages, window_passages
from course_lib.retrieval.fusion import best_retriever
from course_lib.retrieval.updatable import EmbeddingMemory, learn_from, retriever_like
from course_lib.settings import Settings

NAME = "nb02_chunk"
USES = SITE_DATA
TOP_K, WORDS, DEPTH = 3, 200, 40
CUTS: dict[str, Callable[[Sequence[Article]], list[Passage]]] = {
    "headings, as in the course": chunk_all,
    "the same, tables left as they are": lambda pages: chunk_all(pages, linearize=False),
    "headings, at most 60 words": lambda pages: chunk_all(pages, max_words=60),
    "headings, at most 60 words, 20 repeated": lambda pages: chunk_all(pages, max_words=60, overlap=20),
    "headings, at most 30 words": lambda pages: chunk_all(pages, max_words=30),
    "windows of 60 words": lambda pages: window_passages(pages, 60),
    "windows of 60 words, 20 repeated": lambda pages: window_passages(pages, 60, 20),
    "windows of 180 words": lambda pages: window_passages(pages, 180),
    "whole pages": whole_pages,
}


def run(settings: Settings, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Return one row for each way to cut: its passages, and the test questions whose values were not found."""
    questions = asked(settings)
    pages = load_snapshot(settings.data)
    best, memory = best_retriever(chunk_all(pages), settings), EmbeddingMemory(settings)
    learn_from(best, memory)
    rows = []
    for name, cut in CUTS.items():
        passages = cut(pages)
        found = retriever_like(best, passages, memory).search([question.text for question in questions], DEPTH)
        missed = [q.id for q, hits in zip(questions, found) if not tells(q, hits[:TOP_K])]
        beyond = [q.id for q, hits in zip(questions, found) if not found_within(q, hits, WORDS)]
        words = sum(len(passage.text.split()) for passage in passages) / len(passages)
        row = {"cut": name, "passages": len(passages), "words": round(words, 1)}
        rows.append(row | {"not_in_top_3": missed, "not_in_200_words": beyond})
        say(f"{name}: {len(passages)} passages, {len(missed)} and {len(beyond)} of {len(questions)} missed")
    return rows


def asked(settings: Settings) -> list[Question]:
    """Return the test questions that the documents answer."""
    return [question for question in load_questions(settings.data, "test") if question.answerable]


def share_found(row: Mapping[str, Any], key: str, questions: Sequence[Question]) -> Interval:
    """Return the share of questions that are not in the row's list of misses, resampled by article."""
    return cluster_bootstrap([q.id not in row[key] for q in questions], [q.cluster for q in questions])


def table(rows: Sequence[Mapping[str, Any]], questions: Sequence[Question]) -> list[list[Any]]:
    """Return a line for each way to cut: passages, words a passage, found in the top 3, found in 200 words."""
    keys = ("not_in_top_3", "not_in_200_words")
    return [
        [row["cut"], row["passages"], row["words"], *(text_of(share_found(row, key, questions)) for key in keys)]
        for row in rows
    ]


COLUMNS = ("cut", "passages", "words each", "found in the top 3", "found in 200 words")


def best_minus_worst(rows: Sequence[Mapping[str, Any]], questions: Sequence[Question]) -> Interval:
    """Return how much the best way to cut finds more than the worst within 200 words, question by question.

    The two are picked by the same scores, so the difference is a little larger than with new questions.
    """
    key = "not_in_200_words"
    order = sorted(rows, key=lambda row: len(row[key]))
    found = [[q.id not in row[key] for q in questions] for row in (order[-1], order[0])]
    return paired_difference(*found, [q.cluster for q in questions])
