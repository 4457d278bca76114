"""Behavior of intervals and tests over scores."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from course_lib.evaluation.statistics import (
    Interval,
    cluster_bootstrap,
    cluster_mean,
    mcnemar_exact,
    paired_difference,
    wilson,
)

COUNTS = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
PAIRS = st.lists(st.tuples(st.booleans(), st.booleans()), max_size=60)
CLUSTERED = st.lists(st.tuples(st.floats(-5, 5), st.sampled_from("abcd")), min_size=1, max_size=30)


def width(interval: Interval) -> float:
    return interval.high - interval.low


def clustered_scores(rng: np.random.Generator, articles: int, each: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw scores with true mean 0 whose articles differ more than the questions within one do."""
    effects = np.repeat(rng.normal(size=articles), each)
    return effects + rng.normal(scale=0.5, size=articles * each), np.repeat(np.arange(articles), each)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (9, 10, 0.5958, 0.9821),
    ],
)
def test_wilson_gives_the_published_limits(successes, n, low, high):
    """All but the last are the examples of Newcombe (1998)."""
    interval = wilson(successes, n)
    assert (interval.value, interval.n) == (successes / n, n)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)


def test_wilson_agrees_with_its_formula_at_another_confidence():
    z, share, n = stats.norm.ppf(0.95), 0.3, 50
    center = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    interval = wilson(15, n, confidence=0.9)
    assert (interval.low, interval.high) == pytest.approx((center - half, center + half))


@given(COUNTS)
def test_wilson_encloses_the_share_and_stays_between_0_and_1(counts):
    interval = wilson(*counts)
    assert -1e-12 <= interval.low <= interval.value + 1e-12
    assert interval.value - 1e-12 <= interval.high <= 1 + 1e-12
    assert interval.low < interval.high


@given(COUNTS)
def test_wilson_of_failures_mirrors_wilson_of_successes(counts):
    successes, n = counts
    right, wrong = wilson(successes, n), wilson(n - successes, n)
    assert (right.low, right.high) == pytest.approx((1 - wrong.high, 1 - wrong.low), abs=1e-12)


@pytest.mark.parametrize("truth", [0.5, 0.8, 0.9])
def test_wilson_covers_the_true_share_about_95_percent_of_the_time(truth):
    n = 60
    intervals = [wilson(k, n) for k in range(n + 1)]
    covered = sum(stats.binom.pmf(k, n, truth) for k, found in enumerate(intervals) if found.low <= truth <= found.high)
    assert 0.93 < covered < 0.98


def test_wilson_over_no_items_is_an_error_that_names_the_cause():
    with pytest.raises(ValueError, match="a score over no items is missing, not 0"):
        wilson(0, 0)


@pytest.mark.parametrize(("successes", "n"), [(11, 10), (-1, 10)])
def test_wilson_refuses_impossible_counts(successes, n):
    with pytest.raises(ValueError):
        wilson(successes, n)


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_confidence_outside_0_to_1_is_refused(confidence):
    with pytest.raises(ValueError, match="confidence"):
        wilson(5, 10, confidence)
    with pytest.raises(ValueError, match="confidence"):
        cluster_bootstrap([0.0, 1.0], "ab", confidence=confidence)


def test_bootstrap_draws_whole_clusters_and_divides_by_the_items_drawn():
    values, clusters = [1, 0, 0, 0], ["small", "large", "large", "large"]
    assert cluster_bootstrap(values, clusters) == Interval(0.25, 0.0, 1.0, 4)
    # both clusters drawn once: half of the draws, all in the middle, each 1 of 4 items
    assert cluster_bootstrap(values, clusters, confidence=0.2) == Interval(0.25, 0.25, 0.25, 4)


def test_bootstrap_of_single_items_matches_the_normal_interval():
    values = np.random.default_rng(1).normal(size=400)
    interval = cluster_bootstrap(values, range(400), draws=8000)
    half = 1.96 * values.std() / math.sqrt(400)
    assert (interval.low, interval.high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.06 * half)


def test_intervals_are_wider_with_clusters_when_items_of_a_cluster_agree():
    values = np.repeat(np.random.default_rng(2).integers(0, 2, size=40), 4)
    together = cluster_bootstrap(values, np.repeat(np.arange(40), 4))
    apart = cluster_bootstrap(values, range(160))
    assert together.value == apart.value
    assert width(together) / width(apart) == pytest.approx(2, rel=0.15)  # four copies of one item: sqrt(4)


def test_bootstrap_with_clusters_covers_the_true_mean_about_95_percent_of_the_time():
    rng = np.random.default_rng(3)
    found = [cluster_bootstrap(*clustered_scores(rng, 50, 4), draws=500, seed=run) for run in range(500)]
    assert 0.91 < np.mean([interval.low <= 0 <= interval.high for interval in found]) < 0.98


def test_bootstrap_without_clusters_misses_the_true_mean_too_often():
    rng = np.random.default_rng(3)
    found = [cluster_bootstrap(clustered_scores(rng, 50, 4)[0], range(200), draws=200, seed=run) for run in range(200)]
    assert np.mean([interval.low <= 0 <= interval.high for interval in found]) < 0.85


def test_bootstrap_repeats_with_the_same_seed_and_moves_with_another():
    values, clusters = clustered_scores(np.random.default_rng(4), 20, 3)
    assert cluster_bootstrap(values, clusters) == cluster_bootstrap(values, clusters, seed=7)
    assert cluster_bootstrap(values, clusters) != cluster_bootstrap(values, clusters, seed=8)


@given(CLUSTERED)
def test_bootstrap_reports_the_plain_mean_and_stays_within_the_values(rows):
    values, clusters = zip(*rows, strict=True)
    interval = cluster_mean(values, clusters, draws=50)
    assert interval.value == pytest.approx(np.mean(values), abs=1e-9)
    assert interval.n == len(values)
    assert min(values) - 1e-9 <= interval.low <= interval.high <= max(values) + 1e-9


@given(CLUSTERED)
def test_names_of_clusters_do_not_matter(rows):
    values, clusters = zip(*rows, strict=True)
    renamed = [("kb", ord(cluster)) if cluster < "c" else None if cluster == "c" else 4 for cluster in clusters]
    assert cluster_mean(values, clusters, draws=50) == cluster_mean(values, renamed, draws=50)


@pytest.mark.parametrize(
    ("values", "clusters", "reason"),
    [
        ([], [], "at least one value"),
        ([1.0, 0.0], ["a"], "2 values and 1 clusters"),
        ([1.0, math.nan], "ab", "finite"),
        ([1.0, None], "ab", "finite"),
    ],
)
def test_bootstrap_refuses_missing_input(values, clusters, reason):
    with pytest.raises(ValueError, match=reason):
        cluster_mean(values, clusters)


def test_where_all_agree_the_interval_still_leaves_room_for_doubt():
    none, all_, mixed = (cluster_bootstrap(marks, "aab") for marks in ([False] * 3, [True] * 3, [True, True, False]))
    assert (none.value, none.low, none.n) == (0, 0, 3) and none.high == wilson(0, 2).high, "of two articles, not three"
    assert (all_.value, all_.high) == (1, 1) and all_.low == pytest.approx(1 - none.high)
    assert (mixed.low, mixed.high) == (0, 1)
    assert cluster_bootstrap([0.5, 0.5], "ab").low == 0.5, "only 0 and 1 are the ends of a share"


def test_equal_systems_do_not_differ_and_no_tokens_are_none():
    assert paired_difference([1, 0], [1, 0], "ab") == Interval(0, 0, 0, 2) == cluster_mean([0, 0], "ab")


def test_bootstrap_refuses_to_draw_nothing():
    with pytest.raises(ValueError, match="draws"):
        cluster_mean([1.0], "a", draws=0)


def test_paired_difference_is_second_minus_first():
    interval = paired_difference([True, False, False, False], [True, True, True, False], "abcd")
    assert (interval.value, interval.n) == (0.5, 4)


def test_paired_difference_is_certain_when_every_item_gains_the_same():
    first = np.random.default_rng(5).random(30)
    interval = paired_difference(first, first + 0.25, np.repeat(np.arange(10), 3))
    assert (interval.value, interval.low, interval.high) == pytest.approx((0.25, 0.25, 0.25))


def test_paired_difference_equals_the_bootstrap_of_the_differences():
    rng = np.random.default_rng(6)
    first, clusters = clustered_scores(rng, 12, 3)
    second, options = rng.random(36), {"draws": 300, "seed": 5, "confidence": 0.8}
    expected = cluster_mean(second - first, clusters, **options)
    assert paired_difference(first, second, clusters, **options) == expected


def test_paired_comparisons_refuse_unequal_lengths():
    with pytest.raises(ValueError, match="first has 1, second 2"):
        paired_difference([1.0], [1.0, 0.0], "ab")
    with pytest.raises(ValueError, match="first has 2, second 1"):
        mcnemar_exact([True, False], [True])


def test_mcnemar_counts_only_items_where_exactly_one_is_right():
    first = [True] * 8 + [False] * 2 + [True] * 50 + [False] * 30
    second = [False] * 8 + [True] * 2 + [True] * 50 + [False] * 30
    assert mcnemar_exact(first, second) == pytest.approx(2 * (1 + 10 + 45) / 2**10)


@pytest.mark.parametrize("outcomes", [[], [True, False, True]])
def test_mcnemar_is_1_when_the_systems_never_disagree(outcomes):
    assert mcnemar_exact(outcomes, outcomes) == 1.0


@given(PAIRS)
def test_mcnemar_equals_the_binomial_test_and_ignores_the_order_of_systems(pairs):
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    gains, losses = pairs.count((False, True)), pairs.count((True, False))
    expected = stats.binomtest(gains, gains + losses, 0.5).pvalue if gains + losses else 1.0
    assert mcnemar_exact(first, second) == pytest.approx(expected)
    assert mcnemar_exact(second, first) == pytest.approx(expected)
