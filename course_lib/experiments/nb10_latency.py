"""How long each assistant takes when one customer asks at a time, layer by layer, and what one edited page costs."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from course_lib.assistants.answer import Answer, Assistant
from course_lib.assistants.team import build_team
from course_lib.evaluation.gold import Question, load_questions
from course_lib.evaluation.slices import tour_slice
from course_lib.experiments.sources import READING_ADAPTER, SITE_DATA
from course_lib.knowledge.snapshots import load_snapshot
from course_lib.retrieval.updatable import UpdatableIndex
from course_lib.settings import Settings

NAME = "nb10_latency"
USES = (
    *SITE_DATA,
    *READING_ADAPTER,
    "data/adapters/closed_book/adapter_config.json",
    "data/adapters/closed_book/adapter_model.safetensors",
)
ONLY_TIMES = True
QUESTIONS = 24  # one at a time takes long; p95 then rests on the two slowest answers, and its interval says so
PAGES = 8
LAYERS = ("retrieve", "generate", "validate")
ANSWER, INDEX = "answer", "index"


def run(settings: Settings, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Return one row for each answer (kind ``answer``) and one for each edited page (kind ``index``)."""
    questions = tour_slice(load_questions(settings.data, "test"), QUESTIONS)
    rows = []
    for name, assistant in build_team(settings).assistants.items():
        rows += timed(assistant, questions)
        say(f"{name}: {len(questions)} questions, one at a time")
    return rows + index_rows(settings)


def timed(assistant: Assistant, questions: Sequence[Question]) -> list[dict[str, Any]]:
    """Ask one question at a time and return what each took, in seconds; the first is asked twice, to warm up."""
    assistant.answer([questions[0].text])
    return [answer_row(question, *assistant.answer([question.text])) for question in questions]


def answer_row(question: Question, answer: Answer) -> dict[str, Any]:
    """Return the seconds of each layer (None where the assistant has no such layer) and their sum."""
    spent = {layer: answer.seconds.get(layer) for layer in LAYERS}
    return {
        "kind": ANSWER,
        "assistant": answer.assistant,
        "question": question.id,
        "cluster": question.cluster,
        **{layer: None if value is None else round(value, 4) for layer, value in spent.items()},
        "total": round(sum(answer.seconds.values()), 4),
        "tokens_in": answer.tokens_in,
        "tokens_out": answer.tokens_out,
    }


def index_rows(settings: Settings) -> list[dict[str, Any]]:
    """Edit some pages, one after the other, and return the seconds until each can be found."""
    pages, rows = load_snapshot(settings.data), []
    index = UpdatableIndex(pages, settings)
    for page in pages[:: len(pages) // PAGES][:PAGES]:
        began = time.perf_counter()
        index.put(replace(page, text=f"{page.text}\n\nThis page was read again for edition {len(rows) + 1}."))
        index.search([page.title], 1)  # the index is built when it is asked next
        rows.append({"kind": INDEX, "page": page.id, "seconds": round(time.perf_counter() - began, 4)})
    return rows
