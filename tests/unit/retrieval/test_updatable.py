"""An index that is changed page by page ranks like one that is built from scratch, and embeds new texts only."""

from __future__ import annotations

import dataclasses
import hashlib

import numpy as np
import pytest

from course_lib.errors import DataError
from course_lib.knowledge.articles import Article
from course_lib.retrieval import dense, late
from course_lib.retrieval.base import ScoringRetriever
from course_lib.retrieval.bm25 import words_of
from course_lib.retrieval.dense import DIMENSIONS
from course_lib.retrieval.fusion import ScoreFusion, best_retriever
from course_lib.retrieval.late import Tokens
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


def number_of(word: str) -> int:
    return int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")


def word_vectors(text: str) -> np.ndarray:
    """Return a vector drawn for each word of a text."""
    return np.stack(
        [np.random.default_rng(number_of(word)).normal(size=DIMENSIONS) for word in words_of(text) or ["-"]]
    )


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float16).astype(np.float32)


@pytest.fixture
def tokenized(monkeypatch):
    """Embed texts by their words, and note which texts were embedded so."""
    seen: list[str] = []

    def embed_tokens(texts, settings):
        seen.extend(texts)
        return [
            Tokens(np.array([number_of(word) for word in words_of(text) or ["-"]]), unit(word_vectors(text)))
            for text in texts
        ]

    monkeypatch.setattr(late, "embed_tokens", embed_tokens)
    return seen


@pytest.fixture
def embedded(monkeypatch, tokenized):
    """Embed texts as bags of words, and note which texts were embedded whole."""
    seen: list[str] = []

    def embed(texts, settings):
        seen.extend(texts)
        return unit(np.array([word_vectors(text).sum(0) for text in texts]).reshape(-1, DIMENSIONS))

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


def test_only_new_texts_are_embedded(embedded, tokenized, settings):
    index = UpdatableIndex(PAGES, settings)
    embedded.clear(), tokenized.clear()
    assert index.put(EDITED) == ["kb-001.1", "kb-001.2"]
    index.search([], 1)
    assert embedded == tokenized == ["Bells\nA bell costs $77. It rings."]


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


def test_the_memory_gives_back_the_tokens_it_learned_and_embeds_each_text_once(tokenized, settings):
    memory = EmbeddingMemory(settings)
    known = Tokens(np.array([5]), np.ones((1, DIMENSIONS), dtype=np.float32))
    memory.learn_tokens(["known"], [known])
    tokens = memory.of_tokens(["new text", "known", "new text"])
    assert tokenized == ["new text"] and tokens[1] is known and tokens[0] is tokens[2]
    assert memory.of_tokens([]) == []
