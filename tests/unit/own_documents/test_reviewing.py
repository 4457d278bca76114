"""Proposed questions are used only if a person says so, and no decision is lost."""

from __future__ import annotations

import json

import pytest

from course_lib.errors import DataError
from course_lib.own_documents.loading import load_library
from course_lib.own_documents.proposing import BLANK, propose
from course_lib.own_documents.reviewing import STATE, review
from tests.unit.own_documents import samples


@pytest.fixture
def proposals(tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()
    samples.write_all(docs)
    library = load_library(docs)
    paths = {document.id: document.path for document in library.documents}
    return list(propose(library.passages(), paths, 7))


class Person:
    """Types the given lines, then ends the input."""

    def __init__(self, *lines):
        self.lines, self.said = list(lines), []

    def ask(self, prompt):
        if not self.lines:
            raise EOFError
        return self.lines.pop(0)


def decide(proposals, wanted, folder, *lines):
    person = Person(*lines)
    return review(proposals, wanted, folder, person.ask, person.said.append), person


def test_a_proposal_takes_a_value_out_of_a_sentence_of_its_passage(proposals):
    values = [one for one in proposals if one.answer]
    assert {"$14", "40 kg", "8 weeks", "900 kg"} <= {one.answer for one in values}
    for one in values:
        gap = one.question.split("gap? ")[1]
        assert BLANK in gap and one.answer in one.passage.text
        assert gap.replace(BLANK, one.answer) in " ".join(one.passage.text.split())


def test_proposals_go_from_document_to_document_and_are_the_same_each_time(tmp_path, proposals):
    first = [one.source for one in proposals[:5]]
    assert len(set(first)) == 5
    library = load_library(tmp_path / "docs")
    paths = {document.id: document.path for document in library.documents}
    assert list(propose(library.passages(), paths, 7)) == proposals


def test_accepting_editing_and_rejecting(tmp_path, proposals):
    lines = ("a", "x", "e", "A better question?", "a better answer", "r", "e", "", "-", "q")
    asked, _ = decide(proposals, 10, tmp_path, *lines)
    assert [one.origin for one in asked] == ["accepted", "edited", "edited"]
    assert asked[0].text == proposals[0].question and asked[0].source == proposals[0].source
    assert (asked[1].text, asked[1].answers) == ("A better question?", ("a better answer",))
    assert (asked[2].text, asked[2].answers) == (proposals[3].question, ())


def test_every_decision_is_on_disk_before_the_next_is_asked(tmp_path, proposals):
    seen = []

    def ask(prompt):
        path = tmp_path / STATE
        seen.append(len(path.read_text().splitlines()) if path.exists() else 0)
        return "r" if len(seen) == 1 else "a"

    review(proposals, 3, tmp_path, ask, lambda text: None)
    assert seen == [0, 1, 2, 3]


def test_an_interrupted_review_goes_on_and_asks_nothing_twice(tmp_path, proposals):
    decide(proposals, 10, tmp_path, "a", "r")
    asked, person = decide(proposals, 10, tmp_path, "a")
    assert [one.text for one in asked] == [proposals[0].question, proposals[2].question]
    assert not any(proposals[1].question in line for line in person.said)


def test_enough_accepted_questions_end_the_review(tmp_path, proposals):
    asked, person = decide(proposals, 2, tmp_path, "a", "a", "a")
    assert len(asked) == 2 and person.lines == ["a"]


def test_nothing_accepted_is_an_error(tmp_path, proposals):
    with pytest.raises(DataError, match="No question was accepted"):
        decide(proposals, 10, tmp_path, "r", "q")


@pytest.mark.parametrize("row", ["[]", '{"proposed": "x"}', '{"decision": "maybe"}', "broken"])
def test_damaged_decisions_are_named(tmp_path, proposals, row):
    (tmp_path / STATE).write_text(row + "\n")
    with pytest.raises(DataError, match="line 1"):
        decide(proposals, 10, tmp_path, "a")


def test_an_unusable_edit_is_asked_again(tmp_path, proposals):
    asked, person = decide(proposals, 1, tmp_path, "e", "x" * 3000, "Shorter?", "")
    assert asked[0].text == "Shorter?" and any("3,000 characters" in line for line in person.said)


def test_control_characters_of_a_document_do_not_reach_the_terminal(tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.md").write_text("# T\x1b[2J\n\nThe bell \x1b[31m costs only $9 in this shop.\n")
    library = load_library(docs)
    proposals = propose(library.passages(), {document.id: document.path for document in library.documents}, 7)
    asked, person = decide(proposals, 1, tmp_path, "a")
    assert not any("\x1b" in line for line in person.said)
    assert json.dumps(asked[0].answers) == '["$9"]'
