"""What the hybrid would send for the dev questions: which drafts are harmful, and how sure the model was of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from course_lib.assistants.answer import Assistant
from course_lib.assistants.team import build_team
from course_lib.evaluation.gold import Question, load_questions
from course_lib.evaluation.judge import judge
from course_lib.experiments.nb11_gate import risky
from course_lib.experiments.sources import READING_ADAPTER, SITE_DATA
from course_lib.knowledge.chunking import Passage
from course_lib.settings import Settings

NAME = "nb11_dev_drafts"
USES = (*SITE_DATA, *READING_ADAPTER)


def run(settings: Settings, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Return one row for each dev question that the hybrid answers."""
    team = build_team(settings)
    return drafts_of(team.assistants["hybrid"], load_questions(settings.data, "dev"), team.passages, say)


def drafts_of(
    assistant: Assistant, questions: Sequence[Question], passages: Sequence[Passage], say: Callable[[str], None]
) -> list[dict[str, Any]]:
    """Ask the questions and return what would be sent; answers that decline are left out.

    Args:
        assistant: one with a model, so that each answer has a confidence.
        questions: what to ask.
        passages: the current site.
        say: called with progress lines.
    """
    site, rows = {passage.id: passage for passage in passages}, []
    for question, answer in zip(questions, assistant.answer([question.text for question in questions], say)):
        judged = judge(question, answer, site)
        if not answer.abstained:
            rows.append(
                {
                    "question": question.id,
                    "cluster": question.cluster,
                    "harmful": not judged.correct and risky(judged, site),
                    "correct": judged.correct,
                    "confidence": round(answer.confidence, 4),
                }
            )
    return rows
