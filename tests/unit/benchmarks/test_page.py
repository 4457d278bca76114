"""The page of benchmarks counts what was met, and a command that fails gives no time."""

from __future__ import annotations

import pytest

from course_lib.errors import CourseError
from course_lib.files import read_json
from course_lib.settings import ROOT, Settings
from tests.benchmarks.course import seconds_of
from tests.benchmarks.page import page
from tests.benchmarks.rows import finish, row

ROWS = [row("a/speed", 2.0, "ratio", ">=3", "b/speed"), row("a/size", 1.0, "GB", "<=1.2"), row("a/more", 12345.6, "s")]


def test_targets_stand_first_with_how_many_were_met():
    text = page(ROWS)
    assert "## Targets: 1 of 2 met" in text
    assert "| `a/speed` | 2 ratio | b/speed | >=3 | **missed** |" in text
    assert "| `a/size` | 1 GB |  | <=1.2 | met |" in text
    assert text.index("a/size") < text.index("Everything else") < text.index("| `a/more` | 1.235e+04 s |  |")


def test_storing_rows_writes_the_page_of_all_and_a_trial_does_not(tmp_path):
    settings = Settings(data=tmp_path, cache=tmp_path / "cache")
    (tmp_path / "results").mkdir()
    finish(ROWS, settings, no_store=True)
    assert not (tmp_path / "results" / "BENCHMARKS.md").exists()
    finish(ROWS[:1], settings, no_store=False)
    finish(ROWS[1:], settings, no_store=False)
    assert (tmp_path / "results" / "BENCHMARKS.md").read_text() == page(ROWS)


def test_the_shipped_page_is_that_of_the_shipped_rows():
    folder = ROOT / "data" / "results"
    assert (folder / "BENCHMARKS.md").read_text(encoding="utf-8") == page(read_json(folder / "benchmarks.json"))


def test_a_command_that_fails_is_an_error_with_its_last_line():
    assert 0 < seconds_of(["-c", "pass"]) < 60
    with pytest.raises(CourseError, match="failed: no such thing"):
        seconds_of(["-c", "import sys; print('first'); sys.exit('no such thing')"])
