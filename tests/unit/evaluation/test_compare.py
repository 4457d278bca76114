"""Shares, pairs and the tables made of them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from course_lib.evaluation.compare import (
    PAIR_COLUMNS,
    Pair,
    all_pairs,
    cause_rows,
    pair_of,
    pair_rows,
    row_of,
    rows_of,
    share_of_texts,
    share_right,
    split_rows,
)
from course_lib.evaluation.gold import Question, Slot
from course_lib.evaluation.judge import CAUSES
from course_lib.evaluation.statistics import Interval, cluster_bootstrap, mcnemar_exact, paired_difference
from course_lib.models.prompts import NOT_TOLD

COST = Slot("kb-001.price", "money", "$74", (), "Classic costs $74.")
ASKED = Question("t-1", "test", "lookup", "What does Classic cost?", (COST,), ("$69",), (), "")
UNTOLD = Question("t-2", "test", "unanswerable", "And in Rome?", (), (), (), "kb-001")


def judged(*causes: str) -> list[SimpleNamespace]:
    """Return judgements on as many articles, right where the cause is empty."""
    return [
        SimpleNamespace(correct=not cause, cause=cause, question=SimpleNamespace(cluster=f"kb-{place}"))
        for place, cause in enumerate(causes)
    ]


def test_a_pair_counts_what_only_one_got_right_and_agrees_with_the_statistics():
    first, second, clusters = [True, True, False, False, True], [True, False, True, True, True], list("aabbc")
    pair = pair_of(first, second, clusters)
    assert (pair.only_first, pair.only_second) == (1, 2)
    assert pair.p == mcnemar_exact(first, second)
    assert pair.difference == paired_difference(first, second, clusters)


def test_all_pairs_use_the_questions_that_all_answered_in_one_order():
    right = {
        "base": {"q1": False, "q2": False, "q3": True},
        "trained": {"q3": True, "q2": True, "q1": True, "q4": True},
    }
    pairs = all_pairs(right, {"q1": "a", "q2": "b", "q3": "c", "q4": "d"})
    assert list(pairs) == [("base", "trained")]
    assert pairs["base", "trained"] == pair_of([False, False, True], [True, True, True], ["a", "b", "c"])


def test_systems_without_a_common_question_cannot_be_compared():
    with pytest.raises(ValueError, match="at least one value"):
        all_pairs({"one": {"q1": True}, "two": {"q2": True}}, {"q1": "a", "q2": "b"})


def test_a_pair_becomes_a_line_under_its_columns():
    pairs = {("one", "two"): Pair(Interval(0.256, 0.1, 0.4, 9), 3, 11, 0.0574)}
    tiny = {("one", "two"): Pair(Interval(0.5, 0.4, 0.6, 9), 0, 40, 1e-9)}
    assert pair_rows(pairs) == [["two minus one", 0.26, 0.1, 0.4, 3, 11, "0.057"]]
    assert pair_rows(tiny)[0][-1] == "below 0.001"
    assert len(PAIR_COLUMNS) == len(pair_rows(pairs)[0])


def test_intervals_become_rows_of_one_metric():
    interval = Interval(0.5, 0.4, 0.6, 9)
    assert rows_of("correct", {"rag": interval}) == [row_of("rag", "correct", interval)]
    assert row_of("rag", "correct", interval).as_dict() == {
        "assistant": "rag", "metric": "correct", "value": 0.5, "low": 0.4, "high": 0.6, "n": 9,
    }  # fmt: skip


def test_the_share_right_is_resampled_by_article():
    assert share_right(judged("", "stale", "")) == cluster_bootstrap([1, 0, 1], ["kb-0", "kb-1", "kb-2"])


def test_a_split_scores_the_covered_questions_the_others_and_all():
    rows = split_rows({"one": judged("", "stale", "", "")}, [True, True, False, False], ("covered", "rest", "all"))
    assert [(row.metric, row.value, row.n) for row in rows] == [("covered", 0.5, 2), ("rest", 1.0, 2), ("all", 0.75, 4)]


def test_a_split_of_another_length_is_refused():
    with pytest.raises(ValueError, match="shorter|longer"):
        split_rows({"one": judged("", "")}, [True], ("covered", "rest", "all"))


def test_the_table_of_causes_ends_with_two_lines_that_agree():
    rows = cause_rows({"one": judged("stale", "", "stale"), "two": judged("misread", "not retrieved", "")})
    by_name = {row[0]: row[1:] for row in rows}
    assert [row[0] for row in rows] == [*CAUSES, "sum of the causes", "wrong answers"]
    assert by_name["stale"] == [2, 0] and by_name["misread"] == [0, 1]
    assert by_name["sum of the causes"] == by_name["wrong answers"] == [2, 2]


def test_a_wrong_answer_without_a_cause_shows_in_the_last_two_lines():
    broken = judged("stale", "misread")
    broken[1].cause = ""
    *_, sums, wrong = cause_rows({"one": broken})
    assert (sums[1], wrong[1]) == (1, 2)


@pytest.mark.parametrize(("texts", "share"), [(["$74", NOT_TOLD], 1.0), (["$69", "$74"], 0.0), ([NOT_TOLD] * 2, 0.5)])
def test_texts_are_judged_as_answers(texts, share):
    assert share_of_texts([ASKED, UNTOLD], texts, {}).value == share
