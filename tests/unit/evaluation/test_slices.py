"""A slice is fair: every stratum about in proportion, spread over it, and the same each time."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.evaluation.gold import STRATA, load_questions
from course_lib.evaluation.slices import tour_slice
from course_lib.settings import ROOT

TEST = load_questions(ROOT / "data", "test")


@given(st.integers(len(STRATA), len(TEST)))
def test_a_slice_has_exactly_so_many_questions_and_every_stratum_about_in_proportion(count):
    picked = tour_slice(TEST, count)
    strata, whole = Counter(question.stratum for question in picked), Counter(question.stratum for question in TEST)
    assert len({question.id for question in picked}) == len(picked) == count
    assert set(strata) == set(STRATA)
    for name in STRATA:
        share = count * whole[name] / len(TEST)
        assert strata[name] <= max(1, share + 1), (name, strata)
        assert strata[name] >= (share - 1 if count >= 20 else min(1, share)), (name, strata)


@pytest.mark.parametrize("count", range(8, 241))
def test_a_slice_spreads_over_each_stratum(count):
    for name in STRATA:
        whole = [question.id for question in TEST if question.stratum == name]
        places = [whole.index(question.id) for question in tour_slice(TEST, count) if question.stratum == name]
        gaps = [after - before for before, after in zip(places, [*places[1:], places[0] + len(whole)])]
        assert min(gaps) > 0 and max(gaps) - min(gaps) <= 1, (name, places)


@pytest.mark.parametrize(
    ("count", "largest", "others"),
    [
        (12, {"lookup": 3, "paraphrase": 2, "unanswerable": 2}, 1),
        (24, {"lookup": 6, "paraphrase": 5, "unanswerable": 3, "near_duplicate": 3, "code": 3, "multi_passage": 2}, 1),
    ],
)
def test_the_slices_that_the_course_uses_leave_the_most_room_to_the_largest_strata(count, largest, others):
    strata = Counter(question.stratum for question in tour_slice(TEST, count))
    assert strata == dict.fromkeys(STRATA, others) | largest


@pytest.mark.parametrize("count", range(len(STRATA)))
def test_a_slice_with_fewer_questions_than_strata_has_them_from_the_largest(count):
    picked = [question.stratum for question in tour_slice(TEST, count)]
    whole = Counter(question.stratum for question in TEST)
    assert len(picked) == count and set(picked) <= {name for name, _ in whole.most_common(len(STRATA) - 1)}


def test_a_slice_of_more_than_all_is_all_and_a_slice_is_the_same_each_time():
    assert {question.id for question in tour_slice(TEST, 10_000)} == {question.id for question in TEST}
    assert tour_slice(TEST) == tour_slice(TEST) and tour_slice([]) == []
