"""Costs add up by hand, and break-even points and flips stand where the costs cross."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from course_lib.errors import DataError
from course_lib.operations.break_even import break_even, flips, ranking
from course_lib.operations.costs import (
    Prices,
    Traffic,
    Usage,
    monthly_cost,
    monthly_costs,
    review_shares,
    usage_from,
)

TRAFFIC = Traffic(questions=1000, edited_articles=20, trainings=2)
PRICES = Prices(
    million_tokens_in=2.0,
    million_tokens_out=10.0,
    machine_hour=3.6,
    training_hour=7.2,
    indexing_hour=1.8,
    reviewer_hour=30.0,
    wrong_answer=4.0,
    waiting_second=0.001,
)
RAG = Usage("rag", 500, 40, 2.0, 0.1, 0.2, 1.5, indexing_seconds=4.0)
TUNED = Usage("tuned", 50, 40, 1.0, 0.3, training_seconds=3000, fixed=25.0)


def test_every_part_is_what_a_pocket_calculator_says():
    assert monthly_costs(RAG, TRAFFIC, PRICES) == pytest.approx(
        {
            "tokens": 1000 * (500 * 2 + 40 * 10) / 1e6,
            "machine": 2.0,
            "training": 0.0,
            "indexing": 20 * 4 * 1.8 / 3600,
            "review": 1000 * 0.2 * 1.5 / 60 * 30,
            "wrong answers": 400.0,
            "waiting": 2.0,
            "fixed": 0.0,
        }
    )
    assert monthly_costs(TUNED, TRAFFIC, PRICES)["training"] == pytest.approx(2 * 3000 / 3600 * 7.2)
    assert monthly_cost(RAG, TRAFFIC, PRICES) == pytest.approx(sum(monthly_costs(RAG, TRAFFIC, PRICES).values()))


def test_nothing_asked_and_nothing_edited_costs_what_is_fixed():
    assert monthly_cost(TUNED, Traffic(0), PRICES) == 25.0


@pytest.mark.parametrize("varied", ["questions", "wrong_answer", "reviewer_hour"])
def test_at_the_break_even_point_both_cost_the_same(varied):
    prices = replace(PRICES, wrong_answer=0.5)
    point = break_even(RAG, TUNED, TRAFFIC, prices, varied)
    assert point is not None
    at = (
        (replace(TRAFFIC, questions=point), prices)
        if varied == "questions"
        else (TRAFFIC, replace(prices, **{varied: point}))
    )
    assert monthly_cost(RAG, *at) == pytest.approx(monthly_cost(TUNED, *at), rel=1e-6)


def test_assistants_whose_costs_never_cross_have_no_break_even_point():
    dearer = replace(RAG, name="dearer", fixed=10.0)
    assert break_even(RAG, dearer, TRAFFIC, PRICES, "questions") is None
    assert break_even(replace(RAG, tokens_in=400), dearer, TRAFFIC, PRICES, "questions") is None


def test_the_ranking_flips_where_being_right_becomes_worth_more():
    (flip,) = flips([RAG, TUNED], TRAFFIC, PRICES, "wrong_answer", 0.0, 10.0)
    assert flip.before == ("tuned", "rag")
    assert flip.after == ("rag", "tuned")
    assert ranking([RAG, TUNED], TRAFFIC, replace(PRICES, wrong_answer=flip.at * 0.99)) == flip.before
    assert ranking([RAG, TUNED], TRAFFIC, replace(PRICES, wrong_answer=flip.at * 1.01)) == flip.after


def test_a_crossing_outside_the_range_is_no_flip():
    (flip,) = flips([RAG, TUNED], TRAFFIC, PRICES, "wrong_answer", 0.0, 10.0)
    assert flips([RAG, TUNED], TRAFFIC, PRICES, "wrong_answer", flip.at * 1.1, 10.0) == []


def test_three_assistants_flip_in_order():
    free = Usage("workflow", wrong=0.8)
    found = flips([RAG, TUNED, free], TRAFFIC, PRICES, "wrong_answer", 0.0, 10.0)
    assert [flip.at for flip in found] == sorted(flip.at for flip in found)
    assert found[0].before[0] == "workflow" and found[-1].after[0] == "rag"
    assert all(first.after == second.before for first, second in zip(found, found[1:], strict=False))


@pytest.mark.parametrize(
    "broken",
    [replace(RAG, wrong=1.1), replace(RAG, seconds=-1.0), replace(RAG, tokens_in=float("nan"))],
)
def test_numbers_that_cannot_be_are_refused(broken):
    with pytest.raises(DataError):
        monthly_cost(broken, TRAFFIC, PRICES)


def test_an_input_that_does_not_exist_is_named():
    with pytest.raises(DataError, match="wrong_answers"):
        break_even(RAG, TUNED, TRAFFIC, PRICES, "wrong_answers")
    with pytest.raises(DataError, match="empty"):
        flips([RAG, TUNED], TRAFFIC, PRICES, "questions", 5.0, 5.0)


def test_usage_is_averaged_over_the_assistants_own_rows():
    rows = [
        {"assistant": "rag", "tokens_in": 100, "tokens_out": 10, "seconds": {"retrieve": 0.5, "generate": 1.5}},
        {"assistant": "rag", "tokens_in": 300, "tokens_out": 30, "seconds": {"generate": 4.0}},
        {"assistant": "hybrid", "tokens_in": 9999, "tokens_out": 9999, "seconds": {}},
    ]
    assert usage_from("rag", rows, 0.25, fixed=3.0) == Usage("rag", 200, 20, 3.0, 0.25, fixed=3.0)
    with pytest.raises(DataError, match="no answer"):
        usage_from("workflow", rows, 0.25)


def test_drafts_without_a_measured_time_count_as_reviewed_but_not_as_minutes():
    items = [SimpleNamespace(minutes=2.0), SimpleNamespace(minutes=None), SimpleNamespace(minutes=4.0)]
    assert review_shares(items, 30) == (0.1, 3.0)
    with pytest.raises(DataError):
        review_shares([SimpleNamespace(minutes=None)], 30)
