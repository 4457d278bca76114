"""From the numbers of a diagnosis to one recommendation: the decision rules of the course, on your own failures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from course_lib.evaluation.statistics import wilson
from course_lib.operations import decision
from course_lib.own_documents.answering import GIVEN, PROMPT_ONLY, RAG
from course_lib.own_documents.diagnosis import Diagnosis
from course_lib.own_documents.scores import Score

NOT_FOUND = "not retrieved"
_HEADLINES = {
    decision.PROMPT: "A prompt only: it is wrong seldom enough, or tuning it comes first.",
    decision.RAG: "RAG: retrieve passages, and mend what makes retrieval fail.",
    decision.FINE_TUNE: "Fine-tune: what fails is how the model responds, not what it sees.",
    decision.BOTH: "RAG and fine-tuning: each fixes failures that the other does not.",
    decision.WORKFLOW: "A workflow: a lookup answers nearly all questions.",
    decision.NEITHER: "Neither yet: the reasons below come first.",
}


@dataclass(frozen=True)
class Recommendation:
    """What to do.

    Attributes:
        choice: the choice as the decision rules name it.
        headline: the choice as a sentence.
        reasons: the rules that fired, each with its number, and the scores behind them, as sentences.
        measure_next: what to measure once that is done.
        measured: questions behind the shares of failures.
        failures: share of those questions by cause.
    """

    choice: str
    headline: str
    reasons: tuple[str, ...]
    measure_next: tuple[str, ...]
    measured: int
    failures: dict[str, float]


def recommend(diagnosis: Diagnosis) -> Recommendation:
    """Ask the decision rules about the failures of ``rag``, or of retrieval alone where no answer could be judged.

    The task is taken as one that needs facts of the documents if the model without documents is right significantly
    less often than with a right passage: no overlap of the two intervals. Without answers it is taken as one, since
    that is why you have documents. The prompt counts as not tuned, since it was tuned for other documents.
    """
    measured, failures = _failures(diagnosis)
    task = decision.Task(
        measured=measured, failures=failures, needs_facts=_needs_facts(diagnosis), has_index=True, examples=0
    )
    advice = decision.recommend(task)
    fired = [f"{reason.text} ({reason.name}: {_number(reason.value)})" for reason in advice.reasons]
    return Recommendation(
        advice.choice,
        _HEADLINES[advice.choice],
        (*fired, *_shares(failures, measured), *_scores(diagnosis)),
        advice.measure_next,
        measured,
        failures,
    )


def _failures(diagnosis: Diagnosis) -> tuple[int, dict[str, float]]:
    """Return how many questions were judged, and the share that fails by cause."""
    judged = [one for one in diagnosis.judged if one.system == RAG and one.correct is not None]
    if judged:
        counts = diagnosis.causes[RAG]
        return len(judged), {cause: count / len(judged) for cause, count in counts.items()}
    if (found := _found(diagnosis)) is None:
        return 0, {}
    return found.n, {NOT_FOUND: 1 - found.value}


def _needs_facts(diagnosis: Diagnosis) -> bool:
    without, given = diagnosis.score(PROMPT_ONLY, "correct"), diagnosis.score(GIVEN, "correct")
    return without is None or (given is not None and without.high < given.low)


def _shares(failures: dict[str, float], measured: int) -> list[str]:
    rows = []
    for cause, share in sorted(failures.items(), key=lambda row: -row[1]):
        interval = wilson(round(share * measured), measured)
        rows.append(f"Of {measured} questions, {share:.0%} [{interval.low:.0%} to {interval.high:.0%}] fail: {cause}.")
    return rows


def _scores(diagnosis: Diagnosis) -> list[str]:
    told: Sequence[tuple[str, Score | None]] = (
        ("A passage that answers is among the first 3 for", _found(diagnosis)),
        ("Without documents, the model is right on", diagnosis.score(PROMPT_ONLY, "correct")),
        ("With the passage found, it is right on", diagnosis.score(RAG, "correct")),
        ("With a right passage handed in, it is right on", diagnosis.score(GIVEN, "correct")),
    )
    return [_told(words, score) for words, score in told if score]


def _found(diagnosis: Diagnosis) -> Score | None:
    return diagnosis.score(next(iter(diagnosis.finding.ranks)), "hit_at_3")


def _told(words: str, score: Score) -> str:
    interval = f" [{score.low:.0%} to {score.high:.0%}]" if score.low is not None else ""
    return f"{words} {score.value:.0%}{interval} of {score.n} questions."


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
