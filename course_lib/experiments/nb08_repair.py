"""One retry: the hybrid's withheld answers asked again from more passages, from the next ones, and from random ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from course_lib.assistants.hybrid import TOP_K, before_validation
from course_lib.assistants.team import build_team
from course_lib.evaluation.compare import row_of
from course_lib.evaluation.gold import load_questions
from course_lib.evaluation.judge import Judgement, judge
from course_lib.evaluation.published import published_judgements
from course_lib.evaluation.scoreboard import Row
from course_lib.evaluation.statistics import paired_difference
from course_lib.experiments.sources import READING_ADAPTER, SITE_DATA
from course_lib.knowledge.chunking import Passage
from course_lib.retrieval.base import Hit
from course_lib.settings import Settings

NAME = "nb08_repair"
USES = (*SITE_DATA, *READING_ADAPTER, "data/results/answers.jsonl")
MORE, NEXT, CHANCE = "twice as many passages", "the next passages", "passages at random"
COLUMNS = ("retry with", "asked again", "now right", "now wrong", "handed over", "unanswerable: now answered")


def run(settings: Settings, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Return one row for each answer that the hybrid withheld in the published run, and each retry."""
    team, questions = build_team(settings), load_questions(settings.data, "test")
    site = {passage.id: passage for passage in team.passages}
    held = [one for one in published_judgements(settings, questions, site)["hybrid"] if one.answer.abstained]
    texts = [judged.question.text for judged in held]
    ranked = team.retriever.search(texts, 2 * TOP_K)
    shown = {
        MORE: ranked,
        NEXT: [hits[TOP_K:] for hits in ranked],
        CHANCE: at_random(ranked, team.passages, settings.seed),
    }
    rows = []
    for retry, found in shown.items():
        say(f"{retry}: {len(held)} questions")
        again = team.assistants["hybrid"].answer_from(texts, found)
        rows += [row(retry, old, judge(old.question, new, site)) for old, new in zip(held, again)]
    return rows


def at_random(ranked: Sequence[Sequence[Hit]], passages: Sequence[Passage], seed: int) -> list[list[Hit]]:
    """Draw for each question as many passages as the hybrid is shown, none of them among those ranked for it."""
    rng = random.Random(seed)
    drawn = []
    for hits in ranked:
        known = {hit.passage.id for hit in hits}
        drawn.append([Hit(one, 0.0) for one in rng.sample([one for one in passages if one.id not in known], TOP_K)])
    return drawn


def row(retry: str, old: Judgement, new: Judgement) -> dict[str, Any]:
    """Return what became of one withheld answer, as plain JSON values.

    ``why``: the first check that failed, or ``declined`` if the model said itself that it cannot tell; ``was_right``
    and ``right``: before and after; ``answered``: after the retry a value leaves the assistant.
    """
    failed = [name for name, ok in old.answer.verdicts.items() if not ok]
    declined = before_validation(old.answer).abstained
    return {
        "retry": retry,
        "question": old.question.id,
        "cluster": old.question.cluster,
        "answerable": old.question.answerable,
        "why": "declined" if declined or not failed else failed[0],
        "was_right": old.correct,
        "answered": not new.answer.abstained,
        "right": new.correct,
        "raw": new.answer.raw,
        "seconds": round(sum(new.answer.seconds.values()), 3),
    }


def repair_table(rows: Sequence[Mapping[str, Any]]) -> list[list[str | int]]:
    """Return a line for each retry under ``COLUMNS``; the wrong ones count the unanswerable that are now answered."""
    lines: list[list[str | int]] = []
    for retry in dict.fromkeys(one["retry"] for one in rows):
        some = [one for one in rows if one["retry"] == retry]
        answered = [one for one in some if one["answered"]]
        right = sum(one["right"] for one in answered)
        spoiled = sum(not one["answerable"] for one in answered)
        lines.append([retry, len(some), right, len(answered) - right, len(some) - len(answered), spoiled])
    return lines


def gains(rows: Sequence[Mapping[str, Any]], judgements: Sequence[Judgement]) -> list[Row]:
    """Return what each retry adds, over all questions, to the share right and to the share answered wrongly.

    Args:
        rows: as :func:`run` returns them.
        judgements: the hybrid's judged answers to all questions.
    """
    clusters = [judged.question.cluster for judged in judgements]
    right = [judged.correct for judged in judgements]
    wrong = [not judged.correct and not judged.answer.abstained for judged in judgements]
    found = []
    for retry in dict.fromkeys(one["retry"] for one in rows):
        new = {one["question"]: one for one in rows if one["retry"] == retry}
        now = [new.get(judged.question.id) for judged in judgements]
        after = [one["right"] if one else before for one, before in zip(now, right)]
        worse = [one["answered"] and not one["right"] if one else before for one, before in zip(now, wrong)]
        found.append(row_of(retry, "right", paired_difference(right, after, clusters)))
        found.append(row_of(retry, "wrong and sent", paired_difference(wrong, worse, clusters)))
    return found
