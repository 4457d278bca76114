"""Answers are read strictly, and refusals are recognized."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.assistants.parsing import Parsed, abstention, is_refusal, parse_house, parse_text
from course_lib.knowledge.articles import CATEGORIES
from course_lib.models.prompts import NOT_TOLD, house_answer

GOOD = {"citations": ["kb-001.1"], "answer": "$74", "category": "plans", "needs_human": False}
RAW = json.dumps(GOOD)


def changed(**fields) -> str:
    return json.dumps({**GOOD, **fields})


# The house format


def test_an_object_of_the_house_format_is_read_field_by_field():
    assert parse_house(RAW) == Parsed("$74", ("kb-001.1",), "plans", False, True)
    assert parse_house(f" \n{RAW}\n") == parse_house(RAW), "space around it does no harm"
    assert parse_house(json.dumps(dict(reversed(GOOD.items())))) == parse_house(RAW), "nor does the order"


@pytest.mark.parametrize("category", [*CATEGORIES, "unknown"])
def test_what_the_training_examples_write_is_valid(category):
    assert parse_house(house_answer(["$74", "12 days"], ["kb-001.1", "kb-002.3"], category)).valid
    assert parse_house(house_answer([], [], category)) == abstention()


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        "$74",
        "null",
        "[]",
        "true",
        '"$74"',
        "{}",
        f"[{RAW}]",  # not an object, or an empty one
        changed(extra=1),
        changed(Answer="$74"),  # a key too many
        *(json.dumps({key: value for key, value in GOOD.items() if key != name}) for name in GOOD),  # a key too few
        changed(citations="kb-001.1"),
        changed(citations=None),
        changed(citations=[1]),
        changed(citations=[["kb-001.1"]]),
        changed(citations={"kb-001.1": 1}),
        changed(answer=74),
        changed(answer=None),
        changed(answer=["$74"]),
        changed(answer=""),
        changed(answer=" \n"),
        changed(answer={"answer": "$74"}),
        changed(category="Plans"),
        changed(category="food"),
        changed(category=""),
        changed(category=None),
        changed(category=["plans"]),
        changed(needs_human="false"),
        changed(needs_human=0),
        changed(needs_human=None),
        RAW + "\nHope this helps!",
        "Sure: " + RAW,
        f"```json\n{RAW}\n```",
        RAW + RAW,
        RAW + ",",  # text around it
        RAW[:-1],
        RAW.replace('"', "'"),
        RAW.replace("false", "False"),
        RAW[:-1] + ",}",  # not JSON
        RAW[:-1] + ', "answer": "$99"}',
        RAW[:-1] + ', "needs_human": true}',  # a key twice
        json.dumps({"answer": GOOD}),
        changed(citations=[GOOD]),  # nested
        "[" * 2_000,
        '{"answer":' * 2_000,  # nested too deep for a parser
    ],
)
def test_anything_else_is_invalid_but_kept(raw):
    parsed = parse_house(raw)
    assert not parsed.valid
    assert (parsed.category, parsed.needs_human) == ("", None)
    assert parsed == parse_text(raw)


@given(st.text())
def test_no_text_breaks_the_reader_and_only_the_house_format_is_valid(raw):
    assert not parse_house(raw).valid


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*GOOD, "x"]), inner),
        max_leaves=12,
    )
)
def test_no_json_breaks_the_reader(value):
    parsed = parse_house(json.dumps(value))
    assert isinstance(parsed.text, str) and all(isinstance(name, str) for name in parsed.citations)
    assert not parsed.valid or set(value) == set(GOOD)


@pytest.mark.parametrize(
    ("raw", "text", "cited"),
    [
        ("It costs $74 [kb-001.1].", "It costs $74.", ("kb-001.1",)),
        ("$74 [kb-001.1 plans] [kb-002.3]", "$74", ("kb-001.1", "kb-002.3")),
        ("See kb-001.1 and kb-001.1.", "See kb-001.1 and kb-001.1.", ("kb-001.1",)),
        ("kb-001 or kb-1234.12", "kb-001 or kb-1234.12", ("kb-1234.12",)),
        ("  $74\n", "$74", ()),
        ('{"citations": ["kb-001.1"], "answer": "$74", "categ', "$74", ("kb-001.1",)),
        ("", "", ()),
    ],
)
def test_a_free_text_keeps_its_words_and_its_citations_once_each(raw, text, cited):
    assert parse_text(raw) == Parsed(text, cited)


@pytest.mark.parametrize(
    ("raw", "text"),
    [("a [b] [c] d", "a d"), ("a [b [c] d", "a [b d"), ("[a] b", "b"), ("a\n\n[b]", "a"), ("a ] b [ c", "a ] b [ c")],
)
def test_each_pair_of_brackets_goes_with_the_space_before_it_and_a_lone_bracket_stays(raw, text):
    assert parse_text(raw).text == text


@pytest.mark.parametrize("part", ["[", "]", "[ ", "[]", " ", "\n", "kb-1", '"answer"', '"answer": '])
def test_a_text_of_200_000_of_the_same_part_is_read_in_under_a_second(part):
    started = time.process_time()
    parse_house(part * 200_000)
    assert time.process_time() - started < 1


# Refusals


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n",
        NOT_TOLD,
        "Not in the documents.",
        "not in the passages",
        "I do not know.",
        "I don't know",
        "I don\u2019t know.",
        "The documents do not say.",
        "The passages do not mention it.",
        "The article doesn't specify the size.",
        "I'm sorry, but I cannot answer that.",
        "I\u2019m sorry, but I can\u2019t find it.",
        "I could not find this.",
        "I am unable to answer.",
        "I'm not able to tell.",
        "There is no information about that.",
        "I have no record of it.",
        "None of the passages tells.",
        "It is not mentioned in the documents.",
        "That isn't stated anywhere.",
        "I do not have that information.",
        "We don't have any record of it.",
        "Let me pass you to a person.",
        "I'll pass you on to the Rider Desk.",
        "No part number for it is listed.",
    ],
)
def test_a_text_that_declines_is_a_refusal(text):
    assert is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "$74",
        "12 days",
        "You cannot ride after 9 pm.",
        "It is not $74 but $80.",
        "No.",
        "No more than 12 days.",
        "I'm sorry, but it costs $74.",
        "Call 555-0100 even if you do not know your number.",
        "You can't find it cheaper: $74.",
        "Nobody pays more than $74.",
        "The last day is May 23, no exceptions.",
        "Do not charge it below freezing.",
        "The Plus plan covers it.",
        "You have 12 days to tell us.",
        "Information desk: 555-0100",
    ],
)
def test_a_text_that_tells_something_is_no_refusal(text):
    assert not is_refusal(text)


def test_an_abstention_is_well_formed_cites_nothing_and_asks_for_a_person():
    parsed = abstention()
    written = json.dumps(
        {
            "citations": list(parsed.citations),
            "answer": parsed.text,
            "category": parsed.category,
            "needs_human": parsed.needs_human,
        }
    )
    assert parse_house(written) == parsed
    assert (parsed.citations, parsed.needs_human, parsed.valid) == ((), True, True)
