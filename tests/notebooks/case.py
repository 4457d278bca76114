"""What the tests need to know about an exercise that its cells do not say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Case:
    """One exercise.

    Attributes:
        wrong: plausible wrong answers, each with words that its message must have.
        context: makes the variables that earlier cells leave behind.
        right: answers that look different from the solution and are as good.
    """

    wrong: dict[str, str]
    context: Callable[[], dict[str, Any]] = field(default=dict)
    right: tuple[str, ...] = ()
