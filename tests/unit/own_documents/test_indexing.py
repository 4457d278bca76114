"""Few passages are searched exactly, many with faster structures that find the same."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.errors import DataError
from course_lib.knowledge.chunking import Passage
from course_lib.own_documents import indexing, optional
from course_lib.own_documents.indexing import VectorRetriever, build_index
from course_lib.own_documents.large import GraphRetriever, SparseBM25Retriever
from course_lib.own_documents.ranking import best_k
from course_lib.retrieval.base import top_k
from course_lib.retrieval.bm25 import BM25Retriever
from course_lib.retrieval.fusion import FusionRetriever, ScoreFusion
from tests.unit.own_documents.samples import embed

NOUNS = ["rye", "oat", "spelt", "barley", "millet", "maize"]
PASSAGES = [
    Passage(f"kb-1001.{number}", "kb-1001", "Grain", "", "unknown", f"{noun} sack {number} costs ${number}0")
    for number, noun in enumerate(NOUNS * 5, 1)
]
ASKED = ["how much is sack 17 of barley", "oat", "unheard-of words", ""]


def test_few_passages_are_searched_exactly(tmp_path):
    index = build_index(PASSAGES, embed, tmp_path)
    assert isinstance(index.best, ScoreFusion)
    assert isinstance(index.parts["meaning"], VectorRetriever) and isinstance(index.parts["keywords"], BM25Retriever)
    assert index.best.search(["sack 17 of millet"], 1)[0][0].passage.id == "kb-1001.17"


def test_many_passages_are_searched_with_the_faster_structures(tmp_path, monkeypatch):
    monkeypatch.setattr(indexing, "EXACT_KEYWORDS", 10)
    monkeypatch.setattr(indexing, "EXACT_VECTORS", 10)
    index = build_index(PASSAGES, embed, tmp_path)
    assert isinstance(index.best, FusionRetriever)
    assert isinstance(index.parts["meaning"], GraphRetriever)
    assert isinstance(index.parts["keywords"], SparseBM25Retriever)
    assert index.best.search(["sack 17 of millet"], 1)[0][0].passage.id == "kb-1001.17"
    assert any("usearch" in how for how in index.built) and any("bm25s" in how for how in index.built)


def test_stored_keyword_scores_are_those_of_the_exact_index():
    exact, sparse = BM25Retriever(PASSAGES).scores(ASKED), SparseBM25Retriever(PASSAGES).scores(ASKED)
    assert np.allclose(exact, sparse, atol=1e-4)


def test_the_graph_finds_what_comparing_everything_finds():
    vectors = embed([passage.indexed for passage in PASSAGES])
    exact = VectorRetriever(PASSAGES, vectors, embed).search(ASKED[:2], 3)
    graph = GraphRetriever(PASSAGES, vectors, embed).search(ASKED[:2], 3)
    for one, other in zip(exact, graph):
        assert [hit.score for hit in one] == pytest.approx([hit.score for hit in other], abs=1e-4)


@pytest.mark.parametrize("k", [0, 1, 4, 7, 50])
def test_the_best_are_found_in_the_order_that_sorting_everything_gives(k):
    scores = np.array([(7 * place) % 5 for place in range(len(PASSAGES))], dtype=np.float32)  # many are equal
    assert best_k(PASSAGES, scores, k) == top_k(PASSAGES, scores, k)


def test_the_graph_returns_all_where_fewer_are_there_than_wanted_and_nothing_for_no_question():
    graph = GraphRetriever(PASSAGES[:3], embed([passage.indexed for passage in PASSAGES[:3]]), embed)
    assert len(graph.search(["rye"], 10)[0]) == 3 and graph.search([], 3) == []


def test_without_the_optional_packages_the_exact_search_steps_in_and_says_so(tmp_path, monkeypatch):
    def absent(name):
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr(indexing, "EXACT_KEYWORDS", 10)
    monkeypatch.setattr(indexing, "EXACT_VECTORS", 10)
    monkeypatch.setattr(optional, "import_module", absent)
    index = build_index(PASSAGES, embed, tmp_path)
    assert isinstance(index.best, ScoreFusion) and len(index.notes) == 2
    assert all("requirements-extra.txt" in note for note in index.notes)


def test_passages_without_latin_words_are_searched_by_meaning_only(tmp_path):
    passages = [
        Passage(f"kb-1001.{n}", "kb-1001", "\u78e8", "", "unknown", text) for n, text in enumerate("\u4e00\u4e8c", 1)
    ]
    index = build_index(passages, lambda texts: np.eye(4, dtype=np.float32)[: len(texts)], tmp_path)
    assert list(index.parts) == ["meaning"] and "Keyword search is off" in index.notes[0]
    assert len(index.best.search(["rye"], 2)[0]) == 2


def test_no_passages_are_an_error(tmp_path):
    with pytest.raises(DataError, match="no passages"):
        build_index([], embed, tmp_path)
