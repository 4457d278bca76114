"""Two conditions are compared on the questions that both asked, and on no others."""

from __future__ import annotations

import pytest

from course_lib.evaluation.differences import difference_of, text_of
from course_lib.evaluation.scoreboard import Row
from course_lib.evaluation.statistics import Interval, paired_difference


def rows(scores: dict[str, bool]) -> list[dict]:
    return [{"question": name, "cluster": name[0], "right": right} for name, right in scores.items()]


FIRST = rows({"a1": True, "a2": False, "b1": False, "c1": True})
SECOND = rows({"c1": True, "b1": True, "a2": True, "a1": False})


def test_questions_are_paired_by_name_whatever_their_order():
    found = difference_of(FIRST, SECOND, "right")
    assert found == paired_difference([1, 0, 0, 1], [0, 1, 1, 1], ["a", "a", "b", "c"])
    assert (found.value, found.n) == (0.25, 4)
    assert difference_of(SECOND, FIRST, "right").value == -0.25


@pytest.mark.parametrize(
    "other", [SECOND[:3], [*SECOND, *rows({"d1": True})], [*SECOND[:3], SECOND[0]], [*SECOND, SECOND[0]]]
)
def test_other_questions_or_a_question_asked_twice_are_an_error(other):
    with pytest.raises(ValueError, match="same questions"):
        difference_of(FIRST, other, "right")


def test_an_interval_or_a_row_is_written_with_its_ends():
    assert text_of(Row("rag", "correct", 0.876, 0.8, 0.951, 24)) == "0.88 [0.80, 0.95]"
    assert text_of(Interval(0.705, 0.5, 1.0, 9)) in ("0.70 [0.50, 1.00]", "0.71 [0.50, 1.00]")
