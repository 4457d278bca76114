"""A row keeps what can be seen without the right answer apart from what needs it."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from course_lib.assistants.answer import Answer
from course_lib.assistants.parsing import abstention, parse_house
from course_lib.evaluation.gold import Question, Slot
from course_lib.evaluation.judge import judge
from course_lib.evaluation.outcomes import (
    SEEN,
    by_condition,
    excess_fall,
    main_causes,
    mixed,
    outcome,
    quality,
    share,
    turned_wrong,
)
from course_lib.evaluation.statistics import cluster_bootstrap
from course_lib.knowledge.chunking import Passage
from course_lib.models.prompts import house_answer
from course_lib.retrieval.base import Hit

PAGE = Passage("kb-001.1", "kb-001", "Fees", "", "billing", "The late fee is $15.")
OTHER = Passage("kb-002.1", "kb-002", "Fees", "", "billing", "The late fee is $11.")
SITE = {page.id: page for page in (PAGE, OTHER)}
FEE = Slot("kb-001.fee", "money", "$15", (), "The late fee is $15.")
QUESTION = Question("t-1", "test", "lookup", "What is the late fee?", (FEE,), ("$12",), (), "")


def row(raw: str, page: Passage = PAGE, withheld: bool = False, logprob: float | None = math.log(0.9)) -> dict:
    parsed = abstention() if withheld else parse_house(raw)
    answer = Answer("fake", QUESTION.text, (Hit(page, 1.0),), "", raw, parsed, confidence=logprob)
    return outcome("here", judge(QUESTION, answer, SITE))


def said(value: str, *cited: str) -> str:
    return house_answer([value] if value else [], cited, "billing")


def test_a_right_answer_looks_right_and_is():
    good = row(said("$15", "kb-001.1"))
    assert all(good[key] for key in (*SEEN, "tells", "correct")) and not good["hedges"] and not good["misled"]
    assert (good["condition"], good["question"], good["cluster"], good["cause"]) == ("here", "t-1", "kb-001", "")
    assert good["confidence"] == 0.9 and good["passages"] == ["kb-001.1"]
    assert json.loads(json.dumps(good)) == good


def test_a_wrong_value_from_a_wrong_passage_looks_as_right_as_a_right_one():
    bad, good = row(said("$11", "kb-002.1"), OTHER), row(said("$15", "kb-001.1"))
    assert {key: bad[key] for key in SEEN} == {key: good[key] for key in SEEN}
    assert bad["misled"] and not bad["correct"] and not bad["tells"] and bad["cause"] == "not retrieved"


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("The fee is $15 [kb-001.1]", "format"),
        (said("$15"), "cites"),
        (said("$15", "kb-009.9"), "cites"),
        (said("$15", "kb-001.1", "kb-002.1"), "cites"),
        (said("a while", "kb-001.1"), "plausible"),
    ],
)
def test_each_sign_fails_by_itself(raw, key):
    found = row(raw)
    assert [name for name in SEEN if not found[name]] == [key]


def test_a_refusal_hedges_reaches_nobody_and_misleads_nobody():
    refused = row(said(""))
    assert refused["hedges"] and refused["format"] and refused["cites"] and refused["plausible"]
    assert not refused["reached"] and not refused["misled"] and not refused["correct"]


def test_a_withheld_text_is_described_as_written_and_reaches_nobody():
    withheld = row(said("$11", "kb-001.1"), withheld=True)
    assert withheld["plausible"] and not withheld["hedges"]
    assert not withheld["reached"] and not withheld["misled"]


def test_a_word_of_doubt_is_a_hedge_and_a_month_is_not():
    assert row(said("perhaps $11", "kb-001.1"))["hedges"] and not row(said("perhaps $11", "kb-001.1"))["misled"]
    assert not row(said("May 3", "kb-001.1"))["hedges"]


def test_an_answer_without_a_model_has_no_confidence():
    assert row(said("$15", "kb-001.1"), logprob=None)["confidence"] is None


def made(condition: str, question: str, correct: bool, **fields) -> dict:
    seen = dict.fromkeys(SEEN, True)
    extra = {"tells": correct, "misled": not correct, "cause": "" if correct else "stale", "cluster": question}
    return {"condition": condition, "question": question, "correct": correct, **seen, **extra, **fields}


INTACT = [made("intact", "a", True), made("intact", "b", True), made("intact", "c", False), made("intact", "d", True)]
BROKEN = [made("broken", "a", False), made("broken", "b", False), made("broken", "c", False), made("broken", "d", True)]


def test_rows_are_grouped_in_the_order_of_their_conditions():
    assert by_condition([*BROKEN[:1], *INTACT, *BROKEN[1:]]) == {"broken": BROKEN, "intact": INTACT}


def test_a_share_has_its_interval_by_article_and_leaves_out_what_is_missing():
    assert share(INTACT, "correct") == cluster_bootstrap([1, 1, 0, 1], list("abcd"))
    assert share([made("x", "a", True, confidence=0.5), made("x", "b", True, confidence=None)], "confidence").n == 1
    with pytest.raises(ValueError, match="at least one value"):
        share([made("x", "a", True, confidence=None)], "confidence")


def test_quality_pairs_what_was_shown_with_what_was_right():
    place, height = quality(INTACT)
    assert place == 0.75 and height == share(INTACT, "correct")


def test_the_most_frequent_cause_is_named_with_the_number_of_wrong_answers():
    rows = [replace_cause(one, cause) for one, cause in zip(BROKEN, ("stale", "not retrieved", "not retrieved", ""))]
    assert main_causes({"broken": rows, "good": INTACT[:2]}) == [("broken", 3, "not retrieved"), ("good", 0, None)]


def replace_cause(one: dict, cause: str) -> dict:
    return one | {"cause": cause}


def test_only_answers_that_were_right_before_can_turn_wrong():
    rates = turned_wrong({"intact": INTACT, "broken": BROKEN}, {"bad retrieval": "broken"})
    assert list(rates) == ["bad retrieval"]
    assert rates["bad retrieval"].value == pytest.approx(2 / 3) and rates["bad retrieval"].n == 3


def test_the_excess_is_over_the_score_that_falls_most():
    assert excess_fall([*INTACT, *BROKEN]).value == pytest.approx(0.5)
    noticed = [one | {"reached": one["question"] != "a"} for one in BROKEN]
    assert excess_fall([*INTACT, *noticed]).value == pytest.approx(0.25)
    assert excess_fall([*INTACT, *[one | {"format": False} for one in BROKEN]]).value == pytest.approx(-0.5)


def test_the_excess_pairs_each_question_with_itself_whatever_the_order():
    assert excess_fall([*INTACT, *reversed(BROKEN)]).value == excess_fall([*INTACT, *BROKEN]).value


@pytest.mark.parametrize("part", [0, 0.25, 0.5, 1])
def test_a_mixture_takes_so_many_questions_from_the_broken_rows_and_each_question_once(part):
    rows = mixed(INTACT, BROKEN, part)
    assert [one["question"] for one in rows] == list("abcd")
    assert sum(one["condition"] == "broken" for one in rows) == part * 4
    assert rows == mixed(INTACT, BROKEN, part)


def test_a_larger_part_contains_the_smaller_one():
    small, large = ({one["question"] for one in mixed(INTACT, BROKEN, part) if one in BROKEN} for part in (0.25, 0.75))
    assert small < large


def test_a_row_of_another_site_keeps_its_own_verdict():
    assert not row(said("$15", "kb-001.1"), replace(PAGE, text="The late fee is $12."))["tells"]
