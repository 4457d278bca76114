"""What every retriever gives back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from course_lib.knowledge.chunking import Passage


@dataclass(frozen=True)
class Hit:
    """One retrieved passage with its score (higher is better; scales differ between retrievers)."""

    passage: Passage
    score: float


class Retriever(Protocol):
    """Ranks passages for questions."""

    def search(self, questions: Sequence[str], k: int) -> list[list[Hit]]:
        """Return the ``k`` best passages for each question, best first."""
        ...


class ScoringRetriever:
    """A retriever that gives every passage a score for every question."""

    passages: list[Passage]

    def scores(self, questions: Sequence[str]) -> np.ndarray:
        """Return scores, shape (questions, passages)."""
        raise NotImplementedError

    def search(self, questions: Sequence[str], k: int) -> list[list[Hit]]:
        """Return the ``k`` best passages for each question, best first; equal scores keep the passages' order."""
        return [top_k(self.passages, row, k) for row in self.scores(questions)]


def top_k(passages: Sequence[Passage], scores: np.ndarray, k: int) -> list[Hit]:
    """Return the best passages by score; equal scores keep the passages' order.

    Args:
        passages: n passages.
        scores: n numbers, one a passage.
        k: how many to return (fewer if there are fewer passages).
    """
    order = np.argsort(-np.asarray(scores, dtype=float), kind="stable")[:k]
    return [Hit(passages[index], float(scores[index])) for index in order]
