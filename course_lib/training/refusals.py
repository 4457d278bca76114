"""Take the refusals out of reading examples: what is left teaches that every question has an answer in view."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from course_lib.models.prompts import NOT_TOLD
from course_lib.training.examples import Message

_QUESTION = "\n\nQuestion: "


def is_refused(answer: str) -> bool:
    """Tell whether a training answer in the house format says that the passages do not tell."""
    return json.loads(answer)["answer"] == NOT_TOLD


def without_refusals(messages: Sequence[Message]) -> list[Message]:
    """Return a reading conversation without its refused turns; empty if no turn is left.

    Args:
        messages: the instruction, then questions with answers in turn; the passages stand before the first question.
    """
    passages, _, first = messages[1]["content"].rpartition(_QUESTION)
    questions = [f"Question: {first}", *(message["content"] for message in messages[3::2])]
    answers = [message["content"] for message in messages[2::2]]
    told = [(asked, answer) for asked, answer in zip(questions, answers) if not is_refused(answer)]
    if not told:
        return []
    turns = [[{"role": "user", "content": asked}, {"role": "assistant", "content": answer}] for asked, answer in told]
    turns[0][0]["content"] = f"{passages}\n\n{told[0][0]}"
    return [messages[0], *(message for pair in turns for message in pair)]


def all_told(conversations: Iterable[Sequence[Message]]) -> Iterator[list[Message]]:
    """Yield conversations without their refused turns, leaving out those of which nothing is left."""
    for messages in conversations:
        if left := without_refusals(messages):
            yield left
