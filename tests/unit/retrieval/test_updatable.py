"""An index that is changed page by page ranks like one that is built from scratch, and embeds new texts only."""

from __future__ import annotations

import dataclasses
import hashlib

import numpy as np
import pytest

from course_lib.errors import DataError
from course_lib.knowledge.articles import Article
from course_lib.retrieval import dense
from course_lib.retrieval.base import ScoringRetriever
from course_lib.retrieval.bm25 import words_of
from course_lib.retrieval.dense import DIMENSIONS
from course_lib.retrieval.fusion import ScoreFusion, best_retriever
from course_lib.retrieval.updatable import EmbeddingMemory, UpdatableIndex, retriever_like
from course_lib.settings import load_settings

QUESTIONS = ["What does a bell cost?", "When is the depot open?", "horn price"]


def page(name: str, title: str, text: str) -> Article:
    return Article(name, title, "orders", "2026-03-01", "", text)


PAGES = [
    page("kb-001", "Bells", "A bell costs $9. It rings.\n\n## Mounting\n\nMounting a bell costs $4."),
    page("kb-002", "Depots", "The depot is open from 9 am to 5 pm."),
    page("kb-003", "Horns", "A horn costs $12 and is loud."),
]
EDITED = page("kb-001", "Bells", "A bell costs $77. It rings.\n\n## Mounting\n\nMounting a bell costs $4.")


def word_vector(word: str) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
    return np.random.default_rng(seed).normal(size=DIMENSIONS)


@pytest.fixture
def embedded(monkeypatch):
    """Embed texts as bags of words, and note which texts were embedded."""
    seen: list[str] = []

    def embed(texts, settings):
        seen.extend(texts)
        rows = np.array([sum(map(word_vector, words_of(text) or ["-"])) for text in texts]).reshape(-1, DIMENSIONS)
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    monkeypatch.setattr(dense, "embed", embed)
    return seen


@pytest.fixture
def settings(tmp_path):
    return dataclasses.replace(load_settings(), cache=tmp_path)


def rankings(retriever, k=9):
    return [[(hit.passage, round(hit.score, 4)) for hit in hits] for hits in retriever.search(QUESTIONS, k)]


def from_scratch(pages, settings):
    return UpdatableIndex(pages, settings)


def test_before_any_change_it_is_the_best_retriever(embedded, settings):
    index = UpdatableIndex(PAGES, settings)
    assert rankings(index) == rankings(best_retriever(index.passages, settings))
    assert len(rankings(index)[0]) == 4


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (lambda index: index.put(EDITED), [EDITED, *PAGES[1:]]),
        (lambda index: index.remove("kb-002"), [PAGES[0], PAGES[2]]),
        (
            lambda index: index.put(page("kb-000", "Bags", "A bag costs $30.")),
            [page("kb-000", "Bags", "A bag costs $30."), *PAGES],
        ),
    ],
    ids=["edited", "removed", "added"],
)
def test_after_a_change_it_ranks_like_an_index_built_from_scratch(embedded, settings, change, left):
    index = UpdatableIndex(PAGES, settings)
    change(index)
    assert rankings(index) == rankings(from_scratch(left, settings))
    assert index.articles == left


def test_only_new_texts_are_embedded(embedded, settings):
    index = UpdatableIndex(PAGES, settings)
    embedded.clear()
    assert index.put(EDITED) == ["kb-001.1", "kb-001.2"]
    index.search([], 1)
    assert embedded == ["Bells\nA bell costs $77. It rings.", "A bell costs $77."]


def test_a_page_that_is_taken_out_and_put_back_leaves_no_trace(embedded, settings):
    index = UpdatableIndex(PAGES, settings)
    before = rankings(index)
    embedded.clear()
    taken = index.remove("kb-003")
    assert all(hit[0].article != "kb-003" for hits in rankings(index) for hit in hits)
    index.put(taken)
    assert rankings(index) == before
    assert set(embedded) <= set(QUESTIONS)


def test_pages_that_are_not_there_and_empty_sites_are_errors(embedded, settings):
    index = UpdatableIndex(PAGES[:1], settings)
    with pytest.raises(DataError, match="no page 'kb-404'"):
        index.remove("kb-404")
    index.remove("kb-001")
    with pytest.raises(DataError, match="no passages"):
        index.search(QUESTIONS, 1)
    with pytest.raises(DataError, match="no passages"):
        UpdatableIndex([], settings)


def test_a_part_that_cannot_be_built_again_is_named(embedded, settings):
    class Odd(ScoringRetriever):
        passages = UpdatableIndex(PAGES, settings).passages

    with pytest.raises(TypeError, match="Odd"):
        retriever_like(ScoreFusion([Odd()], [1.0]), Odd.passages, EmbeddingMemory(settings))


def test_the_memory_gives_back_what_it_learned_and_embeds_each_text_once(embedded, settings):
    memory = EmbeddingMemory(settings)
    known = np.ones((1, DIMENSIONS), dtype=np.float32)
    memory.learn(["known"], known)
    vectors = memory.of(["new text", "known", "new text"])
    assert embedded == ["new text"] and vectors.shape == (3, DIMENSIONS)
    assert np.array_equal(vectors[1], known[0]) and np.array_equal(vectors[0], vectors[2])
    assert memory.of([]).shape == (0, DIMENSIONS) and len(memory) == 2
    with pytest.raises(ValueError, match="zip"):
        memory.learn(["a", "b"], known)
