"""The course's few lines of confident learning agree with the package that is known for it."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.training.repair import confident_suspects

NAMES = ("app", "billing", "returns", "theft")


def drawn(seed: int, sharpness: float) -> tuple[np.ndarray, list[int]]:
    """Return probabilities of a judge that is more often right than not, and labels of which a fifth are wrong."""
    draw = np.random.default_rng(seed)
    truth = draw.integers(len(NAMES), size=200)
    logits = draw.normal(size=(200, len(NAMES))) + sharpness * np.eye(len(NAMES))[truth]
    labels = np.where(draw.random(200) < 0.2, draw.integers(len(NAMES), size=200), truth)
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True), labels.tolist()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("sharpness", [0.5, 2.0])
def test_the_suspects_are_those_of_cleanlab(seed, sharpness):
    cleanlab = pytest.importorskip("cleanlab.filter", reason="cleanlab is optional")
    probabilities, labels = drawn(seed, sharpness)
    theirs = cleanlab.find_label_issues(np.array(labels), probabilities, filter_by="confident_learning", n_jobs=1)
    ours = confident_suspects(probabilities, NAMES, [NAMES[label] for label in labels])
    assert ours and ours == np.flatnonzero(theirs).tolist()


def test_another_label_that_is_likelier_makes_no_suspect_if_only_the_given_one_is_sure():
    probabilities = np.array([[0.45, 0.55], [0.15, 0.85], [0.05, 0.95], [0.1, 0.9]])
    assert confident_suspects(probabilities, ["a", "b"], ["a", "a", "b", "b"]) == []


def test_an_example_whose_own_label_is_the_likeliest_is_no_suspect_even_if_another_is_sure():
    probabilities = np.array([[0.55, 0.45], [0.95, 0.05], [0.98, 0.02], [0.7, 0.3], [0.6, 0.4]])
    assert confident_suspects(probabilities, ["a", "b"], ["a", "a", "a", "b", "b"]) == []
