"""Each rung of the citation ladder fails alone, and a wrong answer can stand on any of them but the last."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.evaluation.citations import (
    RUNGS,
    climb,
    is_refutable,
    reaches,
    rung_points,
    standing,
    support_rate,
    wrong_by_rung,
    wrong_share,
)
from course_lib.evaluation.judge import judge
from tests.unit.evaluation.small_site import ANSWERS, ASKED, BOTH, NOTICE, OTHER, PRICE, SITE, UNTOLD, answered


def failed(answer, question=ASKED) -> list[str]:
    """Return the rungs that an answer fails, leaving the swap test out."""
    return [rung for rung, passes in climb(judge(question, answer, SITE)).items() if passes is False]


def test_a_right_answer_with_its_source_fails_no_rung():
    assert failed(answered("$74")) == []
    assert climb(judge(ASKED, answered("$74"), SITE), follows=True) == dict.fromkeys(RUNGS, True)


@pytest.mark.parametrize(
    ("answer", "rungs"),
    [
        (answered("$74", ()), ["exists", "resolves", "supports", "relevant"]),
        (answered("$74", ("kb-999.1",)), ["resolves", "supports", "relevant"]),
        (answered("$80"), ["quoted", "supports"]),  # the right page, and a value that stands nowhere
        (answered("$74", shown=()), ["quoted"]),  # cites what it was never shown
        (answered("12 days"), ["supports"]),  # stands in the other passage that was shown
        (answered("$99", ("kb-003.1",), (PRICE, OTHER)), ["relevant"]),  # all that can be seen is in order
        (answered("12 days", ("kb-002.1",)), ["relevant"]),
    ],
)
def test_each_rung_fails_for_its_own_reason(answer, rungs):
    assert failed(answer) == rungs


def test_the_right_page_with_another_value_of_it_passes_every_rung_that_can_be_read_off_and_is_wrong():
    judged = judge(ASKED, answered("$32"), SITE)
    assert reaches(climb(judged), "relevant") and not judged.correct
    assert not reaches(climb(judged, follows=False), "causal")


def test_a_rung_counts_only_if_all_below_it_are_passed():
    rungs = climb(judge(ASKED, answered("$74", shown=()), SITE))
    assert rungs["supports"] and not reaches(rungs, "supports") and reaches(rungs, "resolves")
    with pytest.raises(ValueError, match="'proved' is not a rung: use one of exists, "):
        reaches(rungs, "proved")


def test_an_answer_that_declines_is_on_no_rung():
    rungs = climb(judge(ASKED, answered("not in the documents", ()), SITE))
    assert set(rungs) == set(RUNGS) and set(rungs.values()) == {None}
    assert not any(reaches(rungs, rung) for rung in RUNGS)


def test_an_unanswerable_question_has_no_relevant_citation():
    assert failed(answered("$74"), UNTOLD) == ["relevant"]


@given(st.lists(ANSWERS, max_size=6))
def test_the_higher_the_rung_the_fewer_stand_on_it(answers):
    judgements = [judge(BOTH, answer, SITE) for answer in answers]
    counts = [len(standing(judgements, rung)) for rung in RUNGS]
    assert counts == sorted(counts, reverse=True) and counts[-1] == 0  # without a swap test nobody is on the last


@given(ANSWERS)
def test_the_ladder_says_what_the_judge_says(answer):
    judged = judge(ASKED, answer, SITE)
    rungs = climb(judged)
    assert rungs["resolves"] == judged.citation_exists
    assert rungs["supports"] == judged.citation_supports
    assert rungs["relevant"] == judged.citation_correct


def test_shares_are_over_the_answers_given_and_support_leaves_out_those_that_decline():
    judgements = [judge(ASKED, answered(text), SITE) for text in ("$74", "$32", "$80", "not in the documents")]
    assert (wrong_share(judgements).value, wrong_share(judgements).n) == (0.75, 4)
    assert (support_rate(judgements).value, support_rate(judgements).n) == (pytest.approx(2 / 3), 3)


def test_the_table_and_the_picture_count_the_wrong_ones_among_those_that_stand():
    one = [judge(ASKED, answered(text), SITE) for text in ("$74", "$32", "$80")]
    published = {"a": one, "b": [judge(ASKED, answered("$99", ("kb-999.1",)), SITE)]}
    assert wrong_by_rung(published) == [
        ("exists", "2 of 3", "1 of 1"),
        ("resolves", "2 of 3", "0 of 0"),
        ("quoted", "1 of 2", "0 of 0"),
        ("supports", "1 of 2", "0 of 0"),
        ("relevant", "1 of 2", "0 of 0"),
    ]
    points = dict(rung_points(published, ("a", "b")))
    assert list(points) == [*(f"a: {rung}" for rung in list(RUNGS)[:-1]), "b: exists"]
    assert (points["a: relevant"].value, points["a: relevant"].n, points["b: exists"].value) == (0.5, 2, 1)


# What a reader can see


@pytest.mark.parametrize(
    ("answer", "question", "seen"),
    [
        (answered("$80"), ASKED, True),  # stands in no cited passage
        (answered("$32"), ASKED, True),  # the passage that was shown states the right value
        (answered("$99", ("kb-003.1",), (PRICE, OTHER)), ASKED, True),
        (answered("$99", ("kb-003.1",), (OTHER,)), ASKED, False),  # nothing shown says otherwise
        (answered("not in the documents", ()), ASKED, True),  # the passage that tells was shown
        (answered("not in the documents", (), (OTHER,)), ASKED, False),
        (answered("$74"), ASKED, False),  # it is right
        (answered("$80", shown=()), ASKED, False),  # nothing was shown
        (answered("$74"), UNTOLD, False),  # the value stands in the cited passage
        (answered("$80"), UNTOLD, True),
        (answered("$74; 9 days", ("kb-001.1",), (PRICE,)), BOTH, True),  # 9 days stands nowhere
        (answered("$74; $32", ("kb-001.1",), (PRICE,)), BOTH, False),  # the passage that is missing would tell
        (answered("$74; $32", ("kb-001.1",), (PRICE, NOTICE)), BOTH, True),
        (answered("$74 or $69; 12 days", ("kb-001.1", "kb-002.1")), BOTH, True),
    ],
)
def test_a_reader_can_refute_what_the_shown_passages_contradict(answer, question, seen):
    assert is_refutable(judge(question, answer, SITE), SITE) is seen
