"""The smallest difference that a question set shows agrees with counting every outcome."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from course_lib.evaluation.power import detectable, mcnemar_power, smallest_paired_difference
from course_lib.evaluation.statistics import mcnemar_exact


def counted_power(n: int, difference: float, differing: float, alpha: float) -> float:
    """Add up the probability of every outcome that the course's own McNemar test calls a difference."""
    better, worse = (differing + difference) / 2, (differing - difference) / 2
    total = 0.0
    for first in range(n + 1):
        for second in range(n + 1 - first):
            one = [True] * first + [False] * second + [True] * (n - first - second)
            two = [False] * first + [True] * second + [True] * (n - first - second)
            if mcnemar_exact(one, two) <= alpha:
                total += stats.multinomial.pmf([first, second, n - first - second], n, [worse, better, 1 - differing])
    return total


@pytest.mark.parametrize(
    ("n", "difference", "differing", "alpha"),
    [(8, 0.4, 0.6, 0.05), (12, 0.3, 0.5, 0.05), (12, 0.5, 0.5, 0.1), (10, 0.0, 0.4, 0.2), (14, 0.6, 1.0, 0.01)],
)
def test_power_equals_the_sum_over_all_outcomes(n, difference, differing, alpha):
    expected = counted_power(n, difference, differing, alpha)
    assert mcnemar_power(n, difference, differing, alpha) == pytest.approx(expected, abs=1e-9)


def test_two_equal_systems_are_told_apart_no_more_often_than_the_level_allows():
    assert all(mcnemar_power(n, 0.0, share) <= 0.05 for n in (20, 100, 240) for share in (0.1, 0.5, 1.0))


def test_systems_that_never_differ_are_never_told_apart():
    assert mcnemar_power(240, 0.0, 0.0) == 0


@pytest.mark.parametrize("differing", [0.1, 0.2, 0.4])
def test_the_smallest_difference_is_found_four_times_out_of_five_and_a_smaller_one_less_often(differing):
    least = smallest_paired_difference(240, differing)
    assert mcnemar_power(240, least, differing) >= 0.8 > mcnemar_power(240, least - 0.001, differing)


def test_more_questions_show_smaller_differences_and_more_disagreement_hides_them():
    by_size = [smallest_paired_difference(n, 0.2) for n in (60, 120, 240, 480)]
    by_share = [smallest_paired_difference(240, share) for share in (0.1, 0.2, 0.4)]
    assert by_size == sorted(by_size, reverse=True) and by_share == sorted(by_share)


def test_too_few_questions_show_nothing_at_all():
    assert smallest_paired_difference(30, 0.1) == math.inf


def test_bars_leave_out_what_cannot_be_shown():
    bars = detectable((30, 240), (0.1, 0.4))
    assert {group: set(values) for group, values in bars.items()} == {
        "30 questions": {"only one is right on 40%"},
        "240 questions": {"only one is right on 10%", "only one is right on 40%"},
    }
    assert bars["240 questions"]["only one is right on 10%"] == smallest_paired_difference(240, 0.1)


@pytest.mark.parametrize(
    "arguments", [(0, 0.1, 0.2), (10, 0.3, 0.2), (10, -0.1, 0.2), (10, 0.1, 1.2), (10, 0.1, 0.2, 0.0)]
)
def test_power_refuses_what_makes_no_sense(arguments):
    with pytest.raises(ValueError, match="Need"):
        mcnemar_power(*arguments)


def test_a_power_that_is_not_above_the_level_is_refused():
    with pytest.raises(ValueError, match="alpha < power"):
        smallest_paired_difference(240, 0.2, power=0.05)
