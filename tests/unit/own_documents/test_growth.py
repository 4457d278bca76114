"""The stored search times are read, compared with a limit and drawn."""

from __future__ import annotations

import pytest

from course_lib.errors import DataError
from course_lib.files import write_json
from course_lib.own_documents.growth import WAYS, growth_figure, last_under, load_growth
from course_lib.settings import ROOT


def row(name, value):
    return {"name": name, "value": value, "unit": "ms", "target": None, "against": None, "machine": "any"}


def stored(folder, *rows):
    (folder / "results").mkdir()
    write_json(folder / "results" / "benchmarks.json", list(rows))
    return folder


def test_curves_run_from_the_smallest_size_and_other_benchmarks_are_passed_over(tmp_path):
    data = stored(
        tmp_path,
        row("search/bm25s/10000/p50", 2.0),
        row("search/bm25s/300/p50", 1.0),
        row("search/embed-question/1/p50", 9.0),
        row("training/lora", 3.0),
    )
    assert load_growth(data) == {"p50": {"bm25s": [(300, 1.0), (10000, 2.0)]}}


def test_missing_times_are_an_error_that_names_the_command(tmp_path):
    with pytest.raises(DataError, match="tests.benchmarks.search"):
        load_growth(stored(tmp_path, row("training/lora", 3.0)))


@pytest.mark.parametrize(
    ("curve", "expected"),
    [
        ([(100, 1.0), (1000, 5.0), (10000, 9.0)], 1000),
        ([(100, 1.0), (1000, 6.0), (10000, 4.0)], 100),
        ([(100, 6.0), (1000, 4.0)], None),
        ([], None),
    ],
)
def test_a_size_counts_only_with_all_smaller_ones(curve, expected):
    assert last_under(curve, 5.0) == expected


def test_the_picture_has_a_line_a_way_on_logarithmic_axes_and_the_limit():
    (axes,) = growth_figure({way: [(100, 1.0), (1000, 10.0)] for way in WAYS}, "Search grows").axes
    assert axes.get_xscale() == axes.get_yscale() == "log" and axes.get_title() == "Search grows"
    assert len(axes.lines) == len(WAYS) + 1


def test_the_published_times_have_every_way_and_measure_at_every_size():
    growth = load_growth(ROOT / "data")
    assert set(growth) == {"p50", "p95", "build", "bytes", "recall"}
    for measure in ("p50", "p95", "build", "bytes"):
        assert set(growth[measure]) == set(WAYS)
        assert {tuple(size for size, _ in curve) for curve in growth[measure].values()} == {
            (300, 1_000, 3_000, 10_000, 30_000, 100_000)
        }
