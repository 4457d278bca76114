"""The frozen test questions as the hybrid puts them before its model."""

from __future__ import annotations

from course_lib.assistants.hybrid import TOP_K
from course_lib.evaluation.gold import Question, load_questions
from course_lib.evaluation.slices import tour_slice
from course_lib.knowledge.chunking import chunk_all
from course_lib.knowledge.snapshots import load_snapshot
from course_lib.models.prompts import reading_messages
from course_lib.retrieval.fusion import best_retriever
from course_lib.settings import Settings
from course_lib.training.examples import Message


def asked(settings: Settings, count: int) -> list[Question]:
    """Return so many test questions that have every kind in proportion; all 240 if ``count`` is larger."""
    return tour_slice(load_questions(settings.data, "test"), count)


def reading_prompts(settings: Settings, count: int) -> list[list[Message]]:
    """Return the conversations for so many test questions: the instruction, the passages found, and the question."""
    questions = [question.text for question in asked(settings, count)]
    found = best_retriever(chunk_all(load_snapshot(settings.data)), settings).search(questions, TOP_K)
    return [reading_messages(text, [hit.passage for hit in hits]) for text, hits in zip(questions, found)]
