"""An answer is current, stale, blended, other or abstained, and which one depends on the date."""

from __future__ import annotations

import pytest

from course_lib.evaluation.changes import (
    ABSTAINED,
    BLENDED,
    CURRENT,
    OTHER,
    STALE,
    Asked,
    asked_at_every_date,
    sliced,
)
from course_lib.evaluation.gold import Question, Slot, load_facts, load_questions
from course_lib.knowledge.snapshots import snapshot_dates
from course_lib.settings import ROOT

ONE, TWO, THREE = DATES = ("2025-03-01", "2025-09-01", "2026-03-01")


def asked(values, kind="money", text="How much is a bell?", aliases=None):
    slot = Slot("kb-001.bell", kind, values[-1], (), "A bell costs that much.")
    question = Question("test-001", "test", "lookup", text, (slot,), tuple(values[:-1]), (), "")
    return Asked(question, dict(zip(DATES, values)), aliases or {})


BELL = asked(("$9", "$12", "$12"), aliases={"$9": ["nine bucks"]})


@pytest.mark.parametrize(
    ("text", "date", "kind"),
    [
        ("$9", ONE, CURRENT),
        ("$9", TWO, STALE),
        ("it is nine bucks", TWO, STALE),
        ("$12", TWO, CURRENT),
        ("12 dollars", THREE, CURRENT),
        ("$12", ONE, OTHER),  # at the first date nobody could know
        ("$9 or $12", TWO, BLENDED),
        ("$9; $12", THREE, BLENDED),
        ("$912", TWO, OTHER),
        ("$10.50", TWO, OTHER),
        ("not in the documents", TWO, ABSTAINED),
        ("", TWO, ABSTAINED),
    ],
)
def test_the_kind_of_an_answer(text, date, kind):
    assert BELL.kind(text, date) == kind


def test_a_count_is_known_by_its_number_alone():
    visits = asked(("3 visits", "5 visits", "5 visits"), "count", "How many visits do I have?")
    assert visits.kind("5", TWO) == CURRENT and visits.kind("3", TWO) == STALE and visits.kind("4", TWO) == OTHER


def test_a_value_that_comes_back_is_current_again():
    back = asked(("$9", "$12", "$9"))
    assert [back.kind("$9", date) for date in DATES] == [CURRENT, STALE, CURRENT]
    assert back.kind("$12", THREE) == STALE and back.pattern == "ABA"


def test_all_questions_ask_one_value_that_every_date_has_and_a_slice_keeps_the_patterns():
    questions, facts = load_questions(ROOT / "data", "test"), load_facts(ROOT / "data")
    every = asked_at_every_date(questions, facts, snapshot_dates(ROOT / "data"))
    assert all(len(one.question.slots) == 1 and all(one.values.values()) for one in every)
    assert {one.kind(one.values[date], date) for one in every for date in DATES} == {CURRENT}
    old = {one.kind(one.values[ONE], THREE) for one in every if one.changed(ONE, THREE)}
    assert old == {STALE}
    some = sliced(every, 5)
    assert {one.pattern for one in some} == {one.pattern for one in every}
    counts = [sum(one.pattern == pattern for one in some) for pattern in {one.pattern for one in every}]
    assert max(counts) == 5 and [one for one in every if one in some] == some
