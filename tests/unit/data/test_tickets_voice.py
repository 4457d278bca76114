"""What the voice data promise: every rewrite keeps all rules and facts, drafts break many, splits are apart."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations

import pytest

from course_lib.evaluation.voice import facts_kept, obeyed
from course_lib.evaluation.voice_rules import RULES
from course_lib.files import read_json, read_jsonl
from course_lib.settings import ROOT

TICKETS = ROOT / "data" / "tickets"
ROWS = read_jsonl(TICKETS / "voice.jsonl")
GUIDE = read_json(TICKETS / "voice_guide.json")
DRAFTS = [obeyed(row["draft"]) for row in ROWS]


def grams(text: str) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9]+", text.lower())
    return frozenset(zip(words, words[1:], words[2:]))


def test_rows_have_the_promised_fields_ids_and_splits():
    assert all(list(row) == ["id", "split", "draft", "rewrite"] for row in ROWS)
    assert [row["id"] for row in ROWS] == [f"voice-{number:04d}" for number in range(1, len(ROWS) + 1)]
    assert Counter(row["split"] for row in ROWS) == {"train": 420, "dev": 60, "test": 100}


def test_the_guide_has_20_complete_rules():
    assert len(GUIDE) == 20
    assert all(list(rule) == ["id", "rule", "why", "good", "bad"] and all(rule.values()) for rule in GUIDE)


def test_everything_is_ascii():
    assert (TICKETS / "voice.jsonl").read_bytes().isascii()
    assert (TICKETS / "voice_guide.json").read_bytes().isascii()


def test_drafts_have_20_to_90_words():
    assert [row["id"] for row in ROWS if not 20 <= len(row["draft"].split()) <= 90] == []


def test_every_rewrite_keeps_every_rule_that_applies():
    broken = {row["id"]: [rule for rule, kept in obeyed(row["rewrite"]).items() if kept is False] for row in ROWS}
    assert {name: rules for name, rules in broken.items() if rules} == {}


def test_every_rewrite_keeps_the_facts_and_adds_none():
    assert [row["id"] for row in ROWS if not facts_kept(row["draft"], row["rewrite"])] == []


def test_drafts_break_at_least_5_rules_on_average():
    assert sum(verdict is False for draft in DRAFTS for verdict in draft.values()) >= 5 * len(ROWS)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_broken_by_15_percent_of_the_drafts_to_which_it_applies(rule):
    verdicts = [draft[rule] for draft in DRAFTS if draft[rule] is not None]
    assert verdicts.count(False) >= 0.15 * len(verdicts)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_applies_to_at_least_10_rewrites_of_the_test_split(rule):
    rewrites = [obeyed(row["rewrite"])[rule] for row in ROWS if row["split"] == "test"]
    assert sum(verdict is not None for verdict in rewrites) >= 10


def test_no_two_drafts_are_near_duplicates_and_splits_are_further_apart():
    known = [(row["id"], row["split"], grams(row["draft"])) for row in ROWS]
    close = [
        (one, other)
        for (one, left, mine), (other, right, theirs) in combinations(known, 2)
        if len(mine & theirs) >= (0.5 if left == right else 0.35) * len(mine | theirs)
    ]
    assert close == []
