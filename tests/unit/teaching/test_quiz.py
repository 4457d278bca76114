"""The quiz has twins for before and after, and its scoring does what the page says."""

from __future__ import annotations

from collections import Counter

import pytest

from course_lib.errors import DataError
from course_lib.settings import ROOT
from course_lib.teaching.quiz import DO_NOT_KNOW, FORMS, gain, load_quiz, read_answers, report, score

QUIZ = load_quiz()
RIGHT = {form: {one.id: one.letter(form) for one in QUIZ} for form in FORMS}


def test_every_question_has_two_different_forms_of_the_same_shape():
    assert len(QUIZ) >= 8 and len({one.id for one in QUIZ}) == len(QUIZ)
    for one in QUIZ:
        (pre, first, *_), (post, second, *_) = (one.forms[form] for form in FORMS)
        assert pre != post and len(first) == len(second) == 5
        assert len(set(first)) == len(set(second)) == 5 and first[-1] == second[-1] == DO_NOT_KNOW


@pytest.mark.parametrize("form", FORMS)
def test_the_right_letters_are_spread_so_that_one_letter_does_not_win(form):
    assert max(Counter(one.letter(form) for one in QUIZ).values()) <= len(QUIZ) / 2


@pytest.mark.parametrize("form", FORMS)
def test_the_right_option_does_not_stand_out_by_its_length(form):
    longest = sum(max(one.forms[form][1], key=len) == one.forms[form][1][one.forms[form][2]] for one in QUIZ)
    assert longest <= len(QUIZ) / 2


def test_every_question_belongs_to_a_notebook_of_the_course():
    numbers = {path.name[:2] for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert all(one.notebook in numbers or int(one.notebook) <= 14 for one in QUIZ)


def test_right_answers_score_all_points_and_the_rest_none():
    assert score(QUIZ, "pre", RIGHT["pre"]) == len(QUIZ)
    assert score(QUIZ, "pre", {one.id: f" {one.letter('pre').upper()} " for one in QUIZ}) == len(QUIZ)
    assert score(QUIZ, "pre", {}) == score(QUIZ, "pre", {one.id: "e" for one in QUIZ}) == 0


@pytest.mark.parametrize(("before", "after", "share"), [(2, 6, 2 / 3), (4, 4, 0), (4, 2, -0.5), (8, 8, None)])
def test_the_normalized_gain_is_the_share_of_what_there_was_to_learn(before, after, share):
    assert gain(before, after, 8) == share


def test_a_table_of_answers_is_scored(tmp_path):
    ids = [one.id for one in QUIZ]
    lines = [",".join(["person", "form", *ids])]
    lines.append(",".join(["ada", "pre", *("e" for _ in ids)]))
    lines.append(",".join(["ada", "post", *(RIGHT["post"][name] for name in ids)]))
    lines.append(",".join(["bob", "pre", *(RIGHT["pre"][name] for name in ids)]))
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    text = "\n".join(report(QUIZ, read_answers(tmp_path / "a.csv")))
    assert f"pre: {len(QUIZ) / 2:.1f} of {len(QUIZ)} points, 2 people" in text
    assert "pre 50%, post 100% right" in text and "of the 1 who did both and had something to learn: 1.00" in text


@pytest.mark.parametrize("row", ["ada,middle", ",pre"])
def test_a_line_without_a_person_or_with_another_form_is_named(tmp_path, row):
    (tmp_path / "a.csv").write_text(f"person,form,q1\n{row},a\n")
    with pytest.raises(DataError, match="line 2"):
        read_answers(tmp_path / "a.csv")


def test_a_table_that_is_missing_is_an_error(tmp_path):
    with pytest.raises(DataError):
        read_answers(tmp_path / "nothing.csv")
