"""What a log is worth: the cause of each wrong answer, named from its row, and from a row that keeps less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from course_lib.assistants.answer import Answer, Parsed
from course_lib.evaluation.causes import find_cause
from course_lib.evaluation.gold import Question
from course_lib.evaluation.judge import Judgement, judge
from course_lib.knowledge.chunking import Passage
from course_lib.retrieval.base import Hit


def cause_from_log(question: Question, row: Mapping[str, Any], passages: Mapping[str, Passage]) -> str:
    """Name the cause of an answer from its row of the trace log; empty if the answer is right.

    Args:
        question: what was asked, with the right answer.
        row: as :func:`course_lib.operations.trace_log.trace_of` returns it; its passages may have been lost.
        passages: the current site's passages by id.
    """
    hits = tuple(Hit(passages[one["id"]], one["score"]) for one in row["passages"])
    parsed = Parsed(row["text"], tuple(row["citations"]), valid=row["verdicts"].get("format", False))
    judged = judge(question, Answer(row["assistant"], question.text, hits, "", "", parsed), passages)
    return "" if judged.correct else find_cause(question, judged.answer, passages, judged.stale)


def named_from_log(
    judgements: Sequence[Judgement], log: Sequence[Mapping[str, Any]], site: Mapping[str, Passage]
) -> list:
    """Return how many causes are named from the log as they were with everything at hand: whole rows, and poorer ones.

    Args:
        judgements: judged answers, n of them.
        log: their rows in the trace log, in the same order.
        site: the current passages by id.
    """
    wrong = [(one, row) for one, row in zip(judgements, log, strict=True) if not one.correct]
    kept = {"the whole row": {}, "a row without the passages": {"passages": []}}
    return [
        [what, len(wrong), sum(cause_from_log(one.question, {**row, **lost}, site) == one.cause for one, row in wrong)]
        for what, lost in kept.items()
    ]
