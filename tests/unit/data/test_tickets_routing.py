"""What the routing tickets promise: contract, balance, a strict order of categories, and splits that share little."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from itertools import combinations

import pytest

from course_lib.files import read_json, read_jsonl
from course_lib.settings import ROOT

FOLDER = ROOT / "data" / "tickets"
TICKETS = read_jsonl(FOLDER / "routing.jsonl")
CATEGORIES = read_json(FOLDER / "routing_categories.json")
SIZES = {"train": 700, "dev": 120, "test": 200}
FIELDS = {"id": str, "split": str, "text": str, "category": str, "hard": bool}


def word_triples(text: str) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9']+", text.lower())
    return frozenset(tuple(words[start : start + 3]) for start in range(max(1, len(words) - 2)))


def similar_pairs(tickets: list[dict]) -> list[tuple[float, dict, dict]]:
    """Return the Jaccard similarity of word triples for each pair of tickets that shares one."""
    triples = [word_triples(ticket["text"]) for ticket in tickets]
    holders = defaultdict(list)
    for position, own in enumerate(triples):
        for triple in own:
            holders[triple].append(position)
    pairs = {pair for positions in holders.values() for pair in combinations(positions, 2)}
    return [
        (len(triples[left] & triples[right]) / len(triples[left] | triples[right]), tickets[left], tickets[right])
        for left, right in pairs
    ]


def test_each_ticket_has_exactly_the_fields_of_the_contract():
    for ticket in TICKETS:
        assert {name: type(value) for name, value in ticket.items()} == FIELDS, ticket["id"]


def test_ids_count_up_without_gaps():
    assert [ticket["id"] for ticket in TICKETS] == [f"route-{number:04d}" for number in range(1, len(TICKETS) + 1)]


def test_each_split_has_its_size():
    assert Counter(ticket["split"] for ticket in TICKETS) == SIZES


def test_tickets_are_ascii_without_stray_space_and_of_a_real_length():
    for ticket in TICKETS:
        assert ticket["text"].isascii() and ticket["text"] == ticket["text"].strip(), ticket["id"]
        assert 4 <= len(ticket["text"].split()) <= 120, ticket["id"]


def test_tickets_use_exactly_the_known_categories():
    assert len(CATEGORIES) == 14
    assert {ticket["category"] for ticket in TICKETS} == {category["id"] for category in CATEGORIES}


def test_each_category_is_outranked_by_exactly_those_listed_before_it():
    ids = [category["id"] for category in CATEGORIES]
    assert len(set(ids)) == len(ids)
    for place, category in enumerate(CATEGORIES):
        assert set(category) == {"id", "name", "belongs", "outranked_by"}
        assert category["name"] and category["belongs"].endswith(".")
        assert category["outranked_by"] == ids[:place]


@pytest.mark.parametrize("split", SIZES)
def test_categories_are_roughly_balanced_in_each_split(split: str):
    counts = Counter(ticket["category"] for ticket in TICKETS if ticket["split"] == split)
    assert len(counts) == 14
    assert all(0.04 <= count / SIZES[split] <= 0.11 for count in counts.values()), counts


@pytest.mark.parametrize("split", SIZES)
def test_a_quarter_of_each_split_is_hard(split: str):
    assert sum(ticket["hard"] for ticket in TICKETS if ticket["split"] == split) >= SIZES[split] / 4


def test_similarity_finds_a_reworded_copy():
    copy = {"text": TICKETS[0]["text"].upper() + " Thanks!"}
    assert max(similar_pairs([TICKETS[0], copy]))[0] > 0.9


def test_no_two_tickets_are_near_duplicates_and_splits_share_even_less():
    for similarity, left, right in similar_pairs(TICKETS):
        bound = 0.5 if left["split"] == right["split"] else 0.35
        assert similarity <= bound, (similarity, left["id"], right["id"])


def test_the_label_check_covers_a_hundred_tickets_and_agrees_on_most():
    check = read_json(FOLDER / "routing_check.json")
    assert set(check) == {"checked", "agreed", "how"}
    assert check["checked"] >= 100 and 0.9 * check["checked"] <= check["agreed"] <= check["checked"]
    assert check["how"].endswith(".")
