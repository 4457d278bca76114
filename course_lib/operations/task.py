"""What the decision rules are given and what they return, with the limits that they use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from course_lib.errors import DataError
from course_lib.evaluation.causes import CAUSES

PROMPT, RAG, FINE_TUNE, BOTH, WORKFLOW, NEITHER = (
    "prompt only",
    "RAG",
    "fine-tune",
    "both",
    "workflow",
    "neither yet",
)
BEHAVIOR = "behavior"  # tone, routing labels, a house format: what a model does, not what it knows
NOT_IN_DOCUMENTS = "not in the documents"
# What each technique fixes. Nothing but writing documents fixes what they do not tell.
FIXES: dict[str, frozenset[str]] = {
    RAG: frozenset({"not retrieved", "stale"}),
    FINE_TUNE: frozenset(
        {"retrieved but not used", "misread", "wrong format", "wrongly refused", "should have refused", BEHAVIOR}
    ),
}
TOLERATED = {"low": 0.10, "medium": 0.05, "high": 0.02}  # share of wrong answers that one may live with, by risk
ENOUGH_MEASURED = 50  # questions; below, an interval is wider than any difference that matters here
ENOUGH_EXAMPLES = 200  # examples at hand, below which training seldom generalizes
ENOUGH_COVERED = 0.9  # share of questions that a workflow must cover to stand alone


@dataclass(frozen=True)
class Task:
    """What is known of a task.

    Attributes:
        measured: questions behind the shares.
        failures: share of all questions by failure, 0 to 1: the causes of ``CAUSES``, and ``behavior``.
        needs_facts: whether answers need private or changing facts that no model can know.
        prompt_tuned: whether the prompt was tuned on dev (worked examples, a narrow instruction).
        workflow_covers: share of the questions that a lookup or a tool can answer, 0 to 1.
        workflow_wrong: share of wrong answers among those; None if not measured.
        risk: ``low``, ``medium`` or ``high``: what a wrong answer does.
        examples: good examples at hand for training.
        has_index: whether the failures were measured with retrieval in place.
    """

    measured: int
    failures: Mapping[str, float] = field(default_factory=dict)
    needs_facts: bool = False
    prompt_tuned: bool = False
    workflow_covers: float = 0.0
    workflow_wrong: float | None = None
    risk: str = "medium"
    examples: int = 0
    has_index: bool = False


@dataclass(frozen=True)
class Reason:
    """Why: a sentence, and the name and value of the number that fired it."""

    text: str
    name: str
    value: float


@dataclass(frozen=True)
class Recommendation:
    """What to build next, why, and what to measure then."""

    choice: str
    reasons: tuple[Reason, ...]
    measure_next: tuple[str, ...]


def check_task(task: Task) -> None:
    """Raise a DataError if a share, a failure or the risk is not one of those allowed."""
    unknown = set(task.failures) - {*CAUSES, BEHAVIOR}
    if unknown or task.risk not in TOLERATED:
        raise DataError(
            f"Unknown failure or risk: {', '.join(sorted(unknown)) or task.risk}.",
            f"Use the failures {', '.join((*CAUSES, BEHAVIOR))} and the risks {', '.join(TOLERATED)}.",
        )
    shares = [*task.failures.values(), task.workflow_covers, task.workflow_wrong or 0.0]
    if not all(0 <= share <= 1 for share in shares) or sum(task.failures.values()) > 1 + 1e-9:
        raise DataError(
            "A share is outside 0 to 1, or the failures add up to more than 1.",
            "Give each failure as a share of all questions: one cause for each wrong answer.",
        )
