"""The support check is tried on answers that people labeled, and its verdicts are counted as they are."""

from __future__ import annotations

import pytest

from course_lib.evaluation.support_trial import LABELS, Tried, agreement, support_trial, trial_counts, try_cases
from course_lib.knowledge.chunking import chunk_all
from course_lib.knowledge.snapshots import load_snapshot
from course_lib.settings import ROOT
from tests.unit.evaluation.small_site import ASKED, SITE, UNTOLD

GOOD = {"question": "t-1", "text": "It costs $74.", "verdict": "correct", "kind": "sentence"}
CASES = [
    GOOD,
    GOOD | {"text": "$80", "verdict": "wrong", "kind": "made up"},
    GOOD | {"text": "$32", "verdict": "wrong", "kind": "other fact"},
    GOOD | {"text": "not in the documents", "verdict": "wrong", "kind": "refusal"},
    GOOD | {"question": "t-3", "verdict": "wrong", "kind": "made up"},
]
QUESTIONS = {"t-1": ASKED, "t-3": UNTOLD}


@pytest.fixture(scope="module")
def tried() -> list[Tried]:
    data = ROOT / "data"
    return support_trial(data, {passage.id: passage for passage in chunk_all(load_snapshot(data))})


def test_labels_follow_verdict_and_kind_and_refusals_and_unanswerable_questions_are_left_out():
    found = try_cases(CASES, QUESTIONS, SITE)
    assert [(one.label, one.supported) for one in found] == [("good", True), ("bad", False), ("other", True)]
    assert {one.article for one in found} == {ASKED.cluster}


def test_counts_and_agreement_are_over_the_verdicts():
    found = [
        Tried("kb-001", "", "good", True),
        Tried("kb-001", "", "good", False),
        Tried("kb-002", "", "bad", False),
        Tried("kb-002", "", "bad", True),
        Tried("kb-003", "", "bad", False),
        Tried("kb-003", "", "other", True),
    ]
    assert trial_counts(found) == [("good", 1, 1), ("bad", 1, 2), ("other", 1, 0)]
    assert (agreement(found).value, agreement(found).n) == (pytest.approx(3 / 5), 5)
    with pytest.raises(ValueError):
        agreement([found[-1]])


def test_the_labeled_answers_of_the_course_have_enough_of_each_label(tried):
    counts = {label: passes + fails for label, passes, fails in trial_counts(tried)}
    assert list(counts) == list(LABELS) and min(counts.values()) >= 50


def test_the_support_check_lets_hardly_any_known_bad_answer_pass_and_cannot_see_the_other_wrong_ones(tried):
    passes = {label: count / (count + fails) for label, count, fails in trial_counts(tried)}
    assert passes["bad"] <= 0.05 < 0.2 < passes["other"] < passes["good"]
