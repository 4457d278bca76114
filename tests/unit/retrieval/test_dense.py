"""Behavior of retrieval by meaning, with the real embedding model."""

from __future__ import annotations

import dataclasses
import io
import os
import shutil

import numpy as np
import pytest
from transformers.utils import logging as transformers_logging

from course_lib.errors import DataError, WeightsError
from course_lib.knowledge.chunking import Passage, chunk_all
from course_lib.knowledge.snapshots import load_snapshot
from course_lib.models.weights import embedder_folder
from course_lib.retrieval import dense
from course_lib.retrieval.dense import DenseRetriever, embed, load_embedder
from course_lib.settings import ROOT, load_settings

QUESTIONS = ["How much is the Classic plan per month?", "My battery is smoking!", "E-12", ""]


def passages(*texts: str) -> list[Passage]:
    return [
        Passage(f"kb-{number:03}.1", f"kb-{number:03}", "page", "", "plans", text)
        for number, text in enumerate(texts, 1)
    ]


def ids(hits) -> list[str]:
    return [hit.passage.id for hit in hits]


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """The real embedding model, with a cache of its own for the vectors."""
    cache = tmp_path_factory.mktemp("cache")
    real = embedder_folder(load_settings())
    own = dataclasses.replace(load_settings(), cache=cache)
    os.symlink(real, embedder_folder(own), target_is_directory=True)
    return own


@pytest.fixture
def embedded(monkeypatch):
    """Count how many texts the model is given."""
    counted: list[int] = []
    real = dense.embed

    def counting(texts, settings):
        counted.append(len(texts))
        return real(texts, settings)

    monkeypatch.setattr(dense, "embed", counting)
    return counted


def cached_file(settings, before: set) -> os.PathLike:
    (path,) = set((settings.cache / "embeddings").glob("*.npz")) - before
    return path


def saved(array: np.ndarray, **options) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, vectors=array, **options)
    return buffer.getvalue()


def plain(content: bytes) -> bytes:
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        buffer = io.BytesIO()
        np.save(buffer, archive["vectors"], allow_pickle=False)
    return buffer.getvalue()


def altered(content: bytes, place: int, bit: int = 0) -> bytes:
    return content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :]


def shifted(content: bytes) -> bytes:
    """Return the archive with an array header that says it is 32 bytes shorter; all sizes still fit."""
    return altered(content, content.index(b"\x93NUMPY") + 8, bit=5)


def test_embeddings_have_length_1_and_one_row_a_text(settings):
    vectors = embed(["a bike", "", "long " * 400], settings)
    assert vectors.shape == (3, 384) and vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert embed([], settings).shape == (0, 384)


def test_an_embedding_does_not_depend_on_the_texts_beside_it(settings):
    alone = embed(["How much is a key?"], settings)
    among = embed(["short", "How much is a key?", "a far longer text " * 20], settings)[1:2]
    assert np.allclose(alone, among, atol=1e-5)


def test_meaning_counts_where_no_word_is_shared(settings):
    found = passages("Your bicycle was stolen.", "The invoice is due on Monday.", "Swim in the lake.")
    found = DenseRetriever(found, settings).search(["Somebody took my bike", "When do I have to pay the bill?"], 1)
    assert [ids(hits) for hits in found] == [["kb-001.1"], ["kb-002.1"]]


def test_search_is_exact_on_the_support_site(settings):
    found = chunk_all(load_snapshot(ROOT / "data"))[::25]
    model = load_embedder(settings)
    vectors = model.encode([passage.indexed for passage in found], normalize_embeddings=True).astype(np.float64)
    results = DenseRetriever(found, settings).search(QUESTIONS, 10)
    for question, hits in zip(QUESTIONS, results, strict=True):
        query = model.encode(question, normalize_embeddings=True).astype(np.float64)
        cosines = {passage.id: float(query @ vector) for passage, vector in zip(found, vectors)}
        assert [hit.score for hit in hits] == pytest.approx(sorted(cosines.values(), reverse=True)[:10], abs=1e-5)
        assert [cosines[name] for name in ids(hits)] == pytest.approx([hit.score for hit in hits], abs=1e-5)
        assert len(set(ids(hits))) == 10


def test_no_questions_give_no_rankings_and_no_passages_an_error(settings):
    assert DenseRetriever(passages("a text of four"), settings).search([], 3) == []
    with pytest.raises(DataError, match="no passages to index"):
        DenseRetriever([], settings)


def test_embeddings_of_passages_can_come_from_elsewhere(settings, embedded):
    known = {}

    def embedder(texts):
        known.update(zip(texts, np.eye(len(texts), 384, dtype=np.float32)))
        return np.stack([known[text] for text in texts])

    retriever = DenseRetriever(passages("one text of five words", "and another such text"), settings, embedder)
    assert embedded == [] and retriever.texts == list(known) and len(retriever.texts) == 2
    assert np.array_equal(retriever.vectors, np.eye(2, 384))


def test_a_second_index_over_the_same_passages_uses_the_cache(settings, embedded):
    found = passages("cached once", "and read again")
    first = DenseRetriever(found, settings)
    assert embedded == [2]
    second = DenseRetriever(found, settings)
    assert embedded == [2]
    assert np.array_equal(first.vectors, second.vectors)
    assert first.search(["again"], 2) == second.search(["again"], 2)


def test_changed_or_reordered_passages_are_embedded_again(settings, embedded):
    texts = ["first version", "second page"]
    original = DenseRetriever(passages(*texts), settings)
    changed = DenseRetriever(passages("another version", texts[1]), settings)
    turned = DenseRetriever(passages(*reversed(texts)), settings)
    assert embedded == [2, 2, 2]
    assert not np.allclose(original.vectors[0], changed.vectors[0], atol=0.01)
    assert np.allclose(original.vectors[::-1], turned.vectors, atol=1e-5)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda content: b"", id="empty"),
        pytest.param(lambda content: content[:5], id="cut in the first header"),
        pytest.param(lambda content: content[:40], id="cut in the first name"),
        pytest.param(lambda content: content[:-1], id="one byte short"),
        pytest.param(lambda content: content[: len(content) // 2], id="half"),
        pytest.param(lambda content: b"garbage" * 100, id="garbage"),
        pytest.param(lambda content: content.replace(b"'descr': '<f4'", b"'descr': '>f4'"), id="other byte order"),
        pytest.param(shifted, id="shorter header"),
        pytest.param(lambda content: altered(content, len(content) // 2), id="one bit of a number"),
        pytest.param(lambda content: saved(np.zeros((3, 384), dtype=np.float32)), id="zeros"),
        pytest.param(lambda content: saved(np.full((3, 384), np.nan, dtype=np.float32)), id="not numbers"),
        pytest.param(lambda content: plain(content), id="an array without an archive"),
        pytest.param(lambda content: saved(np.eye(384, dtype=np.float32)[:2]), id="too few rows"),
        pytest.param(lambda content: saved(np.ones(3, dtype=np.float32)), id="one dimension"),
        pytest.param(lambda content: saved(np.array([None, {}, []], dtype=object), allow_pickle=True), id="pickle"),
    ],
)
def test_a_damaged_cache_file_is_computed_again_and_mended(settings, embedded, damage, request):
    before = set((settings.cache / "embeddings").glob("*.npz"))
    found = passages("one", "two", request.node.name)
    first = DenseRetriever(found, settings)
    path = cached_file(settings, before)
    good = path.read_bytes()
    path.write_bytes(damage(good))
    second = DenseRetriever(found, settings)
    assert embedded == [3, 3]
    assert np.array_equal(first.vectors, second.vectors)
    DenseRetriever(found, settings)
    assert embedded == [3, 3], "the cache was not mended"


def test_an_adapter_that_differs_from_its_manifest_is_refused(settings, tmp_path):
    shutil.copytree(ROOT / "data" / "adapters" / "retrieval", tmp_path / "adapters" / "retrieval")
    weights = tmp_path / "adapters" / "retrieval" / "adapter_model.safetensors"
    content = weights.read_bytes()
    weights.write_bytes(altered(content, len(content) - 9))
    with pytest.raises(WeightsError, match="SHA-256") as caught:
        load_embedder(dataclasses.replace(settings, data=tmp_path))
    assert str(weights) in caught.value.cause and "git checkout" in caught.value.remedy


def test_loading_shows_no_progress_bar(settings, capsys):
    transformers_logging.enable_progress_bar()
    load_embedder(dataclasses.replace(settings, seed=settings.seed + 1))  # settings of its own are not in memory yet
    assert capsys.readouterr() == ("", "")


def test_missing_weights_name_the_command_that_fetches_them(tmp_path):
    with pytest.raises(WeightsError, match="not prepared") as caught:
        load_embedder(dataclasses.replace(load_settings(), cache=tmp_path))
    assert "python -m course_lib prepare" in caught.value.remedy
