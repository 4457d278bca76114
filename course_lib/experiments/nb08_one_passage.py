"""The hybrid with one passage, as many as rag is shown: what training is worth when nothing else differs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course_lib.assistants.hybrid import Hybrid
from course_lib.assistants.rag import TOP_K
from course_lib.assistants.team import build_team
from course_lib.evaluation.gold import load_questions
from course_lib.evaluation.judge import judge
from course_lib.experiments.sources import READING_ADAPTER, SITE_DATA
from course_lib.settings import Settings

NAME = "nb08_one_passage"
USES = (*SITE_DATA, *READING_ADAPTER)


def run(settings: Settings, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Return one row for each test question: the text, whether it is right, and its cause if it is not."""
    team, questions = build_team(settings), load_questions(settings.data, "test")
    site = {passage.id: passage for passage in team.passages}
    answers = Hybrid(team.chat, team.retriever, top_k=TOP_K).answer([question.text for question in questions], say)
    judged = [judge(question, answer, site) for question, answer in zip(questions, answers)]
    return [
        {
            "question": one.question.id,
            "cluster": one.question.cluster,
            "raw": one.answer.raw,
            "right": one.correct,
            "cause": one.cause,
        }
        for one in judged
    ]
