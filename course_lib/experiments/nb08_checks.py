"""What each check of the hybrid does to its answers: make the same records again with some of the checks left out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from course_lib.assistants.answer import Answer, abstention, parse_house
from course_lib.assistants.hybrid import before_validation
from course_lib.assistants.validators import mend_citations
from course_lib.evaluation.judge import Judgement
from course_lib.evaluation.matching import states_all
from course_lib.models.prompts import HUMAN_CATEGORIES

CHECKS = ("format", "cites", "grounded", "fits", "confident")


def is_good(judged: Judgement) -> bool:
    """Tell whether an answer is right, well-formed, and cites a passage that tells; a right refusal needs no source."""
    return judged.correct and judged.answer.parsed.valid and judged.citation_correct is not False


def spoken(answer: Answer, left_out: Collection[str] = ()) -> Answer:
    """Return the record as it would be if some checks had not been made.

    Args:
        answer: a record of the hybrid, with a verdict of each of ``CHECKS``.
        left_out: names of checks.

    Raises:
        KeyError: a check is not one of ``CHECKS``.
    """
    if unknown := set(left_out) - set(CHECKS):
        raise KeyError(f"There is no check {min(unknown)!r}.")
    parsed = mend_citations(parse_house(answer.raw), answer.hits)
    passed = all(ok for name, ok in answer.verdicts.items() if name not in left_out)
    return replace(answer, parsed=parsed if passed else abstention())


def check_rows(judgements: Sequence[Judgement]) -> list[list[str | int]]:
    """Return for each check how many texts fail it, how many only this check stops, and what those are worth.

    A text is what the model wrote after its citations were mended. The last two numbers are about the texts that only
    this check stops: the wrong ones that it keeps from the customer, and the right ones that it costs.
    """
    rows: list[list[str | int]] = []
    for name in CHECKS:
        failed = [judged for judged in judgements if not judged.answer.verdicts[name]]
        alone = [judged for judged in failed if sum(not ok for ok in judged.answer.verdicts.values()) == 1]
        loose = [(judged.question, spoken(judged.answer, (name,))) for judged in alone]
        told = [(question, answer) for question, answer in loose if not answer.abstained]
        right = sum(question.answerable and states_all(question, answer.parsed.text) for question, answer in told)
        rows.append([name, len(failed), len(alone), len(told) - right, right])
    return rows


def policy_counts(judgements: Sequence[Judgement]) -> dict[str, int]:
    """Count the answers that a person has to see by the rule of the house, and who says so.

    An answer has to be seen if the passage that it is taken from is about safety or law.

    Returns:
        ``have to be seen``, and of these ``marked by the model`` and ``marked after the check``.
    """
    kept = [judged.answer for judged in judgements if not judged.answer.abstained]
    seen = [answer for answer in kept if spoken(answer).parsed.category in HUMAN_CATEGORIES]
    return {
        "have to be seen": len(seen),
        "marked by the model": sum(before_validation(answer).parsed.needs_human is True for answer in seen),
        "marked after the check": sum(spoken(answer).parsed.needs_human is True for answer in seen),
    }
