"""The assistant that retrieves passages and puts them before an untrained model."""

from __future__ import annotations

import time
from collections.abc import Sequence

from course_lib.assistants.answer import Answer, check_questions, parse_house
from course_lib.knowledge.chunking import Passage
from course_lib.models.chat import ChatModel
from course_lib.models.prompts import house_answer, passage_block, reading_messages
from course_lib.retrieval.base import Hit, Retriever

MAX_TOKENS = 72
TOP_K = 3
_EXAMPLE = [
    Passage(
        "kb-901.2",
        "kb-901",
        "Reading room",
        "Quiet desks",
        "plans",
        "A quiet desk in the reading room is kept for 45 minutes. "
        "Members who call the desk line may ask for 90 minutes.",
    ),
    Passage(
        "kb-902.1",
        "kb-902",
        "Lost library cards",
        "",
        "billing",
        "A new card costs $8. Children under 12 pay $3. Cards are printed at the front desk.",
    ),
]


def worked_example() -> list[dict[str, str]]:
    """Return two example turns, about a library: one answered from the passages, one that they do not tell."""
    first = reading_messages("my kid is 9 and lost her card, what do we pay", _EXAMPLE)
    return [
        *first,
        {"role": "assistant", "content": house_answer(["$3"], ["kb-902.1"], "billing")},
        {"role": "user", "content": f"{passage_block(_EXAMPLE)}\n\nQuestion: When does the reading room open?"},
        {"role": "assistant", "content": house_answer([], [], "")},
    ]


def messages_for(question: str, passages: Sequence[Passage], example: bool = True) -> list[dict[str, str]]:
    """Return the prompt: the instruction, the worked example if wanted, and passages with the question."""
    asked = reading_messages(question, passages)
    return [*worked_example(), asked[1]] if example else asked


class Rag:
    """Retrieves, then lets the base model answer from the passages after a worked example."""

    name = "rag"

    def __init__(self, chat: ChatModel, retriever: Retriever, top_k: int = TOP_K, example: bool = True):
        self.chat, self.retriever, self.top_k, self.example = chat, retriever, top_k, example

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
            messages_for(question, [hit.passage for hit in hits], self.example)
            for question, hits in zip(questions, found)
        ]
        done = self.chat.generate(conversations, MAX_TOKENS, None, say)
        return [
            Answer(
                self.name,
                question,
                tuple(hits),
                self.chat.render(messages),
                completion.text,
                parse_house(completion.text),
                confidence=completion.min_logprob,
                tokens_in=completion.tokens_in,
                tokens_out=completion.tokens_out,
                seconds={"retrieve": retrieve_seconds, "generate": completion.seconds},
            )
            for question, hits, messages, completion in zip(questions, found, conversations, done)
        ]
