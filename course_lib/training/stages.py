"""The parts of which the making of an adapter is put together: a plan, and its stages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from course_lib.settings import Settings
from course_lib.training.contrastive import ContrastiveRecipe
from course_lib.training.lora import Recipe


@dataclass(frozen=True)
class Stage:
    """A run of training that goes on from what the stage before it learned.

    Attributes:
        examples: makes its examples from the data: conversations, or batches for an embedding model.
        recipe: how they are learned; rank and targets are those of the first stage.
        minutes: what it took on two processor cores.
    """

    examples: Callable[[Settings], list]
    recipe: Recipe | ContrastiveRecipe
    minutes: float


@dataclass(frozen=True)
class Plan:
    """How one adapter is made.

    Attributes:
        purpose: what it is for, in a sentence.
        stages: its stages, in order.
        model: what it is an adapter of, ``chat`` or ``embedder``.
    """

    purpose: str
    stages: tuple[Stage, ...]
    model: str = "chat"

    @property
    def minutes(self) -> float:
        """Return what all stages took on two processor cores."""
        return sum(stage.minutes for stage in self.stages)
