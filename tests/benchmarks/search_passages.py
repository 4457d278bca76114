"""Passages and vectors of any number for the search benchmark: made, so that 100,000 need no 100,000 documents."""

from __future__ import annotations

import random
from bisect import bisect
from itertools import accumulate

import numpy as np

from course_lib.evaluation.gold import load_questions
from course_lib.knowledge.chunking import Passage, chunk_all, sentences_of
from course_lib.knowledge.snapshots import load_snapshot
from course_lib.retrieval.dense import DIMENSIONS
from course_lib.settings import Settings

COINED = 50_000  # words that the made passages may have beside the course's own
CHANGED = 0.2  # share of words that are swapped for a coined one
SENTENCES = 6
CLUSTER = 50  # vectors around one center
INNER = 24  # directions in which the members of a cluster differ
NEAR = 0.75  # cosine of a passage to its center, about that of passages of one document


def made_passages(count: int, settings: Settings) -> list[Passage]:
    """Recombine sentences of the support site, with a fifth of their words swapped for coined ones.

    Coined words are drawn by Zipf's law, as words are in real text: a few stand in many passages, most in few. So
    the vocabulary grows with the number of passages.
    """
    rng = random.Random(settings.seed)
    sentences = [one for passage in chunk_all(load_snapshot(settings.data)) for one in sentences_of(passage.text)]
    reach = list(accumulate(1 / rank for rank in range(1, COINED + 1)))
    texts = (_changed(" ".join(rng.choices(sentences, k=SENTENCES)), rng, reach) for _ in range(count))
    return [Passage(f"kb-{number}.1", f"kb-{number}", "Made", "", "unknown", text) for number, text in enumerate(texts)]


def made_questions(count: int, settings: Settings) -> list[str]:
    """Return test questions of the course with words swapped in the same way, so that they have coined words too."""
    rng = random.Random(settings.seed + 1)
    reach = list(accumulate(1 / rank for rank in range(1, COINED + 1)))
    asked = [question.text for question in load_questions(settings.data, "test")]
    return [_changed(text, rng, reach) for text in rng.choices(asked, k=count)]


def made_vectors(count: int, asked: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return unit vectors in clusters, shape (count, 384), and questions near some of them, shape (asked, 384).

    The members of a cluster differ in a few directions only, as embeddings of real text do; noise in all directions
    would make all neighbors equally far, and nearest ones meaningless.
    """
    rng = np.random.default_rng(seed)
    centers = _unit(rng.standard_normal((max(1, count // CLUSTER), DIMENSIONS), dtype=np.float32))
    inner = rng.standard_normal((INNER, DIMENSIONS), dtype=np.float32)
    home = rng.integers(len(centers), size=count)
    vectors = _around(centers[home], inner, rng)
    return vectors, _around(vectors[rng.integers(count, size=asked)], inner, rng)


def _around(centers: np.ndarray, inner: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    away = _unit(rng.standard_normal((len(centers), len(inner)), dtype=np.float32) @ inner)
    return _unit(NEAR * centers + (1 - NEAR**2) ** 0.5 * away)


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _changed(text: str, rng: random.Random, reach: list[float]) -> str:
    words = (
        f"word{bisect(reach, rng.random() * reach[-1])}" if rng.random() < CHANGED else word for word in text.split()
    )
    return " ".join(words)
