"""Behavior of drawing new values of the same shape."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.evaluation.gold import load_facts
from course_lib.files import read_jsonl
from course_lib.settings import ROOT
from course_lib.training.random_values import draw_value, draw_values

MONTHS = "January February March April May June July August September October November December".split()
SITES = read_jsonl(ROOT / "data" / "train" / "sites.jsonl")
SLOTS = [slot for row in SITES for passage in row["passages"] for slot in passage["slots"].values()]


def draws(kind: str, example: str, count: int = 300, **more) -> list[str]:
    rng = random.Random(1)
    return [draw_value({"type": kind, "value": example, **more}, rng) for _ in range(count)]


def shape(value: str) -> str:
    return re.sub(r"\d[\d,]*", "0", value)


@pytest.mark.parametrize(
    ("kind", "example", "pattern"),
    [
        ("money", "$14", r"\$[1-9]\d*"),
        ("money", "$0.11", r"\$\d\.\d\d"),
        ("money", "$1,250", r"\$[\d,]+"),
        ("percent", "15%", r"[1-9]\d?%"),
        ("percent", "5.2%", r"\d+\.\d%"),
        ("duration", "45 days", r"[1-9]\d* days"),
        ("duration", "3 business days", r"[1-9]\d* business days"),
        ("duration", "2.5 hours", r"\d\.\d hours"),
        ("count", "12,000 songs", r"[\d,]+ songs"),
        ("measure", "47 Nm", r"[1-9]\d* Nm"),
        ("measure", "-22 degrees F", r"-[1-9]\d* degrees F"),
        ("code", "TW-F-311", r"TW-F-\d\d\d"),
        ("code", "ILL-340", r"ILL-\d\d\d"),
        ("time", "7 pm", r"(?:[1-9]|1[0-2]) pm"),
        ("time", "7:30 am", r"(?:[1-9]|1[0-2]):[0-5][05] am"),
        ("time", "9 am to 5:30 pm", r"(?:[1-9]|1[0-2]) am to (?:[1-9]|1[0-2]):[0-5][05] pm"),
        ("contact", "555-0196", r"\d{3}-\d{4}"),
        ("contact", "help@tarnwheel.example", r"[a-z]{4,7}@tarnwheel\.example"),
        ("date", "October 19", rf"(?:{'|'.join(MONTHS)}) (?:[1-9]|1\d|2[0-8])"),
        ("date", "before October 19, at noon", rf"before (?:{'|'.join(MONTHS)}) (?:[1-9]|1\d|2[0-8]), at noon"),
    ],
)
def test_a_draw_keeps_the_shape_of_its_example_and_changes_its_value(kind, example, pattern):
    found = draws(kind, example)
    assert [value for value in found if not re.fullmatch(pattern, value)] == []
    assert len(set(found)) > 8


def test_names_come_from_the_options_only_and_all_of_them_come():
    assert set(draws("name", "the Desk", options=["the Desk", "the Office"])) == {"the Desk", "the Office"}


@pytest.mark.parametrize(
    ("kind", "example"),
    [
        ("duration", "2 days"),
        ("count", "1 pause"),
        ("money", "$1"),
        ("percent", "1%"),
    ],
)
def test_a_whole_number_is_never_0_or_1(kind, example):
    numbers = {int(re.search(r"\d+", value).group()) for value in draws(kind, example)}
    assert min(numbers) == 2


def test_numbers_stay_near_the_size_of_their_example():
    assert max(int(value.removesuffix(" days")) for value in draws("duration", "30 days")) <= 90
    assert max(int(value.removesuffix("%")) for value in draws("percent", "80%")) <= 99


def test_thousands_keep_their_comma():
    found = draws("money", "$12,000")
    assert all(value == f"${int(value[1:].replace(',', '')):,}" for value in found)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_the_same_seed_draws_the_same_values(seed):
    slots = SITES[seed % len(SITES)]["passages"][1]["slots"]
    assert draw_values(slots, random.Random(seed)) == draw_values(slots, random.Random(seed))


def test_every_slot_gets_a_value_and_no_two_in_a_passage_are_equal():
    rng = random.Random(3)
    for row in SITES:
        for passage in row["passages"]:
            for _ in range(10):
                values = draw_values(passage["slots"], rng)
                assert values.keys() == passage["slots"].keys()
                assert len(set(values.values())) == len(values), (row["name"], passage["title"], values)


def test_every_slot_of_the_training_sites_keeps_its_shape():
    rng = random.Random(4)
    for slot in SLOTS:
        value = draw_value(slot, rng)
        if slot["type"] == "name":
            assert value in slot["options"]
        elif slot["type"] == "date":
            plain = rf"{'|'.join(MONTHS)}|\d+(?:st|nd|rd|th)?"
            assert re.sub(plain, "", value) == re.sub(plain, "", slot["value"])
        elif "@" in slot["value"]:
            assert value.split("@")[1] == slot["value"].split("@")[1]
        else:
            assert shape(value) == shape(slot["value"])


def test_every_slot_of_the_training_sites_varies_so_that_nothing_can_be_remembered():
    rng = random.Random(5)
    fixed = [slot["value"] for slot in SLOTS if len({draw_value(slot, rng) for _ in range(30)}) < 2]
    assert fixed == []


def test_every_typed_value_of_the_support_site_can_be_drawn_anew():
    rng = random.Random(6)
    for fact in load_facts(ROOT / "data").values():
        for value in filter(None, fact["values"].values()):
            if fact["type"] != "name":
                drawn = draw_value({"type": fact["type"], "value": value}, rng)
                assert len(drawn.split()) == len(value.split())
