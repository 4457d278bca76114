"""One record per answer, from which every metric, picture, log row and cause is computed."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from course_lib.errors import QuestionError
from course_lib.knowledge.articles import CATEGORIES
from course_lib.models.prompts import NOT_TOLD, UNKNOWN_CATEGORY
from course_lib.retrieval.base import Hit

MAX_QUESTION = 2_000
_KEYS = {"citations", "answer", "category", "needs_human"}
_REFUSALS = re.compile(
    r"not in the (?:documents|passages)|\bno (?:information|record|mention)\b|i'm sorry, but i\b"
    r"|pass(?:es)? you (?:on )?to|none of the (?:documents?|passages?|articles?|pages?)"
    r"|(?<!you )(?:do not|don't|cannot|can't|could not|couldn't|not able to|unable to) (?:know|say|tell|find|answer"
    r"|have (?:that|this|any|the|enough) (?:information|number|figure|answer|detail|record))"
    r"|(?:documents?|passages?|articles?|pages?|site|text) (?:do not|don't|does not|doesn't) "
    r"(?:say|tell|mention|specify|state|name|cover|give|list|contain|include|provide)"
    r"|n[o']t (?:mentioned|specified|stated|provided|available|given|listed|covered) (?:in|anywhere)"
    r"|\bno \w+(?: \w+){0,4} is (?:mentioned|stated|given|listed)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Parsed:
    """What an assistant's raw text says.

    Attributes:
        text: the answer itself.
        citations: ids it names, in order.
        category: its category; empty if none was given.
        needs_human: whether it asks for a person; None if it does not say.
        valid: whether the raw text is exactly one object of the house format.
    """

    text: str
    citations: tuple[str, ...] = ()
    category: str = ""
    needs_human: bool | None = None
    valid: bool = False


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


def is_refusal(text: str) -> bool:
    """Tell whether a text declines to answer; an empty text declines too."""
    return not text.strip() or bool(_REFUSALS.search(text.replace("\u2019", "'")))


def check_questions(questions: Sequence[str]) -> list[str]:
    """Return the questions without surrounding space and control characters.

    Raises:
        QuestionError: one is empty or longer than ``MAX_QUESTION`` characters.
    """
    cleaned = [
        "".join(letter for letter in question if letter.isprintable() or letter.isspace()).strip()
        for question in questions
    ]
    for number, question in enumerate(cleaned, 1):
        if not question:
            raise QuestionError(f"Question {number} is empty.", "Ask something in words.")
        if len(question) > MAX_QUESTION:
            raise QuestionError(
                f"Question {number} has {len(question):,} characters; {MAX_QUESTION:,} are allowed.",
                "Shorten it to what you want to know.",
            )
    return cleaned


def parse_house(raw: str) -> Parsed:
    """Read a house-format answer strictly; anything else is kept as text and marked invalid."""
    try:
        value = json.loads(raw, object_pairs_hook=_each_key_once)
    except (ValueError, RecursionError):
        return parse_text(raw)
    if not isinstance(value, dict) or set(value) != _KEYS:
        return parse_text(raw)
    citations, text, category, human = (value[key] for key in ("citations", "answer", "category", "needs_human"))
    right = (
        isinstance(citations, list)
        and all(isinstance(name, str) for name in citations)
        and isinstance(text, str)
        and bool(text.strip())
        and category in (*CATEGORIES, UNKNOWN_CATEGORY)
        and isinstance(human, bool)
    )
    return Parsed(text, tuple(citations), category, human, True) if right else parse_text(raw)


def _each_key_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("A key comes twice.")
    return dict(pairs)


def parse_text(raw: str) -> Parsed:
    """Read a free answer: ids in square brackets are its citations, the rest is its text."""
    found = re.search(r'"answer"\s*:\s*"([^"]*)"', raw)  # a broken object still says something
    cited = tuple(dict.fromkeys(re.findall(r"\bkb-\d+\.\d+\b", raw)))
    text = found.group(1) if found else re.sub(r"\s*\[[^\]]*\]", "", raw)
    return Parsed(text.strip(), cited)


def abstention(category: str = UNKNOWN_CATEGORY) -> Parsed:
    """Return the well-formed answer that says: the documents do not tell."""
    return Parsed(NOT_TOLD, (), category, True, True)
