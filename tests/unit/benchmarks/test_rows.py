"""Rows of benchmarks are judged against their targets and merged without losing those of others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from course_lib.errors import CourseError, DataError
from course_lib.files import read_json, write_json
from course_lib.settings import Settings
from tests.benchmarks import rows
from tests.benchmarks.rows import check_idle, finish, merged, met, ratio, row, run, save, told


@pytest.mark.parametrize(
    ("value", "target", "expected"),
    [
        (3.0, ">=3", True),
        (2.99, ">=3", False),
        (1.5, "<=1.5", True),
        (1.51, "<=1.5", False),
        (0.0, "<=0", True),
        (float("nan"), ">=3", False),
        (float("nan"), "<=3", False),
    ],
)
def test_a_target_is_met_at_its_bound_and_never_by_a_missing_value(value, target, expected):
    assert met(value, target) is expected


@pytest.mark.parametrize("target", ["", "3", ">3", "=>3", ">=", ">=fast", "<=nan"])
def test_a_target_that_cannot_be_read_is_an_error_and_makes_no_row(target):
    with pytest.raises(DataError, match="target"):
        met(1.0, target)
    with pytest.raises(DataError, match="target"):
        row("a/b", 1.0, "ratio", target)


def test_a_ratio_is_ours_by_theirs_and_needs_both():
    assert ratio(6.0, 2.0) == 3.0
    for ours, theirs in ((1.0, 0.0), (0.0, 1.0), (-1.0, 1.0)):
        with pytest.raises(DataError):
            ratio(ours, theirs)


def test_a_line_tells_whether_the_target_is_met():
    assert told(row("a/b", 2.0, "ratio", ">=3", "a/c")).endswith("ratio, against a/c; target >=3: MISSED")
    assert told(row("a/b", 3.5, "ratio", ">=3")).endswith("target >=3: met")
    assert "target" not in told(row("a/b", 3.5, "s"))


def test_large_values_are_rounded_to_four_digits_and_whole_numbers_are_kept():
    assert row("a/b", 123456.0, "bytes")["value"] == 123500.0
    assert row("a/b", 123456, "bytes")["value"] == 123456


def test_new_rows_replace_those_of_their_name_and_keep_the_others_in_place():
    old = [{"name": "a", "value": 1}, {"name": "b", "value": 2}]
    new = [{"name": "c", "value": 3}, {"name": "a", "value": 4}]
    assert [(one["name"], one["value"]) for one in merged(old, new)] == [("a", 4), ("b", 2), ("c", 3)]
    assert old[0]["value"] == 1


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "results").mkdir()
    return replace(Settings(), data=tmp_path, cache=tmp_path / "cache")


def test_saved_rows_join_the_file_of_all_benchmarks(settings):
    path = settings.data / "results" / "benchmarks.json"
    save([row("a/b", 1.0, "s")], settings)
    save([row("search/x", 2.0, "ms"), row("a/b", 3.0, "s")], settings)
    assert {one["name"]: one["value"] for one in read_json(path)} == {"a/b": 3.0, "search/x": 2.0}
    assert set(read_json(path)[0]) == {"name", "value", "unit", "target", "against", "machine"}


def test_a_trial_prints_and_stores_nothing(settings, capsys):
    path = settings.data / "results" / "benchmarks.json"
    write_json(path, [])
    assert finish([row("a/b", 1.0, "s")], settings, no_store=True) == 0
    assert "a/b" in capsys.readouterr().out and read_json(path) == []
    finish([row("a/b", 1.0, "s")], settings, no_store=False)
    assert len(read_json(path)) == 1


def test_a_busy_machine_is_refused_unless_nothing_is_stored(monkeypatch):
    monkeypatch.setattr(rows.psutil, "cpu_percent", lambda seconds: 80.0)
    with pytest.raises(CourseError, match="80%"):
        check_idle(no_store=False)
    check_idle(no_store=True)
    monkeypatch.setattr(rows.psutil, "cpu_percent", lambda seconds: 3.0)
    check_idle(no_store=False)


def test_an_error_ends_the_process_with_1_and_says_what_to_do(capsys):
    def fails():
        raise CourseError("It broke.", "Mend it.")

    with pytest.raises(SystemExit) as end:
        run(fails)
    assert end.value.code == 1 and "Mend it." in capsys.readouterr().err
