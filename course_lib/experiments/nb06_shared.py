"""What the experiments of notebook 06 share: the questions asked, and what an update is trained on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from course_lib.assistants.answer import Answer
from course_lib.evaluation.changes import Asked, asked_at_every_date, sliced
from course_lib.evaluation.gold import load_facts, load_questions
from course_lib.files import read_jsonl
from course_lib.knowledge.chunking import chunk_all
from course_lib.knowledge.snapshots import load_snapshot, snapshot_dates
from course_lib.settings import Settings
from course_lib.training.closed_book import closed_book_examples
from course_lib.training.examples import Message
from course_lib.training.lora import Recipe
from course_lib.training.plans import CLOSED_BOOK_WORDINGS, PLANS

CLOSED_BOOK = ("data/adapters/closed_book/adapter_config.json", "data/adapters/closed_book/adapter_model.safetensors")
WORDINGS = "data/train/wordings.jsonl"
PER_PATTERN = 18  # questions of each pattern of change
EPOCHS = 3


def all_questions(settings: Settings) -> list[Asked]:
    """Return the test questions that ask one value which every date has; what is trained is asked all of them."""
    facts, dates = load_facts(settings.data), snapshot_dates(settings.data)
    return asked_at_every_date(load_questions(settings.data, "test"), facts, dates)


def questions_of(settings: Settings) -> list[Asked]:
    """Return the slice of them that every assistant of notebook 06 is asked."""
    return sliced(all_questions(settings), PER_PATTERN)


def taught_facts(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return the facts that the shipped adapter was taught: those that the test set asks about."""
    test = load_questions(settings.data, "test")
    ids = {slot.fact for question in test for slot in question.slots}
    return {name: fact for name, fact in load_facts(settings.data).items() if name in ids}


def changed_facts(facts: Mapping[str, dict], old: str, new: str) -> dict[str, dict]:
    """Return the facts that hold at the later date and did not, or had another value, at the earlier one."""
    return {name: fact for name, fact in facts.items() if fact["values"][new] not in (None, fact["values"][old])}


def unchanged_facts(facts: Mapping[str, dict], old: str, new: str) -> dict[str, dict]:
    """Return the facts that hold at both dates with the same value."""
    return {name: fact for name, fact in facts.items() if fact["values"][new] == fact["values"][old] is not None}


def taught(
    settings: Settings, facts: Mapping[str, dict], date: str, per_fact: int = CLOSED_BOOK_WORDINGS
) -> list[list[Message]]:
    """Return the conversations that teach facts as they are at a date, each in so many wordings."""
    passages = chunk_all(load_snapshot(settings.data, date))
    return list(closed_book_examples(facts, wordings_of(settings, facts), passages, date, per_fact, settings.seed))


def wordings_of(settings: Settings, facts: Collection[str]) -> dict[str, Sequence[str]]:
    """Return the natural wordings of facts by id."""
    rows = read_jsonl(settings.data / "train" / "wordings.jsonl")
    return {row["fact"]: row["wordings"] for row in rows if row["fact"] in facts}


def recipe(epochs: float) -> Recipe:
    """Return the recipe of the shipped adapter with another number of epochs."""
    return replace(PLANS["closed_book"].stages[0].recipe, epochs=epochs)


def answer_row(arm: str, asked: Asked, answer: Answer, **more: Any) -> dict[str, Any]:
    """Return an answer as plain JSON values: who answers (``arm``), what was asked, and the text that leaves."""
    return {
        "arm": arm,
        "question": asked.question.id,
        "cluster": asked.question.cluster,
        "text": answer.parsed.text,
        **more,
    }
