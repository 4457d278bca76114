"""Each check between model and customer fails for its own reason only."""

from __future__ import annotations

import pytest

from course_lib.assistants.parsing import Parsed, abstention
from course_lib.assistants.validators import mend_citations, validate
from course_lib.knowledge.chunking import Passage
from course_lib.retrieval.base import Hit

PRICE = Passage("kb-001.1", "kb-001", "Classic", "Prices", "plans", "Classic costs $74 per month, or $0.11 a mile.")
NOTICE = Passage(
    "kb-002.1", "kb-002", "Leaving", "", "plans", "- Plan: Classic; Notice: 12 days\n- Plan: Plus; Notice: 2.5 weeks"
)
HITS = [Hit(PRICE, 2.0), Hit(NOTICE, 1.0)]


def verdicts(text, *cited, valid=True, hits=HITS, question="What is it?"):
    return validate(question, Parsed(text, cited, "plans", False, valid), hits)


def failed(*arguments, **options):
    return [name for name, passed in verdicts(*arguments, **options).items() if not passed]


def test_every_check_is_reported_by_name():
    assert list(verdicts("$74", "kb-001.1")) == ["format", "cites", "grounded", "fits"]
    assert list(validate("How long?", abstention(), HITS)) == ["format", "cites", "grounded", "fits"]


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("$74", ("kb-001.1",)),
        ("74 dollars", ("kb-001.1",)),
        ("$0.11", ("kb-001.1",)),
        ("twelve days", ("kb-002.1",)),
        ("$74; 12 days", ("kb-001.1", "kb-002.1")),
        ("2.5 weeks", ("kb-002.1",)),
        ("Prices", ("kb-001.1",)),  # stands in the heading
    ],
)
def test_values_that_stand_in_cited_passages_pass(text, cited):
    assert failed(text, *cited) == []


def test_a_value_of_another_kind_than_the_question_asks_for_fails_that_check_alone():
    assert failed("$74", "kb-001.1", question="How many days of notice does Classic need?") == ["fits"]
    assert failed("12 days", "kb-002.1", question="How many days of notice does Classic need?") == []


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("$80", ("kb-001.1",)),
        ("$7", ("kb-001.1",)),
        ("$740", ("kb-001.1",)),
        ("2 days", ("kb-002.1",)),
        ("5 weeks", ("kb-002.1",)),
        ("12 day", ("kb-002.1",)),
        ("$74; 13 days", ("kb-001.1", "kb-002.1")),
        ("$74; ", ("kb-001.1",)),
        ("$0.1", ("kb-001.1",)),
        ("0.11", ("kb-001.1",)),
        ("12 days", ("kb-001.1",)),  # stands in a passage that was shown but not cited
        ("It costs $74.", ("kb-001.1",)),  # words of its own
    ],
)
def test_a_value_that_no_cited_passage_has_is_not_grounded(text, cited):
    assert failed(text, *cited) == ["grounded"]


@pytest.mark.parametrize("cited", [(), ("kb-999.1",), ("kb-001",), ("kb-001.1", "kb-999.1"), ("",)])
def test_an_answer_has_to_cite_and_only_passages_that_were_shown(cited):
    assert "cites" in failed("$74", *cited)


def test_an_unknown_citation_beside_the_right_one_fails_only_the_citation_check():
    assert failed("$74", "kb-001.1", "kb-999.1") == ["cites"]


def test_a_text_that_was_no_house_format_fails_only_the_format_check():
    assert failed("$74", "kb-001.1", valid=False) == ["format"]


def test_a_refusal_needs_no_source_and_may_not_pretend_to_have_one():
    assert all(validate("How many days?", abstention(), HITS).values())
    assert all(validate("How many days?", abstention(), []).values())
    assert failed("not in the documents", "kb-001.1") == ["cites"]
    assert failed("not in the documents", valid=False) == ["format"]


def test_nothing_is_grounded_when_nothing_was_shown():
    assert failed("$74", "kb-001.1", hits=[]) == ["cites", "grounded"]


def mended(text, *cited, hits=HITS, valid=True):
    return mend_citations(Parsed(text, cited, "plans", False, valid), hits)


@pytest.mark.parametrize(
    ("text", "cited", "right"),
    [
        ("$74", ("kb-002.1",), ("kb-001.1",)),
        ("$74; 12 days", ("kb-001.1",), ("kb-001.1", "kb-002.1")),
        ("12 days; 2.5 weeks", (), ("kb-002.1",)),  # each source once
        ("$74", ("kb-001.1",), ("kb-001.1",)),
    ],
)
def test_each_value_gets_a_shown_passage_that_states_it(text, cited, right):
    assert mended(text, *cited).citations == right


def test_a_cited_passage_that_states_the_value_is_preferred_to_a_better_ranked_one():
    twin = Passage("kb-009.1", "kb-009", "Fees", "", "billing", "The same $74 stands here.")
    hits = [*HITS, Hit(twin, 0.5)]
    assert mended("$74", "kb-009.1", hits=hits).citations == ("kb-009.1",)
    assert mended("$74", "kb-002.1", hits=hits).citations == ("kb-001.1",)


def test_category_and_need_of_a_person_follow_the_passage():
    safety = Hit(Passage("kb-003.1", "kb-003", "Brakes", "", "safety", "Stop within 9 feet."), 1.0)
    answer = mended("9 feet", "kb-001.1", hits=[*HITS, safety])
    assert (answer.category, answer.needs_human) == ("safety", True)


@pytest.mark.parametrize("text", ["$999", "$74; $999", "not in the documents"])
def test_what_cannot_be_mended_is_left_as_it_is(text):
    assert mended(text, "kb-002.1").citations == ("kb-002.1",)
    assert mended("$74", "kb-002.1", valid=False).citations == ("kb-002.1",)
