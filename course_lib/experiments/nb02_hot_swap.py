"""Swap the index between two dates and leave the model alone: whose facts does it state?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from course_lib.assistants.rag import Rag
from course_lib.evaluation.differences import difference_of, text_of
from course_lib.evaluation.gold import Question, load_facts, load_questions
from course_lib.evaluation.matching import states_all
from course_lib.evaluation.outcomes import share
from course_lib.evaluation.statistics import Interval
from course_lib.experiments.sources import SITE_DATA
from course_lib.knowledge.chunking import chunk_all
from course_lib.knowledge.snapshots import load_snapshot, snapshot_dates
from course_lib.models.chat import load_chat
from course_lib.retrieval.fusion import best_retriever
from course_lib.settings import Settings

NAME = "nb02_hot_swap"
USES = SITE_DATA
QUESTIONS = 40
STRATA = ("lookup", "paraphrase", "code", "near_duplicate")


def run(settings: Settings, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Return one row for each question and index: the answer, and whose value it states."""
    facts, dates = load_facts(settings.data), snapshot_dates(settings.data)
    old, new = dates[0], dates[-1]
    questions = changed(load_questions(settings.data, "test"), facts, old, new)
    chat, rows = load_chat(settings), []
    for date in (old, new):
        rag = Rag(chat, best_retriever(chunk_all(load_snapshot(settings.data, date)), settings))
        answers = rag.answer([question.text for question in questions], lambda text, date=date: say(f"{date}: {text}"))
        for question, answer in zip(questions, answers):
            fact = facts[question.slots[0].fact]
            rows.append(
                {
                    "index": "old" if date == old else "new",
                    "question": question.id,
                    "cluster": question.cluster,
                    "passages": [[hit.passage.id, round(hit.score, 4)] for hit in answer.hits],
                    "raw": answer.raw,
                    "right_for_old": states_all(asked_at(question, fact, old, new), answer.parsed.text),
                    "right_for_new": states_all(asked_at(question, fact, new, old), answer.parsed.text),
                }
            )
    return rows


def changed(questions: Sequence[Question], facts: Mapping[str, dict], old: str, new: str) -> list[Question]:
    """Return questions that ask one value which both dates have and which is another at each, every so-manieth.

    Questions whose wording fits one date only, such as those with a false premise, are left out.
    """
    fit = []
    for question in questions:
        values = facts[question.slots[0].fact]["values"] if len(question.slots) == 1 else {}
        if question.stratum in STRATA and values.get(old) and values.get(new) and values[old] != values[new]:
            fit.append(question)
    step = max(1, len(fit) // QUESTIONS)
    return fit[::step][:QUESTIONS]


def asked_at(question: Question, fact: Mapping[str, Any], date: str, other: str) -> Question:
    """Return the question with the value of one date as the right answer, and that of the other date as stale."""
    value = fact["values"][date]
    slot = replace(question.slots[0], value=value, accepted=tuple(fact["aliases"].get(value, ())))
    return replace(question, slots=(slot,), stale=(fact["values"][other],), wrong=())


def table(rows: Sequence[dict[str, Any]]) -> list[list[Any]]:
    """Return one line an index: how often the answer is right for the old date, and for the new one."""
    lines = []
    for index in ("old", "new"):
        group = [row for row in rows if row["index"] == index]
        cells = [text_of(share(group, key)) for key in ("right_for_old", "right_for_new")]
        lines.append([f"index of the {index} date", *cells, len(group)])
    return lines


def matched_minus_mismatched(rows: Sequence[dict[str, Any]]) -> Interval:
    """Return how much more often an answer is right for the date of its index than for the other date."""
    scored = [
        {
            "question": f"{row['question']} {row['index']}",
            "cluster": row["cluster"],
            "right": row[f"right_for_{row['index']}"],
            "other": row["right_for_new" if row["index"] == "old" else "right_for_old"],
        }
        for row in rows
    ]
    mismatched = [row | {"right": row["other"]} for row in scored]
    return difference_of(mismatched, scored, "right")
