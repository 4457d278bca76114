"""A value is held against the kind of value that its question asks for."""

from __future__ import annotations

import random

import pytest

from course_lib.assistants.kinds import fits
from course_lib.evaluation.gold import load_questions
from course_lib.files import read_jsonl
from course_lib.settings import ROOT

SITES = read_jsonl(ROOT / "data" / "train" / "sites.jsonl")
PASSAGES = [passage for site in SITES for passage in site["passages"]]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many weeks can I pause?", "13 weeks"),
        ("How many weeks can I pause?", "90 days"),  # another unit of the same kind
        ("how many MB is the app", "45 MB"),
        ("For how many months do you keep it?", "twelve months"),
        ("How many days until it is paid?", "2 business days"),
        ("How many bikes can we order?", "8 bikes"),
        ("How many bikes can we order?", "8"),
        ("How many times a year?", "3 exports"),
        ("How many can I save?", "14 days"),
        ("How long may it be?", "21 feet"),
        ("How long do I have?", "17 days"),
        ("Which form do I sign?", "RV-21"),
        ("Which form do I need for my 8 GB plan?", "GB-8"),
        ("What code do I see?", "E-12"),
        ("What email do I write to?", "crash@example.example"),
        ("What is the heaviest box?", "55 lb"),
        ("Who picks it up?", "the Harbor Desk"),
        ("What do I pay?", "14 days"),  # left alone: too many ways to ask for money
        ("How many days do I have, and what does it cost?", "$9"),  # asks two things
        ("How many days do I have?", "$9; 14 days"),  # gives two values
        ("", "$9"),
    ],
)
def test_what_may_be_an_answer_fits(question, answer):
    assert fits(question, answer)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many weeks can I pause?", "$13"),
        ("How many weeks can our staff try it?", "8 bikes"),
        ("how many MB is the app", "29 months"),
        ("How many bikes does a depot keep?", "36 hours"),
        ("How many bikes does a depot keep?", "15%"),
        ("How long do I have?", "$6"),
        ("How old may it be?", "the Night Desk"),
        ("What is the heaviest box?", "Cargo"),
        ("Which form do I sign?", "14 days"),
        ("Which error code is that?", "E"),
        ("What email do I write to?", "555-0142"),
    ],
)
def test_a_value_of_another_kind_does_not_fit(question, answer):
    assert not fits(question, answer)


def single(passages):
    return [
        (question["q"], question["slots"][0], passage["slots"])
        for passage in passages
        for question in passage["questions"]
        if len(question["slots"]) == 1 and "{wrong" not in question["q"]
    ]


def test_it_hardly_ever_stops_a_right_answer_and_stops_one_in_ten_others():
    """On the questions that the reader is trained on: with their own values, and with another value of the passage."""
    rng, asked = random.Random(7), single(PASSAGES)
    own = [fits(question, slots[name]["value"]) for question, name, slots in asked]
    other = [
        fits(question, slots[rng.choice([key for key in slots if key != name])]["value"])
        for question, name, slots in asked
        if len(slots) > 1
    ]
    assert len(own) > 10_000
    assert own.count(False) / len(own) < 0.002
    assert other.count(False) / len(other) > 0.1


def test_it_stops_no_right_answer_of_the_dev_questions():
    asked = [question for question in load_questions(ROOT / "data", "dev") if len(question.slots) == 1]
    assert asked and all(fits(question.text, question.slots[0].value) for question in asked)
