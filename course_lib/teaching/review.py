"""Wrong answers for a reviewer: which ones to look at, and what the reviewer sees of each."""

from __future__ import annotations

from collections.abc import Sequence

from course_lib.evaluation.judge import Judgement
from course_lib.models.prompts import NOT_TOLD
from course_lib.teaching.display import show, show_passages
from course_lib.teaching.markup import View, table_view


def review_cases(judgements: Sequence[Judgement], count: int = 5) -> list[Judgement]:
    """Return wrong answers to review, of as many causes as there are, in an order that does not tell the cause.

    Args:
        judgements: the judged answers of one assistant.
        count: how many to return at most.
    """
    wrong = [judged for judged in judgements if not judged.correct]
    first = {judged.cause: judged for judged in reversed(wrong)}
    some = [judged for judged in wrong if judged is first[judged.cause]]
    rest = [judged for judged in wrong if judged is not first[judged.cause]]
    return sorted([*some, *rest][:count], key=lambda judged: judged.question.id)


def case_view(judged: Judgement) -> View:
    """Show what a reviewer needs of one answer, and nothing of what the program thinks of it."""
    question, parsed = judged.question, judged.answer.parsed
    slots = [f"{slot.value} ({slot.article})" for slot in question.slots]
    return table_view(
        [
            ("asked", question.text),
            ("answered", parsed.text),
            ("in the agreed form", "yes" if parsed.valid else "no"),
            ("right today (article)", "; ".join(slots) or NOT_TOLD),
            ("right earlier", ", ".join(question.stale) or "nothing else"),
        ],
        (question.id, ""),
    )


def show_case(judged: Judgement) -> None:
    """Show one answer to review: what was asked, said and right, then the passages, the right values marked."""
    show(case_view(judged))
    show_passages(judged.answer.hits, [slot.value for slot in judged.question.slots])
