"""The example folder has what people's folders have, and mending it brings the two files back."""

from __future__ import annotations

import pytest

from course_lib.own_documents.example import example_questions, make_example, mend_example
from course_lib.own_documents.loading import load_library
from course_lib.own_documents.questions import read_questions
from course_lib.own_documents.relevance import find_targets
from course_lib.settings import ROOT

DATA = ROOT / "data"


@pytest.fixture
def folder(tmp_path):
    return make_example(DATA, tmp_path / "documents")


def test_the_example_has_every_format_and_every_reason_to_leave_a_file_out(folder):
    library = load_library(folder)
    assert {path.rpartition(".")[2] for path in (one.path for one in library.documents)} == {
        "md",
        "html",
        "txt",
        "rst",
        "pdf",
    }
    reasons = " ".join(row.reason for row in library.rejected)
    for words in ("not UTF-8", "is empty", "folder is empty", "scan", "encrypted", "same file", ".png", ".xlsx"):
        assert words in reasons


def test_every_answer_of_the_example_stands_in_its_source_once_it_is_mended(folder):
    asked, notes = read_questions(example_questions(DATA))
    before = load_library(folder)
    lost = [one.asked.text for one in find_targets(asked, before, before.passages()) if one.problem]
    assert len(lost) == 2 and notes == []
    mend_example(folder)
    after = load_library(folder)
    targets = find_targets(asked, after, after.passages())
    assert not [target.asked.text for target in targets if target.problem]
    assert all(target.scored or target.unanswerable for target in targets)


def test_the_example_is_made_anew_each_time(folder):
    mend_example(folder)
    make_example(DATA, folder)
    assert not (folder / "scans" / "trailer.txt").exists()
    assert "notes/cleaning.txt" in {row.path for row in load_library(folder).rejected}
