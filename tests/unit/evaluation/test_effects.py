"""The main effect of a factor is its gain, averaged over the other factor."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.assistants.answer import Answer, Parsed, abstention, parse_house
from course_lib.evaluation.effects import GRID, effect_rows, main_effect, wrote_right, wrote_valid
from course_lib.evaluation.gold import Question, Slot
from course_lib.evaluation.judge import judge
from course_lib.evaluation.statistics import cluster_bootstrap
from course_lib.models.prompts import house_answer

ASKED = Question("t-1", "test", "lookup", "Cost?", (Slot("kb-001.price", "money", "$74", (), ""),), (), (), "")


def test_an_effect_is_the_mean_of_the_two_gains_item_by_item():
    effect = main_effect([0, 1, 0], [1, 1, 0], [0, 0, 1], [1, 1, 0])
    assert effect.tolist() == [1.0, 0.5, -0.5]


def test_swapping_the_factors_gives_the_effect_of_the_other_one():
    neither, retrieval, training, both = [0, 0], [1, 0], [0, 1], [1, 1]
    assert np.mean(main_effect(neither, retrieval, training, both)) == 0.5
    assert np.mean(main_effect(neither, training, retrieval, both)) == 0.5
    assert main_effect(neither, training, retrieval, both).tolist() == [0.0, 1.0]


def test_systems_of_different_length_are_refused():
    with pytest.raises(ValueError, match="same items"):
        main_effect([0], [1, 1], [0, 0], [1, 1])


def test_rows_name_factor_and_score_and_carry_the_interval_over_articles():
    grid, clusters = ([0, 0, 0], [1, 0, 1], [0, 0, 1], [1, 1, 1]), ["a", "b", "b"]
    rows = {(row.assistant, row.metric): row for row in effect_rows({"right": grid}, clusters)}
    expected = cluster_bootstrap(main_effect(*grid), clusters)
    found = rows["retrieval", "right"]
    assert (found.value, found.low, found.high, found.n) == (expected.value, expected.low, expected.high, 3)
    assert rows["training", "right"].value == pytest.approx(1 / 3)


def test_the_grid_runs_from_neither_to_both():
    assert GRID == ("prompt_only", "rag", "fine_tuned", "hybrid")


def test_what_the_model_wrote_is_scored_even_if_a_check_replaced_it():
    raw = house_answer(["$74"], ["kb-001.1"], "plans")
    withheld = judge(ASKED, Answer("hybrid", "Cost?", (), "", raw, abstention()), {})
    assert not withheld.correct
    assert wrote_right(withheld, {}) and wrote_valid(withheld)


def test_a_broken_form_is_not_valid_even_if_the_value_is_right():
    raw = house_answer(["$74"], ["kb-001.1"], "plans")[:-1]
    judged = judge(ASKED, Answer("rag", "Cost?", (), "", raw, parse_house(raw)), {})
    assert wrote_right(judged, {}) and not wrote_valid(judged)
    assert not wrote_valid(judge(ASKED, Answer("rag", "Cost?", (), "", "$74", Parsed("$74")), {}))
