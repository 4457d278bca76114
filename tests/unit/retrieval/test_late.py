"""Behavior of retrieval by the meaning of single words, with the real embedding model."""

from __future__ import annotations

import dataclasses
import os

import numpy as np
import pytest

from course_lib.errors import DataError
from course_lib.knowledge.chunking import Passage
from course_lib.models.weights import embedder_folder
from course_lib.retrieval import late
from course_lib.retrieval.dense import DenseRetriever
from course_lib.retrieval.late import LateRetriever, Tokens, embed_tokens
from course_lib.settings import load_settings


def passages(*texts: str) -> list[Passage]:
    return [
        Passage(f"kb-{number:03}.1", f"kb-{number:03}", "page", "", "plans", text)
        for number, text in enumerate(texts, 1)
    ]


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """The real embedding model, with a cache of its own for the vectors."""
    own = dataclasses.replace(load_settings(), cache=tmp_path_factory.mktemp("cache"))
    os.symlink(embedder_folder(load_settings()), embedder_folder(own), target_is_directory=True)
    return own


@pytest.fixture
def embedded(monkeypatch):
    """Note which texts the model is given."""
    seen: list[list[str]] = []
    real = late.embed_tokens

    def noting(texts, settings):
        seen.append(list(texts))
        return real(texts, settings)

    monkeypatch.setattr(late, "embed_tokens", noting)
    return seen


def test_every_token_has_an_id_and_a_vector_of_length_1(settings):
    short, empty, long = embed_tokens(["a bike", "", "long " * 400], settings)
    assert short.ids.shape == (2,) and short.vectors.shape == (2, 384) and short.vectors.dtype == np.float32
    assert empty.ids.shape == (1,) and empty.vectors.shape == (1, 384)
    assert len(long.ids) == 254, "256 tokens, two of which are marks"
    for one in (short, empty, long):
        assert np.linalg.norm(one.vectors, axis=1) == pytest.approx(1, abs=1e-3)
    assert embed_tokens([], settings) == []


def test_the_tokens_of_a_text_do_not_depend_on_the_texts_beside_it(settings):
    (alone,) = embed_tokens(["How much is a key?"], settings)
    _, among, _ = embed_tokens(["short", "How much is a key?", "a far longer text " * 20], settings)
    assert np.array_equal(alone.ids, among.ids)
    assert np.allclose(alone.vectors, among.vectors, atol=1e-3)


def made(*tokens: tuple[int, tuple[float, float]]) -> Tokens:
    return Tokens(np.array([number for number, _ in tokens]), np.array([vector for _, vector in tokens], np.float32))


def test_a_passage_scores_the_weighted_mean_of_its_best_matches(monkeypatch, settings):
    told = [made((1, (1, 0)), (2, (0.6, 0.8))), made((1, (0, 1)))]
    asked = [made((1, (0, 1)), (9, (1, 0))), made((2, (0, 1)))]
    monkeypatch.setattr(late, "embed_tokens", lambda texts, settings: [asked["pq".index(text)] for text in texts])
    retriever = LateRetriever(passages("one", "two"), settings, lambda texts: told)
    common, unknown = np.log1p(2 / 3), np.log1p(2 / 1)  # both passages have token 1, none has token 9
    first, second = (0.8 * common + 1.0 * unknown), (1.0 * common + 0.0 * unknown)
    expected = [[first / (common + unknown), second / (common + unknown)], [0.8, 1.0]]
    assert retriever.scores(["p", "q"]) == pytest.approx(np.array(expected), abs=1e-6)


def test_many_questions_score_as_each_alone(settings):
    retriever = LateRetriever(passages("A bell costs $9.", "Swim in the lake.", "The depot opens at 8 am."), settings)
    questions = [f"{start} bell number {number}?" for number in range(7) for start in ("Where is", "What costs the")]
    assert len(questions) > late.AT_ONCE
    alone = np.concatenate([retriever.scores([question]) for question in questions])
    assert np.allclose(retriever.scores(questions), alone, atol=2e-3)


def test_one_word_in_a_long_text_is_found_where_the_whole_text_hides_it(settings):
    filler = "Depots close at night. Bikes are fun to ride. Riders meet on Sundays. Staff wear green."
    tempting = "A charge is shown in the app when your battery is full."
    found = passages(f"{filler} A torn saddle cover is $19. {filler}", tempting, filler)
    question = ["My saddle ripped. What is the charge?"]
    best = [kind(found, settings).search(question, 1)[0][0].passage.id for kind in (DenseRetriever, LateRetriever)]
    assert best == ["kb-002.1", "kb-001.1"]


def test_no_questions_give_no_rankings_and_no_passages_an_error(settings):
    assert LateRetriever(passages("a text"), settings).search([], 3) == []
    with pytest.raises(DataError, match="no passages to index"):
        LateRetriever([], settings)


def test_a_second_index_over_the_same_passages_uses_the_cache_and_ranks_alike(settings, embedded):
    found = passages("cached once", "and read again")
    first = LateRetriever(found, settings)
    second = LateRetriever(found, settings)
    assert embedded == [[passage.indexed for passage in found]]
    assert np.array_equal(first.vectors, second.vectors)
    assert first.search(["again"], 2) == second.search(["again"], 2)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda arrays: {**arrays, "counts": arrays["counts"][:-1]}, id="a text is missing"),
        pytest.param(lambda arrays: {**arrays, "ids": arrays["ids"][:-1]}, id="an id is missing"),
        pytest.param(lambda arrays: {**arrays, "vectors": arrays["vectors"][:, :9]}, id="too few dimensions"),
        pytest.param(lambda arrays: {"vectors": arrays["vectors"]}, id="an array is missing"),
        pytest.param(lambda arrays: {**arrays, "vectors": np.zeros_like(arrays["vectors"])}, id="zeros"),
    ],
)
def test_a_damaged_cache_file_is_computed_again_and_mended(settings, embedded, damage, request):
    before = set((settings.cache / "embeddings").glob("*.npz"))
    found = passages("one", "two", request.node.name)
    first = LateRetriever(found, settings)
    (path,) = set((settings.cache / "embeddings").glob("*.npz")) - before
    with np.load(path) as archive:
        arrays = dict(archive)
    np.savez(path, **damage(arrays))
    second = LateRetriever(found, settings)
    assert len(embedded) == 2 and np.array_equal(first.vectors, second.vectors)
    LateRetriever(found, settings)
    assert len(embedded) == 2, "the cache was not mended"


def test_tokens_can_be_handed_to_another_index(settings, embedded):
    found = passages("one text", "and another text")
    first = LateRetriever(found, settings)
    embedded.clear()
    second = LateRetriever(found[::-1], settings, lambda texts: first.tokens[::-1])
    assert embedded == []
    assert np.allclose(first.scores(["another"])[:, ::-1], second.scores(["another"]), atol=1e-6)
