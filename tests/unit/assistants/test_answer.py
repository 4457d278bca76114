"""An answer abstains by what leaves the assistant, and questions are checked at the door."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.assistants.answer import MAX_QUESTION, Answer, check_questions
from course_lib.assistants.parsing import Parsed, abstention
from course_lib.errors import QuestionError
from course_lib.models.prompts import NOT_TOLD


def test_an_answer_abstains_by_what_leaves_the_assistant_not_by_what_the_model_wrote():
    spoken = Answer("fake", "?", (), "", "$74", abstention())
    assert spoken.abstained
    assert not Answer("fake", "?", (), "", NOT_TOLD, Parsed("$74")).abstained


# Questions


@pytest.mark.parametrize(
    "empty", ["", " ", "\n\t \u00a0\u3000", "\x00\x07", "\u200b\u200d", " \x1b ", "\u200c\u3000\u200d"]
)
def test_an_empty_question_is_named_by_its_number(empty):
    with pytest.raises(QuestionError, match="Question 2 is empty"):
        check_questions(["How much?", empty])


@pytest.mark.parametrize("length", [MAX_QUESTION + 1, 50_000])
def test_a_question_that_is_too_long_is_refused_with_its_length(length):
    with pytest.raises(QuestionError, match=f"Question 1 has {length:,} characters") as caught:
        check_questions(["x" * length])
    assert caught.value.remedy


def test_the_longest_question_passes_and_space_around_it_does_not_count():
    assert check_questions([" " * 50_000 + "x" * MAX_QUESTION + "\n" * 50_000]) == ["x" * MAX_QUESTION]


def test_control_characters_are_dropped_and_lines_are_kept():
    assert check_questions(["\x00How\x07 much\x1b[31m?\x7f\x9f"]) == ["How much[31m?"]
    assert check_questions(["How much?\nAnd\thow long?"]) == ["How much?\nAnd\thow long?"]


def test_no_control_character_but_line_end_and_tab_passes():
    controls = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Cc"]
    assert {"\x1c", "\x1d", "\x1e", "\x1f", "\r", "\x85"} < set(controls)
    assert check_questions([f"a{''.join(controls)}b"]) == ["a\t\nb"]


@pytest.mark.parametrize("mark", [chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))], ids=ascii)
def test_marks_that_turn_the_direction_of_text_are_dropped(mark):
    assert check_questions([f"How {mark}much?"]) == ["How much?"]


@pytest.mark.parametrize(
    "question",
    [
        "Was kostet Classic im Monat?",
        "¿Cuánto cuesta Classic?",
        "Classicはいくらですか。",
        "Classic 每月多少钱？",
        "Сколько стоит Classic?",
        "كم سعر Classic؟",
        "כמה עולה Classic?",
        "Classic की कीमत क्या है?",
        "Classic ราคาเท่าไหร่",
        "Κόστος;",
        "클래식은 얼마예요?",
        "Bike 🚲 broken 😢",
        "naïve café",
        "Ångström",
        "می\u200cخواهم Classic را لغو کنم",  # Persian: a joiner keeps two letters apart
        "Classic का शुल्\u200dक क्या है?",  # Hindi: a joiner chooses the form of a letter
        "Is the 👩\u200d🔧 in today?",  # one picture of two
    ],
)
def test_other_languages_and_scripts_pass_unchanged(question):
    assert check_questions([question]) == [question]


def test_order_is_kept_and_no_question_is_no_error():
    assert check_questions(["b ", " a"]) == ["b", "a"]
    assert check_questions([]) == []


@given(st.lists(st.text(max_size=50)))
def test_a_checked_question_is_never_empty_and_passes_again_unchanged(questions):
    try:
        checked = check_questions(questions)
    except QuestionError:
        return
    assert len(checked) == len(questions) and all(checked)
    assert check_questions(checked) == checked
