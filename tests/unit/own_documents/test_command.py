"""The command runs from folder to report, and every mistake is one clear error."""

from __future__ import annotations

import argparse
import json

import pytest

from course_lib.errors import DataError
from course_lib.own_documents.command import add_parser
from course_lib.settings import Settings
from tests.unit.own_documents import samples


@pytest.fixture(autouse=True)
def no_models(monkeypatch):
    monkeypatch.setattr("course_lib.retrieval.dense.embed", lambda texts, settings: samples.embed(texts))
    monkeypatch.setattr("course_lib.models.chat.load_chat", lambda settings: samples.FakeChat())


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "docs").mkdir()
    samples.write_all(tmp_path / "docs")
    return tmp_path


def diagnose(folder, *arguments):
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    given = ["diagnose", "--docs", str(folder / "docs"), "--out", str(folder / "out"), *arguments]
    options = parser.parse_args(given)
    return options.run(Settings(cache=folder / "cache"), options)


def with_questions(folder, text):
    path = folder / "q.csv"
    path.write_text(text)
    return "--questions", str(path)


def numbers(folder):
    return json.loads((folder / "out" / "numbers.json").read_text())


def test_a_report_is_written_and_the_recommendation_printed(folder, capsys):
    given = with_questions(folder, "question,answer,source\nWhat does a sack of rye flour cost?,$14,orders.md\n")
    assert diagnose(folder, *given) == 0
    printed = capsys.readouterr().out
    assert numbers(folder)["recommendation"]["headline"] in printed and "report.html" in printed
    assert {path.name for path in (folder / "out").iterdir()} == {"report.html", "report.md", "numbers.json"}


def test_a_second_run_embeds_nothing_again(folder, capsys):
    given = with_questions(folder, "question\nWhat does flour cost?\n")
    diagnose(folder, *given)
    assert "passages embedded" in capsys.readouterr().out
    diagnose(folder, *given)
    assert "passages embedded" not in capsys.readouterr().out


def test_a_limit_is_kept_and_said(folder):
    diagnose(folder, *with_questions(folder, "question\na?\nb?\nc?\n"), "--limit", "2")
    assert len(numbers(folder)["questions"]) == 2
    assert any("first 2 of 3" in note for note in numbers(folder)["notes"])


def test_ignored_columns_are_in_the_report(folder):
    diagnose(folder, *with_questions(folder, "question,color\na?,red\n"))
    assert any("'color'" in note for note in numbers(folder)["notes"])


def test_no_usable_document_is_an_error_that_counts_the_reasons(folder):
    (folder / "docs2").mkdir()
    (folder / "docs2" / "a.docx").write_text("x")
    with pytest.raises(DataError, match="no document to read in .*Files that end in .docx are not read. .1."):
        diagnose(folder, "--docs", str(folder / "docs2"))
    assert not (folder / "out").exists()


def test_without_questions_and_without_a_terminal_nothing_is_made_up(folder, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(DataError, match="--questions"):
        diagnose(folder)


def test_at_a_terminal_questions_are_proposed_and_judged(folder, monkeypatch):
    lines = iter(["a", "r", "q"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda prompt: next(lines))
    assert diagnose(folder) == 0
    (row,) = numbers(folder)["questions"]
    assert row["origin"] == "accepted"


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_that_cannot_be_right_is_refused(folder, limit, capsys):
    with pytest.raises(SystemExit):
        diagnose(folder, "--limit", limit)
    assert "whole number above 0" in capsys.readouterr().err


def test_a_report_inside_the_documents_is_not_read_the_next_time(folder):
    given = [*with_questions(folder, "question\na?\n"), "--out", str(folder / "docs" / "out")]
    diagnose(folder, *given)
    before = json.loads((folder / "docs" / "out" / "numbers.json").read_text())["documents"]
    diagnose(folder, *given)
    assert json.loads((folder / "docs" / "out" / "numbers.json").read_text())["documents"] == before
