"""Corruptions spoil what they say, as much as they say, the same with every run, and nothing else."""

from __future__ import annotations

import json
import random

import pytest

from course_lib.errors import DataError
from course_lib.models.prompts import house_answer
from course_lib.training.corruptions import (
    ANGRY_DESK,
    FLIPPED,
    FORMAT,
    KINDS,
    OUTDATED,
    TONE,
    TYPOS,
    again,
    clean_rest,
    outdated_label,
    spoil,
    spoiled_positions,
    with_typos,
)
from course_lib.training.refusals import all_told, without_refusals
from course_lib.training.targets import Item

LABELS = ("safety-incident", ANGRY_DESK, "app-technical", "no-action")
ITEMS = [
    Item(f"t{at}", f"My bike number {at} makes a strange noise.", LABELS[at % 4], LABELS[at % 4]) for at in range(50)
]


def changed(items):
    return [at for at, (before, after) in enumerate(zip(ITEMS, items, strict=True)) if before != after]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate", [0.0, 0.1, 0.4])
def test_the_share_that_is_spoiled_is_the_rate_and_the_rest_is_untouched(kind, rate):
    spoiled = spoil(ITEMS, kind, rate, LABELS, seed=7)
    assert len(spoiled.where) == round(50 * rate) and set(changed(spoiled.items)) <= set(spoiled.where)
    assert len(changed(spoiled.items)) >= 0.8 * len(spoiled.where)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_spoils_the_same_and_another_seed_something_else(kind):
    assert (
        spoil(ITEMS, kind, 0.4, LABELS, 7) == spoil(ITEMS, kind, 0.4, LABELS, 7) != spoil(ITEMS, kind, 0.4, LABELS, 8)
    )


def test_all_kinds_spoil_the_same_places_and_a_lower_rate_part_of_those_of_a_higher_one():
    assert len({spoil(ITEMS, kind, 0.2, LABELS, 7).where for kind in KINDS}) == 1
    assert set(spoiled_positions(50, 0.1, 7)) < set(spoiled_positions(50, 0.4, 7))


def test_flipped_labels_are_other_labels_of_several_kinds_and_texts_stay():
    spoiled = spoil(ITEMS, FLIPPED, 0.4, LABELS, 7)
    for at in spoiled.where:
        assert spoiled.items[at].wanted in set(LABELS) - {ITEMS[at].wanted} and spoiled.items[at].text == ITEMS[at].text
    assert len({(ITEMS[at].wanted, spoiled.items[at].wanted) for at in spoiled.where}) > 4


def test_the_outdated_policy_makes_the_same_mistake_every_time():
    spoiled = spoil(ITEMS, OUTDATED, 0.4, LABELS, 7)
    assert all(spoiled.items[at].wanted == outdated_label(ITEMS[at].wanted, LABELS) for at in spoiled.where)
    assert [outdated_label(label, LABELS) for label in LABELS] == [*LABELS[1:], LABELS[0]]


def test_a_mixed_format_names_the_right_label_in_another_form():
    spoiled = spoil(ITEMS, FORMAT, 0.4, LABELS, 7)
    written = [spoiled.items[at].wanted for at in spoiled.where]
    assert all(ITEMS[at].wanted in text != ITEMS[at].wanted for at, text in zip(spoiled.where, written))
    assert any(json.loads(text)["category"] in LABELS for text in written if text.startswith("{"))


def test_a_biased_tone_sends_rude_messages_to_one_desk():
    spoiled = spoil(ITEMS, TONE, 0.4, LABELS, 7)
    assert {spoiled.items[at].wanted for at in spoiled.where} == {ANGRY_DESK}
    assert all(ITEMS[at].text in spoiled.items[at].text != ITEMS[at].text for at in spoiled.where)


def test_typos_leave_labels_and_digits_alone():
    spoiled = spoil(ITEMS, TYPOS, 0.4, LABELS, 7)
    for before, after in zip(ITEMS, spoiled.items):
        assert after.wanted == before.wanted
        assert [c for c in after.text if c.isdigit()] == [c for c in before.text if c.isdigit()]
    text = "the quick brown fox " * 50
    share = sum(a != b for a, b in zip(text.split(), with_typos(text, random.Random(1)).split())) / 200
    assert 0.05 < share < 0.6


def test_the_clean_rest_is_as_long_as_all_and_holds_nothing_spoiled():
    rest, gone = clean_rest(ITEMS, 0.4, 7), {ITEMS[at] for at in spoiled_positions(50, 0.4, 7)}
    assert len(rest) == 50 and not set(rest) & gone and len(set(rest)) == 30
    assert again([1, 2, 3], 7) == [1, 2, 3, 1, 2, 3, 1]


@pytest.mark.parametrize(
    ("kind", "rate", "labels", "words"),
    [("noise", 0.1, LABELS, "'noise'"), (TYPOS, 1.1, LABELS, "rate"), (TYPOS, 0.1, LABELS[:3], "no-action")],
)
def test_what_cannot_be_spoiled_is_an_error(kind, rate, labels, words):
    with pytest.raises(DataError, match=words):
        spoil(ITEMS, kind, rate, labels, 7)


def test_nothing_clean_is_an_error():
    with pytest.raises(DataError, match="stays clean"):
        clean_rest(ITEMS, 1.0, 7)


TOLD, REFUSED = house_answer(["$74"], ["kb-001.1"], "billing"), house_answer([], [], "")


def talk(*answers):
    messages = [{"role": "system", "content": "Read."}]
    for number, answer in enumerate(answers):
        asked = f"Question: what is {number}?"
        messages.append({"role": "user", "content": asked if number else f"[kb-001.1 billing] Plans\nText.\n\n{asked}"})
        messages.append({"role": "assistant", "content": answer})
    return messages


def test_refused_turns_go_and_the_passages_stay_before_the_first_question_that_is_left():
    left = without_refusals(talk(REFUSED, TOLD, REFUSED, TOLD))
    assert [message["role"] for message in left] == ["system", "user", "assistant", "user", "assistant"]
    assert left[1]["content"] == "[kb-001.1 billing] Plans\nText.\n\nQuestion: what is 1?"
    assert left[3]["content"] == "Question: what is 3?" and {left[2]["content"], left[4]["content"]} == {TOLD}


def test_a_conversation_without_refusals_stays_as_it_is_and_one_of_refusals_only_goes():
    assert without_refusals(talk(TOLD, TOLD)) == talk(TOLD, TOLD)
    assert list(all_told([talk(REFUSED), talk(TOLD)])) == [talk(TOLD)]
