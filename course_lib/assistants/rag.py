"""The assistant that retrieves passages and puts them before an untrained model."""

from __future__ import annotations

import time
from collections.abc import Sequence

from course_lib.assistants.answer import Answer, check_questions, parse_house
from course_lib.knowledge.chunking import Passage
from course_lib.models.chat import ChatModel
from course_lib.models.prompts import house_answer, reading_messages
from course_lib.retrieval.base import Hit, Retriever

MAX_TOKENS = 72
TOP_K = 1  # on the dev questions, more passages confused the untrained model
_LIBRARY = {
    passage.id: passage
    for passage in (
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
        Passage(
            "kb-903.4",
            "kb-903",
            "Study groups",
            "Booking",
            "orders",
            "Groups of up to 6 people may book room B2. Bookings open 14 days ahead and a no-show costs $5.",
        ),
        Passage(
            "kb-904.1",
            "kb-904",
            "Late fees",
            "",
            "billing",
            "Books: $0.20 a day, capped at $6. Films: $1 a day, capped at $10.",
        ),
    )
}
_EXAMPLES = (  # question, passage shown, value
    ("my kid is 9 and lost her card, what do we pay", "kb-902.1", "$3"),
    ("how early can our group book a room?", "kb-903.4", "14 days"),
    ("When does the reading room open?", "kb-901.2", None),
    ("whats the most i can owe for one late film", "kb-904.1", "$10"),
)


def worked_example() -> list[dict[str, str]]:
    """Return the instruction and four example turns, about a library: one of them cannot be told from its passage."""
    turns = [reading_messages("", [])[0]]
    for question, name, value in _EXAMPLES:
        passage = _LIBRARY[name]
        answer = house_answer([value], [name], passage.category) if value else house_answer([], [], "")
        turns += [reading_messages(question, [passage])[1], {"role": "assistant", "content": answer}]
    return turns


def messages_for(question: str, passages: Sequence[Passage], example: bool = True) -> list[dict[str, str]]:
    """Return the prompt: the instruction, the worked examples if wanted, and passages with the question."""
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
