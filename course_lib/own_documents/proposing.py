"""Propose questions from the documents themselves: a value is taken out of a sentence, and the question asks for it."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from course_lib.knowledge.chunking import Passage, sentences_of
from course_lib.own_documents.pages import one_line

LONGEST_SENTENCE = 40  # words
SHORTEST_SENTENCE = 5
LONGEST = 400  # characters of a sentence or of a heading in a question
BLANK = "____"
# As they are written: what is taken out must stand in the text letter by letter.
_VALUE = re.compile(
    r"(?<![\w$.-])(?:[$\u00a3\u20ac]\d[\d,.]*\d|[$\u00a3\u20ac]\d|\d[\d,.]*\s?%|"
    r"\d[\d,.]*\s(?:second|minute|hour|day|week|month|year|KB|MB|GB|ms|km|kg|mm|cm|miles?|bytes?)s?\b)"
)


@dataclass(frozen=True)
class Proposal:
    """A question that nobody has looked at yet.

    Attributes:
        question: what to ask.
        answer: the value that the passage states; empty if the passage has no value of a known kind.
        source: the document.
        passage: where it comes from, for the person who judges it.
    """

    question: str
    answer: str
    source: str
    passage: Passage


def propose(passages: Sequence[Passage], paths: dict[str, str], seed: int) -> Iterator[Proposal]:
    """Yield proposals in an order drawn by chance, one document after another, so that no long one fills the list.

    Args:
        passages: all passages.
        paths: file of each document id.
        seed: the same seed and passages give the same proposals.
    """
    rng = random.Random(seed)
    waiting: dict[str, list[Passage]] = {}
    for passage in passages:
        waiting.setdefault(passage.article, []).append(passage)
    for group in waiting.values():
        rng.shuffle(group)
    order = list(waiting)
    rng.shuffle(order)
    while order:
        for name in order:
            if (proposal := _proposal(waiting[name].pop(), paths[name], rng)) is not None:
                yield proposal
        order = [name for name in order if waiting[name]]


def _proposal(passage: Passage, path: str, rng: random.Random) -> Proposal | None:
    """Ask for a value of one sentence; without one, ask about the section, with no answer; None for mere headings."""
    sentences = [
        one
        for one in sentences_of(passage.text)
        if SHORTEST_SENTENCE <= len(one.split()) <= LONGEST_SENTENCE and len(one) <= LONGEST
    ]
    rng.shuffle(sentences)
    about = one_line(passage.heading)[:LONGEST]
    for sentence in sentences:
        values = [match.group().rstrip(".,") for match in _VALUE.finditer(sentence)]
        if values:
            value = rng.choice(values)
            blank = one_line(sentence.replace(value, BLANK, 1).strip("-* "))
            return Proposal(f"{about}: what belongs in the gap? {blank}", value, path, passage)
    return Proposal(f"What do I need to know about {about}?", "", path, passage) if sentences else None
