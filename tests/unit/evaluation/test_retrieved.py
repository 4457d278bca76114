"""Retrieval is scored by question, from the gold values, and agrees with the scoreboard."""

from __future__ import annotations

import pytest

from course_lib.assistants.answer import Answer
from course_lib.assistants.parsing import Parsed
from course_lib.evaluation.gold import Question, Slot
from course_lib.evaluation.judge import judge
from course_lib.evaluation.retrieved import score_found, shown_intervals, stratum_intervals, tells, values_asked
from course_lib.evaluation.scoreboard import rows_for
from course_lib.evaluation.statistics import cluster_bootstrap
from course_lib.knowledge.chunking import Passage
from course_lib.retrieval.base import Hit


def passage(name: str, text: str) -> Passage:
    return Passage(name, name.split(".")[0], "page", "", "plans", text)


SITE = {
    page.id: page
    for page in (
        passage("kb-001.1", "Classic costs $74."),
        passage("kb-001.2", "Students pay less than $74."),
        passage("kb-002.1", "Notice: 12 days."),
        passage("kb-003.1", "Trailers cost $74."),
    )
}
COST, DAYS = Slot("kb-001.price", "money", "$74", (), ""), Slot("kb-002.notice", "duration", "12 days", (), "")
LOOKUP = Question("t-1", "test", "lookup", "Price?", (COST,), (), (), "")
BOTH = Question("t-2", "test", "multi_passage", "Price and notice?", (COST, DAYS), (), (), "")
QUESTIONS = [LOOKUP, BOTH]


def hits(*names: str) -> list[Hit]:
    return [Hit(SITE[name], 1.0) for name in names]


def test_the_passages_that_answer_belong_to_the_article_and_state_the_value():
    assert values_asked(QUESTIONS, SITE) == {
        "t-1/kb-001.price": {"kb-001.1", "kb-001.2"},
        "t-2/kb-001.price": {"kb-001.1", "kb-001.2"},
        "t-2/kb-002.notice": {"kb-002.1"},
    }


def test_a_question_that_asks_two_values_counts_by_the_worse_placed_one():
    scores = score_found(QUESTIONS, [hits("kb-003.1", "kb-001.2"), hits("kb-001.1", "kb-003.1", "kb-002.1")], SITE)
    assert scores["t-1"]["mrr"] == pytest.approx(1 / 2) and scores["t-1"]["recall_at_3"] == pytest.approx(1 / 2)
    assert scores["t-2"]["mrr"] == pytest.approx(1 / 3) and scores["t-2"]["hit_at_3"] == 1
    assert score_found([BOTH], [hits("kb-001.1", "kb-001.2")], SITE)["t-2"]["hit_at_3"] == 0


def test_the_depths_are_in_the_names_and_in_the_scores():
    scores = score_found([LOOKUP], [hits("kb-003.1", "kb-001.1")], SITE, cutoff=1, hit_k=1)["t-1"]
    assert scores == {"hit_at_1": 0, "mrr": 0, "ndcg_at_1": 0, "recall_at_1": 0}


def test_it_is_what_the_scoreboard_publishes():
    found = [hits("kb-003.1", "kb-001.2"), hits("kb-001.1", "kb-003.1", "kb-002.1")]
    judgements = [judge(one, Answer("fake", one.text, (), "", "", Parsed("$74")), SITE) for one in QUESTIONS]
    rankings = {one.id: [hit.passage.id for hit in part] for one, part in zip(QUESTIONS, found)}
    published = {row.metric: row.value for row in rows_for("fake", judgements, rankings, SITE)}
    scores = score_found(QUESTIONS, found, SITE)
    for metric in ("hit_at_3", "mrr", "ndcg_at_10"):
        mean = sum(score[metric] for score in scores.values()) / len(scores)
        assert published[metric] == pytest.approx(mean, abs=1e-4)


def test_a_value_that_no_passage_of_its_article_states_cannot_be_scored():
    with pytest.raises(ValueError, match="no relevant passage"):
        score_found([LOOKUP], [hits("kb-002.1")], {"kb-002.1": SITE["kb-002.1"]})


@pytest.mark.parametrize(
    ("question", "shown", "expected"),
    [
        (LOOKUP, ["kb-001.2"], True),
        (LOOKUP, ["kb-003.1"], False),  # the value, but of another article
        (LOOKUP, [], False),
        (BOTH, ["kb-001.1"], False),
        (BOTH, ["kb-002.1", "kb-001.1"], True),
    ],
)
def test_hits_tell_if_they_state_every_value_in_its_own_article(question, shown, expected):
    assert tells(question, hits(*shown)) is expected


def test_an_old_text_under_the_right_id_is_a_hit_by_name_but_does_not_tell():
    stale = [Hit(passage("kb-001.1", "Classic costs $69."), 1.0)]
    shown = shown_intervals([LOOKUP], [stale], SITE, 4)
    assert shown["hit_at_4"].value == 1 and shown["mrr"].value == 1 and shown["value_shown"].value == 0
    assert not tells(LOOKUP, stale)


def test_only_the_first_k_hits_count_for_what_is_shown_by_name():
    found = [hits("kb-003.1", "kb-002.1", "kb-001.1")]
    assert shown_intervals([LOOKUP], found, SITE, k=2)["hit_at_2"].value == 0
    assert shown_intervals([LOOKUP], found, SITE, k=3)["hit_at_3"].value == 1


def test_every_stratum_and_all_together_have_an_interval_by_article():
    scores = {"t-1": {"hit_at_3": 1.0}, "t-2": {"hit_at_3": 0.0}}
    intervals = stratum_intervals(QUESTIONS, scores, "hit_at_3")
    assert list(intervals) == ["all", "lookup", "multi_passage"]
    assert intervals["all"] == cluster_bootstrap([1.0, 0.0], ["kb-001", "kb-001"])
    assert (intervals["lookup"].value, intervals["multi_passage"].value) == (1, 0)
