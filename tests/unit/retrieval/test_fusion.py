"""Behavior of combining rankings."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.knowledge.chunking import Passage
from course_lib.retrieval.base import Hit, ScoringRetriever
from course_lib.retrieval.fusion import DEPTH, FusionRetriever, ScoreFusion


def passage(name: str) -> Passage:
    return Passage(name, name, "page", "", "plans", name)


class Fixed:
    """Answers every question with rankings given beforehand; the scores are meant to mislead."""

    def __init__(self, **rankings: str):
        self.rankings, self.depths = rankings, []

    def search(self, questions, k):
        self.depths.append(k)
        rankings = [self.rankings[question].split()[:k] for question in questions]
        return [[Hit(passage(name), 1000.0 * len(name)) for name in ranking] for ranking in rankings]


class Scored(ScoringRetriever):
    """Gives every question the same scores."""

    def __init__(self, *row: float):
        self.row, self.passages = row, [passage(name) for name in "abcdef"[: len(row)]]

    def scores(self, questions):
        return np.array([self.row] * len(questions)).reshape(-1, len(self.row))


def fused(*retrievers, question="q", k=10, **options):
    (found,) = FusionRetriever(retrievers, **options).search([question], k)
    return [(hit.passage.id, hit.score) for hit in found]


def test_scores_are_the_sums_of_reciprocal_ranks_worked_out_by_hand():
    found = fused(Fixed(q="a b c"), Fixed(q="c a d"))
    expected = [("a", 1 / 11 + 1 / 12), ("c", 1 / 13 + 1 / 11), ("b", 1 / 12), ("d", 1 / 13)]
    assert found == [(name, pytest.approx(score)) for name, score in expected]


def test_the_constant_of_the_paper_can_be_set():
    found = dict(fused(Fixed(q="a b"), Fixed(q="b a c"), constant=60))
    assert found == pytest.approx({"a": 1 / 61 + 1 / 62, "b": 1 / 62 + 1 / 61, "c": 1 / 63})


def test_a_small_constant_lets_one_first_place_win_and_a_large_one_lets_two_good_places_win():
    rankings = [Fixed(q="a m y"), Fixed(q="b n y")]
    assert fused(*rankings, constant=0.1)[0][0] == "a"
    assert fused(*rankings, constant=60)[0][0] == "y"


def test_weights_multiply_the_shares_of_their_retrievers():
    found = fused(Fixed(q="a b"), Fixed(q="b a"), weights=[3.0, 0.5])
    assert found == [("a", pytest.approx(3 / 11 + 0.5 / 12)), ("b", pytest.approx(3 / 12 + 0.5 / 11))]
    assert fused(Fixed(q="a b"), Fixed(q="b a"), weights=[0.5, 3.0])[0][0] == "b"


def test_a_weight_of_0_silences_a_retriever():
    assert [name for name, _ in fused(Fixed(q="a b c"), Fixed(q="c b a"), weights=[1, 0])] == ["a", "b", "c"]


def test_only_ranks_count_and_not_the_scores_of_the_retrievers():
    assert fused(Fixed(q="a looooong"))[0][0] == "a"


@pytest.mark.parametrize("order", [("a b", "b a"), ("b a", "a b")])
def test_ties_are_broken_by_id_whatever_the_order_of_the_retrievers(order):
    assert [name for name, _ in fused(*(Fixed(q=ranking) for ranking in order))] == ["a", "b"]


def test_the_best_k_are_given_best_first():
    found = fused(Fixed(q="a b c d e"), Fixed(q="e d c b a"), Fixed(q="c"), k=2)
    assert len(found) == 2
    assert found[0][0] == "c"
    assert found[0][1] > found[1][1]


def test_every_retriever_is_asked_deeper_than_k():
    shallow, deep = Fixed(q="a"), Fixed(q="a")
    fused(shallow, deep, k=3)
    assert shallow.depths == deep.depths == [DEPTH]
    fused(shallow, k=DEPTH + 5)
    assert shallow.depths[-1] == DEPTH + 5


def test_a_passage_that_all_rank_low_can_still_come_up():
    lists = [" ".join([*(f"{letter}{rank}" for rank in range(5)), "common"]) for letter in "xyz"]
    assert fused(*(Fixed(q=ranking) for ranking in lists), k=1)[0][0] == "common"


def test_questions_are_fused_apart():
    both = FusionRetriever([Fixed(p="a b", q="c d"), Fixed(p="b", q="d")])
    assert [[hit.passage.id for hit in hits] for hits in both.search(["p", "q"], 1)] == [["b"], ["d"]]
    assert both.search([], 3) == []


@pytest.mark.parametrize("weights", [[1.0], [1.0, 1.0, 1.0]])
def test_each_retriever_needs_a_weight(weights):
    with pytest.raises(ValueError, match="weights for 2 retrievers"):
        FusionRetriever([Fixed(), Fixed()], weights=weights)
    with pytest.raises(ValueError, match="weights for 2 retrievers"):
        ScoreFusion([Scored(1, 2), Scored(1, 2)], weights=weights)


def test_score_fusion_adds_standard_scores_worked_out_by_hand():
    (row,) = ScoreFusion([Scored(1, 2, 3), Scored(0, 100, 50)], weights=[1.0, 0.5]).scores(["q"])
    unit = np.sqrt(3 / 2)  # the standard score of the end of three evenly spaced numbers
    assert row == pytest.approx([-unit - 0.5 * unit, 0.5 * unit, unit])


def test_score_fusion_does_not_depend_on_the_scales_of_the_retrievers():
    small = ScoreFusion([Scored(1, 2, 4), Scored(0.3, 0.2, 0.1)], weights=[1, 1]).scores(["q"])
    large = ScoreFusion([Scored(1000, 2000, 4000), Scored(7.3, 7.2, 7.1)], weights=[1, 1]).scores(["q"])
    assert small == pytest.approx(large)


def test_a_retriever_that_cannot_tell_passages_apart_changes_nothing():
    alone = ScoreFusion([Scored(3, 1, 2)], weights=[1]).search(["q"], 3)
    found = ScoreFusion([Scored(3, 1, 2), Scored(5, 5, 5)], weights=[1, 9]).search(["q"], 3)
    assert found == alone
    assert [hit.passage.id for hit in found[0]] == ["a", "c", "b"]
