"""The approval rules: typed triggers, word rules with their examples, and labelled cases."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from course_lib.assistants.answer import Answer
from course_lib.assistants.parsing import Parsed
from course_lib.errors import DataError
from course_lib.files import read_jsonl
from course_lib.operations.approval import Draft, approval_reasons, draft_of, try_rules, word_reason
from course_lib.operations.approval_rules import KINDS, RULES_FILE, load_rules
from course_lib.settings import ROOT

RULES = load_rules()
CASES = read_jsonl(ROOT / "data" / "operations" / "approval_cases.jsonl")
SPLITS = {split: [case for case in CASES if case["split"] == split] for split in ("dev", "test")}
PLAIN = Draft("What does a battery key cost?", "$19", "safety", ("kb-030.7",), False, -0.1)


def rules_that_hold(draft, **options):
    return [reason.rule for reason in approval_reasons(draft, RULES, **options)]


def changed(**values):
    return Draft(**{**PLAIN.__dict__, **values})


def test_a_plain_price_from_the_documents_may_be_sent():
    assert rules_that_hold(PLAIN, least_confidence=-2.0) == []


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"needs_human": True}, "flag"),
        ({"citations": ()}, "no-citation"),
        ({"confidence": -2.5}, "unsure"),
        ({"text": "Pay to DE89 3704 0044 0532 0130 00"}, "private-data"),
    ],
)
def test_a_typed_trigger_holds_a_draft(values, rule):
    assert rule in rules_that_hold(changed(**values), least_confidence=-2.0)


def test_an_answer_that_declines_needs_no_citation():
    assert rules_that_hold(changed(text="not in the documents", citations=())) == []


def test_without_a_limit_or_a_confidence_no_draft_is_unsure():
    assert rules_that_hold(changed(confidence=-99.0)) == []
    assert rules_that_hold(changed(confidence=None), least_confidence=-2.0) == []


def test_a_draft_is_what_the_customer_would_read():
    parsed = Parsed("$19", ("kb-030.7",), "safety", False, True)
    answer = Answer("hybrid", PLAIN.question, (), "prompt", "raw", parsed, confidence=-0.1)
    assert draft_of(answer) == PLAIN


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_fires_on_its_examples_and_tells_the_words(rule):
    assert rule.examples
    for question, text in rule.examples:
        reason = word_reason(rule, Draft(question, text))
        assert reason and reason.text == rule.reason and reason.found


def test_every_kind_of_risk_has_rules():
    assert {rule.kind for rule in RULES} == set(KINDS)


def test_typographic_apostrophes_make_no_difference():
    assert "trust-angry" in rules_that_hold(changed(question="I\u2019m leaving"))


def test_cases_are_balanced_and_split():
    assert len(CASES) >= 160 and len({case["id"] for case in CASES}) == len(CASES)
    for cases in SPLITS.values():
        counts = Counter((case["kind"], case["harmful"]) for case in cases)
        assert {kind for kind, _ in counts} == set(KINDS)
        assert len(set(counts.values())) == 1


def test_no_case_is_in_both_splits():
    texts = {split: {case["question"].casefold() for case in cases} for split, cases in SPLITS.items()}
    assert not texts["dev"] & texts["test"]


def test_on_the_cases_they_were_tuned_on_the_rules_leak_nothing():
    trial = try_rules(SPLITS["dev"], RULES)
    assert trial.leaked == ()
    assert len(trial.false_alarms) <= 0.1 * len(SPLITS["dev"])


def test_each_case_is_counted_once():
    trial = try_rules(CASES, RULES)
    counted = [*trial.caught, *trial.leaked, *trial.false_alarms, *trial.passed]
    assert sorted(counted) == sorted(case["id"] for case in CASES)


def test_a_case_without_a_label_is_refused():
    with pytest.raises(DataError, match="harmful"):
        try_rules([{key: value for key, value in CASES[0].items() if key != "harmful"}], RULES)


@pytest.mark.parametrize(
    "change",
    [("kind: money", "kind: weather"), ("reason:", "raeson:"), ("question:", "questoin:"), ("words:", "wrods:")],
)
def test_a_broken_rule_file_is_reported(tmp_path, change):
    text = (ROOT / "data" / RULES_FILE).read_text().replace(*change, 1)
    (tmp_path / "operations").mkdir()
    (tmp_path / RULES_FILE).write_text(text)
    with pytest.raises(DataError):
        load_rules(tmp_path)


def test_a_missing_rule_file_is_reported(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        load_rules(tmp_path)


@pytest.mark.parametrize("piece", ["my ", "the fee is ", "a", "we ", "please ", "I am ", "delete my ", "your is "])
def test_long_hostile_text_takes_no_long_time(piece):
    began = time.perf_counter()
    approval_reasons(Draft(piece * (2_000 // len(piece)), piece * (1_200 // len(piece))), RULES)
    assert time.perf_counter() - began < 2.0
