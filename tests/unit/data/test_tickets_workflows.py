"""What the workflow tickets promise: labels that follow the written rules, and splits that are apart."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from course_lib.evaluation.workflow_choice import load_workflows, score_choice
from course_lib.files import read_json, read_jsonl
from course_lib.settings import ROOT
from tests.unit.data.near_duplicates import nearest, trigrams

TICKETS = ROOT / "data" / "tickets"
ROWS = read_jsonl(TICKETS / "workflow_choice.jsonl")
RULES = read_json(TICKETS / "workflows.json")
WORKFLOWS = load_workflows(ROOT / "data")
ONES = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
OPTIONAL = [(name, key) for name, defined in WORKFLOWS.items() for key, rule in defined.items() if not rule["required"]]


def numbers_in(text: str) -> set[float]:
    """Return the numbers that a text states in digits or words, and months as well for years."""
    text = text.lower()
    found = {float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)}
    ones = {word: n for n, word in enumerate(f"{ONES} eighteen nineteen".split(), 1)}
    values = ones | {word: 10 * n for n, word in enumerate(TENS.split(), 2)} | {"hundred": 100}
    for phrase in re.findall(rf"(?:\b(?:{'|'.join(values)}|and)\b[ -]?)+", text):
        total = 0
        for word in re.findall(r"[a-z]+", phrase):
            total = max(total, 1) * 100 if word == "hundred" else total + values.get(word, 0)
        found.add(total)
    found |= {12 * n for n in found if re.search(r"year|\byr|dozen", text)}
    named = {"fortnight": 2, "single": 1, "a week": 1, "dozen": 12, "half a year": 6}
    found |= {n for word, n in named.items() if word in text}
    year = re.search(r"\b(?:a|one|1) (?:year|yr)\b|\bone-year\b", text)
    return found | ({12, 18} if year else set()) | ({30, 18} if "half" in text and "year" in text else set())


def rows_with(name: str, key: str) -> list[tuple[str, object]]:
    return [(row["text"], row["arguments"][key]) for row in ROWS if row["workflow"] == name and key in row["arguments"]]


def test_splits_have_the_promised_sizes_and_every_workflow_in_each():
    assert Counter(row["split"] for row in ROWS) == {"train": 450, "dev": 80, "test": 150}
    counts = Counter((row["split"], row["workflow"]) for row in ROWS)
    least = {"train": 35, "dev": 6, "test": 12}
    assert all(counts[split, name] >= n for split, n in least.items() for name in WORKFLOWS)
    assert len({row["id"] for row in ROWS}) == len({row["text"] for row in ROWS}) == len(ROWS)


def test_every_label_is_a_valid_choice_that_the_checker_calls_exact():
    for row in ROWS:
        raw = json.dumps({"workflow": row["workflow"], "arguments": row["arguments"]})
        assert score_choice(raw, row, WORKFLOWS).exact, row["id"]


def test_precedence_ranks_every_workflow_and_the_second_wish_never_comes_first():
    order = RULES["precedence"]
    assert sorted(order) == sorted(WORKFLOWS)
    two = [row for row in ROWS if row["also"]]
    assert all(order.index(row["workflow"]) < order.index(row["also"]) for row in two)
    assert all(sum(row["split"] == split for row in two) >= 5 for split in ("train", "dev", "test"))


def test_optional_arguments_are_absent_in_about_half():
    rows = [row for row in ROWS for name, _ in OPTIONAL if name == row["workflow"]]
    given = [key in row["arguments"] for row in ROWS for name, key in OPTIONAL if name == row["workflow"]]
    assert 0.35 < sum(given) / len(rows) < 0.65


@pytest.mark.parametrize(
    ("name", "key"),
    [("pause_membership", "weeks"), ("issue_credit", "amount"), ("quote_fleet", "bikes"), ("quote_fleet", "term")],
)
def test_every_number_of_a_label_is_stated_by_its_text(name, key):
    assert [(text, value) for text, value in rows_with(name, key) if value not in numbers_in(text)] == []


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("lookup_order", "order"),
        ("issue_credit", "order"),
        ("change_address", "street"),
        ("pause_membership", "plan"),
        ("cancel", "plan"),
        ("swap_bike", "model"),
        ("book_service", "model"),
    ],
)
def test_every_name_of_a_label_stands_in_its_text(name, key):
    assert [(text, value) for text, value in rows_with(name, key) if value.lower() not in text.lower()] == []


@pytest.mark.parametrize(("name", "key"), [("cancel", "when"), ("change_address", "moving_date")])
def test_every_date_of_a_label_is_written_out_in_its_text(name, key):
    ordinals = {"second": 2, "fourth": 4, "first": 1, "third": 3}
    for text, value in rows_with(name, key):
        days = numbers_in(re.sub(r"(\d)(?:st|nd|rd|th)\b", r"\1", text)) | {
            day for word, day in ordinals.items() if word in text
        }
        assert int(value[-2:]) in days, text
        assert not re.search(r"\btomorrow\b|\bnext (?:week|month)\b", text), text


def test_no_two_texts_are_near_duplicates_and_splits_are_further_apart():
    anywhere, across = nearest(ROWS)
    assert anywhere <= 0.5
    assert across <= 0.35


def test_near_duplicates_are_found_although_their_numbers_differ():
    assert trigrams("Where is order 48213?") == trigrams("where is order 7")


def test_the_label_check_covers_sixty_rows():
    check = read_json(TICKETS / "workflow_choice_check.json")
    assert check["checked"] == 60 >= check["agreed"] >= 54
