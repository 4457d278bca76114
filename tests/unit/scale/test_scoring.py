"""A score that is put together from parts is the score of the whole."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.retrieval import dense
from course_lib.scale.scoring import combined, hit_rate, job_data, kinds_of
from course_lib.settings import Settings


@pytest.fixture
def random_embedder(monkeypatch):
    """Replace the embedding model, so that rankings are arbitrary, and the same for the same text."""

    def embed(texts, settings):
        seeds = [sum(text.encode()) for text in texts]
        vectors = np.stack([np.random.default_rng(seed).normal(size=dense.DIMENSIONS) for seed in seeds])
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)

    monkeypatch.setattr(dense, "embed", embed)
    return embed


def test_parts_scored_apart_give_the_score_of_the_whole(random_embedder):
    settings = Settings()
    questions, passages = job_data(settings)
    vectors = random_embedder([passage.indexed for passage in passages], settings)
    whole, count = hit_rate(questions, passages, vectors, settings, k=10)
    found = [hit_rate(kind, passages, vectors, settings, k=10) for kind in kinds_of(questions)]
    assert count == len(questions) == sum(number for _, number in found) and 0 < whole < 1
    assert combined(found) == pytest.approx(whole)
    assert sum(mean for mean, _ in found) / len(found) != pytest.approx(whole)  # the mistake of the exercise


def test_each_kind_of_question_is_one_part():
    questions, passages = job_data(Settings())
    kinds = kinds_of(questions)
    assert sorted(one.id for kind in kinds for one in kind) == sorted(one.id for one in questions)
    assert all(len({one.stratum for one in kind}) == 1 for kind in kinds) and len(kinds) > 2
    assert {slot.article for one in questions for slot in one.slots} == {passage.article for passage in passages}


def test_an_empty_part_counts_for_nothing_and_nothing_at_all_is_an_error():
    assert combined([(0.0, 0), (0.8, 5)]) == pytest.approx(0.8)
    with pytest.raises(ValueError, match="at least one value"):
        combined([(0.0, 0)])
    with pytest.raises(ValueError, match="at least one question"):
        hit_rate([], [], np.zeros((0, 384)), Settings())
