"""Citations are judged step by step, and declining is right only where the documents do not tell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.assistants.answer import Answer
from course_lib.assistants.parsing import abstention
from course_lib.evaluation.judge import judge
from tests.unit.evaluation.small_site import ANSWERS, ASKED, BOTH, SITE, UNTOLD, answered


@given(st.sampled_from([ASKED, BOTH, UNTOLD]), ANSWERS)
def test_citations_climb_a_ladder_from_existing_to_supporting(question, spoken):
    judged = judge(question, spoken, SITE)
    declined = spoken.abstained
    assert (judged.citation_exists is None) is declined
    assert (judged.citation_supports is None) is declined
    assert (judged.citation_correct is None) is (declined or not question.answerable)
    assert judged.citation_exists or not (judged.citation_supports or judged.citation_correct)


@pytest.mark.parametrize(
    ("text", "cited", "exists", "supports", "right"),
    [
        ("$74", ("kb-001.1",), True, True, True),
        ("$32", ("kb-001.1",), True, True, True),  # a wrong value from the right passage
        ("$74", ("kb-003.1",), True, False, False),  # the right value from memory, with a citation for show
        ("$99", ("kb-003.1",), True, True, False),
        ("$80", ("kb-001.1",), True, False, True),
        ("$74", ("kb-999.1",), False, False, False),
        ("$74", ("kb-001.1", "kb-999.1"), False, False, False),
        ("$74", ("kb-001.1", "kb-003.1"), True, True, True),
        ("$74", (), False, False, False),
        ("not in the documents", (), None, None, None),
        ("not in the documents", ("kb-001.1",), None, None, None),
    ],
)
def test_a_citation_exists_then_supports_then_answers(text, cited, exists, supports, right):
    judged = judge(ASKED, answered(text, cited), SITE)
    assert (judged.citation_exists, judged.citation_supports, judged.citation_correct) == (exists, supports, right)


def test_two_values_need_a_cited_passage_each():
    assert judge(BOTH, answered("$74; 12 days", ("kb-001.1", "kb-002.1")), SITE).citation_correct is True
    one = judge(BOTH, answered("$74; 12 days", ("kb-001.1",)), SITE)
    assert (one.citation_exists, one.citation_supports, one.citation_correct) == (True, False, False)


def test_an_unanswerable_question_has_no_right_citation_to_give():
    judged = judge(UNTOLD, answered("$74"), SITE)
    assert (judged.citation_exists, judged.citation_supports, judged.citation_correct) == (True, True, None)


def test_declining_is_right_only_where_the_documents_do_not_tell():
    declined = Answer("fake", "?", (), "", "", abstention())
    assert judge(UNTOLD, declined, SITE).correct
    assert not judge(ASKED, declined, SITE).correct
