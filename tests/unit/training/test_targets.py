"""Behavior targets: prompts, few-shot examples, training conversations, and the forms that decoding enforces."""

from __future__ import annotations

import json
import re

import pytest

from course_lib.errors import DataError
from course_lib.settings import load_settings
from course_lib.training.targets import (
    BASE,
    CHOICE,
    FEW_SHOT,
    JSON,
    PROMPTS,
    SHORT,
    STRONG,
    Form,
    Item,
    Target,
    conversations,
    spread,
)
from course_lib.training.ticket_forms import record_rules, record_schema, workflow_rules, workflow_schema
from course_lib.training.ticket_targets import SPLITS, TICKET_TARGETS, ticket_target

SETTINGS = load_settings({})
ITEMS = [Item(f"t{number}", f"text {number}", "ab"[number % 2], "ab"[number % 2]) for number in range(20)]


@pytest.fixture
def target():
    items = {"train": ITEMS, "dev": ITEMS[:2], "test": [Item("x", "a new text", "a", "a")]}
    return Target("toy", "Sort it.", "a first, then b", "Sort.", items, Form(CHOICE, ("a", "b")), 4, 4, "toy")


@pytest.fixture(scope="module", params=TICKET_TARGETS)
def shipped(request):
    return ticket_target(request.param, SETTINGS)


def test_each_prompt_ends_with_the_item_and_differs_in_what_comes_before(target):
    (item,) = target.items["test"]
    asked = {prompt: target.messages(item, prompt) for prompt in PROMPTS}
    assert all(talk[-1] == {"role": "user", "content": "a new text"} for talk in asked.values())
    assert asked[BASE][0]["content"] == asked[FEW_SHOT][0]["content"] == "Sort it."
    assert asked[STRONG][0]["content"] == "Sort it.\na first, then b" and asked[SHORT][0]["content"] == "Sort."
    assert [message["role"] for message in asked[FEW_SHOT]] == ["system", *["user", "assistant"] * 4, "user"]
    assert {message["content"] for message in asked[FEW_SHOT] if message["role"] == "assistant"} == {"a", "b"}


def test_few_shot_examples_are_train_items_and_fixed_by_the_seed(target):
    assert target.examples(7) == target.examples(7) != target.examples(8)
    assert set(target.examples(7)) <= set(ITEMS)


def test_an_unknown_prompt_is_an_error(target):
    with pytest.raises(DataError, match="no prompt 'better'"):
        target.messages(ITEMS[0], "better")


def test_a_draw_is_spread_over_the_groups_and_begins_every_larger_draw():
    uneven = [*ITEMS[:10], *(Item(f"c{number}", "", "c", "c") for number in range(3))]
    drawn = spread(uneven, 6, seed=3)
    assert sorted(item.group for item in drawn) == ["a", "a", "b", "b", "c", "c"]
    assert spread(uneven, 13, seed=3)[:6] == drawn and len(set(spread(uneven, 99, seed=3))) == 13


def test_training_conversations_hold_every_item_once_under_the_short_prompt():
    talks = conversations("Sort.", ITEMS, seed=7, turns=3)
    assert [len(talk) for talk in talks] == [7] * 6 + [5]
    assert all(talk[0] == {"role": "system", "content": "Sort."} for talk in talks)
    pairs = [(talk[at]["content"], talk[at + 1]["content"]) for talk in talks for at in range(1, len(talk), 2)]
    assert sorted(pairs) == sorted((item.text, item.wanted) for item in ITEMS)
    assert talks == conversations("Sort.", ITEMS, 7, 3) != conversations("Sort.", ITEMS, 8, 3)


def test_the_shipped_targets_have_all_splits_and_no_text_in_two_of_them(shipped):
    texts = [item.text for split in SPLITS for item in shipped.items[split]]
    assert set(shipped.items) == set(SPLITS) and len(set(texts)) == len(texts)


def test_training_saves_prompt_and_the_strong_prompt_says_more_than_the_plain_one(shipped):
    lengths = {prompt: len(shipped.system(prompt)) for prompt in (SHORT, BASE, STRONG)}
    assert lengths[SHORT] < lengths[BASE] / 2 and lengths[BASE] < lengths[STRONG] / 2


def test_the_form_allows_every_wanted_answer(shipped):
    from jsonschema import Draft202012Validator

    kind, value = shipped.form.kind, shipped.form.value
    fits = {
        JSON: lambda text: Draft202012Validator(value).is_valid(json.loads(text)),
        CHOICE: lambda text: text in value,
    }.get(kind, lambda text: bool(re.fullmatch(value, text)))
    assert [item.id for split in SPLITS for item in shipped.items[split] if not fits(item.wanted)] == []


def test_an_unknown_target_is_named_with_the_known_ones():
    with pytest.raises(DataError, match="'poetry'.*\n.*routing, voice, workflow, records"):
        ticket_target("poetry", SETTINGS)


WORKFLOW = {
    "id": "pause",
    "does": "Stops a plan.",
    "arguments": {
        "plan": {"type": "enum", "values": ["Classic", "Plus"], "required": True, "is": "the plan"},
        "until": {"type": "date", "required": False, "is": "the last day"},
    },
}
FIELDS = [
    {"field": "priority", "type": "enum", "values": ["high", "low"], "required": True, "rule": "Never null."},
    {"field": "cents", "type": "integer", "rule": "The sum."},
]


@pytest.mark.parametrize(
    ("call", "fits"),
    [
        ({"workflow": "pause", "arguments": {"plan": "Plus"}}, True),
        ({"workflow": "pause", "arguments": {"plan": "Plus", "until": "2026-04-01"}}, True),
        ({"workflow": "pause", "arguments": {"plan": "Plus", "until": "2026-13-01"}}, False),
        ({"workflow": "pause", "arguments": {"plan": "Gold"}}, False),
        ({"workflow": "pause", "arguments": {}}, False),
        ({"workflow": "stop", "arguments": {"plan": "Plus"}}, False),
        ({"workflow": "pause", "arguments": {"plan": "Plus", "why": "rain"}}, False),
    ],
)
def test_the_schema_of_a_choice_allows_what_the_workflow_defines(call, fits):
    from jsonschema import Draft202012Validator

    assert Draft202012Validator(workflow_schema([WORKFLOW])).is_valid(call) is fits


@pytest.mark.parametrize(
    ("record", "fits"),
    [
        ({"priority": "low", "cents": None}, True),
        ({"priority": "low", "cents": 300}, True),
        ({"priority": None, "cents": 300}, False),
        ({"priority": "low"}, False),
        ({"priority": "low", "cents": -1}, False),
    ],
)
def test_the_schema_of_a_record_allows_null_where_the_rules_do(record, fits):
    from jsonschema import Draft202012Validator

    assert Draft202012Validator(record_schema(FIELDS)).is_valid(record) is fits


def test_written_rules_name_every_workflow_argument_field_and_value():
    written = workflow_rules({"workflows": [WORKFLOW], "rules": ["Choose one."], "precedence": ["pause"]})
    assert "pause: Stops a plan." in written and "plan (one of Classic, Plus, always): the plan" in written
    assert "until (date, if stated)" in written and "- Choose one." in written and "Precedence: pause." in written
    assert record_rules(FIELDS) == "priority (one of high, low): Never null.\ncents (integer): The sum."
