"""Each limit stops what is over it with a message that names it, and nothing that is within."""

from __future__ import annotations

import pytest

from course_lib.errors import QuestionError
from course_lib.knowledge.chunking import Passage
from course_lib.operations.limits import (
    Deadline,
    LimitError,
    Limits,
    check_answer,
    check_passages,
    check_question,
)
from course_lib.retrieval.base import Hit

HIT = Hit(Passage("kb-001.1", "kb-001", "Title", "", "plans", "Text."), 1.0)


@pytest.mark.parametrize(
    "text",
    [
        "How much is the Wren?",
        "\u00bfCu\u00e1nto cuesta? \u4f60\u597d \u0627\u0644\u0633\u0639\u0631",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467 plan?",
        "Ti\u1ebfng Vi\u1ec7t \u0e17\u0e35\u0e48\u0e19\u0e35\u0e48",
    ],
)
def test_questions_in_any_language_pass_unchanged(text):
    assert check_question(text) == text


def test_a_few_control_characters_are_taken_out():
    assert check_question("What does the\x07 Wren cost a\u202e month?") == "What does the Wren cost a month?"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x" * 2_001, "2,001 characters"),
        ("\x00\x01\x02\x03 hi", "control characters"),
        ("a" + "\u0301" * 12 + " plan?", "marks on one letter"),
        (" \n\t ", "empty"),
        ("\u200b\u200b\u200b", "empty"),
    ],
)
def test_a_question_over_a_limit_is_refused_with_that_limit_named(text, words):
    with pytest.raises(QuestionError, match=words):
        check_question(text)


def test_a_question_at_the_limit_passes():
    assert len(check_question("x" * 2_000)) == 2_000


def test_an_answer_or_a_prompt_over_its_limit_is_refused():
    limits = Limits(answer=5, passages=2)
    check_answer("x" * 5, limits)
    check_passages([HIT] * 2, limits)
    with pytest.raises(LimitError, match="6 characters; 5"):
        check_answer("x" * 6, limits)
    with pytest.raises(LimitError, match="3 passages"):
        check_passages([HIT] * 3, limits)


def test_a_deadline_names_the_layer_after_which_the_time_was_over():
    times = iter([100.0, 101.0, 102.0, 103.5])
    deadline = Deadline(Limits(seconds=3.0), lambda: next(times))
    assert deadline.left == 2.0
    deadline.check("retrieve")
    with pytest.raises(LimitError, match="3 seconds, up to and including: generate"):
        deadline.check("generate")
