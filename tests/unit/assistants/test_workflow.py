"""The look-up answers only when one record fits the question better than all others."""

from __future__ import annotations

import pytest

from course_lib.assistants.parsing import abstention
from course_lib.assistants.workflow import LEAST_SHARE, Record, Workflow, records_from
from course_lib.errors import QuestionError
from course_lib.knowledge.chunking import Passage
from course_lib.retrieval.bm25 import words_of

PLANS = Passage(
    "kb-001.1", "kb-001", "Plans", "", "plans", "Classic costs $74, Plus $99. Joining costs $32 on Classic."
)
HARBOR = Passage("kb-002.1", "kb-002", "Traffic in Harbor", "", "legal", "Holding a phone while riding: $143")
VALLEY = Passage("kb-003.1", "kb-003", "Traffic in Valley", "", "legal", "Holding a phone while riding: $97")
CODES = Passage(
    "kb-004.1", "kb-004", "Wren codes", "", "repairs", "E-12: wait 22 minutes. E-33: hold power for 11 seconds."
)


def record(subject, value, passage):
    return Record(frozenset(words_of(f"{subject} {passage.title}")), value, passage)


TABLE = [
    record("monthly price of Classic", "$74", PLANS),
    record("monthly price of Plus", "$99", PLANS),
    record("joining fee of Classic", "$32", PLANS),
    record("fine for holding a phone", "$143", HARBOR),
    record("fine for holding a phone", "$97", VALLEY),
    record("wait after E-12", "22 minutes", CODES),
    record("hold power after E-33", "11 seconds", CODES),
]
WORKFLOW = Workflow(TABLE)


def said(question, workflow=WORKFLOW):
    (answer,) = workflow.answer([question])
    return answer.parsed.text


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("What is the monthly price of Classic?", "$74"),
        ("monthly price of plus plans", "$99"),
        ("Joining fee, Classic plans?", "$32"),
        ("Fine for holding a phone in Valley traffic", "$97"),
        ("E-12 on my Wren, wait how long?", "22 minutes"),
    ],
)
def test_a_question_in_the_table_s_words_is_looked_up(question, value):
    assert said(question) == value


def test_the_region_that_is_named_decides_between_equal_rows():
    assert said("What is the fine for holding a phone in Harbor?") == "$143"
    assert said("What is the fine for holding a phone in Valley?") == "$97"


@pytest.mark.parametrize(
    "question",
    [
        "What is the fine for holding a phone in Lakeside?",  # no row of Lakeside
        "monthly price of Cargo plans",
        "How long to wait after E-46 on a Wren?",
        "Monthly price of Classic for a student?",
    ],
)
def test_a_name_or_code_that_no_record_has_is_handed_over(question):
    (answer,) = WORKFLOW.answer([question])
    assert (answer.abstained, answer.parsed, answer.hits) == (True, abstention(), ())


def test_a_tie_between_different_values_is_handed_over():
    assert said("What is the fine for holding a phone in traffic?") == abstention().text


def test_a_tie_between_equal_values_is_no_tie():
    both = [record("fine for holding a phone", "$97", passage) for passage in (HARBOR, VALLEY)]
    assert said("What is the fine for holding a phone in traffic?", Workflow(both)) == "$97"


@pytest.mark.parametrize(
    "question", ["Can my parrot ride along?", "price", "my price went through the roof, whom can I shout at"]
)
def test_a_question_that_no_record_covers_well_is_handed_over(question):
    assert said(question) == abstention().text


def test_the_least_share_decides_what_covers_well():
    question = "How high is the joining fee that I would have to pay for Classic?"
    assert said(question, Workflow(TABLE, least_share=0.1)) == "$32"
    assert said(question, Workflow(TABLE, least_share=0.99)) == abstention().text
    assert 0 < LEAST_SHARE < 1


def test_a_rare_word_weighs_more_than_a_common_one():
    table = [record(f"monthly price of item {index}", f"${index}", PLANS) for index in range(20)]
    table.append(record("zebra", "striped", PLANS))
    assert said("monthly price zebra", Workflow(table, least_share=0.3)) == "striped"


def test_the_record_says_where_the_value_stands_and_that_no_model_was_used():
    (answer,) = WORKFLOW.answer(["What is the fine for holding a phone in Harbor?"])
    assert (answer.assistant, answer.question) == ("workflow", "What is the fine for holding a phone in Harbor?")
    assert answer.parsed.citations == ("kb-002.1",) and answer.hits[0].passage is HARBOR
    assert 0 < answer.hits[0].score <= 1.0001
    assert (answer.parsed.category, answer.parsed.needs_human, answer.parsed.valid) == ("legal", True, True)
    assert (answer.prompt, answer.raw, answer.tokens_in, answer.tokens_out) == ("", "", 0, 0)
    assert answer.seconds["retrieve"] >= 0


def test_questions_are_answered_in_the_order_given_and_checked_at_the_door():
    answers = WORKFLOW.answer(["monthly price of Plus plans", "monthly price of Classic plans"])
    assert [answer.parsed.text for answer in answers] == ["$99", "$74"]
    with pytest.raises(QuestionError):
        WORKFLOW.answer([" "])
    assert WORKFLOW.answer([]) == []


@pytest.mark.parametrize("question", ["?!", "the of and", "🚲"])
def test_a_question_without_any_word_is_handed_over(question):
    assert said(question) == abstention().text


def test_an_empty_table_hands_everything_over():
    assert said("monthly price of Plus", Workflow([])) == abstention().text


def fact(subject, value, article="kb-001"):
    return {"article": article, "subject": subject, "values": {"2026-03-01": value, "2025-03-01": "$69"}}


def test_the_table_is_made_from_the_facts_of_a_date_and_points_at_the_passage_that_states_each():
    facts = [fact("the monthly price of Classic", "$74"), fact("the fine", "$97", "kb-003")]
    records = records_from(facts, [PLANS, HARBOR, VALLEY], "2026-03-01")
    assert [(row.value, row.passage.id) for row in records] == [("$74", "kb-001.1"), ("$97", "kb-003.1")]
    assert {"price", "classic", "plan"} <= records[0].words


@pytest.mark.parametrize(
    "left_out",
    [
        fact("gone", None),
        fact("not stated", "$75"),
        fact("stated elsewhere only", "$97"),
        fact("no such page", "$74", "kb-999"),
    ],
)
def test_a_fact_that_no_passage_of_its_article_states_is_left_out(left_out):
    assert records_from([left_out], [PLANS, HARBOR, VALLEY], "2026-03-01") == []


def test_a_fact_without_a_value_at_the_date_is_left_out():
    assert records_from([fact("price", "$74")], [PLANS], "2024-01-01") == []
