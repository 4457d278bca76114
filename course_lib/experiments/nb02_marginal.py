"""Choose the right value among rivals: all passages in one prompt, or one prompt a passage and mixed afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from course_lib.assistants.marginal import METHODS, score_candidates
from course_lib.evaluation.differences import text_of
from course_lib.evaluation.gold import Question, load_questions
from course_lib.evaluation.outcomes import share
from course_lib.evaluation.slices import tour_slice
from course_lib.experiments.sources import SITE_DATA
from course_lib.knowledge.chunking import chunk_all
from course_lib.knowledge.snapshots import load_snapshot
from course_lib.models.chat import ChatModel, load_chat
from course_lib.retrieval.base import Hit
from course_lib.retrieval.fusion import best_retriever
from course_lib.settings import Settings

NAME = "nb02_marginal"
USES = SITE_DATA
QUESTIONS, TOP_K = 24, 3
NAMES = {
    "concatenation": "all passages in one prompt",
    "rag_sequence": "RAG-Sequence: mixed by answer",
    "rag_token": "RAG-Token: mixed by token",
    "first_passage": "the best passage alone",
}


def run(settings: Settings, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Return one row a question: the score of each candidate under each method; the first candidate is right."""
    questions = tour_slice([q for q in load_questions(settings.data, "test") if len(candidates(q)) > 1], QUESTIONS)
    retriever, chat = best_retriever(chunk_all(load_snapshot(settings.data)), settings), load_chat(settings)
    rows = []
    for question, hits in zip(questions, retriever.search([question.text for question in questions], TOP_K)):
        rows.append(score_row(chat, question, hits))
        say(f"{len(rows)} of {len(questions)} questions scored")
    return rows


def candidates(question: Question) -> list[str]:
    """Return the value asked, then its rivals: former values, and values of sibling pages or of a false premise.

    A question that asks no value or several has no candidates.
    """
    if len(question.slots) != 1:
        return []
    return list(dict.fromkeys((question.slots[0].value, *question.stale, *question.wrong)))


def score_row(chat: ChatModel, question: Question, hits: Sequence[Hit]) -> dict[str, Any]:
    """Score the candidates of one question from its passages; ``right`` says which methods put the first one on top."""
    rivals = candidates(question)
    scores = score_candidates(chat, question.text, hits, rivals)
    return {
        "question": question.id,
        "cluster": question.cluster,
        "candidates": rivals,
        "scores": {name: [round(score, 3) for score in scores[name]] for name in METHODS},
        "chance": 1 / len(rivals),
        **{name: max(scores[name]) == scores[name][0] for name in METHODS},
    }


def table(rows: Sequence[dict[str, Any]]) -> list[list[str]]:
    """Return one line a method, and one for drawing a candidate by lot: the share of questions with the right one."""
    lines = [[NAMES[name], text_of(share(rows, name))] for name in METHODS]
    return [*lines, ["drawn by lot", text_of(share(rows, "chance"))]]
