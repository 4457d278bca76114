"""Every wrong answer has exactly one cause: the first that explains it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.assistants.hybrid import Hybrid
from course_lib.assistants.parsing import abstention
from course_lib.evaluation.causes import CAUSES, find_cause
from course_lib.evaluation.judge import judge
from course_lib.evaluation.scoreboard import count_causes
from course_lib.models.batching import Completion
from course_lib.models.prompts import house_answer
from course_lib.retrieval.base import Hit
from tests.unit.evaluation.small_site import (
    ANSWERS,
    ASKED,
    BOTH,
    COST,
    NOTICE,
    OTHER,
    PRICE,
    SITE,
    UNTOLD,
    answered,
)

CAUSED = {
    "not in the documents": (replace(ASKED, slots=(replace(COST, value="$75", accepted=()),)), answered("$80")),
    "not retrieved": (ASKED, answered("$80", shown=(OTHER, NOTICE))),
    "retrieved but not used": (ASKED, answered("$80")),
    "stale": (ASKED, answered("$69")),
    "misread": (ASKED, answered("$32")),
    "wrong format": (ASKED, answered("see above", raw='{"answer": ["$74"]}')),
    "wrongly refused": (ASKED, answered("not in the documents", ())),
    "should have refused": (UNTOLD, answered("$74")),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_each_cause_is_found(cause):
    question, given_answer = CAUSED[cause]
    judged = judge(question, given_answer, SITE)
    assert (judged.correct, judged.cause) == (False, cause)


@pytest.mark.parametrize(
    ("question", "text"), [(ASKED, "$74"), (BOTH, "$74; 12 days"), (UNTOLD, "not in the documents")]
)
def test_a_right_answer_has_no_cause(question, text):
    judged = judge(question, answered(text), SITE)
    assert (judged.correct, judged.stale, judged.cause) == (True, False, "")


@pytest.mark.parametrize(
    ("cause", "spoken"),
    [
        ("stale", answered("$69", shown=(OTHER,))),  # former value, and nothing retrieved
        (
            "not retrieved",
            answered("not in the documents", (), shown=(OTHER,)),
        ),  # declined because nothing was retrieved
        ("not retrieved", answered("see above", shown=(OTHER,), raw="$74")),
        ("not retrieved", answered("not in the documents", (), shown=(OTHER,), raw='{"answer": "$74"')),
        ("wrong format", answered("not in the documents", (), raw="$74")),  # a check withheld it for its form
        ("wrong format", answered("$32", raw="$74 and $32")),  # a misreading, but the raw text had it
    ],
)
def test_the_first_layer_that_explains_an_answer_is_its_cause(cause, spoken):
    assert judge(ASKED, spoken, SITE).cause == cause


def test_a_former_value_is_stale_even_if_no_document_has_the_new_one():
    gone = replace(ASKED, slots=(replace(COST, value="$75", accepted=()),))
    assert find_cause(gone, answered("$69"), SITE, stale=True) == "stale"
    assert find_cause(gone, answered("$80", shown=(OTHER,)), SITE, stale=False) == "not in the documents"


def test_a_question_for_two_values_is_not_retrieved_if_one_passage_is_missing():
    assert judge(BOTH, answered("$74", shown=(PRICE,)), SITE).cause == "not retrieved"
    assert judge(BOTH, answered("$74", shown=(PRICE, NOTICE)), SITE).cause == "misread"


def test_a_former_value_that_is_set_aside_is_not_stale():
    judged = judge(ASKED, answered("It was $69, now it is $80."), SITE)
    assert (judged.stale, judged.cause) == (False, "retrieved but not used")


@pytest.mark.parametrize(
    ("raw", "cause"),
    [
        ('{"citations": ["kb-001.1"], "answer": "$74", "categ', "wrong format"),
        ('Sure: {"citations": ["kb-001.1"], "answer": "$74", "category": "plans"}', "wrong format"),
        (house_answer(["$74"], ["kb-001.1"], "plans"), "wrongly refused"),  # well-formed, and withheld all the same
        ('{"citations": ["kb-001.1"], "answer": "$80", "categ', "wrongly refused"),  # mending the form would not help
        ('{"citations": ["kb-001.1"], "answer": "$69", "categ', "wrongly refused"),
        ('{"citations": [], "answer": "not in the docum', "wrongly refused"),
        ("I do not know if it is $74.", "wrongly refused"),  # the model itself declines
        (house_answer([], [], ""), "wrongly refused"),
        ("", "wrongly refused"),
    ],
)
def test_an_abstention_put_in_place_of_a_text_is_blamed_on_its_form_only_if_the_form_was_all_that_was_wrong(raw, cause):
    withheld = replace(answered("", raw=raw), parsed=abstention())
    assert judge(ASKED, withheld, SITE).cause == cause


@pytest.mark.parametrize(("raw", "cause"), [("$74; 12 days", "wrong format"), ("$74", "wrongly refused")])
def test_a_question_for_two_values_is_lost_to_its_form_only_if_the_text_has_both(raw, cause):
    assert judge(BOTH, replace(answered("", raw=raw), parsed=abstention()), SITE).cause == cause


def test_the_hybrid_can_be_wrong_for_its_format():
    class Scripted:
        def generate(self, conversations, *_):
            return [Completion('{"citations": ["kb-001.1"], "answer": "$74"', 9, 9, 0.1, -0.1, -0.1)]

        def render(self, messages):
            return ""

    hybrid = Hybrid(Scripted(), None)
    (answer,) = hybrid.answer_from([ASKED.text], [[Hit(PRICE, 1.0)]])
    assert answer.parsed == abstention()
    assert judge(ASKED, answer, SITE).cause == "wrong format"


def test_every_cause_is_explained_where_causes_are_found():
    explained = re.findall(r"\d\. \*(.+?)\*:", find_cause.__doc__)
    assert sorted(explained) == sorted(CAUSES)


@given(st.lists(st.tuples(st.sampled_from([ASKED, BOTH, UNTOLD]), ANSWERS), max_size=8))
def test_every_wrong_answer_has_exactly_one_cause_and_causes_sum_to_the_errors(pairs):
    judgements = [judge(question, spoken, SITE) for question, spoken in pairs]
    assert all((judged.cause in CAUSES) is not judged.correct for judged in judgements)
    assert all(judged.cause == "" for judged in judgements if judged.correct)
    assert all(not judged.correct and judged.cause == "stale" for judged in judgements if judged.stale)
    counts = count_causes(judgements)
    assert list(counts) == list(CAUSES)
    assert sum(counts.values()) == sum(not judged.correct for judged in judgements)
