"""Answers to the behavior targets are scored by form and by field, and a broken form does not hide a right field."""

from __future__ import annotations

import json

import pytest

from course_lib.evaluation.gold import load_questions
from course_lib.evaluation.schema_target import QUESTIONS, SCHEMA, item_of
from course_lib.evaluation.target_scores import FACTS, label_in, macro_f1, object_in, score
from course_lib.knowledge.chunking import chunk_all
from course_lib.knowledge.snapshots import load_snapshot
from course_lib.models.prompts import NOT_TOLD, house_answer
from course_lib.settings import load_settings
from course_lib.training.targets import JSON, Form, Item, Target
from course_lib.training.ticket_targets import SPLITS, TICKET_TARGETS, ticket_target

SETTINGS = load_settings({})
TARGETS = {name: ticket_target(name, SETTINGS) for name in TICKET_TARGETS}
HOUSE = Target("schema", "", "", "", {}, Form(JSON, SCHEMA), 80, 2, "reading")


@pytest.mark.parametrize("name", TICKET_TARGETS)
def test_every_wanted_answer_is_valid_and_all_right(name):
    items = [item for split in SPLITS for item in TARGETS[name].items[split]]
    verdicts = {item.id: score(TARGETS[name], item, item.wanted) for item in items}
    assert [key for key, verdict in verdicts.items() if not (verdict.valid and verdict.exact)] == []
    assert {verdict.share for verdict in verdicts.values()} == {1.0}


@pytest.mark.parametrize("name", TICKET_TARGETS)
def test_nothing_at_all_is_neither_valid_nor_exact(name):
    verdict = score(TARGETS[name], TARGETS[name].items["test"][0], "")
    assert not verdict.valid and not verdict.exact and verdict.share < 1


def test_a_category_with_words_around_it_is_right_but_not_valid():
    item = Item("x", "My card was charged twice.", "billing-dispute", "billing-dispute")
    verdict = score(TARGETS["routing"], item, "Category: Billing dispute.")
    assert (verdict.valid, verdict.exact, verdict.fields, verdict.label) == (
        False,
        False,
        {"category": True},
        "billing-dispute",
    )
    assert not score(TARGETS["routing"], item, "retention").fields["category"]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("no-action", "no-action"),
        ("It is App Technical, not retention", "app-technical"),
        ("retention or no-action", "retention"),
        ("billing", ""),
        ("", ""),
    ],
)
def test_the_label_that_is_named_first_counts(text, label):
    assert label_in(text, TARGETS["routing"].form.value) == label


def test_voice_scores_rules_and_facts_apart():
    target = TARGETS["voice"]
    item = target.items["test"][0]
    other = score(target, item, item.wanted.replace("\nRide on, Tarnwheel", " We added $99.99!"))
    assert not other.fields[FACTS] and not other.fields["sign-off"] and not other.valid and not other.exact
    assert 0 < other.share < 1


def test_an_object_inside_other_words_gives_fields_but_no_valid_answer():
    for name in ("workflow", "records"):
        item = TARGETS[name].items["test"][0]
        verdict = score(TARGETS[name], item, f"Sure! {item.wanted} Anything else?")
        assert verdict.share == 1 and not verdict.valid and not verdict.exact


def test_one_wrong_field_of_a_record_is_named():
    item = TARGETS["records"].items["test"][0]
    record = json.loads(item.wanted) | {"customer_name": "Somebody Else"}
    verdict = score(TARGETS["records"], item, json.dumps(record))
    assert verdict.valid and not verdict.exact
    assert [key for key, right in verdict.fields.items() if not right] == ["customer_name"]


def test_the_house_format_is_scored_by_field():
    item = Item("q", "...", house_answer(["$74", "12 days"], ["kb-001.1"], "billing"))
    assert score(HOUSE, item, item.wanted).exact
    value = json.loads(item.wanted) | {"answer": "$74; 13 days", "citations": ["kb-002.1"]}
    verdict = score(HOUSE, item, json.dumps(value))
    assert verdict.valid and not verdict.exact and verdict.share == 0.5
    refused = score(HOUSE, item, house_answer([], [], ""))
    assert refused.valid and refused.share == 0 and not score(HOUSE, item, "It is $74.").valid
    untold = Item("q", "...", house_answer([], [], ""))
    assert score(HOUSE, untold, untold.wanted).exact


@pytest.mark.parametrize(
    ("text", "found"),
    [('a {"b": {"c": 1}} d', '{"b": {"c": 1}}'), ("{b", "{b"), ('{x} {"y": 2}', '{"y": 2}'), ("", "")],
)
def test_the_first_object_in_a_text_is_found(text, found):
    assert object_in(text) == found


def test_macro_f1_counts_every_label_alike_and_a_label_never_given_as_0():
    assert macro_f1(["a", "a", "a", "b"], ["a", "a", "a", "b"]) == 1
    assert macro_f1(["a", "a", "a", "b"], ["a"] * 4) == pytest.approx((6 / 7 + 0) / 2)
    assert macro_f1(["a", "b"], ["", "b"]) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="Macro-F1"):
        macro_f1([], [])


def test_the_passages_shown_state_every_value_that_is_asked():
    site = chunk_all(load_snapshot(SETTINGS.data))
    by_id, decoys = {passage.id: passage for passage in site}, site[:3]
    for question in load_questions(SETTINGS.data, "dev"):
        item, wanted = item_of(question, decoys, by_id), json.loads(item_of(question, decoys, by_id).wanted)
        assert all(f"[{name} " in item.text for name in wanted["citations"])
        assert bool(wanted["citations"]) is question.answerable
        assert (wanted["answer"] == NOT_TOLD) is not question.answerable
        assert item.text.count("[kb-") == 3 or len(question.slots) > 3
    assert QUESTIONS > 0
