"""Base or adapter, with or without passages, under one prompt: the 2x2 grid in which only two things differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from course_lib.assistants.answer import Answer, parse_house
from course_lib.assistants.hybrid import MAX_TOKENS, TOP_K
from course_lib.assistants.team import build_team
from course_lib.evaluation.effects import Grid, effect_rows, main_effect
from course_lib.evaluation.gold import Question, load_questions
from course_lib.evaluation.judge import judge
from course_lib.evaluation.scoreboard import Row, board
from course_lib.evaluation.slices import tour_slice
from course_lib.evaluation.statistics import Interval, cluster_bootstrap, paired_difference
from course_lib.experiments.sources import READING_ADAPTER, SITE_DATA
from course_lib.knowledge.chunking import Passage
from course_lib.models.batching import Completion
from course_lib.models.prompts import reading_messages
from course_lib.retrieval.base import Hit
from course_lib.settings import Settings

NAME = "nb09_grid"
USES = (*SITE_DATA, *READING_ADAPTER)
QUESTIONS = 72
SCORES = ("knowledge", "behavior")
# In the order of `main_effect`: neither factor, passages only, the adapter only, both.
CELLS = {
    "base, no passages": (None, False),
    "base, passages": (None, True),
    "adapter, no passages": ("reading", False),
    "adapter, passages": ("reading", True),
}


def run(settings: Settings, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Return one row for each cell and question: see :func:`row_of`."""
    team, questions = build_team(settings), tour_slice(load_questions(settings.data, "test"), QUESTIONS)
    site, texts = {passage.id: passage for passage in team.passages}, [question.text for question in questions]
    found = team.retriever.search(texts, TOP_K)
    rows = []
    for cell, (adapter, shown) in CELLS.items():
        say(f"{cell}: {len(texts)} questions")
        hits = found if shown else [[] for _ in texts]
        asked = [reading_messages(text, [hit.passage for hit in some]) for text, some in zip(texts, hits)]
        done = team.chat.generate(asked, MAX_TOKENS, adapter)
        rows += [row_of(cell, *item, site) for item in zip(questions, hits, done)]
    return rows


def row_of(
    cell: str, question: Question, hits: Sequence[Hit], done: Completion, site: Mapping[str, Passage]
) -> dict[str, Any]:
    """Return what one text is worth, before any check, as plain JSON values.

    ``knowledge``: it states what is right, or rightly declines; ``behavior``: it is one object of the house format.
    """
    parsed = parse_house(done.text)
    answer = Answer("grid", question.text, tuple(hits), "", done.text, parsed)
    return {
        "cell": cell,
        "question": question.id,
        "cluster": question.cluster,
        "knowledge": judge(question, answer, site).correct,
        "behavior": parsed.valid,
        "raw": done.text,
    }


def grid_of(rows: Sequence[Mapping[str, Any]], score: str) -> tuple[Grid, list[str]]:
    """Return the scores of the four cells, in the order of ``CELLS``, and the article of each question.

    Raises:
        ValueError: the cells are not about the same questions, in the same order.
    """
    cells = [[row for row in rows if row["cell"] == cell] for cell in CELLS]
    if len({tuple(row["question"] for row in some) for some in cells}) != 1:
        raise ValueError("The four cells are not about the same questions.")
    return [[float(row[score]) for row in some] for some in cells], [row["cluster"] for row in cells[0]]


def cell_scores(rows: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return the two scores of each cell with intervals by article, as rows of a scoreboard."""
    grids = {score: grid_of(rows, score) for score in SCORES}
    cells = {
        cell: {score: cluster_bootstrap(grid[place], clusters) for score, (grid, clusters) in grids.items()}
        for place, cell in enumerate(CELLS)
    }
    return board(cells)


def main_effects(rows: Sequence[Mapping[str, Any]]) -> dict[str, Interval]:
    """Return what each factor does to each score, such as ``retrieval on knowledge``."""
    grids = {score: grid_of(rows, score)[0] for score in SCORES}
    found = effect_rows(grids, grid_of(rows, SCORES[0])[1])
    return {f"{row.assistant} on {row.metric}": Interval(row.value, row.low, row.high, row.n) for row in found}


def excess_of_retrieval(rows: Sequence[Mapping[str, Any]]) -> Interval:
    """Return by how much retrieval moves knowledge more than behavior, question by question."""
    moved = {score: main_effect(*grid_of(rows, score)[0]) for score in SCORES}
    return paired_difference(moved["behavior"], moved["knowledge"], grid_of(rows, "knowledge")[1])
