"""Combine rankings of several retrievers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course_lib.knowledge.chunking import Passage
from course_lib.retrieval.base import Hit, Retriever, ScoringRetriever
from course_lib.retrieval.bm25 import BM25Retriever
from course_lib.retrieval.dense import DenseRetriever
from course_lib.retrieval.late import LateRetriever
from course_lib.settings import Settings

DEPTH = 30


class FusionRetriever:
    """Reciprocal rank fusion (Cormack, Clarke and Buettcher 2009): each list gives 1 / (constant + rank)."""

    def __init__(self, retrievers: Sequence[Retriever], weights: Sequence[float] | None = None, constant: float = 10):
        """Combine retrievers over the same passages.

        Args:
            retrievers: the rankings to combine.
            weights: how much each counts; equal if None.
            constant: larger values make the top ranks count less against the rest.
        """
        self.retrievers, self.constant = list(retrievers), constant
        self.weights = list(weights or [1.0] * len(self.retrievers))
        if len(self.weights) != len(self.retrievers):
            raise ValueError(f"{len(self.weights)} weights for {len(self.retrievers)} retrievers.")

    def search(self, questions: Sequence[str], k: int) -> list[list[Hit]]:
        """Return the ``k`` best passages for each question, best first."""
        lists = [retriever.search(questions, max(k, DEPTH)) for retriever in self.retrievers]
        return [self._fuse([ranked[index] for ranked in lists], k) for index in range(len(questions))]

    def _fuse(self, rankings: list[list[Hit]], k: int) -> list[Hit]:
        scores: dict[str, float] = {}
        passages = {}
        for weight, ranking in zip(self.weights, rankings):
            for rank, hit in enumerate(ranking, 1):
                passages[hit.passage.id] = hit.passage
                scores[hit.passage.id] = scores.get(hit.passage.id, 0.0) + weight / (self.constant + rank)
        best = sorted(scores, key=lambda name: (-scores[name], name))[:k]
        return [Hit(passages[name], scores[name]) for name in best]


class ScoreFusion(ScoringRetriever):
    """A weighted sum of scores, each first brought to mean 0 and spread 1 over the passages of a question."""

    def __init__(self, retrievers: Sequence[ScoringRetriever], weights: Sequence[float]):
        """Combine retrievers over the same passages, in the same order."""
        if len(weights) != len(retrievers):
            raise ValueError(f"{len(weights)} weights for {len(retrievers)} retrievers.")
        self.retrievers, self.weights, self.passages = list(retrievers), list(weights), retrievers[0].passages

    def scores(self, questions: Sequence[str]) -> np.ndarray:
        """Return summed standard scores, shape (questions, passages)."""
        return sum(
            weight * _standard(retriever.scores(questions)) for weight, retriever in zip(self.weights, self.retrievers)
        )


def _standard(scores: np.ndarray) -> np.ndarray:
    spread = scores.std(axis=1, keepdims=True)
    return (scores - scores.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1)


def best_retriever(passages: Sequence[Passage], settings: Settings) -> ScoreFusion:
    """Return the best retriever on the dev questions: whole passages, single words by meaning, a little keywords."""
    return ScoreFusion(
        [DenseRetriever(passages, settings), LateRetriever(passages, settings), BM25Retriever(passages)],
        weights=(1.0, 2.0, 0.25),
    )
