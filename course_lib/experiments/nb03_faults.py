"""Five retrieval faults, each planted alone before the hybrid, on a slice of the test questions."""

from __future__ import annotations

from collections.abc import Callable

from course_lib.assistants.team import build_team
from course_lib.evaluation.contexts import fault_contexts, run_contexts
from course_lib.evaluation.gold import Question, load_questions
from course_lib.evaluation.slices import tour_slice
from course_lib.experiments.sources import READING_ADAPTER, SITE_DATA
from course_lib.knowledge.chunking import Passage, chunk_all
from course_lib.knowledge.snapshots import load_snapshot, snapshot_dates
from course_lib.settings import Settings

NAME = "nb03_faults"
QUESTIONS = 38
USES = (*SITE_DATA, *READING_ADAPTER)


def asked(settings: Settings) -> list[Question]:
    """Return the answerable test questions that are asked, every stratum in proportion."""
    questions = load_questions(settings.data, "test")
    return tour_slice([question for question in questions if question.answerable], QUESTIONS)


def old_passages(settings: Settings) -> list[Passage]:
    """Return the passages of the last snapshot but one, which a copy that missed one update still serves."""
    return chunk_all(load_snapshot(settings.data, snapshot_dates(settings.data)[-2]))


def run(settings: Settings, say: Callable[[str], None]) -> list[dict]:
    """Answer every question from the intact context and from each broken one; one row an answer."""
    questions, team = asked(settings), build_team(settings)
    contexts = fault_contexts(questions, team.retriever, old_passages(settings), seed=settings.seed)
    rows = []
    for name, found in contexts.items():
        say(f"{name}: {len(questions)} questions")
        site = {passage.id: passage for passage in team.passages}
        rows += run_contexts({name: found}, questions, team.assistants["hybrid"].answer_from, site)
    return rows
