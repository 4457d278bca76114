"""Two retrievers for corpora that outgrow the exact ones: sparse BM25 matrices and an approximate neighbor graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from course_lib.knowledge.chunking import Passage
from course_lib.own_documents.optional import needed
from course_lib.own_documents.ranking import QuickRetriever
from course_lib.retrieval.base import Hit
from course_lib.retrieval.bm25 import words_of

BLOCK = 5_000  # vectors added to the graph at a time


class SparseBM25Retriever(QuickRetriever):
    """BM25+ with all scores computed when indexing (Lu, 2024); the same formula and words as ``BM25Retriever``."""

    def __init__(self, passages: Sequence[Passage]):
        """Index the passages.

        Raises:
            DataError: the package bm25s is not installed.
        """
        bm25s = needed("bm25s", "bm25s", "for keyword search in many passages")
        self.passages = list(passages)
        self._index = bm25s.BM25(k1=1.5, b=0.75, delta=1.0, method="bm25+")
        self._index.index([words_of(passage.indexed) for passage in self.passages], show_progress=False)

    def scores(self, questions: Sequence[str]) -> np.ndarray:
        """Return BM25+ scores, shape (questions, passages); words that no passage has count nothing."""
        rows = np.zeros((len(questions), len(self.passages)), dtype=np.float32)
        for row, question in zip(rows, questions):
            known = [word for word in words_of(question) if word in self._index.vocab_dict]
            if known:
                row[:] = self._index.get_scores(known)
        return rows


class GraphRetriever:
    """Approximate nearest neighbors by cosine: a navigable small-world graph (Malkov and Yashunin, 2020)."""

    def __init__(
        self, passages: Sequence[Passage], vectors: np.ndarray, embed: Callable[[Sequence[str]], np.ndarray], say=None
    ):
        """Index the passages.

        Args:
            passages: n passages.
            vectors: their unit-length embeddings, shape (n, dimensions).
            embed: embeds questions in the same way.
            say: called with a progress line after each block.

        Raises:
            DataError: the package usearch is not installed.
        """
        usearch = needed("usearch.index", "usearch", "for approximate search in many passages")
        self.passages, self._embed = list(passages), embed
        self._graph = usearch.Index(ndim=vectors.shape[1], metric="cos", dtype="f32")
        for start in range(0, len(vectors), BLOCK):
            part = vectors[start : start + BLOCK]
            self._graph.add(np.arange(start, start + len(part)), part)
            if say:
                say(f"{start + len(part):,} of {len(vectors):,} passages in the graph")

    def search(self, questions: Sequence[str], k: int) -> list[list[Hit]]:
        """Return about the ``k`` nearest passages for each question, best first, with their cosines."""
        asked = np.asarray(self._embed(questions), dtype=np.float32) if questions else []
        found = (self._graph.search(vector, min(k, len(self.passages))) for vector in asked)
        return [
            [Hit(self.passages[int(key)], 1 - float(distance)) for key, distance in zip(one.keys, one.distances)]
            for one in found
        ]
