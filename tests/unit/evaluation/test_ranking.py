"""Behaviour of ranking scores."""

from __future__ import annotations

import math
import random

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.evaluation.ranking import hit_at, score_rankings

PASSAGES = [f"kb-{number:03}.{piece}" for number in range(6) for piece in (1, 2, 3)]
RANKINGS = st.lists(st.sampled_from(PASSAGES), unique=True)
RELEVANT = st.sets(st.sampled_from(PASSAGES), min_size=1)
DEPTHS = st.integers(1, 20)


def score(ranking, relevant, **depths):
    return score_rankings({"q": ranking}, {"q": relevant}, **depths)["q"]


def test_values_match_a_calculation_by_hand():
    found = score(["x", "a", "b"], {"a", "b"})
    ndcg = (1 / math.log2(3) + 1 / math.log2(4)) / (1 / math.log2(2) + 1 / math.log2(3))
    assert found == pytest.approx({"hit_at_3": 1.0, "mrr": 0.5, "ndcg_at_10": ndcg, "recall_at_3": 1.0})


def test_hit_and_recall_stop_at_hit_k_while_mrr_and_ndcg_go_on_to_the_cutoff():
    found = score(["x", "y", "z", "a"], {"a"})
    assert found == pytest.approx({"hit_at_3": 0.0, "mrr": 0.25, "ndcg_at_10": 1 / math.log2(5), "recall_at_3": 0.0})


def test_nothing_counts_below_the_cutoff():
    found = score(["x", "y", "z", "a"], {"a"}, cutoff=3, hit_k=2)
    assert found == {"hit_at_2": 0.0, "mrr": 0.0, "ndcg_at_3": 0.0, "recall_at_2": 0.0}


def test_names_follow_the_depths():
    assert list(score(["a"], {"a"}, cutoff=5, hit_k=1)) == ["hit_at_1", "mrr", "ndcg_at_5", "recall_at_1"]
    assert list(score(["a"], {"a"}, cutoff=4, hit_k=4)) == ["hit_at_4", "mrr", "ndcg_at_4", "recall_at_4"]


def test_recall_divides_by_all_relevant_passages():
    assert score(["a", "b", "c"], {"a", "b", "c", "d"})["recall_at_3"] == 0.75
    assert score(["a"], {"a", "b"})["recall_at_3"] == 0.5


def test_order_given_wins_over_the_order_of_ids():
    assert score(["z", "a"], {"z"})["mrr"] == 1.0
    assert score(["a", "z"], {"z"})["mrr"] == 0.5


def test_queries_are_scored_apart():
    found = score_rankings({"q1": ["a", "b"], "q2": ["a", "b"]}, {"q1": {"a"}, "q2": {"b"}})
    assert {query: values["mrr"] for query, values in found.items()} == {"q1": 1.0, "q2": 0.5}


@pytest.mark.parametrize("rankings", [{}, {"other": ["a"]}, {"q": []}])
def test_a_query_without_a_ranking_scores_0_on_everything(rankings):
    found = score_rankings(rankings, {"q": {"a"}})
    assert found == {"q": {"hit_at_3": 0.0, "mrr": 0.0, "ndcg_at_10": 0.0, "recall_at_3": 0.0}}


def test_a_ranking_for_a_query_without_judgments_is_not_scored():
    assert list(score_rankings({"q": ["a"], "unanswerable": ["a"]}, {"q": {"a"}})) == ["q"]
    assert score_rankings({"unanswerable": ["a"]}, {}) == {}


def test_an_empty_relevant_set_is_an_error_that_names_the_query():
    with pytest.raises(ValueError, match="'q2' has no relevant passage"):
        score_rankings({"q1": ["a"], "q2": ["a"]}, {"q1": {"a"}, "q2": set()})


def test_a_passage_ranked_twice_is_an_error_that_names_the_query():
    with pytest.raises(ValueError, match="'q2' names a passage twice"):
        score_rankings({"q1": ["a", "b"], "q2": ["a", "b", "a"]}, {"q1": {"a"}, "q2": {"a"}})


@pytest.mark.parametrize("depths", [{"cutoff": 0}, {"hit_k": 0}, {"hit_k": -1}])
def test_depths_below_1_are_refused(depths):
    with pytest.raises(ValueError, match="must be at least 1"):
        score(["a"], {"a"}, **depths)


@given(RANKINGS, RELEVANT, DEPTHS, DEPTHS)
def test_values_agree_with_plain_formulas(ranking, relevant, cutoff, hit_k):
    ranks = [rank for rank, passage in enumerate(ranking, 1) if passage in relevant]
    gain = sum(1 / math.log2(rank + 1) for rank in ranks if rank <= cutoff)
    best = sum(1 / math.log2(rank + 1) for rank in range(1, min(cutoff, len(relevant)) + 1))
    found = sum(rank <= hit_k for rank in ranks)
    expected = {
        f"hit_at_{hit_k}": float(found > 0),
        "mrr": 1 / ranks[0] if ranks and ranks[0] <= cutoff else 0.0,
        f"ndcg_at_{cutoff}": gain / best,
        f"recall_at_{hit_k}": found / len(relevant),
    }
    assert score(ranking, relevant, cutoff=cutoff, hit_k=hit_k) == pytest.approx(expected)


@given(RANKINGS.filter(len), DEPTHS)
def test_a_perfect_ranking_scores_1_except_recall_beyond_its_depth(ranking, hit_k):
    found = score(ranking, set(ranking), hit_k=hit_k)
    assert (found[f"hit_at_{hit_k}"], found["mrr"], found["ndcg_at_10"]) == pytest.approx((1, 1, 1))
    assert found[f"recall_at_{hit_k}"] == pytest.approx(min(1, hit_k / len(ranking)))


@pytest.mark.parametrize(("k", "hit"), [(1, False), (2, True), (3, True)])
def test_hit_at_looks_at_the_first_k_only(k, hit):
    assert hit_at(["x", "a", "y"], {"a"}, k) is hit


def test_hit_at_of_an_empty_ranking_is_a_miss():
    assert hit_at([], {"a"}, 3) is False


@pytest.mark.parametrize("k", [1, 3, 10])
def test_hit_at_equals_ir_measures_on_random_rankings(k):
    rng = random.Random(k)
    rankings = {f"q{number}": rng.sample(PASSAGES, rng.randint(1, len(PASSAGES))) for number in range(300)}
    relevant = {query: set(rng.sample(PASSAGES, rng.randint(1, 4))) for query in rankings}
    judged = [ir_measures.Qrel(query, passage, 1) for query, passages in relevant.items() for passage in passages]
    run = [
        ir_measures.ScoredDoc(query, passage, 1 / rank)
        for query, ranking in rankings.items()
        for rank, passage in enumerate(ranking, 1)
    ]
    metrics = ir_measures.iter_calc([ir_measures.Success @ k], judged, run)
    expected = {metric.query_id: bool(metric.value) for metric in metrics}
    assert len(set(expected.values())) == 2, "the sample has to hold hits and misses"
    assert {query: hit_at(ranking, relevant[query], k) for query, ranking in rankings.items()} == expected
