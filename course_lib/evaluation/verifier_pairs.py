"""What the verifier learns from: training texts with their right answers, and with corruptions that look like them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from course_lib.knowledge.chunking import Passage
from course_lib.knowledge.values import contains
from course_lib.training.random_values import draw_value, draw_values

CORRUPTIONS = {
    "made up": "The right passage, and a value that it does not state.",
    "other line": "The right passage, and a value that it states about something else.",
    "other page": "A passage about something else, and the value that it states.",
    "unanswerable": "A question that the passage does not answer, and a value that it states.",
}


@dataclass(frozen=True)
class Pair:
    """An answer and what it cites.

    Attributes:
        question, answer: the claim.
        passages: what is cited for it.
        kind: ``right``, or what is wrong with it.
        question_id, article: of an evaluation question; empty in training.
    """

    question: str
    answer: str
    passages: tuple[Passage, ...]
    kind: str
    question_id: str = ""
    article: str = ""

    @property
    def supported(self) -> bool:
        """The label: the passages say that this is the answer to this question."""
        return self.kind == "right"


@dataclass(frozen=True)
class Page:
    """A training passage with its values filled in, and the row it was made from."""

    passage: Passage
    values: dict[str, str]
    source: dict

    def values_of(self, kind: str) -> list[str]:
        """Return the values of a type, in the order of the slots."""
        return [self.values[name] for name, slot in self.source["slots"].items() if slot["type"] == kind]


def training_pairs(rows: Sequence[dict], seed: int) -> list[Pair]:
    """Return right pairs and corruptions of them from the training texts.

    Only every other question is used, which halves the time that embedding takes.

    Args:
        rows: lines of ``data/train/sites.jsonl``; values are drawn anew for their blanks.
        seed: seed of every choice.
    """
    rng, pairs = random.Random(seed), []
    for row in rows:
        pages = [fill_page(source, number, rng) for number, source in enumerate(row["passages"], 1)]
        for page in pages:
            asked = [question for question in page.source["questions"] if len(question["slots"]) == 1]
            for question in asked[::2]:
                pairs += corrupted(question, page, pages, rng)
            for text in page.source["unanswerable"][:1]:
                pairs += [
                    Pair(text, value, (page.passage,), "unanswerable") for value in list(page.values.values())[:1]
                ]
    return pairs


def fill_page(source: dict, number: int, rng: random.Random) -> Page:
    """Draw values for the blanks of one training passage."""
    values = draw_values(source["slots"], rng)
    text = re.sub(r"\{(\w+)\}", lambda match: values[match.group(1)], source["text"])
    name = f"kb-{number:03d}"
    passage = Passage(f"{name}.1", name, source["title"], source["section"], source["category"], text)
    return Page(passage, values, source)


def corrupted(question: dict, page: Page, pages: Sequence[Page], rng: random.Random) -> Iterator[Pair]:
    """Yield the right pair for a question about one value, and those corruptions that the texts allow.

    Args:
        question: an entry of ``questions`` with one slot.
        page: the page that answers it.
        pages: all pages of its organization.
        rng: source of every choice.
    """
    (name,) = question["slots"]
    slot, right = page.source["slots"][name], page.values[name]
    text = re.sub(
        r"\{wrong:(\w+)\}", lambda match: draw_value(page.source["slots"][match.group(1)], rng), question["q"]
    )
    yield Pair(text, right, (page.passage,), "right")
    made_up = draw_value(slot, rng)
    if not contains(page.passage.text, made_up):
        yield Pair(text, made_up, (page.passage,), "made up")
    if others := [value for value in page.values_of(slot["type"]) if value != right]:
        yield Pair(text, rng.choice(others), (page.passage,), "other line")
    strangers = [other for other in pages if other is not page and not contains(other.passage.text, right)]
    siblings = [(other.values[name], other.passage) for other in strangers if name in other.values]
    distant = [(value, other.passage) for other in strangers for value in other.values_of(slot["type"])]
    if siblings or distant:
        value, passage = rng.choice(siblings or distant)
        yield Pair(text, value, (passage,), "other page")
