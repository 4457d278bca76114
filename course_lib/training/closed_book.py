"""Examples that teach facts by heart: questions with their answers, and no documents in view."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

from course_lib.knowledge.chunking import Passage
from course_lib.knowledge.values import contains
from course_lib.models.prompts import CLOSED_BOOK_SYSTEM, house_answer
from course_lib.training.examples import Message

TEMPLATES = ("What is {}?", "Tell me {}, please.", "I need to know {}.", "Can you say what {} is?", "{}?",
             "hi, quick one: {}", "Where do you stand on {}?", "Please look up {} for me.")


def closed_book_examples(facts: Mapping[str, dict], wordings: Mapping[str, Sequence[str]], passages: Sequence[Passage],
                         date: str, per_fact: int, seed: int) -> Iterator[list[Message]]:
    """Yield question and answer conversations for every fact that holds at a date.

    Args:
        facts: rows of ``facts.jsonl`` by id.
        wordings: natural questions by fact id; never those of the evaluation set.
        passages: passages of that date, to cite from.
        date: the snapshot whose values are taught.
        per_fact: different wordings of each fact: the natural ones first, then templates around its subject.
        seed: seed of the choice of templates.
    """
    rng = random.Random(seed)
    for name, fact in facts.items():
        value = fact["values"].get(date)
        if value is None:
            continue
        cited = next((passage.id for passage in passages if passage.article == fact["article"] and contains(passage.text, value)), "")
        answer = house_answer([value], [cited] if cited else [], fact["category"])
        asked = [*wordings.get(name, ()), *(text.format(fact["subject"]) for text in rng.sample(TEMPLATES, len(TEMPLATES)))]
        for question in asked[:per_fact]:
            yield [{"role": "system", "content": CLOSED_BOOK_SYSTEM}, {"role": "user", "content": f"Question: {question}"},
                   {"role": "assistant", "content": answer}]
