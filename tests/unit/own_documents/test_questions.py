"""Questions are read from CSV or JSON lines, and whatever is wrong is named with its line."""

from __future__ import annotations

import pytest

from course_lib.errors import DataError
from course_lib.own_documents.questions import MAX_QUESTION, read_questions


def read(tmp_path, text, name="q.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_questions(path)


def test_csv_with_all_columns(tmp_path):
    asked, notes = read(tmp_path, 'question,answer,source\n"What, then?",$9 | 9 dollars,./a/b.md\n')
    (one,) = asked
    assert (one.id, one.text, one.answers, one.source) == ("q1", "What, then?", ("$9", "9 dollars"), "a/b.md")
    assert one.origin == "file" and notes == []


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_marks_and_line_ends_of_spreadsheets(tmp_path, delimiter):
    text = f"\ufeffQuestion{delimiter}Answer\r\nHow much?{delimiter}$9\r\n\r\n"
    (one,), _ = read(tmp_path, text)
    assert (one.text, one.answers) == ("How much?", ("$9",))


def test_json_lines(tmp_path):
    text = (
        '{"question": "How much?", "answer": ["$9", "9 dollars"]}\n\n'
        '{"question": "Why?"}\n{"question": "N?", "answer": 4}'
    )
    asked, _ = read(tmp_path, text, "q.jsonl")
    assert [one.answers for one in asked] == [("$9", "9 dollars"), (), ("4",)]


def test_a_question_alone_is_enough(tmp_path):
    (one,), _ = read(tmp_path, "question\nHow much?\n")
    assert one.answers == () and one.source == ""


def test_unknown_columns_are_ignored_and_said(tmp_path):
    asked, notes = read(tmp_path, "id,question,anwser\n1,How much?,$9\n")
    assert asked[0].answers == () and "'anwser'" in notes[0] and "'id'" in notes[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("question,answer\n\nGood?,x\n,$9\n", "line 4: the question is empty"),
        ("question\nSame?\nsame?\n", "line 3: it repeats the question of line 2"),
        ("question,answer\nHow, much?,$9\n", "line 2: 3 cells for 2 columns"),
        ('question\n"two\nlines"\n""\nq?\n' + "x" * (MAX_QUESTION + 1), "line 6: the question is over"),
        ("answer,source\n$9,a.md\n", "no column `question`"),
        ("", "has no question"),
        ("question\n", "has no question"),
        ('{"question": "a?"}\n{broken\n', "line 2: it is not JSON"),
        ('{"question": "a?"}\n[1]\n', "line 2: it is not a JSON object"),
        ('{"question": 4}\n', "line 1: question, answer and source must be text"),
        ('{"question": "a?", "answer": {"b": 1}}\n', "line 1: question, answer and source must be text"),
        ('{"question": "a?", "answer": [1]}\n', "line 1: a list of answers"),
        ("question,answer\na?,-\n", "line 2: an answer has no letter"),
        (b"question\ncaf\xe9?\n", "not UTF-8"),
        (b"PK\x03\x04\0\0", "binary"),
    ],
)
def test_mistakes_are_named_with_their_line(tmp_path, text, words):
    with pytest.raises(DataError) as caught:
        read(tmp_path, text)
    assert words in caught.value.cause and caught.value.remedy


def test_all_mistakes_are_named_at_once_up_to_a_limit(tmp_path):
    with pytest.raises(DataError, match=r"line 2: .*line 11: .* and 5 more"):
        read(tmp_path, "question,answer\n" + ",x\n" * 15)


def test_half_characters_in_answers_cannot_break_the_report(tmp_path):
    asked, _ = read(tmp_path, '{"question": "a?\\ud800", "answer": "x\\ud800"}')
    (asked[0].text + asked[0].answers[0]).encode()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        read_questions(tmp_path / "none.csv")


def test_a_folder_instead_of_a_file_is_named(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        read_questions(tmp_path)
