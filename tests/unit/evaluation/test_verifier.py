"""The verifier tells right claims from corrupted ones, is kept as plain numbers, and its flags are counted right."""

from __future__ import annotations

import json
import re
from zlib import crc32

import numpy as np
import pytest

from course_lib.errors import DataError
from course_lib.evaluation.verifier import (
    WEIGHTS,
    Verifier,
    fit_verifier,
    load_verifier,
    precision_recall,
    save_verifier,
    with_threshold,
)
from course_lib.evaluation.verifier_features import FEATURES, features_of
from course_lib.evaluation.verifier_pairs import Pair, training_pairs
from course_lib.files import read_jsonl
from course_lib.knowledge.chunking import Passage
from course_lib.settings import ROOT
from tests.unit.evaluation.small_site import NOTICE, PRICE

SITES = read_jsonl(ROOT / "data" / "train" / "sites.jsonl")


def embed(texts) -> np.ndarray:
    """Embed texts by their words: the more words two texts share, the larger their cosine."""
    vectors = np.zeros((len(texts), 256))
    for row, text in enumerate(texts):
        for word in re.findall(r"\w+", text.lower()):
            vectors[row, crc32(word.encode()) % 256] += 1
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def named(pair: Pair) -> dict[str, float]:
    return dict(zip(FEATURES, features_of([pair], embed)[0]))


def pair(answer: str, *passages: Passage, question: str = "What does Classic cost per month?") -> Pair:
    return Pair(question, answer, passages or (PRICE,), "right")


def test_each_feature_sees_what_it_is_named_after():
    right, other_line, made_up = named(pair("$74")), named(pair("$32")), named(pair("$80"))
    assert right["stated"] == other_line["stated"] == 1 and made_up["stated"] == 0
    assert right["value in best sentence"] == 1 and other_line["value in best sentence"] == 0
    assert right["question fits value"] > other_line["question fits value"] > made_up["question fits value"] == 0
    assert right["words beside value"] > other_line["words beside value"] > made_up["words beside value"] == 0
    assert right["words in passage"] == made_up["words in passage"] > named(pair("12 days", NOTICE))["words in passage"]
    assert right["claim fits sentence"] > right["claim fits passage"] > named(pair("$99", NOTICE))["claim fits passage"]


def test_features_of_several_values_look_at_all_cited_passages():
    both = named(pair("$74; 12 days", PRICE, NOTICE))
    assert both["stated"] == 1 and named(pair("$74; 12 days", PRICE))["stated"] == 0
    assert both["claim fits passage"] >= named(pair("$74; 12 days", PRICE))["claim fits passage"]


def test_features_have_one_row_a_pair_in_order_and_each_text_is_embedded_once():
    calls = []

    def counted(texts):
        calls.append(list(texts))
        return embed(texts)

    pairs = [pair("$74"), pair("$32"), pair("$74")]
    rows = features_of(pairs, counted)
    assert rows.shape == (3, len(FEATURES)) and (rows[0] == rows[2]).all() and (rows[0] != rows[1]).any()
    assert len(calls) == 1 and len(set(calls[0])) == len(calls[0])


def test_a_pair_that_cites_nothing_is_an_error_and_no_pairs_give_no_rows():
    with pytest.raises(ValueError, match="cites no passage"):
        features_of([Pair("?", "$74", (), "right")], embed)
    assert features_of([], lambda texts: np.zeros((0, 4))).shape == (0, len(FEATURES))


def rows_of(pairs: list[Pair]) -> tuple[np.ndarray, np.ndarray]:
    return features_of(pairs, embed), np.array([pair.supported for pair in pairs])


def test_it_tells_right_claims_from_corrupted_ones_that_it_has_not_seen_and_shuffled_labels_do_not():
    features, labels = rows_of(training_pairs(SITES[:12], 1))
    unseen, truth = rows_of(training_pairs(SITES[12:18], 2))
    guessed = fit_verifier(features, labels).probabilities(unseen) >= 0.5
    balanced = (guessed[truth].mean() + (~guessed[~truth]).mean()) / 2
    assert balanced > 0.65  # with embeddings that only count words
    shuffled = np.random.default_rng(3).permutation(labels)
    blind = fit_verifier(features, shuffled).probabilities(unseen) >= 0.5
    assert abs((blind[truth].mean() + (~blind[~truth]).mean()) / 2 - 0.5) < 0.1


def test_fitting_twice_gives_the_same_numbers():
    features, labels = rows_of(training_pairs(SITES[:3], 1))
    assert fit_verifier(features, labels) == fit_verifier(features, labels)


def test_probabilities_are_those_of_logistic_regression_on_scaled_features():
    one = np.zeros(len(FEATURES))
    one[0] = 1.0
    count = len(FEATURES)
    verifier = Verifier((0.5,) * count, (0.5,) * count, (2.0, *(0.0,) * (count - 1)), bias=-1.0)
    expected = 1 / (1 + np.exp(-np.array([2.0 - 1.0, -2.0 - 1.0])))
    assert np.allclose(verifier.probabilities(np.array([one, np.zeros(count)])), expected)


def flat(**options) -> Verifier:
    """Return a verifier whose probability is that of its first feature."""
    count = len(FEATURES)
    return Verifier((0.0,) * count, (1.0,) * count, (1.0, *(0.0,) * (count - 1)), 0.0, **options)


def features_for(probabilities: list[float]) -> np.ndarray:
    rows = np.zeros((len(probabilities), len(FEATURES)))
    rows[:, 0] = [np.log(p / (1 - p)) for p in probabilities]
    return rows


def test_the_threshold_parts_right_from_wrong_and_the_lowest_of_equals_is_taken():
    chosen = with_threshold(flat(), features_for([0.105, 0.205, 0.605, 0.705]), [False, False, True, True])
    assert chosen.threshold == 0.21
    assert with_threshold(flat(threshold=0.9), features_for([0.305, 0.405]), [False, True]).threshold == 0.31
    for labels in ([True, True], [False, False]):
        with pytest.raises(ValueError, match="right and wrong"):
            with_threshold(flat(), features_for([0.3, 0.4]), labels)


def test_precision_is_over_flags_and_recall_over_wrong_answers():
    precision, recall = precision_recall([1, 1, 1, 0, 0], [1, 0, 0, 1, 0], list("abcde"))
    assert (precision.value, precision.n) == (pytest.approx(1 / 3), 3)
    assert (recall.value, recall.n) == (0.5, 2)
    assert precision_recall([0, 0], [1, 0], list("ab"))[0] is None
    assert precision_recall([1, 0], [0, 0], list("ab"))[1] is None
    with pytest.raises(ValueError):
        precision_recall([1], [1, 0], ["a", "b"])


def test_a_verifier_is_kept_as_plain_numbers_and_read_back(tmp_path):
    features, labels = rows_of(training_pairs(SITES[:3], 1))
    verifier = with_threshold(fit_verifier(features, labels), features, labels)
    save_verifier(verifier, tmp_path)
    stored = json.loads((tmp_path / WEIGHTS).read_text())
    assert stored["features"] == list(FEATURES) and len(stored["weights"]) == len(FEATURES)
    assert load_verifier(tmp_path) == verifier


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda stored: stored | {"features": ["other"]}, "not a verifier with the course's features"),
        (lambda stored: [stored], "not a verifier"),
        (lambda stored: {key: value for key, value in stored.items() if key != "bias"}, "damaged"),
        (lambda stored: stored | {"more": 1}, "damaged"),
    ],
)
def test_a_damaged_verifier_is_named_with_the_command_that_makes_it_again(tmp_path, change, words):
    save_verifier(flat(), tmp_path)
    stored = json.loads((tmp_path / WEIGHTS).read_text())
    (tmp_path / WEIGHTS).write_text(json.dumps(change(stored)))
    with pytest.raises(DataError, match=words) as error:
        load_verifier(tmp_path)
    assert "nb04_verifier" in error.value.remedy


def test_a_missing_verifier_is_an_error(tmp_path):
    with pytest.raises(DataError, match="missing"):
        load_verifier(tmp_path)
