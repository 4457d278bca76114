"""Embeddings with logistic regression, and what finds wrong labels, on clouds of points that need no model."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.errors import DataError
from course_lib.training.classifier import classify_one_by_one, fit_classifier, out_of_fold
from course_lib.training.repair import confident_suspects, conflicts

NAMES = ("app", "billing", "claims")
PER_LABEL = 20


@pytest.fixture(scope="module")
def clouds():
    """Unit vectors around three directions, with their labels."""
    rng = np.random.default_rng(1)
    centers = np.eye(3, 8)
    vectors = np.concatenate([center + 0.15 * rng.normal(size=(PER_LABEL, 8)) for center in centers])
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), [name for name in NAMES for _ in range(PER_LABEL)]


def with_wrong(labels, where):
    return [NAMES[(NAMES.index(label) + 1) % 3] if at in where else label for at, label in enumerate(labels)]


def test_it_learns_what_can_be_told_apart(clouds):
    vectors, labels = clouds
    classifier = fit_classifier(vectors[::2], labels[::2])
    assert classifier.labels(vectors[1::2]) == labels[1::2] and classifier.seconds > 0


def test_each_text_is_embedded_and_timed_on_its_own_after_a_warm_up(clouds):
    vectors, labels = clouds
    calls = []

    def embedder(texts):
        calls.append(list(texts))
        return vectors[[int(text) for text in texts]]

    answers = classify_one_by_one(fit_classifier(vectors, labels), ["0", "25", "50"], embedder)
    assert [label for label, _ in answers] == list(NAMES) and all(seconds > 0 for _, seconds in answers)
    assert calls == [["0"], ["0"], ["25"], ["50"]]


def test_one_label_is_nothing_to_learn(clouds):
    with pytest.raises(DataError, match="two different labels"):
        fit_classifier(clouds[0][:5], ["app"] * 5)


def test_out_of_fold_probabilities_come_from_classifiers_that_did_not_see_the_example(clouds):
    vectors, labels = clouds
    wrong = with_wrong(labels, {0})
    probabilities, names = out_of_fold(vectors, wrong)
    assert names == list(NAMES) and probabilities.shape == (60, 3)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(60))
    assert probabilities[0].argmax() == 0, "its own wrong label did not teach it"


def test_out_of_fold_needs_two_examples_of_each_label(clouds):
    with pytest.raises(DataError, match="two examples each"):
        out_of_fold(clouds[0][:21], ["app"] * 20 + ["billing"])


def test_confident_learning_finds_the_wrong_labels_and_spares_the_right_ones(clouds):
    vectors, labels = clouds
    where = {3, 11, 25, 33, 47, 58}
    wrong = with_wrong(labels, where)
    assert set(confident_suspects(*out_of_fold(vectors, wrong), wrong)) == where
    assert confident_suspects(*out_of_fold(vectors, labels), labels) == []


def test_an_example_that_no_label_claims_confidently_is_not_suspect():
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.45, 0.55], [0.2, 0.8], [0.1, 0.9]])
    assert confident_suspects(probabilities, ["a", "b"], ["a", "a", "a", "b", "b"]) == []


def test_the_conflict_check_finds_labels_that_their_neighbors_contradict(clouds):
    vectors, labels = clouds
    where = {3, 11, 25, 33, 47, 58}
    assert set(conflicts(vectors, with_wrong(labels, where))) == where
    assert conflicts(vectors, labels) == []


def test_neighbors_that_do_not_agree_contradict_nothing():
    vectors = np.eye(4)[[0, 0, 0, 0]]
    assert conflicts(vectors, ["a", "b", "c", "d"], neighbors=3, agree=2) == []
