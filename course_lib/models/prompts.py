"""The prompts and the house format of an answer, in one place, so that training and answering cannot drift apart."""

from __future__ import annotations

import json
from collections.abc import Sequence

from course_lib.knowledge.chunking import Passage

Message = dict[str, str]

NOT_TOLD = "not in the documents"
HUMAN_CATEGORIES = ("safety", "legal")
UNKNOWN_CATEGORY = "unknown"

HOUSE_SYSTEM = (
    "Answer the customer from the passages. Reply with one JSON object: citations, answer, category, needs_human. "
    f'If the passages do not tell, cite nothing and answer "{NOT_TOLD}".'
)


def house_answer(values: Sequence[str], citations: Sequence[str], category: str) -> str:
    """Write an answer in the house format.

    Args:
        values: what was asked, in the order asked; empty for "the documents do not tell".
        citations: ids of the passages that state the values.
        category: category of the first cited passage.
    """
    told = bool(values)
    return json.dumps(
        {
            "citations": list(citations),
            "answer": "; ".join(values) if told else NOT_TOLD,
            "category": category if told else UNKNOWN_CATEGORY,
            "needs_human": not told or category in HUMAN_CATEGORIES,
        }
    )


def passage_block(passages: Sequence[Passage]) -> str:
    """Write passages as the reading prompt shows them: id, category and headings, then the text."""
    return "\n\n".join(f"[{passage.id} {passage.category}] {passage.heading}\n{passage.text}" for passage in passages)


def reading_messages(question: str, passages: Sequence[Passage]) -> list[Message]:
    """Return the conversation that asks for a house-format answer from passages."""
    return [
        {"role": "system", "content": HOUSE_SYSTEM},
        {"role": "user", "content": f"{passage_block(passages)}\n\nQuestion: {question}"},
    ]


CLOSED_BOOK_SYSTEM = "Tarnwheel support, one JSON object."
