"""What one run of the agent has at hand: the question, passages found, calls made, and work noted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from course_lib.models.batching import Completion
from course_lib.retrieval.base import Hit

SEARCH = "search_help"
NO_WORKFLOW = "no_action"
# What changes a member's money, plan, bike, address or access. The rest informs, or hands over to people.
NEEDS_APPROVAL = frozenset(
    ("issue_credit", "cancel", "pause_membership", "swap_bike", "change_address", "reset_access")
)


@dataclass(frozen=True)
class Call:
    """One call of a tool: its name, its arguments, and the number that tells it from every other call."""

    tool: str
    arguments: dict[str, Any]
    id: str = ""


def described(call: Call) -> str:
    """Return a call in one line, as a person reads it before approving."""
    return f"{call.tool}({', '.join(f'{name}={value}' for name, value in call.arguments.items())})"


@dataclass
class Desk:
    """One run's working place.

    Attributes:
        question: what the customer wrote.
        hits: passages that the search tool found.
        calls: what the model called.
        done: calls whose work was noted. In the course nothing else happens: no money moves.
        tokens_in, tokens_out: of all that the model read and wrote in this run.
        seconds: by layer.
        prompt: what the model was given for its answer; empty if it gave none.
        written: the model's answer; None if it gave none.
        verdicts: checks of the output guardrail by name.
    """

    question: str
    hits: tuple[Hit, ...] = ()
    calls: list[Call] = field(default_factory=list)
    done: list[Call] = field(default_factory=list)
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    prompt: str = ""
    written: Completion | None = None
    verdicts: dict[str, bool] = field(default_factory=dict)

    def count(self, layer: str, done: Completion) -> None:
        """Add what one generated text cost."""
        self.tokens_in += done.tokens_in
        self.tokens_out += done.tokens_out
        self.seconds[layer] = self.seconds.get(layer, 0.0) + done.seconds
