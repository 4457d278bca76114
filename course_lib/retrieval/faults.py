"""Faults of retrieval, planted on purpose: each takes a ranking that works and breaks it in one way."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from copy import copy
from dataclasses import replace
from functools import lru_cache

import numpy as np

from course_lib.knowledge.chunking import Passage
from course_lib.knowledge.values import contains, values_in
from course_lib.retrieval.base import Hit, ScoringRetriever
from course_lib.retrieval.bm25 import words_of
from course_lib.retrieval.dense import DenseRetriever
from course_lib.retrieval.fusion import ScoreFusion
from course_lib.retrieval.late import LateRetriever


class RandomRetriever(ScoringRetriever):
    """The negative control: scores are drawn by chance and know nothing of the question."""

    def __init__(self, passages: Sequence[Passage], seed: int):
        self.passages, self.seed = list(passages), seed

    def scores(self, questions: Sequence[str]) -> np.ndarray:
        """Return numbers from 0 to 1, shape (questions, passages); the same seed gives the same numbers."""
        return np.random.default_rng(self.seed).random((len(questions), len(self.passages)))


def drop_passages(ranked: Sequence[Hit], ids: AbstractSet[str], k: int) -> list[Hit]:
    """Return the best ``k`` as if these passages had not been found; the next ones move up.

    Args:
        ranked: a ranking that is longer than ``k``, best first.
        ids: passages to leave out.
        k: how many to return.
    """
    return [hit for hit in ranked if hit.passage.id not in ids][:k]


def drop_articles(ranked: Sequence[Hit], articles: AbstractSet[str], k: int) -> list[Hit]:
    """Return the best ``k`` as if these articles had never been written; arguments as for :func:`drop_passages`."""
    return [hit for hit in ranked if hit.passage.article not in articles][:k]


def swap_passages(hits: Sequence[Hit], siblings: Mapping[str, Passage]) -> list[Hit]:
    """Put another passage in the place of each one named, with its score.

    A passage that would come twice is kept at its better place only.

    Args:
        hits: what was found, best first.
        siblings: what to show instead, by passage id.
    """
    swapped: dict[str, Hit] = {}
    for hit in hits:
        shown = siblings.get(hit.passage.id, hit.passage)
        swapped.setdefault(shown.id, replace(hit, passage=shown))
    return list(swapped.values())


def shuffle(hits: Sequence[Hit], seed: int) -> list[Hit]:
    """Return the same hits in an order drawn by chance; the same hits and seed give the same order."""
    order = list(hits)
    random.Random(" ".join([str(seed), *(hit.passage.id for hit in hits)])).shuffle(order)
    return order


def serve_old_text(hits: Sequence[Hit], old: Sequence[Passage]) -> list[Hit]:
    """Return the hits with the text of an older snapshot under the present ids, as a store that missed an update.

    Args:
        hits: what was found in the present site.
        old: the passages of the older snapshot. Each hit gets the text that is most like it in its article; hits
            whose article did not exist then are left out.
    """
    served = []
    for hit in hits:
        pages = [passage for passage in old if passage.article == hit.passage.article]
        if pages:
            then = max(pages, key=lambda page: likeness(page, hit.passage))
            served.append(replace(hit, passage=replace(then, id=hit.passage.id)))
    return served


def scramble(retriever: ScoreFusion, seed: int) -> ScoreFusion:
    """Return a fusion whose stored embeddings come from another space than its questions' embeddings.

    The numbers of every stored embedding are permuted in the same way, as if a second embedding model of the same
    length had made the index: nothing fails, and every similarity is wrong. Keyword retrievers are left as they are.
    """
    return ScoreFusion(
        [scramble_vectors(part, seed) if hasattr(part, "vectors") else part for part in retriever.retrievers],
        retriever.weights,
    )


def scramble_vectors(retriever: DenseRetriever | LateRetriever, seed: int) -> DenseRetriever | LateRetriever:
    """Return a copy of an embedding retriever with permuted columns; the original is not changed."""
    broken = copy(retriever)
    broken.vectors = retriever.vectors[:, np.random.default_rng(seed).permutation(retriever.vectors.shape[1])]
    return broken


def sibling_of(gold: Passage, passages: Sequence[Passage], value: str, kind: str) -> Passage | None:
    """Return the passage of another article that is most like the right one and states another value of its type.

    Args:
        gold: the passage that answers.
        passages: where to look.
        value: the right value, which the sibling must not state.
        kind: the value's type.

    Returns:
        The sibling; None if no other article states a value of this type.
    """
    rivals = [passage for passage in passages if passage.article != gold.article]
    ordered = sorted(rivals, key=lambda rival: -likeness(rival, gold))
    return next((rival for rival in ordered if states_a(kind, rival.text) and not contains(rival.text, value)), None)


def likeness(first: Passage, second: Passage) -> float:
    """Return the share of words that two passages have in common (Jaccard, 1901), headings included, from 0 to 1."""
    one, other = _words(first), _words(second)
    return len(one & other) / max(1, len(one | other))


@lru_cache(maxsize=4096)
def _words(passage: Passage) -> frozenset[str]:
    return frozenset(words_of(passage.indexed))


def states_a(kind: str, text: str) -> bool:
    """Tell whether a text states any value of a type; names have no shape, so any text may hold one.

    Counts and measures need a digit.
    """
    if kind in ("count", "measure"):
        return any(letter.isdigit() for letter in text)
    return bool(values_in(text, kind)) if kind != "name" else bool(text.strip())
