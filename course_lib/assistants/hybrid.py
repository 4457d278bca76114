"""The assistant with both: retrieved passages before a model that was trained to read them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from course_lib.assistants.answer import Answer, abstention, check_questions, parse_house
from course_lib.assistants.validators import mend_citations, validate
from course_lib.models.chat import ChatModel, Completion
from course_lib.models.prompts import reading_messages
from course_lib.retrieval.base import Hit, Retriever

MAX_TOKENS = 72
TOP_K = 2
LEAST_CONFIDENCE = -0.7  # chosen on the dev questions


class Hybrid:
    """Retrieves, asks narrowly, answers in the house format, mends its citations, and validates before it speaks."""

    name = "hybrid"

    def __init__(
        self,
        chat: ChatModel,
        retriever: Retriever,
        adapter: str = "reading",
        top_k: int = TOP_K,
        least_confidence: float = LEAST_CONFIDENCE,
    ):
        """Set up the assistant.

        Args:
            chat: model with the reading adapter loaded.
            retriever: where passages come from.
            adapter: name of the reading adapter.
            top_k: passages put before the model.
            least_confidence: log-probability below which an answer is withheld.
        """
        self.chat, self.retriever, self.adapter = chat, retriever, adapter
        self.top_k, self.least_confidence = top_k, least_confidence

    def answer(self, questions: Sequence[str], say=None) -> list[Answer]:
        """Answer questions in batches."""
        questions = check_questions(questions)
        began = time.perf_counter()
        found = self.retriever.search(questions, self.top_k) if questions else []
        share = (time.perf_counter() - began) / max(1, len(questions))
        return self.answer_from(questions, found, share, say)

    def answer_from(
        self, questions: Sequence[str], found: Sequence[list[Hit]], retrieve_seconds: float = 0.0, say=None
    ) -> list[Answer]:
        """Answer from given passages, for experiments with the right or the wrong ones."""
        conversations = [
            reading_messages(question, [hit.passage for hit in hits]) for question, hits in zip(questions, found)
        ]
        done = self.chat.generate(conversations, MAX_TOKENS, self.adapter, say)
        return [
            self._record(question, hits, self.chat.render(messages), completion, retrieve_seconds)
            for question, hits, messages, completion in zip(questions, found, conversations, done)
        ]

    def _record(
        self, question: str, hits: list[Hit], prompt: str, completion: Completion, retrieve_seconds: float
    ) -> Answer:
        began = time.perf_counter()
        parsed = mend_citations(parse_house(completion.text), hits)
        verdicts = {**validate(question, parsed, hits), "confident": completion.min_logprob >= self.least_confidence}
        spoken = parsed if all(verdicts.values()) else abstention()
        return Answer(
            self.name,
            question,
            tuple(hits),
            prompt,
            completion.text,
            spoken,
            verdicts,
            completion.min_logprob,
            completion.tokens_in,
            completion.tokens_out,
            {"retrieve": retrieve_seconds, "generate": completion.seconds, "validate": time.perf_counter() - began},
        )


def before_validation(answer: Answer) -> Answer:
    """Return the record as it would be without the step that mends citations and validates."""
    return replace(answer, parsed=parse_house(answer.raw))
