"""From what a model wrote to the fields of an answer: strict for the house format, lenient for anything else."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from course_lib.knowledge.articles import CATEGORIES
from course_lib.models.prompts import NOT_TOLD, UNKNOWN_CATEGORY

_KEYS = {"citations", "answer", "category", "needs_human"}
_BRACKETED = re.compile(r"(?<!\s)\s*\[[^\[\]]*\]")  # each part stops where the next could begin: linear in any text
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


def is_refusal(text: str) -> bool:
    """Tell whether a text declines to answer; an empty text declines too."""
    return not text.strip() or bool(_REFUSALS.search(text.replace("\u2019", "'")))


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
    text = found.group(1) if found else _BRACKETED.sub("", raw)
    return Parsed(text.strip(), cited)


def abstention(category: str = UNKNOWN_CATEGORY) -> Parsed:
    """Return the well-formed answer that says: the documents do not tell."""
    return Parsed(NOT_TOLD, (), category, True, True)
