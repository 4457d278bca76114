"""What no shown passage states is unsupported; a citation has to lead to the text that the model read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from course_lib.assistants.answer import Answer, Parsed
from course_lib.evaluation.grounding import citation_steps, is_unsupported, names_its_sources
from course_lib.knowledge.chunking import Passage
from course_lib.models.prompts import NOT_TOLD
from course_lib.retrieval.base import Hit

BELL = Passage("kb-001.1", "kb-001", "Bells", "", "orders", "A bell costs $9.")
HORN = Passage("kb-002.1", "kb-002", "Horns", "", "orders", "A horn costs $12.")
STORE = {"kb-001.1": BELL, "kb-002.1": HORN}
NONE = {"exists": None, "resolves": None, "opens": None}


def answer(text: str, *cited: str) -> Answer:
    return Answer("fake", "?", (Hit(BELL, 1.0),), "", "", Parsed(text, cited))


@pytest.mark.parametrize(
    ("text", "unsupported"), [("$9", False), ("$12", True), ("$9 or $12", True), (NOT_TOLD, False), ("", False)]
)
def test_a_value_that_stands_in_no_shown_passage_is_unsupported(text, unsupported):
    assert is_unsupported(answer(text, "kb-001.1")) is unsupported


@pytest.mark.parametrize(
    ("cited", "steps"),
    [
        (("kb-001.1",), (True, True, True)),
        (("kb-002.1",), (True, True, False)),  # it is on the site, but this answer was not shown it
        (("kb-001.1", "kb-002.1"), (True, True, False)),
        (("kb-009.1",), (True, False, False)),
        (("kb-001.1", "kb-009.1"), (True, False, False)),
        ((), (False, False, False)),
    ],
)
def test_each_step_asks_for_more_than_the_last(cited, steps):
    assert citation_steps(answer("$9", *cited), STORE) == dict(zip(NONE, steps))


def test_an_id_that_now_stands_for_another_text_resolves_and_opens_nothing_that_was_read():
    recut = STORE | {"kb-001.1": replace(BELL, text="Bells are fun.")}
    assert citation_steps(answer("$9", "kb-001.1"), recut) == {"exists": True, "resolves": True, "opens": False}


def test_an_answer_that_declines_needs_no_citation():
    assert citation_steps(answer(NOT_TOLD), STORE) == NONE == citation_steps(answer(NOT_TOLD, "kb-001.1"), STORE)


def test_a_record_names_its_sources_only_if_each_passage_stands_in_its_prompt_with_a_score():
    whole = replace(answer("$9", "kb-001.1"), prompt=f"[kb-001.1 orders] Bells\n{BELL.text}")
    assert names_its_sources(whole)
    lacking = [
        replace(whole, prompt=""),
        replace(whole, hits=()),
        replace(whole, hits=(*whole.hits, Hit(HORN, 0.5))),
        replace(whole, prompt=BELL.text),
        replace(whole, hits=(Hit(BELL, float("nan")),)),
    ]
    assert not any(map(names_its_sources, lacking))
