"""What training costs elsewhere: general questions before and after each adapter."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from course_lib.experiments.nb05_arms import Say, adapter_files
from course_lib.experiments.resume import Kept, Rows
from course_lib.experiments.sources import READING_ADAPTER
from course_lib.files import read_jsonl
from course_lib.models.chat import ChatModel, load_chat
from course_lib.settings import Settings
from course_lib.training.ticket_targets import SIGN_OFF, TICKET_TARGETS, ticket_target

NAME = "nb05_forgetting"
USES = (*READING_ADAPTER, *(file for name in TICKET_TARGETS for file in adapter_files(name)), "data/tickets")
PROBE = "general_probe.jsonl"
BASE, MAX_TOKENS = "base", 32


def run(settings: Settings, say: Say) -> Rows:
    """Return one row for each model (``arm``: ``base`` or an adapter) and question.

    ``right``: the answer states what is accepted; ``habit``: it has the form of what some adapter was trained to write
    (a category, an object, or the sign-off); ``text``: the answer.
    """
    kept, chat = Kept(NAME, settings, say), load_chat(settings)
    questions = read_jsonl(settings.data / "tickets" / PROBE)
    labels = ticket_target("routing", settings).form.value
    rows: Rows = []
    for arm in (BASE, "reading", *TICKET_TARGETS):
        if arm != BASE:
            chat.load_adapter(arm, settings.data / "adapters" / arm)
        rows += kept.rows(arm, lambda arm=arm: ask(chat, arm, questions, labels))
    return rows


def ask(chat: ChatModel, arm: str, questions: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> Rows:
    """Ask every question without any instruction."""
    asked = [[{"role": "user", "content": question["question"]}] for question in questions]
    done = chat.generate(asked, MAX_TOKENS, None if arm == BASE else arm)
    return [
        {
            "arm": arm,
            "question": question["id"],
            "cluster": question["id"],
            "topic": question["topic"],
            "right": is_right(one.text, question["accepted"]),
            "habit": has_habit(one.text, labels),
            "text": one.text,
        }
        for question, one in zip(questions, done)
    ]


def is_right(text: str, accepted: Sequence[str]) -> bool:
    """Tell whether a text states an accepted answer as whole words; a single letter has to be written as given."""
    return any(
        re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", text, 0 if len(answer) == 1 else re.IGNORECASE)
        for answer in accepted
    )


def has_habit(text: str, labels: Sequence[str]) -> bool:
    """Tell whether a text has the form of a trained answer instead of that of a free one."""
    return text in labels or text.startswith("{") or text.rstrip().endswith(SIGN_OFF)
