"""Ask for the same fact in three ways that no training saw: does a wrong answer come again?"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from course_lib.assistants.fine_tuned import FineTuned
from course_lib.assistants.prompt_only import PromptOnly
from course_lib.evaluation.changes import Asked
from course_lib.experiments.nb06_shared import CLOSED_BOOK, WORDINGS, questions_of, taught, taught_facts
from course_lib.experiments.resume import Kept, Rows
from course_lib.experiments.sources import SITE_DATA
from course_lib.knowledge.snapshots import snapshot_dates
from course_lib.models.chat import load_chat
from course_lib.settings import Settings
from course_lib.training.closed_book import TEMPLATES

NAME = "nb06_wordings"
USES = (*SITE_DATA, *CLOSED_BOOK, WORDINGS)
FACTS, EXTRA = 32, 2
BEFORE, AFTER = "before training", "after training"


def run(settings: Settings, say: Callable[[str], None]) -> Rows:
    """Return one row for each model (``arm``), fact and wording; ``kind`` as at the newest date.

    Only facts that have changed since the training are asked, so that what was taught is wrong now.
    """
    kept, newest = Kept(NAME, settings, say), snapshot_dates(settings.data)[-1]
    asked = reworded(settings)

    def ask(arm: str) -> Rows:
        chat = load_chat(settings)
        if arm == AFTER:
            chat.load_adapter("closed_book", settings.data / "adapters" / "closed_book")
        assistant = FineTuned(chat) if arm == AFTER else PromptOnly(chat)
        return rows_of(arm, assistant, asked, newest)

    return [row for arm in (BEFORE, AFTER) for row in kept.rows(arm, lambda arm=arm: ask(arm))]


def reworded(settings: Settings) -> list[tuple[Asked, list[str]]]:
    """Return a question for each fact that has changed, with all ways to ask it that no training saw."""
    facts, rng = taught_facts(settings), random.Random(settings.seed)
    dates = snapshot_dates(settings.data)
    seen = {turn["content"] for talk in taught(settings, facts, dates[0]) for turn in talk if turn["role"] == "user"}
    first: dict[str, Asked] = {}
    for one in questions_of(settings):
        if one.changed(dates[0], dates[-1]):
            first.setdefault(one.question.slots[0].fact, one)
    chosen, names = [], list(first)
    for name in [names[place * len(names) // FACTS] for place in range(FACTS)]:
        texts = [template.format(facts[name]["subject"]) for template in TEMPLATES]
        unseen = [text for text in texts if f"Question: {text}" not in seen]
        chosen.append((first[name], [first[name].question.text, *rng.sample(unseen, EXTRA)]))
    return chosen


def rows_of(arm: str, assistant, asked: Sequence[tuple[Asked, list[str]]], date: str) -> list[dict[str, Any]]:
    """Ask one model everything."""
    texts = [(one, number, text) for one, wordings in asked for number, text in enumerate(wordings)]
    answers = assistant.answer([text for *_, text in texts])
    return [
        {
            "arm": arm,
            "question": one.question.id,
            "cluster": one.question.cluster,
            "wording": number,
            "asked": text,
            "text": answer.parsed.text,
            "kind": one.kind(answer.parsed.text, date),
        }
        for (one, number, text), answer in zip(texts, answers)
    ]
