"""Ten small tasks whose right answer is known beforehand, to try the decision rules on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from course_lib.evaluation.judge import Judgement
from course_lib.evaluation.scoreboard import count_causes
from course_lib.operations.decision import recommend
from course_lib.operations.task import (
    BEHAVIOR,
    BOTH,
    ENOUGH_COVERED,
    ENOUGH_EXAMPLES,
    ENOUGH_MEASURED,
    FINE_TUNE,
    FIXES,
    NEITHER,
    PROMPT,
    RAG,
    TOLERATED,
    WORKFLOW,
    Recommendation,
    Task,
)


@dataclass(frozen=True)
class Scenario:
    """One task in words, the same in numbers, and what is right for it and why."""

    name: str
    task: Task
    right: str
    why: str


SCENARIOS = (
    Scenario(
        "Fares of a ferry line change every season; a good prompt still guesses them.",
        Task(150, {"not retrieved": 0.55, "stale": 0.2}, needs_facts=True, prompt_tuned=True, examples=60),
        RAG,
        "What fails is knowledge that changes. An index can be brought up to date within the hour.",
    ),
    Scenario(
        "A clinic's model was trained on last year's opening hours and keeps giving them.",
        Task(120, {"stale": 0.35}, needs_facts=True, prompt_tuned=True, examples=2000),
        RAG,
        "The behavior is fine and the facts are old. Training again would be old again soon.",
    ),
    Scenario(
        "Auditors ask a museum's guide bot which page each of its figures comes from, and it has none.",
        Task(90, {"not retrieved": 0.3}, needs_facts=True, prompt_tuned=True, risk="high", examples=900),
        RAG,
        "Only retrieved pages can be shown as sources.",
    ),
    Scenario(
        "A parcel service's messages are sorted into house labels; the tuned prompt mixes them up.",
        Task(400, {BEHAVIOR: 0.28}, prompt_tuned=True, examples=1500),
        FINE_TUNE,
        "Everything needed is in the message. What fails is how the model responds, and examples are there.",
    ),
    Scenario(
        "Notes have to become records of a fixed form; a third come out malformed under the best prompt.",
        Task(250, {"wrong format": 0.31, "misread": 0.04}, prompt_tuned=True, examples=800),
        FINE_TUNE,
        "The note holds the facts, the form fails, and the prompt has been tried.",
    ),
    Scenario(
        "A bank's help desk lacks current fees, and where it has them it ignores the form and misreads tables.",
        Task(300, {"not retrieved": 0.35, "misread": 0.2, "wrong format": 0.15}, True, True, examples=1200),
        BOTH,
        "Two causes remain, and each technique mends only one of them.",
    ),
    Scenario(
        "With retrieval in place, a brewery's bot still finds too little, and declines what it could tell.",
        Task(200, {"not retrieved": 0.12, "wrongly refused": 0.2}, True, True, examples=600, has_index=True),
        BOTH,
        "Finding and declining are different failures: an index mends the one, examples the other.",
    ),
    Scenario(
        "A club's welcome notes are nearly always fine; a slip does no harm.",
        Task(100, {BEHAVIOR: 0.06}, prompt_tuned=True, risk="low"),
        PROMPT,
        "Seldom wrong, low risk, and no private facts.",
    ),
    Scenario(
        "People ask a bus company when the next bus leaves; the timetable service knows.",
        Task(500, {"not retrieved": 0.7}, True, workflow_covers=0.96, workflow_wrong=0.01, examples=3000),
        WORKFLOW,
        "A tool call gives the answer. Nothing has to be generated.",
    ),
    Scenario(
        "Tenants ask about rules that nobody has written down yet.",
        Task(160, {"not in the documents": 0.6, "misread": 0.1}, True, True, examples=500),
        NEITHER,
        "No technique finds what is not written. Somebody has to write it first.",
    ),
)


def tried(scenarios: Sequence[Scenario] = SCENARIOS) -> list[tuple[Scenario, Recommendation]]:
    """Return each scenario with what the decision rules recommend for it."""
    return [(scenario, recommend(scenario.task)) for scenario in scenarios]


def rules_in_words(covered: float) -> list[str]:
    """Return lines with the limits of the decision rules, what each technique fixes, and why rule 2 fires or not.

    Args:
        covered: share of the questions that a workflow answers, 0 to 1.
    """
    fires, wrong = "enough" if covered >= ENOUGH_COVERED else "too few", TOLERATED["medium"]
    return [
        f"Limits: {ENOUGH_MEASURED} questions, {wrong:.0%} wrong at medium risk, {ENOUGH_EXAMPLES} examples",
        *(f"{technique} fixes: {', '.join(sorted(causes))}" for technique, causes in FIXES.items()),
        f"Rule 2 asks that a workflow covers {ENOUGH_COVERED:.0%}; this one covers {covered:.0%}: {fires}",
    ]


def share_as_known(results: Sequence[tuple[Scenario, Recommendation]], right: str) -> float:
    """Return, of the scenarios that call for a choice, the share for which the rules recommend it (0 to 1).

    Raises:
        ValueError: no scenario calls for it.
    """
    verdicts = [advice.choice == right for scenario, advice in results if scenario.right == right]
    if not verdicts:
        raise ValueError(f"No scenario calls for {right!r}.")
    return sum(verdicts) / len(verdicts)


def steadiness(task: Task, draws: int = 200, seed: int = 7) -> float:
    """Return how often the choice stays the same if the questions behind the shares are drawn again (0 to 1).

    Args:
        task: with the number of questions measured and the share of each failure.
        draws: how often all questions are drawn, each failure with its share as its chance.
        seed: seed of the draws.
    """
    names, shares = list(task.failures), list(task.failures.values())
    chances = [*shares, max(0.0, 1 - sum(shares))]
    counts = np.random.default_rng(seed).multinomial(task.measured, np.array(chances) / sum(chances), size=draws)
    choice = recommend(task).choice
    again = [replace(task, failures=dict(zip(names, (row[:-1] / task.measured).tolist()))) for row in counts]
    return sum(recommend(one).choice == choice for one in again) / draws


def failures_of(judgements: Sequence[Judgement]) -> dict[str, float]:
    """Return the share of all questions that fail by each cause, those of causes that come up.

    Raises:
        ZeroDivisionError: there are no judgements.
    """
    return {cause: count / len(judgements) for cause, count in count_causes(judgements).items() if count}
