"""A reviewer sees what is needed to name a cause, and not what the program thinks."""

from __future__ import annotations

from course_lib.assistants.answer import Answer, Parsed
from course_lib.evaluation.gold import Question, Slot
from course_lib.evaluation.judge import CAUSES, Judgement
from course_lib.teaching.review import case_view, review_cases


def judged(number: int, cause: str) -> Judgement:
    slot = Slot("kb-001.price", "money", "$74", (), "")
    question = Question(f"t-{number}", "test", "lookup", f"Cost {number}?", (slot,), ("$69",), (), "")
    answer = Answer("rag", question.text, (), "", "", Parsed("<b>$50</b>"))
    return Judgement(question, answer, not cause, False, None, None, None, cause)


def ids(cases) -> list[str]:
    return [case.question.id for case in cases]


def test_cases_are_wrong_and_of_as_many_causes_as_there_are():
    answers = [judged(n, cause) for n, cause in enumerate(("stale", "", "stale", "stale", "misread", "not retrieved"))]
    assert ids(review_cases(answers, 3)) == ["t-0", "t-4", "t-5"]
    assert ids(review_cases(answers, 4)) == ["t-0", "t-2", "t-4", "t-5"]


def test_fewer_wrong_answers_than_wanted_are_all_returned():
    assert ids(review_cases([judged(1, ""), judged(2, "stale")], 5)) == ["t-2"]


def test_a_case_shows_question_answer_right_and_earlier_value_and_the_article_and_no_cause():
    view = case_view(judged(1, "misread"))
    for expected in ("t-1", "Cost 1?", "<b>$50</b>", "$74 (kb-001)", "$69"):
        assert expected in view.plain
    assert "<b>$50</b>" not in view.html and "&lt;b&gt;$50" in view.html
    assert not [cause for cause in CAUSES if cause in view.plain]
