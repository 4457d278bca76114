"""Examples that teach facts by heart: questions with their answers, and no documents in view."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

from course_lib.knowledge.chunking import Passage
from course_lib.knowledge.values import contains
from course_lib.models.prompts import CLOSED_BOOK_SYSTEM, house_answer
from course_lib.training.examples import Message

TEMPLATES = (
    "What is {}?",
    "Tell me {}, please.",
    "I need to know {}.",
    "Can you say what {} is?",
    "{}?",
    "hi, quick one: {}",
    "Where do you stand on {}?",
    "Please look up {} for me.",
)


TURNS = 8


def closed_book_examples(
    facts: Mapping[str, dict],
    wordings: Mapping[str, Sequence[str]],
    passages: Sequence[Passage],
    date: str,
    per_fact: int,
    seed: int,
) -> Iterator[list[Message]]:
    """Yield conversations that between them ask every fact that holds at a date, ``TURNS`` questions in each.

    Args:
        facts: rows of ``facts.jsonl`` by id.
        wordings: natural questions by fact id; never those of the evaluation set.
        passages: passages of that date, to cite from.
        date: the snapshot whose values are taught.
        per_fact: different wordings of each fact: the natural ones first, then templates around its subject.
        seed: seed of the choice of templates and of the order.
    """
    rng = random.Random(seed)
    pairs = []
    for name, fact in facts.items():
        value = fact["values"].get(date)
        if value is not None:
            templates = [text.format(fact["subject"]) for text in rng.sample(TEMPLATES, len(TEMPLATES))]
            asked = [*wordings.get(name, ()), *templates][:per_fact]
            answer = house_answer([value], _source(fact, value, passages), fact["category"])
            pairs += [(question, answer) for question in asked]
    rng.shuffle(pairs)
    for start in range(0, len(pairs), TURNS):
        yield _conversation(pairs[start : start + TURNS])


def _source(fact: dict, value: str, passages: Sequence[Passage]) -> list[str]:
    found = (p.id for p in passages if p.article == fact["article"] and contains(p.text, value))
    return [name for name in [next(found, None)] if name]


def _conversation(pairs: Sequence[tuple[str, str]]) -> list[Message]:
    messages = [{"role": "system", "content": CLOSED_BOOK_SYSTEM}]
    for question, answer in pairs:
        messages += [{"role": "user", "content": f"Question: {question}"}, {"role": "assistant", "content": answer}]
    return messages
