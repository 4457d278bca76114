"""Go on training the reader without refusals, watch what it does with questions that have no answer, and mend it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from course_lib.assistants.parsing import is_refusal, parse_house
from course_lib.evaluation.gold import Question, load_questions
from course_lib.evaluation.matching import states_all
from course_lib.experiments.resume import Kept, Rows
from course_lib.experiments.sources import READING_ADAPTER, SITE_DATA
from course_lib.files import read_jsonl
from course_lib.knowledge.chunking import chunk_all
from course_lib.knowledge.snapshots import load_snapshot
from course_lib.models.chat import ChatModel, load_chat
from course_lib.models.prompts import Message, reading_messages
from course_lib.retrieval.fusion import best_retriever
from course_lib.settings import Settings
from course_lib.training.lora import Recipe
from course_lib.training.reading import reading_examples
from course_lib.training.refusals import all_told
from course_lib.training.runs import TRAINED, trained_chat

NAME = "nb07_refusals"
USES = (*SITE_DATA, *READING_ADAPTER, "data/train/sites.jsonl")
READING, TOP_K, MAX_TOKENS = "reading", 3, 72
MORE, MENDING = 60, 30  # conversations to go on with, and to mend with
ANSWERABLE = 64  # questions that the documents answer, beside all that they do not
BEFORE, CONTROL, COLLAPSED, MENDED = "as shipped", "more examples", "more, without refusals", "mended"
Say = Callable[[str], None]


def run(settings: Settings, say: Say) -> Rows:
    """Return one row for each reader (``arm``) and test question.

    ``answerable``: the documents tell; ``declined``: the answer says that they do not; ``right``: it states the value.
    ``more examples`` is the control: as many examples, with their refusals.
    """
    kept = Kept(NAME, settings, say)
    questions, asked = questions_asked(settings)
    more, mending = talks(settings, MORE, 0), talks(settings, MENDING, 1)
    told = list(all_told(more))
    plans = {  # what is learned, and from where
        CONTROL: (more, settings.data / "adapters" / READING),
        COLLAPSED: ([told[at % len(told)] for at in range(len(more))], settings.data / "adapters" / READING),
        MENDED: (mending, kept.folder / COLLAPSED),
    }
    rows = kept.rows(BEFORE, lambda: rows_of(BEFORE, shipped(settings), READING, questions, asked))
    for arm, (examples, start) in plans.items():

        def make(arm: str = arm, examples: list[list[Message]] = examples, start: Path = start) -> Rows:
            chat, _ = trained_chat(settings, examples, recipe(settings), kept.folder / arm, start, say)
            return rows_of(arm, chat, TRAINED, questions, asked)

        rows += kept.rows(arm, make)
    return rows


def shipped(settings: Settings) -> ChatModel:
    """Return the model with the reader as shipped."""
    chat = load_chat(settings)
    chat.load_adapter(READING, settings.data / "adapters" / READING)
    return chat


def recipe(settings: Settings) -> Recipe:
    """Return how the reader goes on; rank and scale are its own."""
    return Recipe(rank=16, alpha=32, learning_rate=1.2e-3, batch_size=1, first_layer=10, seed=settings.seed)


def talks(settings: Settings, count: int, draw: int) -> list[list[Message]]:
    """Return reading conversations with values that the shipped reader was not trained on.

    Args:
        settings: data and seed.
        count: how many.
        draw: different draws have different values.
    """
    rows = read_jsonl(settings.data / "train" / "sites.jsonl")
    chosen = random.Random(f"{settings.seed} {draw}").sample(rows, min(count, len(rows)))
    return list(reading_examples(chosen, 1, settings.seed + 100 + draw))


def questions_asked(settings: Settings) -> tuple[list[Question], list[list[Message]]]:
    """Return test questions, with all that have no answer, and what the reader is shown for each."""
    everything = load_questions(settings.data, "test")
    told = [question for question in everything if question.answerable]
    some = [told[round(at * len(told) / ANSWERABLE)] for at in range(ANSWERABLE)]
    questions = some + [question for question in everything if not question.answerable]
    retriever = best_retriever(chunk_all(load_snapshot(settings.data)), settings)
    found = retriever.search([question.text for question in questions], TOP_K)
    shown = [[hit.passage for hit in hits] for hits in found]
    return questions, [reading_messages(question.text, view) for question, view in zip(questions, shown)]


def rows_of(
    arm: str, chat: ChatModel, adapter: str, questions: Sequence[Question], asked: Sequence[Sequence[Message]]
) -> list[dict[str, Any]]:
    """Ask one reader every question."""
    rows = []
    for question, done in zip(questions, chat.generate(asked, MAX_TOKENS, adapter)):
        text = parse_house(done.text).text
        rows.append(
            {
                "arm": arm,
                "question": question.id,
                "cluster": question.cluster,
                "answerable": question.answerable,
                "declined": is_refusal(text),
                "right": question.answerable and states_all(question, text),
                "text": done.text,
            }
        )
    return rows
