"""Times and memory of notebooks are measured in a fresh kernel, and only then printed."""

from __future__ import annotations

import json

import nbformat
import pytest

from course_lib.errors import CourseError, DataError
from course_lib.files import write_json
from course_lib.teaching import timings


def _write(path, *sources: str):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    nbformat.write(notebook, path)
    return path


def test_a_notebook_is_run_and_its_time_and_memory_are_measured(tmp_path):
    fill = "block = bytearray(400_000_000)\nblock[::4096] = b'x' * len(block[::4096])"
    path = _write(tmp_path / "03_x.ipynb", fill, "import time\ntime.sleep(0.5)")
    before = path.read_bytes()
    row = timings.measure_notebook(path)
    assert row["notebook"] == "03_x" and 0 <= row["minutes"] < 1 and 0.4 <= row["peak_gb"] < 1
    assert path.read_bytes() == before


def test_a_failing_notebook_is_named_with_its_error(tmp_path):
    with pytest.raises(CourseError, match="04_bad.ipynb failed: .*ZeroDivisionError"):
        timings.measure_notebook(_write(tmp_path / "04_bad.ipynb", "1 / 0"))


def test_a_file_that_is_no_notebook_is_refused(tmp_path):
    (tmp_path / "05_text.ipynb").write_text("hello")
    with pytest.raises(DataError):
        timings.measure_notebook(tmp_path / "05_text.ipynb")


def test_an_unknown_notebook_is_refused_before_anything_runs():
    with pytest.raises(DataError, match="no notebook '99_nowhere'"):
        timings.main(["99_nowhere"])


def test_measuring_one_notebook_keeps_the_rows_of_the_others(tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    for name in ("00_a", "01_b"):
        _write(tmp_path / "notebooks" / f"{name}.ipynb")
    results = tmp_path / "results" / "timings.json"
    write_json(results, [{"notebook": name, "minutes": 9, "peak_gb": 9} for name in ("00_a", "01_b", "77_gone")])
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(timings, "ROOT", tmp_path)
    monkeypatch.setattr(timings, "measure_notebook", lambda path: {"notebook": path.stem, "minutes": 1, "peak_gb": 1})
    timings.main(["01_b"])
    assert [(row["notebook"], row["minutes"]) for row in json.loads(results.read_text())] == [("00_a", 9), ("01_b", 1)]


def test_a_notebook_that_fails_keeps_its_old_row_and_the_others_are_still_measured(tmp_path, monkeypatch, capsys):
    (tmp_path / "notebooks").mkdir()
    for name in ("00_a", "01_b", "02_c"):
        _write(tmp_path / "notebooks" / f"{name}.ipynb")
    results = tmp_path / "results" / "timings.json"
    write_json(results, [{"notebook": "01_b", "minutes": 9, "peak_gb": 9}])
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(timings, "ROOT", tmp_path)

    def measure(path):
        if path.stem == "01_b":
            raise CourseError("01_b.ipynb failed: no", "Open it.")
        return {"notebook": path.stem, "minutes": 1, "peak_gb": 1}

    monkeypatch.setattr(timings, "measure_notebook", measure)
    assert timings.main([]) == 1
    assert [(row["notebook"], row["minutes"]) for row in json.loads(results.read_text())] == [
        ("00_a", 1),
        ("01_b", 9),
        ("02_c", 1),
    ]
    printed = capsys.readouterr()
    assert "01_b.ipynb failed" in printed.err and "02_c: 1 minutes" in printed.out


def test_a_notebook_is_measured_once_however_often_it_is_named(tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    _write(tmp_path / "notebooks" / "00_a.ipynb")
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(timings, "ROOT", tmp_path)
    measured = []

    def measure(path):
        measured.append(path.stem)
        return {"notebook": path.stem, "minutes": 1, "peak_gb": 1}

    monkeypatch.setattr(timings, "measure_notebook", measure)
    assert timings.main(["00_a", "00_a"]) == 0
    assert measured == ["00_a"]


@pytest.mark.parametrize("content", ["{", "{}", "[1]", '[{"notebook": "00_a"}]'])
def test_damaged_timings_are_named_with_a_remedy(tmp_path, monkeypatch, content):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "timings.json").write_text(content)
    with pytest.raises(DataError, match="timings.json"):
        timings.print_timing("00_a")


@pytest.mark.parametrize("content", ["3", "[]", '{"cells": [1], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}'])
def test_json_that_is_no_notebook_is_refused(tmp_path, content):
    (tmp_path / "06_json.ipynb").write_text(content)
    with pytest.raises(DataError, match="06_json.ipynb is not a notebook"):
        timings.measure_notebook(tmp_path / "06_json.ipynb")


def test_the_header_line_is_printed_from_the_file_or_says_that_there_is_none(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    timings.print_timing("00_start_here")
    assert "not been measured" in capsys.readouterr().out
    write_json(tmp_path / "results" / "timings.json", [{"notebook": "00_start_here", "minutes": 1.5, "peak_gb": 1.1}])
    timings.print_timing("00_start_here")
    assert "1.5 minutes and 1.1 GB" in capsys.readouterr().out
    write_json(tmp_path / "results" / "timings.json", [{"notebook": "00_start_here", "minutes": 1.0, "peak_gb": 1.9}])
    timings.print_timing("00_start_here")
    assert "it took 1 minute and 1.9 GB" in capsys.readouterr().out
