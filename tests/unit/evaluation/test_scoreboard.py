"""Each score is taken over the right questions, and a score that does not apply is missing, not 0."""

from __future__ import annotations

from dataclasses import replace

import pytest

from course_lib.assistants.answer import Answer
from course_lib.assistants.parsing import Parsed, abstention
from course_lib.evaluation.causes import CAUSES
from course_lib.evaluation.gold import Question, Slot
from course_lib.evaluation.judge import judge
from course_lib.evaluation.scoreboard import METRICS, board, count_causes, rows_for, score_answers
from course_lib.evaluation.statistics import Interval
from course_lib.knowledge.chunking import Passage

RANKING = ("hit_at_3", "mrr", "ndcg_at_10")
PRICE = Passage("kb-001.1", "kb-001", "Classic", "", "plans", "Classic costs $74 per month.")
NOTICE = Passage("kb-002.1", "kb-002", "Leaving", "", "plans", "Notice: 12 days")
SITE = {passage.id: passage for passage in (PRICE, NOTICE)}
COST = Slot("kb-001.price", "money", "$74", (), "")
DAYS = Slot("kb-002.notice", "duration", "12 days", (), "")
CHANGED = Question("t-1", "test", "lookup", "What does Classic cost?", (COST,), ("$69",), (), "")
STEADY = Question("t-2", "test", "lookup", "How much notice?", (DAYS,), (), (), "")
BOTH = Question("t-3", "test", "multi_passage", "Price and notice?", (COST, DAYS), (), (), "")
UNTOLD = Question("t-4", "test", "unanswerable", "What does Classic cost in Rome?", (), (), (), "kb-001")
NOT_TOLD = abstention()


def judged(question, parsed, **fields):
    spoken = Answer("fake", question.text, (), "", "", parsed)
    return judge(question, replace(spoken, **fields), SITE)


def said(text, *cited, valid=True):
    return Parsed(text, cited, "plans", False, valid)


JUDGEMENTS = [
    judged(CHANGED, said("$69", "kb-001.1"), tokens_in=100, tokens_out=10, seconds={"generate": 1.0}),
    judged(
        STEADY, said("12 days", "kb-002.1"), tokens_in=200, tokens_out=20, seconds={"retrieve": 1.0, "generate": 2.0}
    ),
    judged(BOTH, NOT_TOLD, tokens_in=300, tokens_out=30, seconds={"generate": 2.0}),
    judged(UNTOLD, NOT_TOLD, tokens_in=400, tokens_out=40, seconds={"generate": 9.0}),
    judged(UNTOLD, said("$74", valid=False), tokens_in=500, tokens_out=50, seconds={"generate": 4.0}),
]
RANKED = {"t-1": ["kb-001.1", "kb-002.1"], "t-2": ["kb-001.1", "kb-002.1"], "t-3": ["kb-001.1", "kb-002.1"], "t-4": []}


def by_metric(rows):
    return {row.metric: row for row in rows}


def values(metric):
    return [value for value, _ in score_answers(JUDGEMENTS)[metric]]


def test_there_is_one_row_for_each_metric_in_their_order():
    for rankings in (None, RANKED):
        rows = rows_for("fake", JUDGEMENTS, rankings, SITE)
        assert tuple(row.metric for row in rows) == METRICS
        assert {row.assistant for row in rows} == {"fake"}


def test_an_assistant_that_retrieves_nothing_has_no_ranking_scores():
    rows = by_metric(rows_for("fake", JUDGEMENTS, None, SITE))
    for metric in RANKING:
        assert (rows[metric].value, rows[metric].low, rows[metric].high, rows[metric].n) == (None, None, None, 0)
    assert all(row.value is not None for name, row in rows.items() if name not in RANKING)


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("correct", [0, 1, 0, 1, 0]),
        ("stale", [1]),  # only where a former value exists
        ("format_valid", [1, 1, 1, 1, 0]),
        ("citation_exists", [1, 1, 0]),  # only of answers that do not decline
        ("citation_supports", [0, 1, 0]),
        ("citation_correct", [1, 1]),  # nor of unanswerable questions
        ("false_refusal", [0, 0, 1]),  # of answerable questions
        ("abstain_recall", [1, 0]),  # of unanswerable ones
        ("tokens_in", [100, 200, 300, 400, 500]),
        ("tokens_out", [10, 20, 30, 40, 50]),
    ],
)
def test_each_metric_is_over_its_own_questions(metric, expected):
    assert values(metric) == expected
    row = by_metric(rows_for("fake", JUDGEMENTS, None, SITE))[metric]
    assert row.n == len(expected)
    assert row.value == pytest.approx(sum(expected) / len(expected), abs=1e-4)
    assert row.low <= row.value <= row.high


def test_questions_are_grouped_by_the_article_they_hang_on():
    clusters = [cluster for _, cluster in score_answers(JUDGEMENTS)["correct"]]
    assert clusters == ["kb-001", "kb-002", "kb-001", "kb-001", "kb-001"]


def test_a_metric_without_any_item_is_missing():
    rows = by_metric(rows_for("fake", [judged(UNTOLD, NOT_TOLD)], None, SITE))
    for metric in ("stale", "citation_exists", "citation_supports", "citation_correct", "false_refusal"):
        assert (rows[metric].value, rows[metric].n) == (None, 0)
    assert rows["abstain_recall"].value == 1


def test_a_question_for_two_values_ranks_as_the_worse_placed_of_its_passages():
    rows = by_metric(rows_for("fake", JUDGEMENTS, RANKED, SITE))
    assert (rows["mrr"].value, rows["mrr"].n) == (pytest.approx((1 + 1 / 2 + 1 / 2) / 3, abs=1e-4), 3)
    assert rows["hit_at_3"].value == 1
    missing = by_metric(rows_for("fake", JUDGEMENTS, {**RANKED, "t-3": ["kb-001.1"]}, SITE))
    assert missing["hit_at_3"].value == pytest.approx(2 / 3, abs=1e-4)


def test_the_typical_time_is_the_median_over_all_layers():
    row = by_metric(rows_for("fake", JUDGEMENTS, None, SITE))["seconds_p50"]
    assert (row.value, row.n) == (3.0, 5)  # of 1, 2, 3, 4 and 9
    assert row.low <= row.value <= row.high


def test_causes_are_counted_for_wrong_answers_only_and_none_is_left_out():
    counts = count_causes(JUDGEMENTS)
    assert tuple(counts) == CAUSES
    assert {cause: number for cause, number in counts.items() if number} == {
        "stale": 1,
        "not retrieved": 1,
        "should have refused": 1,
    }
    assert count_causes([]) == dict.fromkeys(CAUSES, 0)


def test_a_board_has_a_column_for_each_outer_name_and_a_line_for_each_inner_one():
    (row,) = board({"bm25": {"all": Interval(0.5, 0.4, 0.6, 10)}})
    assert (row.assistant, row.metric, row.value, row.low, row.high, row.n) == ("bm25", "all", 0.5, 0.4, 0.6, 10)


def test_a_row_is_plain_json():
    row = rows_for("fake", JUDGEMENTS, None, SITE)[0]
    assert list(row.as_dict()) == ["assistant", "metric", "value", "low", "high", "n"]
    assert row.as_dict()["metric"] == "correct"
