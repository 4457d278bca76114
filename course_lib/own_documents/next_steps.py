"""What to measure next: each gap of this diagnosis that keeps its numbers from deciding."""

from __future__ import annotations

import math

from course_lib.evaluation.power import smallest_paired_difference
from course_lib.own_documents.answering import GIVEN, RAG
from course_lib.own_documents.diagnosis import Diagnosis
from course_lib.own_documents.finding import DEPTH

GOOD = 0.8  # share of right answers with a right passage in view, below which the model is what fails
DIFFERING = 0.3  # share of questions on which only one of two systems is right: usual for systems that differ clearly


def next_steps(diagnosis: Diagnosis) -> list[str]:
    """Return what to do before the next diagnosis."""
    targets = diagnosis.targets
    steps = []
    if without := sum(not target.asked.answers for target in targets):
        steps.append(f"Write the expected answer for {without} of {len(targets)} questions: a value or a few words.")
    if without := sum(not target.asked.source and not target.unanswerable for target in targets):
        steps.append(f"Name the source document for {without} of {len(targets)} questions.")
    if problems := sum(bool(target.problem) for target in targets):
        steps.append(f"Look at {problems} questions whose source or answer could not be used as given.")
    steps += _from_scores(diagnosis)
    if targets and not any(target.unanswerable for target in targets):
        steps.append(
            'Add questions that the documents do not answer, with the answer "not in the documents". Without them, '
            "nobody knows whether an assistant declines when it should."
        )
    if any(target.asked.origin != "file" for target in targets):
        steps.append("Collect questions in your users' own words; proposed ones are easier than theirs.")
    if diagnosis.library.rejected:
        steps.append("Go through what was left out: an answer that stands there cannot be found.")
    return [*steps, _size(len(targets))]


def _from_scores(diagnosis: Diagnosis) -> list[str]:
    steps = []
    system = next(iter(diagnosis.finding.ranks))
    first, tenth = diagnosis.score(system, "hit_at_1"), diagnosis.score(system, f"hit_at_{DEPTH}")
    if first and tenth and tenth.low is not None and first.high is not None and tenth.low > first.high:
        steps.append("The right passage is often found but not first: measure a reranker, or more passages per prompt.")
    rag, given = diagnosis.score(RAG, "correct"), diagnosis.score(GIVEN, "correct")
    if rag and given and given.low is not None and rag.high is not None and given.low > rag.high:
        steps.append("With the right passage given, answers are clearly better: mend retrieval before the model.")
    elif given and given.high is not None and given.high < GOOD:
        steps.append(
            f"With a right passage handed in, the model is right on only {given.value:.0%} of {given.n} questions: "
            "better retrieval cannot mend that. Measure a larger model (COURSE_CHAT_MODEL) or another prompt first."
        )
    return steps


def _size(n: int) -> str:
    least = smallest_paired_difference(n, DIFFERING) if n else math.inf
    if math.isinf(least):
        return (
            f"Ask more questions. Two systems of which only one is right on {DIFFERING:.0%} of the questions could "
            f"not be told apart with {n}, however much better one is."
        )
    return (
        f"With {n} questions, a difference between two systems is likely to show from {least:.0%} on, if only one of "
        f"them is right on {DIFFERING:.0%} of the questions. Ask more to see smaller ones."
    )
