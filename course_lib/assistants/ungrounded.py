"""Take the grounding out of a prompt: the same passages, but no word that the answer has to come from them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from course_lib.models.chat import ChatModel, Completion
from course_lib.models.prompts import Message

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])|(?<=\.[\"”])\s+")
_GROUNDING = re.compile(r"\b(?:passage|document|source|cite)s?\b", re.IGNORECASE)
FREE = "Answer the customer."


def without_grounding(system: str) -> str:
    """Return a system message without the sentences that speak of passages, documents, sources or citing.

    Raises:
        ValueError: no sentence speaks of them, so there is nothing to take out.
    """
    sentences = _SENTENCE.split(system)
    kept = [sentence for sentence in sentences if not _GROUNDING.search(sentence)]
    if len(kept) == len(sentences):
        raise ValueError(f"This system message has no grounding to take out: {system!r}")
    return " ".join([FREE, *kept])


class Ungrounded:
    """A chat model that is given every conversation without the grounding in its system message."""

    def __init__(self, chat: ChatModel):
        self.chat = chat

    def render(self, messages: Sequence[Message]) -> str:
        """Return the text that the model is given."""
        return self.chat.render(_freed(messages))

    def generate(self, conversations: Sequence[Sequence[Message]], *arguments: Any, **options: Any) -> list[Completion]:
        """Answer conversations as the chat model does; what else it is told is passed on as it is."""
        return self.chat.generate([_freed(messages) for messages in conversations], *arguments, **options)


def _freed(messages: Sequence[Message]) -> list[Message]:
    return [
        {**message, "content": without_grounding(message["content"])} if message["role"] == "system" else message
        for message in messages
    ]
