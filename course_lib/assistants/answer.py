"""One record per answer, from which every metric, picture, log row and cause is computed."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from course_lib.assistants.parsing import Parsed, abstention, is_refusal, parse_house, parse_text
from course_lib.errors import QuestionError
from course_lib.retrieval.base import Hit

__all__ = [
    "MAX_QUESTION",
    "Answer",
    "Assistant",
    "Parsed",
    "abstention",
    "check_questions",
    "is_refusal",
    "parse_house",
    "parse_text",
]
MAX_QUESTION = 2_000
_JOINERS = "\u200c\u200d"  # Persian, the scripts of India and emoji are misspelled without them


@dataclass(frozen=True)
class Answer:
    """An assistant's answer with everything that led to it.

    Attributes:
        assistant: name of the assistant.
        question: what was asked.
        hits: passages put before the model, with retrieval scores, best first.
        prompt: the text the model was given; empty if no model was used.
        raw: what the model wrote, before parsing and validation.
        parsed: the answer that leaves the assistant, after validation.
        verdicts: checks by name, and whether each passed.
        confidence: least log-probability of a generated token (0 is certain); None without a model.
        tokens_in, tokens_out: tokens of prompt and text.
        seconds: by layer (``retrieve``, ``generate``, ``validate``); for batches, this item's share.
    """

    assistant: str
    question: str
    hits: tuple[Hit, ...]
    prompt: str
    raw: str
    parsed: Parsed
    verdicts: dict[str, bool] = field(default_factory=dict)
    confidence: float | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def abstained(self) -> bool:
        """Whether the answer says that it cannot tell."""
        return is_refusal(self.parsed.text)


class Assistant(Protocol):
    """Anything that answers customers' questions."""

    name: str

    def answer(self, questions: Sequence[str]) -> list[Answer]:
        """Answer questions, one record each, in the order given."""
        ...


def check_questions(questions: Sequence[str]) -> list[str]:
    """Return the questions without surrounding space and without characters that act unseen.

    Control characters are dropped except for line ends and tabs, and so are marks that turn the direction of text
    (U+202A to U+202E, U+2066 to U+2069) and other invisible characters. Joiners (U+200C, U+200D) are kept.

    Raises:
        QuestionError: one is empty or longer than ``MAX_QUESTION`` characters.
    """
    cleaned = ["".join(filter(_is_kept, question)).strip() for question in questions]
    for number, question in enumerate(cleaned, 1):
        if all(letter in _JOINERS or letter.isspace() for letter in question):
            raise QuestionError(f"Question {number} is empty.", "Ask something in words.")
        if len(question) > MAX_QUESTION:
            raise QuestionError(
                f"Question {number} has {len(question):,} characters; {MAX_QUESTION:,} are allowed.",
                "Shorten it to what you want to know.",
            )
    return cleaned


def _is_kept(letter: str) -> bool:
    return letter in "\n\t" + _JOINERS or letter.isprintable() or unicodedata.category(letter).startswith("Z")
