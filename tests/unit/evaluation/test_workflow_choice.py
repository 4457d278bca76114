"""The workflow checker: exact choices, types brought to normal form, and bad output as a value."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from course_lib.errors import DataError
from course_lib.evaluation.workflow_choice import (
    load_workflows,
    normal_form,
    parse_choice,
    score_choice,
    summarize_choices,
)
from course_lib.settings import ROOT

WORKFLOWS = load_workflows(ROOT / "data")
PAUSE = {"workflow": "pause_membership", "arguments": {"plan": "Plus", "weeks": 5, "reason": "travel"}}


def written(workflow: str, **arguments) -> str:
    return json.dumps({"workflow": workflow, "arguments": arguments})


def test_the_label_itself_is_exact():
    score = score_choice(json.dumps(PAUSE), PAUSE, WORKFLOWS)
    assert score.valid and score.workflow and score.exact
    assert score.arguments == {"plan": True, "weeks": True, "reason": True}


def test_a_number_as_text_and_another_case_are_the_same_value():
    assert score_choice(written("pause_membership", plan=" plus ", weeks="5", reason="Travel"), PAUSE, WORKFLOWS).exact


def test_a_wrong_argument_costs_exactness_and_only_itself():
    score = score_choice(written("pause_membership", plan="Plus", weeks=6, reason="travel"), PAUSE, WORKFLOWS)
    assert score.valid and score.workflow and not score.exact
    assert score.arguments == {"plan": True, "weeks": False, "reason": True}


def test_an_argument_too_many_is_wrong_and_null_is_absent():
    row = {"workflow": "cancel", "arguments": {"plan": "Plus"}}
    assert not score_choice(written("cancel", plan="Plus", when="2026-05-01"), row, WORKFLOWS).exact
    assert score_choice(written("cancel", plan="Plus", when=None), row, WORKFLOWS).exact


def test_the_wrong_workflow_makes_every_argument_of_the_label_wrong():
    score = score_choice(written("cancel", plan="Plus"), PAUSE, WORKFLOWS)
    assert score.valid and not score.workflow and not score.exact
    assert not any(score.arguments.values()) and len(score.arguments) == 3


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("money", 19, Decimal("19.00")),
        ("money", "$19.5", Decimal("19.50")),
        ("money", 64.9, Decimal("64.90")),
        ("money", "about 19", None),
        ("money", -5, None),
        ("integer", 6.0, 6),
        ("integer", 6.5, None),
        ("integer", True, None),
        ("integer", 10**300, None),
        ("date", "2026-02-28", "2026-02-28"),
        ("date", "2026-02-30", None),
        ("date", "May 9", None),
        ("string", "3 Bishop's  Gate.", "3 bishops gate"),
        ("string", [], None),
        ("string", " ", None),
    ],
)
def test_values_come_to_the_normal_form_of_their_type_or_to_nothing(kind, value, expected):
    assert normal_form(value, {"type": kind}) == expected


def test_an_enum_keeps_the_spelling_of_the_definition():
    assert normal_form("text message", {"type": "enum", "values": ["text_message"]}) == "text_message"
    assert normal_form("fax", {"type": "enum", "values": ["text_message"]}) is None


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "cancel",
        "[]",
        "null",
        "{" * 100_000,
        "[" * 100_000,
        "1" * 5000,
        '{"workflow": "cancel"}',
        '{"workflow": ["cancel"], "arguments": {}}',
        '{"workflow": "dance", "arguments": {}}',
        '{"workflow": "no_action", "arguments": []}',
        '{"workflow": "no_action", "arguments": {}, "why": 1}',
        '{"workflow": "no_action", "arguments": {"plan": "Plus"}}',
        '{"workflow": "no_action", "workflow": "no_action", "arguments": {}}',
        '{"workflow": "pause_membership", "arguments": {"plan": "Plus"}}',
        '{"workflow": "pause_membership", "arguments": {"plan": "Plus", "weeks": NaN}}',
        '{"workflow": "issue_credit", "arguments": {"amount": 1e999}}',
        '{"workflow": "issue_credit", "arguments": {"amount": {"a": 1}}}',
    ],
)
def test_bad_output_is_a_choice_with_a_problem_and_never_exact(raw):
    choice = parse_choice(raw, WORKFLOWS)
    assert choice.problem
    for row in (PAUSE, {"workflow": "no_action", "arguments": {}}):
        score = score_choice(raw, row, WORKFLOWS)
        assert not score.valid and not score.exact


def test_the_summary_counts_right_ones_and_how_many_were_counted():
    scores = [score_choice(json.dumps(PAUSE), PAUSE, WORKFLOWS), score_choice("?", PAUSE, WORKFLOWS)]
    assert summarize_choices(scores) == {"valid": (1, 2), "workflow": (1, 2), "exact": (1, 2), "arguments": (3, 6)}
    assert summarize_choices([])["arguments"] == (0, 0)


def test_a_damaged_definition_file_is_named(tmp_path):
    (tmp_path / "tickets").mkdir()
    (tmp_path / "tickets" / "workflows.json").write_text('{"workflows": [{"id": "cancel"}]}')
    with pytest.raises(DataError, match="workflows.json"):
        load_workflows(tmp_path)
