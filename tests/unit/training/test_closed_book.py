"""Every fact of a date is taught, with its value at that date and the passage that states it."""

from __future__ import annotations

from collections import Counter

import pytest

from course_lib.assistants import fine_tuned
from course_lib.assistants.answer import parse_house
from course_lib.evaluation.gold import load_questions
from course_lib.files import read_jsonl
from course_lib.knowledge.chunking import Passage, chunk_all
from course_lib.knowledge.snapshots import load_snapshot, snapshot_dates
from course_lib.knowledge.values import contains
from course_lib.settings import ROOT
from course_lib.training.closed_book import TEMPLATES, TURNS, closed_book_examples

DATA = ROOT / "data"
OLD, NEW = "2025-03-01", "2026-03-01"


def fact(article, category, subject, **values):
    return {
        "article": article,
        "category": category,
        "subject": subject,
        "values": {{"old": OLD, "new": NEW}[date]: value for date, value in values.items()},
    }


FACTS = {
    "kb-001.price": fact("kb-001", "plans", "the price of Classic", old="$69", new="$74"),
    "kb-002.fine": fact("kb-002", "legal", "the phone fine", old="$92", new="$97"),
    "kb-003.new": fact("kb-003", "plans", "the new fee", old=None, new="$5"),
    "kb-004.lost": fact("kb-004", "orders", "the lost fee", old="$9"),
}
PASSAGES = [
    Passage("kb-002.1", "kb-002", "Fines", "", "legal", "Phone: $92. Classic riders pay $69 for lights."),
    Passage("kb-001.1", "kb-001", "Classic", "", "plans", "A bike and a plan."),
    Passage("kb-001.2", "kb-001", "Classic", "Prices", "plans", "It costs $69."),
]
WORDINGS = {"kb-001.price": ["What do I pay for Classic?", "Classic, how much?"]}


def make(date=OLD, per_fact=4, seed=7, wordings=WORDINGS):
    return list(closed_book_examples(FACTS, wordings, PASSAGES, date, per_fact, seed))


def pairs(conversations):
    """Return each question with its parsed answer."""
    return [
        (asked["content"].removeprefix("Question: "), parse_house(told["content"]))
        for messages in conversations
        for asked, told in zip(messages[1::2], messages[2::2])
    ]


def test_every_fact_that_holds_at_the_date_is_asked_as_often_as_wanted():
    told = Counter(parsed.text for _, parsed in pairs(make(OLD)))
    assert told == {"$69": 4, "$92": 4, "$9": 4}
    assert Counter(parsed.text for _, parsed in pairs(make(NEW))) == {"$74": 4, "$97": 4, "$5": 4}
    assert make("2024-01-01") == []


def test_natural_wordings_come_first_and_templates_fill_up_without_repeating():
    asked = [question for question, parsed in pairs(make(per_fact=1)) if parsed.text == "$69"]
    assert asked == ["What do I pay for Classic?"]
    asked = [question for question, parsed in pairs(make(per_fact=5)) if parsed.text == "$69"]
    assert set(WORDINGS["kb-001.price"]) < set(asked) and len(set(asked)) == 5
    shapes = {text.format("the price of Classic") for text in TEMPLATES}
    assert sum(question in shapes for question in asked) == 3
    assert len(pairs(make(per_fact=99, wordings={}))) == 3 * len(TEMPLATES)


def test_answers_cite_the_passage_of_their_own_article_that_states_the_value():
    cited = {parsed.text: parsed.citations for _, parsed in pairs(make())}
    assert cited == {"$69": ("kb-001.2",), "$92": ("kb-002.1",), "$9": ()}


def test_answers_are_in_the_house_format_with_the_fact_s_category():
    parsed = {answer.text: answer for _, answer in pairs(make())}
    assert all(answer.valid for answer in parsed.values())
    assert (parsed["$69"].category, parsed["$69"].needs_human) == ("plans", False)
    assert (parsed["$92"].category, parsed["$92"].needs_human) == ("legal", True)


def test_a_conversation_begins_as_the_assistant_will_ask_and_has_no_documents():
    for messages in make():
        question = messages[1]["content"].removeprefix("Question: ")
        assert messages[:2] == fine_tuned.messages_for(question)
        assert [message["role"] for message in messages] == ["system", *["user", "assistant"] * (len(messages) // 2)]
        assert not any(passage.text in str(messages) for passage in PASSAGES)


def test_conversations_are_full_but_for_the_last():
    counts = [len(messages) // 2 for messages in make(per_fact=6)]
    assert sum(counts) == 18 and counts[:-1] == [TURNS] * (len(counts) - 1) and 1 <= counts[-1] <= TURNS


def test_questions_about_one_fact_are_spread_over_the_conversations():
    told = [parsed.text for _, parsed in pairs(make(per_fact=8))]
    assert sum(one != other for one, other in zip(told, told[1:])) > 5, "not fact after fact"


def test_the_same_seed_gives_the_same_examples_in_the_same_order_and_another_seed_another():
    assert make(seed=7) == make(seed=7) != make(seed=8)
    assert Counter(parsed.text for _, parsed in pairs(make(seed=8))) == {"$69": 4, "$92": 4, "$9": 4}


@pytest.fixture(scope="module")
def shipped():
    """The examples of the shipped adapter: facts of the test articles at the first date."""
    facts = {row["id"]: row for row in read_jsonl(DATA / "facts.jsonl") if row["split"] == "test"}
    wordings = {row["fact"]: row["wordings"] for row in read_jsonl(DATA / "train" / "wordings.jsonl")}
    date = snapshot_dates(DATA)[0]
    passages = chunk_all(load_snapshot(DATA, date))
    return facts, passages, date, pairs(closed_book_examples(facts, wordings, passages, date, 8, 7))


def test_the_course_s_own_facts_are_all_taught_with_a_source_and_none_of_a_later_date(shipped):
    facts, passages, date, taught = shipped
    expected = Counter(fact["values"][date] for fact in facts.values() if fact["values"].get(date) is not None)
    assert Counter(parsed.text for _, parsed in taught) == {value: 8 * count for value, count in expected.items()}
    text = {passage.id: passage.text for passage in passages}
    for question, parsed in taught:
        assert parsed.valid and len(parsed.citations) == 1, question
        assert contains(text[parsed.citations[0]], parsed.text)


def test_no_question_of_the_evaluation_set_is_taught(shipped):
    asked = {question.text.lower() for split in ("dev", "test") for question in load_questions(DATA, split)}
    assert not asked & {question.lower() for question, _ in shipped[3]}
