"""A value is made up if neither the documents of any date nor the customer state it."""

from __future__ import annotations

import pytest

from course_lib.evaluation.gold import load_questions
from course_lib.evaluation.invented import KINDS, invented_values, known_values, site_values
from course_lib.settings import ROOT

KNOWN = known_values(["Classic costs $74 per month, paid within 12 days. Form TW-F-79.", "Until May 3 it was $69."])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It costs $74.", []),
        ("It was 69 dollars.", []),
        ("It costs $75.", [("money", "$75")]),
        ("Send form TW-F-80 within twelve days.", [("code", "tw-f-80")]),
        ("10.5% of $74", [("percent", "10.5%")]),
        ("Pay on May 4.", [("date", "may 4")]),
        ("Ask us, we are happy to help.", []),
        ("", []),
    ],
)
def test_values_that_stand_nowhere_are_found_in_whatever_spelling(text, found):
    assert invented_values(text, "What does Classic cost?", KNOWN) == found


def test_a_value_that_the_customer_named_is_not_made_up():
    assert invented_values("No, not $90 but $74.", "Is it 90 dollars?", KNOWN) == []


def test_a_known_value_of_one_type_does_not_excuse_another():
    assert invented_values("12% a year", "?", known_values(["12 days"])) == [("percent", "12%")]


def test_every_type_is_there_even_if_no_text_has_it():
    assert known_values([]) == {kind: set() for kind in KINDS}


def test_the_right_and_the_stale_answers_to_all_questions_count_as_known():
    known = site_values(ROOT / "data")
    for question in (question for split in ("dev", "test") for question in load_questions(ROOT / "data", split)):
        said = "; ".join([*(slot.value for slot in question.slots), *question.stale])
        assert invented_values(said, "", known) == [], question.id


def test_a_span_of_time_is_no_code():
    found = invented_values("Open 12:30pm-2:30pm, form ZZ-7.", "When?", known_values([]))
    assert [value for kind, value in found if kind == "code"] == ["zz-7"]
