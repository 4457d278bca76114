"""The decision rules: from measured failures and facts about the task to the next thing to build, with reasons.

The order of the questions is the lesson. Is a lookup enough? Do the documents hold the answer at all? Is the prompt as
good as it can be? Only then comes a technique, chosen for the failures that it fixes, and a second one only for a
failure that the first does not fix.
"""

from __future__ import annotations

from course_lib.operations.task import (
    BOTH,
    ENOUGH_COVERED,
    ENOUGH_EXAMPLES,
    ENOUGH_MEASURED,
    FINE_TUNE,
    FIXES,
    NEITHER,
    NOT_IN_DOCUMENTS,
    PROMPT,
    RAG,
    TOLERATED,
    WORKFLOW,
    Reason,
    Recommendation,
    Task,
    check_task,
)


def recommend(task: Task) -> Recommendation:
    """Return what to build next.

    Raises:
        DataError: a share is outside 0 to 1, the shares add up to more than 1, or a name is unknown.
    """
    check_task(task)
    for step in (_measure_first, _workflow, _write_documents, _prompt):
        if advice := step(task):
            return advice
    return _techniques(task)


def _measure_first(task: Task) -> Recommendation | None:
    if task.measured >= ENOUGH_MEASURED:
        return None
    reason = Reason(f"Fewer than {ENOUGH_MEASURED} questions tell nothing apart.", "measured", task.measured)
    return Recommendation(NEITHER, (reason,), ("The causes of wrong answers on a frozen set of real questions.",))


def _workflow(task: Task) -> Recommendation | None:
    wrong = task.workflow_wrong
    if wrong is None or task.workflow_covers < ENOUGH_COVERED or wrong > TOLERATED[task.risk]:
        return None
    reasons = (
        Reason("A lookup or a tool covers nearly all questions.", "workflow_covers", task.workflow_covers),
        Reason("Where it answers, it is wrong seldom enough for this risk.", "workflow_wrong", wrong),
    )
    return Recommendation(WORKFLOW, reasons, ("The share of real questions that fall through to a person.",))


def _write_documents(task: Task) -> Recommendation | None:
    share = task.failures.get(NOT_IN_DOCUMENTS, 0.0)
    if share <= TOLERATED[task.risk] or share < max(task.failures.values()):
        return None
    reason = Reason("The documents do not tell: no technique finds what is not written.", NOT_IN_DOCUMENTS, share)
    return Recommendation(NEITHER, (reason,), ("The same questions again, once the documents are written.",))


def _prompt(task: Task) -> Recommendation | None:
    """Stay with a prompt where it is good enough, or where only a better prompt has not been tried yet."""
    wrong, tolerated = sum(task.failures.values()), TOLERATED[task.risk]
    if wrong <= tolerated and not task.needs_facts:
        reason = Reason("Wrong seldom enough for this risk, and no private or changing facts.", "wrong", wrong)
        return Recommendation(PROMPT, (reason,), ("The share of wrong answers again, every month.",))
    knowledge = _left(task, FIXES[FINE_TUNE])
    if not task.prompt_tuned and not task.needs_facts and knowledge <= tolerated:
        reason = Reason("What fails is behavior, and the prompt has not been tuned yet.", "wrong", wrong)
        return Recommendation(PROMPT, (reason,), ("The causes again, with a prompt tuned on dev questions.",))
    return None


def _techniques(task: Task) -> Recommendation:
    """Choose a first technique, then a second one only for what the first leaves wrong."""
    tolerated = TOLERATED[task.risk]
    first, reasons = _first_technique(task)
    hold = _not_trainable(task)
    if first == FINE_TUNE and hold:
        return Recommendation(NEITHER, (*reasons, hold), ("The same failures with a tuned prompt and more examples.",))
    second = FINE_TUNE if first == RAG else RAG
    remaining = _left(task, FIXES[first])  # what the first technique does not fix
    gain = _fixed(task, second)  # and what of it the second one would fix
    measure = [f"The causes again with {first} in place, on the same questions."]
    if remaining <= tolerated:
        reasons.append(Reason(f"{first} leaves no more wrong than this risk allows.", "remaining", remaining))
    elif gain <= tolerated:
        reasons.append(Reason(f"{second} would fix too little of what is left.", f"share that {second} fixes", gain))
        measure.append("What the rest is: documents to write, or questions to hand to a person.")
    elif second == FINE_TUNE and hold:
        reasons.append(hold)
        measure.append("The same failures after tuning the prompt, and with more examples collected.")
    else:
        names = ", ".join(name for name, share in task.failures.items() if share and name in FIXES[second])
        text = f"{first} does not fix these failures, {second} does: {names}."
        reasons.append(Reason(text, f"share that {second} fixes", gain))
        return Recommendation(BOTH, tuple(reasons), ("Each technique alone and both, on the same questions.",))
    return Recommendation(first, tuple(reasons), tuple(measure))


def _first_technique(task: Task) -> tuple[str, list[Reason]]:
    """Return RAG where facts are missing, else the technique that fixes the larger share."""
    knowledge, behavior = _fixed(task, RAG), _fixed(task, FINE_TUNE)
    if task.needs_facts:
        reasons = [Reason("Answers need private or changing facts; they belong in an index.", "needs_facts", 1.0)]
    elif knowledge >= behavior or (_not_trainable(task) and knowledge > TOLERATED[task.risk]):
        reasons = [Reason("What fails and can be mended now is knowledge.", "not retrieved + stale", knowledge)]
    else:
        return FINE_TUNE, [Reason("Most of what fails is behavior.", "behavior failures", behavior)]
    if task.has_index and knowledge > TOLERATED[task.risk]:
        reasons.append(
            Reason("The index is there and misses too much: mend retrieval.", "not retrieved + stale", knowledge)
        )
    return RAG, reasons


def _fixed(task: Task, technique: str) -> float:
    return sum(task.failures.get(name, 0.0) for name in FIXES[technique])


def _left(task: Task, fixed: frozenset[str]) -> float:
    return sum(share for name, share in task.failures.items() if name not in fixed)


def _not_trainable(task: Task) -> Reason | None:
    """Return why training has to wait, or None."""
    if not task.prompt_tuned:
        return Reason("Training waits: the prompt has not been tuned, which is cheaper.", "prompt_tuned", 0.0)
    if task.examples < ENOUGH_EXAMPLES:
        return Reason(f"Training waits: it needs {ENOUGH_EXAMPLES} good examples.", "examples", task.examples)
    return None
