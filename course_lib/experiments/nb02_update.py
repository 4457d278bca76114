"""Edit pages and ask again; plant misleading pages, ask, take them out, and ask again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from course_lib.assistants.rag import Rag
from course_lib.evaluation.differences import text_of
from course_lib.evaluation.gold import Question, load_questions
from course_lib.evaluation.matching import states_all
from course_lib.evaluation.outcomes import share
from course_lib.experiments.nb02_shared import PLANTED_ID, amounts, editable, plant
from course_lib.experiments.sources import SITE_DATA
from course_lib.knowledge.edits import fresh_amount, with_value
from course_lib.knowledge.snapshots import load_snapshot
from course_lib.knowledge.values import contains
from course_lib.models.chat import load_chat
from course_lib.models.digest import moved, weight_digests
from course_lib.retrieval.updatable import UpdatableIndex
from course_lib.settings import Settings

NAME = "nb02_update"
USES = SITE_DATA
EDITS, PLANTED = 16, 12
EDIT, BAD = "edit", "bad page"


def run(settings: Settings, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Return one row for each edited page (kind ``edit``) and one for each planted page (kind ``bad page``)."""
    pages = load_snapshot(settings.data)
    questions, rng = editable(load_questions(settings.data, "test"), pages)[:EDITS], random.Random(settings.seed)
    rag, taken = Rag(load_chat(settings), UpdatableIndex(pages, settings)), amounts(pages)
    rows = []
    for question in questions:
        rows.append(edit_row(rag, question, fresh_amount(taken, rng)))
        say(f"edited {len(rows)} of {len(questions)}")
    before = {row["question"]: row["before"] for row in rows}
    for question in questions[:PLANTED]:
        rows.append(bad_row(rag, question, fresh_amount(taken, rng), before[question.id]))
        say(f"planted {len(rows) - len(questions)} of {PLANTED}")
    return rows


def edit_row(rag: Rag, question: Question, new: str) -> dict[str, Any]:
    """Ask, edit the page, ask again, and put the page back.

    Args:
        rag: an assistant over an :class:`UpdatableIndex`.
        question: it asks one amount that its page states in one place.
        new: the value that the edited page states.

    Returns:
        ``before`` and ``after`` are the answers; ``retrieved``: the new value is among the passages shown;
        ``says_new`` and ``says_old``: the second answer states that value; ``right_before``; ``seconds`` from handing
        in the edited page to the new answer; ``weights_moved``: weight tensors whose digest changed.
    """
    slot, index = question.slots[0], rag.retriever
    (first,) = rag.answer([question.text])
    page = next(page for page in index.articles if page.id == slot.article)
    digests, began = weight_digests(rag.chat), time.perf_counter()
    index.put(with_value(page, slot.evidence, slot.value, new))
    (second,) = rag.answer([question.text])
    seconds, weights_moved = time.perf_counter() - began, len(moved(digests, weight_digests(rag.chat)))
    index.put(page)
    return {
        "kind": EDIT,
        "question": question.id,
        "cluster": question.cluster,
        "old": slot.value,
        "new": new,
        "before": first.parsed.text,
        "after": second.parsed.text,
        "right_before": states_all(question, first.parsed.text),
        "retrieved": any(contains(hit.passage.text, new) for hit in second.hits),
        "says_new": contains(second.parsed.text, new),
        "says_old": contains(second.parsed.text, slot.value),
        "seconds": round(seconds, 2),
        "weights_moved": weights_moved,
    }


def bad_row(rag: Rag, question: Question, wrong: str, before: str) -> dict[str, Any]:
    """Plant a page that answers the question with a wrong value, ask, take the page out, and ask again.

    Args:
        rag: an assistant over an :class:`UpdatableIndex`.
        question: as for :func:`edit_row`.
        wrong: the value that the planted page states.
        before: what was answered before the page was there.

    Returns:
        Whether the wrong value was among the passages shown (``shown_with``, ``shown_after``), and whether the answer
        repeats it (``before_repeats``, ``with_repeats``, ``after_repeats``); ``same``: the answer afterwards is word
        for word the one before.
    """
    plant(rag.retriever, question, wrong)
    (fooled,) = rag.answer([question.text])
    rag.retriever.remove(PLANTED_ID)
    (after,) = rag.answer([question.text])
    return {
        "kind": BAD,
        "question": question.id,
        "cluster": question.cluster,
        "planted": wrong,
        "shown_with": any(contains(hit.passage.text, wrong) for hit in fooled.hits),
        "shown_after": any(contains(hit.passage.text, wrong) for hit in after.hits),
        "before_repeats": contains(before, wrong),
        "with_repeats": contains(fooled.parsed.text, wrong),
        "after_repeats": contains(after.parsed.text, wrong),
        "same": after.parsed.text == before,
    }


def of_kind(rows: Sequence[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """Return the rows of one kind."""
    return [row for row in rows if row["kind"] == kind]


def table(rows: Sequence[dict[str, Any]]) -> list[list[str]]:
    """Return one line for each share: what is counted, of what, and the share with its interval."""
    edits, planted = of_kind(rows, EDIT), of_kind(rows, BAD)
    lines = [
        ("edited pages: the new value is retrieved at once", edits, "retrieved"),
        ("edited pages: the first answer states the new value", edits, "says_new"),
        ("edited pages: the first answer states the old value", edits, "says_old"),
        ("planted pages: the answer repeats them while they are there", planted, "with_repeats"),
        ("planted pages: the answer repeats them after removal", planted, "after_repeats"),
        ("planted pages: the answer after removal is that of before, word for word", planted, "same"),
    ]
    return [[what, len(group), text_of(share(group, key))] for what, group, key in lines]


def seconds_to_change(rows: Sequence[dict[str, Any]]) -> float:
    """Return the median time from an edited page to an answer with its new value; ValueError if none has it."""
    spent = [row["seconds"] for row in of_kind(rows, EDIT) if row["says_new"]]
    if not spent:
        raise ValueError("No edit was followed by an answer with the new value, so there is no time to report.")
    return float(median(spent))
