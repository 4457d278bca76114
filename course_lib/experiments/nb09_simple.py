"""A simple task without private facts: a prompt alone, and the same with passages, with an adapter, and with both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from course_lib.assistants.team import build_team
from course_lib.evaluation.differences import difference_of
from course_lib.evaluation.statistics import Interval
from course_lib.experiments.nb05_forgetting import PROBE, is_right
from course_lib.experiments.nb05_scores import by_arm
from course_lib.experiments.sources import READING_ADAPTER, SITE_DATA
from course_lib.files import read_jsonl
from course_lib.models.prompts import passage_block
from course_lib.settings import Settings

NAME = "nb09_simple"
USES = (*SITE_DATA, *READING_ADAPTER, f"data/tickets/{PROBE}")
MAX_TOKENS, PASSAGES = 32, 1
PROMPT_ALONE = "prompt alone"
ARMS = {
    PROMPT_ALONE: (False, None),
    "with retrieval": (True, None),
    "with training": (False, "reading"),
    "with both": (True, "reading"),
}
SYSTEM = "Answer the question in one short sentence."


def run(settings: Settings, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Return one row for each arm and general question: whether the answer states what is accepted, and the answer.

    The passages come from the company's site, and the adapter was trained for the company's questions: the point of the
    task is that it needs neither.
    """
    team, questions = build_team(settings), read_jsonl(settings.data / "tickets" / PROBE)
    texts = [question["question"] for question in questions]
    blocks = [passage_block([hit.passage for hit in hits]) for hits in team.retriever.search(texts, PASSAGES)]
    rows = []
    for arm, (shown, adapter) in ARMS.items():
        say(f"{arm}: {len(texts)} questions")
        users = [f"{block}\n\nQuestion: {text}" if shown else text for block, text in zip(blocks, texts)]
        talks = [[{"role": "system", "content": SYSTEM}, {"role": "user", "content": user}] for user in users]
        for question, done in zip(questions, team.chat.generate(talks, MAX_TOKENS, adapter)):
            rows.append(
                {
                    "arm": arm,
                    "question": question["id"],
                    "cluster": question["id"],
                    "right": is_right(done.text, question["accepted"]),
                    "text": done.text,
                }
            )
    return rows


def best_gain(rows: Sequence[Mapping[str, Any]]) -> Interval:
    """Return how much more often than the prompt alone the best of the other arms is right."""
    arms = by_arm(rows)
    alone = arms.pop(PROMPT_ALONE)
    return max((difference_of(alone, some, "right") for some in arms.values()), key=lambda gain: gain.value)
