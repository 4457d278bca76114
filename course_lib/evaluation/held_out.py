"""Score a trained adapter on questions it was not trained on, and put the score into its manifest."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from course_lib.assistants.team import build_team
from course_lib.evaluation.gold import load_facts, load_questions
from course_lib.evaluation.judge import judge
from course_lib.evaluation.retrieved import ALL, score_found, stratum_intervals
from course_lib.evaluation.statistics import Interval, cluster_bootstrap
from course_lib.evaluation.target_scores import score
from course_lib.files import read_json, write_json
from course_lib.knowledge.chunking import chunk_all
from course_lib.knowledge.snapshots import load_snapshot, snapshot_dates
from course_lib.knowledge.values import contains
from course_lib.models.chat import load_chat
from course_lib.retrieval.fusion import best_retriever
from course_lib.settings import Settings
from course_lib.training.adapters import MANIFEST
from course_lib.training.targets import SHORT
from course_lib.training.ticket_targets import TICKET_TARGETS, ticket_target


def reading_score(settings: Settings) -> Interval:
    """Return the share of dev questions that the hybrid answers correctly; their articles were not trained on."""
    team, questions = build_team(settings), load_questions(settings.data, "dev")
    passages = {passage.id: passage for passage in team.passages}
    answers = team.assistants["hybrid"].answer([question.text for question in questions])
    right = [judge(question, answer, passages).correct for question, answer in zip(questions, answers)]
    return cluster_bootstrap(right, [question.cluster for question in questions])


def retrieval_score(settings: Settings) -> Interval:
    """Return the share of answerable dev questions whose answering passages are among the first three."""
    passages = chunk_all(load_snapshot(settings.data, snapshot_dates(settings.data)[-1]))
    questions = [question for question in load_questions(settings.data, "dev") if question.answerable]
    found = best_retriever(passages, settings).search([question.text for question in questions], 10)
    scores = score_found(questions, found, {passage.id: passage for passage in passages})
    return stratum_intervals(questions, scores, "hit_at_3")[ALL]


def closed_book_score(settings: Settings) -> Interval:
    """Return the share of test questions that get the first date's value: the wording is new, the fact was trained."""
    team, facts, first = build_team(settings), load_facts(settings.data), snapshot_dates(settings.data)[0]
    asked = [
        (question, facts[question.slots[0].fact]["values"][first])
        for question in load_questions(settings.data, "test")
        if len(question.slots) == 1
    ]
    asked = [(question, value) for question, value in asked if value]
    answers = team.assistants["fine_tuned"].answer([question.text for question, _ in asked])
    known = [contains(answer.parsed.text, value) for (_, value), answer in zip(asked, answers)]
    return cluster_bootstrap(known, [question.cluster for question, _ in asked])


def target_score(name: str, settings: Settings) -> Interval:
    """Return the share of a ticket target's dev items that its adapter answers exactly as they should be."""
    target, chat = ticket_target(name, settings), load_chat(settings)
    chat.load_adapter(target.adapter, settings.data / "adapters" / target.adapter)
    items = target.items["dev"]
    asked = [target.messages(item, SHORT) for item in items]
    done = chat.generate(asked, target.max_new_tokens, target.adapter)
    exact = [score(target, item, one.text).exact for item, one in zip(items, done)]
    return cluster_bootstrap(exact, [item.id for item in items])


SCORES: dict[str, tuple[str, Callable[[Settings], Interval]]] = {
    "reading": ("share of dev questions the hybrid answers correctly", reading_score),
    "retrieval": ("hit@3 of the best retriever on dev questions", retrieval_score),
    "closed_book": (
        "share of first-date values given to test questions, whose wording was not trained",
        closed_book_score,
    ),
    **{name: ("share of dev items that are all right", partial(target_score, name)) for name in TICKET_TARGETS},
}


def record_held_out(name: str, settings: Settings) -> dict:
    """Score an adapter, write the score into its manifest, and return it; an adapter without a score is left alone."""
    if name not in SCORES:
        return {}
    metric, score = SCORES[name]
    interval = score(settings)
    held_out = {
        "metric": metric,
        "value": round(interval.value, 4),
        "low": round(interval.low, 4),
        "high": round(interval.high, 4),
        "n": interval.n,
    }
    path = settings.data / "adapters" / name / MANIFEST
    write_json(path, {**read_json(path), "held_out": held_out})
    return held_out
