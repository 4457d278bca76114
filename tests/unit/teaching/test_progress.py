"""A learner's progress survives restarts, and a damaged file costs the progress at most, never the lesson."""

from __future__ import annotations

import json

import pytest

from course_lib.teaching import progress


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def shown(monkeypatch):
    tables = []
    monkeypatch.setattr(progress, "show_table", lambda rows, columns: tables.append(list(rows)))
    return tables


def _notebook(folder, name: str, *texts: str) -> None:
    folder.mkdir(exist_ok=True)
    cells = [{"cell_type": "markdown", "source": text.splitlines(keepends=True)} for text in texts]
    (folder / f"{name}.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")


def test_nothing_is_done_at_first_and_asking_writes_no_file(cache):
    assert progress.done() == set() and progress.kept("00.guess") is None
    assert not cache.exists()


def test_what_is_done_and_kept_is_read_back_from_the_file(cache):
    progress.mark_done("00.1")
    progress.keep("00.guess", "rag")
    progress.mark_done("00.2")
    assert progress.done() == {"00.1", "00.2"} and progress.kept("00.guess") == "rag"
    assert json.loads((cache / "progress.json").read_text()) == {"done": ["00.1", "00.2"], "kept": {"00.guess": "rag"}}


def test_doing_an_exercise_twice_counts_once():
    progress.mark_done("00.1")
    progress.mark_done("00.1")
    assert progress.done() == {"00.1"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"done": 3, "kept": {}}',
        b'{"done": [1], "kept": {}}',
        b'{"done": [], "kept": {"a": 1}}',
        b'{"done": []}',
    ],
)
def test_a_damaged_file_is_set_aside_with_a_warning_and_progress_starts_again(cache, capsys, content):
    cache.mkdir()
    (cache / "progress.json").write_bytes(content)
    assert progress.done() == set()
    assert "could not be read" in capsys.readouterr().out
    assert (cache / "progress.damaged.json").read_bytes() == content
    progress.mark_done("00.1")
    assert progress.done() == {"00.1"} and capsys.readouterr().out == ""


def test_progress_lists_the_exercises_of_every_notebook(tmp_path, shown, capsys):
    _notebook(tmp_path / "books", "00_start", "# 00 Start\n", "## Exercise 1: Guess\ntext", "### Exercise 2. Count\n")
    _notebook(tmp_path / "books", "01_next", "# 01 Next\n", "## Exercise 1: Break it\n", "No exercise 7 here")
    progress.mark_done("00.2")
    progress.show_progress(tmp_path / "books")
    assert shown == [
        [("00 Start", "1. Guess", "to do"), ("00 Start", "2. Count", "done"), ("01 Next", "1. Break it", "to do")]
    ]
    assert capsys.readouterr().out == "1 of 3 exercises done.\n"


def test_a_broken_notebook_does_not_hide_the_others(tmp_path, shown):
    _notebook(tmp_path / "books", "00_start", "# 00 Start\n", "## Exercise 1: Guess\n")
    (tmp_path / "books" / "01_broken.ipynb").write_text("{", encoding="utf-8")
    (tmp_path / "books" / "02_odd.ipynb").write_text('{"cells": [1]}', encoding="utf-8")
    progress.show_progress(tmp_path / "books")
    assert [row[0] for row in shown[0]] == ["00 Start"]
