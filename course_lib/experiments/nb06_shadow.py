"""Train with the source in view, then take the source away: was the fact learned, or only how to read it?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from course_lib.assistants.fine_tuned import MAX_TOKENS
from course_lib.assistants.parsing import parse_house
from course_lib.evaluation.changes import CURRENT, Asked
from course_lib.evaluation.gold import load_facts
from course_lib.experiments.nb06_dose import STEPS, chosen_facts
from course_lib.experiments.nb06_shared import WORDINGS, recipe, taught
from course_lib.experiments.resume import Kept, Rows
from course_lib.experiments.sources import READING_ADAPTER, SITE_DATA
from course_lib.knowledge.chunking import Passage, chunk_all
from course_lib.knowledge.snapshots import load_snapshot, snapshot_dates
from course_lib.knowledge.values import contains
from course_lib.models.chat import ChatModel, load_chat
from course_lib.models.prompts import HOUSE_SYSTEM, Message, reading_messages
from course_lib.settings import Settings
from course_lib.training.closed_book import TURNS
from course_lib.training.runs import TRAINED, trained_chat

NAME = "nb06_shadow"
USES = (*SITE_DATA, *READING_ADAPTER, WORDINGS)
SHIPPED, IN_VIEW = "reading adapter", "trained with the source in view"
WITH, WITHOUT = "with the passage", "without passages"
DOSE = 10  # wordings of each fact
READING = "reading"


def run(settings: Settings, say: Callable[[str], None]) -> Rows:
    """Return one row for each reader (``arm``), fact and ``view``: ``right`` tells whether the value comes out.

    The facts, wordings and steps are those of ``nb06_dose`` with ten wordings; only the source is in view here. The
    shipped reading adapter was trained on other sites; it is asked the same questions.
    """
    kept, chosen, date = Kept(NAME, settings, say), chosen_facts(settings), snapshot_dates(settings.data)[0]
    site = {passage.id: passage for passage in chunk_all(load_snapshot(settings.data, date))}

    def shipped() -> Rows:
        chat = load_chat(settings)
        chat.load_adapter(READING, settings.data / "adapters" / READING)
        return rows_of(SHIPPED, chat, READING, chosen, site.values())

    def trained() -> Rows:
        facts = {name: fact for name, fact in load_facts(settings.data).items() if name in chosen}
        talks = taught(settings, facts, date, DOSE)
        halves = [half for talk in talks for half in in_view(talk, site)]
        how = replace(recipe(STEPS / len(talks)), batch_size=2)  # as many turns a step as without passages
        chat, _ = trained_chat(settings, halves, how, kept.folder / IN_VIEW, None, say)
        return rows_of(IN_VIEW, chat, TRAINED, chosen, site.values())

    return kept.rows(SHIPPED, shipped) + kept.rows(IN_VIEW, trained)


def in_view(talk: Sequence[Message], site: Mapping[str, Passage]) -> list[list[Message]]:
    """Return a conversation by heart with the passage that each answer cites put before its question, in two halves.

    A whole one with its passages would be longer than an example may be.
    """
    turns = list(_turns(talk[1:], site))
    parts = [turns[:TURNS], turns[TURNS:]]  # a turn is two messages, so this is the middle
    return [[{"role": "system", "content": HOUSE_SYSTEM}, *part] for part in parts if part]


def _turns(turns: Sequence[Message], site: Mapping[str, Passage]) -> Iterator[Message]:
    for asked, answered in zip(turns[::2], turns[1::2]):
        cited = [site[name] for name in parse_house(answered["content"]).citations]
        yield reading_messages(asked["content"].removeprefix("Question: "), cited)[1]
        yield answered


def rows_of(
    arm: str, chat: ChatModel, adapter: str, chosen: Mapping[str, Asked], passages: Iterable[Passage]
) -> list[dict[str, Any]]:
    """Ask about every fact twice: with the passage that states it, and with nothing in view."""
    passages, rows = list(passages), []
    for view in (WITH, WITHOUT):
        shown = [[source_of(one, passages)] if view == WITH else [] for one in chosen.values()]
        asked = [reading_messages(one.question.text, some) for one, some in zip(chosen.values(), shown)]
        for (name, one), done in zip(chosen.items(), chat.generate(asked, MAX_TOKENS, adapter)):
            text, date = parse_house(done.text).text, min(one.values)
            row = {"arm": arm, "view": view, "fact": name, "cluster": one.question.cluster, "text": text}
            rows.append(row | {"kind": one.kind(text, date), "right": one.kind(text, date) == CURRENT})
    return rows


def source_of(one: Asked, passages: Sequence[Passage]) -> Passage:
    """Return the first passage that states the value of the first date, from the article that answers."""
    value, article = one.values[min(one.values)], one.question.slots[0].article
    return next(passage for passage in passages if passage.article == article and contains(passage.text, value))
