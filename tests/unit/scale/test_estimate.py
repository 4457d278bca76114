"""Measured costs of one unit are turned into machines, and every assumption counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from course_lib.errors import DataError
from course_lib.experiments.store import load_experiment
from course_lib.operations.price_table import Price
from course_lib.own_documents.growth import WAYS, load_growth
from course_lib.scale.estimate import (
    Plan,
    Units,
    estimate,
    extended,
    hosted_hour,
    machines,
    measured_units,
    serving_rows,
)
from course_lib.scale.growth_picture import extended_figure
from course_lib.settings import Settings

UNITS = Units(5.0, 0.2, 0.01, 3.0, 0.6, 16, 300.0, 40.0)
FLAT = [(1_000, 1.0), (100_000, 1.0)]
GROWTH = {
    "p50": {way: FLAT for way in WAYS},
    "build": {way: FLAT for way in WAYS},
    "bytes": {way: [(1_000, 1e6), (100_000, 1e8)] for way in WAYS},
}


def price(item, value):
    return Price("A house", item, value, "USD per million tokens", "https://example.org", "2026-01-01", "2026-02-01")


@pytest.mark.parametrize(
    ("per_minute", "seconds", "busy", "expected"),
    [(60, 10.0, 1.0, 10), (60, 10.0, 0.5, 20), (90, 1.0, 1.0, 2), (60, 0.7, 0.7, 1), (0, 3.0, 0.5, 0)],
)
def test_machines_are_arrivals_times_seconds_over_the_busy_share_rounded_up(per_minute, seconds, busy, expected):
    assert machines(per_minute, seconds, busy) == expected


@pytest.mark.parametrize("given", [(-1, 1.0, 0.5), (1, -1.0, 0.5), (1, 1.0, 0.0), (1, 1.0, 1.1)])
def test_a_load_that_cannot_be_is_an_error(given):
    with pytest.raises(ValueError, match="busy above 0"):
        machines(*given)


def test_a_curve_is_carried_on_by_its_last_power_law_and_read_between_its_points():
    curve = [(10, 5.0), (100, 1.0), (1_000, 10.0)]
    assert extended(curve, 10_000) == pytest.approx(100.0)
    assert extended(curve, 1_000) == pytest.approx(10.0)
    assert extended(curve, 100) == pytest.approx(1.0)
    assert extended([(10, 4.0), (1_000, 16.0)], 100) == pytest.approx(8.0)


@pytest.mark.parametrize("curve", [[(10, 1.0)], [(10, 0.0), (100, 1.0)]])
def test_a_curve_without_a_power_law_is_an_error(curve):
    with pytest.raises(ValueError, match="two points"):
        extended(curve, 1_000)


def test_the_estimate_follows_the_load_the_memory_and_the_time_that_is_granted():
    plan = Plan(articles=20_000, questions_per_minute=600, busy=0.5, machine_gb=1.0, indexing_hours=1.0)
    lines = {line.what: line.machines for line in estimate(UNITS, GROWTH, plan)}
    # 100,000 passages take 0.2 GB; a question takes 10 + 1 + 1 ms of one of two cores, ten times a second
    assert lines == {
        "first index": 3,
        "search": 1,
        "answers, one at a time": 60,
        "answers, in batches": 12,
    }
    small = {line.what: line.machines for line in estimate(UNITS, GROWTH, replace(plan, machine_gb=0.1))}
    assert small["search"] == 2  # the index is cut in two, and every question goes to both
    slow = {line.what: line.machines for line in estimate(UNITS, GROWTH, replace(plan, indexing_hours=4.0))}
    assert slow["first index"] == 1


def test_bought_tokens_cost_what_the_table_says():
    rows = [price("Big input, prompts up to 9 tokens", 1.0), price("Big cached input", 0.1), price("Big output", 10.0)]
    assert hosted_hour(UNITS, rows, "Big", 1_000) == pytest.approx((300 * 1.0 + 40 * 10.0) / 1e6 * 60_000)
    with pytest.raises(DataError, match="0 prices for Small input"):
        hosted_hour(UNITS, rows, "Small", 1_000)


def test_the_units_are_the_stored_measurements_and_a_missing_one_is_said():
    settings = Settings()
    latency = load_experiment("nb10_latency", settings)
    units = measured_units(settings, latency)
    assert units.answer_alone > units.answer_in_batch > 0 and units.passages > 1
    assert [row[0] for row in serving_rows(settings, latency)] == ["prompt_only", "rag", "fine_tuned", "hybrid"]
    with pytest.raises(DataError, match="'workflow' is missing"):
        measured_units(settings, latency, "workflow")


def test_the_picture_has_a_measured_and_a_guessed_line_for_each_way_and_says_the_guesses():
    curves = load_growth(Settings().data)["p50"]
    figure, says = extended_figure(curves, 1_000_000)
    (axes,) = figure.axes
    assert [line.get_linestyle() for line in axes.lines] == ["-", ":"] * len(WAYS)
    assert all(line.get_xdata()[-1] == 1_000_000 for line in axes.lines[1::2])
    assert all(name in says for name in WAYS.values()) and axes.get_xscale() == axes.get_yscale() == "log"
