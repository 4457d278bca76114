"""Train the facts of one date, then those of the next, then back; ask after each what the model knows by heart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from course_lib.assistants.fine_tuned import FineTuned
from course_lib.experiments.nb06_shared import (
    CLOSED_BOOK,
    EPOCHS,
    WORDINGS,
    all_questions,
    answer_row,
    changed_facts,
    recipe,
    taught,
    taught_facts,
)
from course_lib.experiments.resume import Kept, Rows
from course_lib.experiments.sources import SITE_DATA
from course_lib.knowledge.snapshots import snapshot_dates
from course_lib.models.chat import ChatModel, load_chat
from course_lib.settings import Settings
from course_lib.training.examples import Message
from course_lib.training.lora import ADAPTER_FILES
from course_lib.training.runs import TRAINED, trained_chat

NAME = "nb06_tuned"
USES = (*SITE_DATA, *CLOSED_BOOK, WORDINGS)
FIRST, SECOND, THIRD, UNDONE = "trained once", "trained twice", "trained three times", "trained back"
SHIPPED = "closed_book"
Say = Callable[[str], None]


def run(settings: Settings, say: Say) -> Rows:
    """Return one row for each adapter (``arm``) and question, and one for each training.

    Each training goes on from the adapter before it, with the facts that changed, at their new values; ``trained
    back`` goes on from ``trained twice`` with their old values. Rows of a training have ``steps``, ``seconds``, the
    number of ``facts`` and the size of the adapter's file in ``bytes``.
    """
    kept, facts = Kept(NAME, settings, say), taught_facts(settings)
    first, second, third = snapshot_dates(settings.data)
    shipped = settings.data / "adapters" / SHIPPED
    updates = {  # what changed, the date whose values are taught, and the adapter to go on from
        SECOND: (changed_facts(facts, first, second), second, shipped),
        THIRD: (changed_facts(facts, second, third), third, kept.folder / SECOND),
        UNDONE: (changed_facts(facts, second, first), first, kept.folder / SECOND),
    }
    rows = kept.rows(FIRST, lambda: answered(FIRST, _shipped(settings), SHIPPED, settings))
    for arm, (changed, date, start) in updates.items():

        def make(arm: str = arm, changed: dict = changed, date: str = date, start: Path = start) -> Rows:
            talks = taught(settings, changed, date)
            return updated(arm, talks, len(changed), start, kept.folder / arm, settings, say)

        rows += kept.rows(arm, make)
    return rows


def updated(
    arm: str, talks: list[list[Message]], facts: int, start: Path, folder: Path, settings: Settings, say: Say
) -> Rows:
    """Train on, and ask every question; the first row tells what the training took."""
    chat, seconds = trained_chat(settings, talks, recipe(EPOCHS), folder, start, say)
    told: dict[str, Any] = {"arm": arm, "question": None, "facts": facts, "steps": len(talks) * EPOCHS}
    size = sum((folder / file).stat().st_size for file in ADAPTER_FILES)
    return [told | {"seconds": round(seconds, 1), "bytes": size}, *answered(arm, chat, TRAINED, settings)]


def answered(arm: str, chat: ChatModel, adapter: str, settings: Settings) -> Rows:
    """Ask every question of a model that answers by heart."""
    asked = all_questions(settings)
    answers = FineTuned(chat, adapter).answer([one.question.text for one in asked])
    return [answer_row(arm, one, answer, raw=answer.raw) for one, answer in zip(asked, answers)]


def _shipped(settings: Settings) -> ChatModel:
    chat = load_chat(settings)
    chat.load_adapter(SHIPPED, settings.data / "adapters" / SHIPPED)
    return chat
