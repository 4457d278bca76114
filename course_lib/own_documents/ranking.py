"""Take the best of many scores without sorting all of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course_lib.knowledge.chunking import Passage
from course_lib.retrieval.base import Hit, ScoringRetriever


def best_k(passages: Sequence[Passage], scores: np.ndarray, k: int) -> list[Hit]:
    """Return what ``top_k`` returns, in time that grows with the number of scores instead of their sorting.

    Args:
        passages: n passages.
        scores: n numbers, one a passage.
        k: how many to return (fewer if there are fewer passages).
    """
    scores = np.asarray(scores)
    k = min(k, len(scores))
    if k < 1:
        return []
    least = np.partition(scores, len(scores) - k)[len(scores) - k]  # the k-th best score
    places = np.flatnonzero(scores >= least)  # more than k where scores are equal
    order = places[np.argsort(-scores[places], kind="stable")[:k]]
    return [Hit(passages[place], float(scores[place])) for place in order]


class QuickRetriever(ScoringRetriever):
    """A scoring retriever for many passages: the same hits in the same order, found faster."""

    def search(self, questions: Sequence[str], k: int) -> list[list[Hit]]:
        """Return the ``k`` best passages for each question, best first; equal scores keep the passages' order."""
        return [best_k(self.passages, row, k) for row in self.scores(questions)]
