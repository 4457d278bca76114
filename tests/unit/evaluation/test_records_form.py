"""The record checker: every field to the letter, the form's types, and bad output as a value."""

from __future__ import annotations

import json

import pytest

from course_lib.errors import DataError
from course_lib.evaluation.records_form import form_problems, load_form, score_record, summarize_records
from course_lib.settings import ROOT

FORM = load_form(ROOT / "data")
RECORD = {
    "customer_name": "Dana Whit",
    "phone": "+12065550142",
    "model": "Wren",
    "serial": "WN4-20817",
    "fault_code": "brake_noise",
    "received": "2026-03-14",
    "priority": "normal",
    "amount_cents": 3800,
}


def changed(**fields) -> str:
    return json.dumps({**RECORD, **fields})


def test_the_label_itself_is_exact_in_any_order_of_fields():
    score = score_record(json.dumps(dict(reversed(RECORD.items()))), RECORD, FORM)
    assert score.valid and score.exact and all(score.fields.values()) and not score.problems


def test_a_wrong_value_of_the_right_type_is_valid_but_not_exact():
    score = score_record(changed(model="Ox"), RECORD, FORM)
    assert score.valid and not score.exact
    assert [name for name, right in score.fields.items() if not right] == ["model"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("phone", "206-555-0142"),
        ("phone", "+12065550142\n"),
        ("model", "wren"),
        ("serial", "WN420817"),
        ("serial", 4),
        ("fault_code", "squeak"),
        ("received", "3/14"),
        ("received", "2026-02-30"),
        ("priority", None),
        ("amount_cents", 38.0),
        ("amount_cents", True),
        ("amount_cents", -1),
        ("customer_name", ""),
        ("customer_name", ["Dana"]),
    ],
)
def test_a_value_that_does_not_fit_its_field_breaks_the_form(field, value):
    assert form_problems({**RECORD, field: value}, FORM) == (f"{field} does not fit",)
    assert not score_record(changed(**{field: value}), RECORD, FORM).valid


def test_null_is_allowed_for_what_is_missing_and_right_only_then():
    score = score_record(changed(phone=None), RECORD, FORM)
    assert score.valid and not score.fields["phone"]
    assert score_record(changed(phone=None), {**RECORD, "phone": None}, FORM).exact


def test_a_left_out_field_is_wrong_even_where_null_is_right():
    raw = json.dumps({name: value for name, value in RECORD.items() if name != "phone"})
    score = score_record(raw, {**RECORD, "phone": None}, FORM)
    assert score.problems == ("phone is missing",)
    assert not score.fields["phone"] and score.fields["model"] and not score.exact


def test_a_field_too_many_breaks_the_form_and_costs_exactness():
    score = score_record(changed(note="hi"), RECORD, FORM)
    assert score.problems == ("note is not a field",)
    assert all(score.fields.values()) and not score.exact


@pytest.mark.parametrize(
    "raw",
    ["", "Dana Whit", "[]", "3", "null", "{" * 100_000, "[" * 100_000, "1" * 5000, '{"a": 1, "a": 2}', "{'a': 1}"],
)
def test_bad_output_is_a_score_with_every_field_wrong(raw):
    score = score_record(raw, RECORD, FORM)
    assert not score.valid and not score.exact and len(score.problems) == 1
    assert list(score.fields) == list(FORM) and not any(score.fields.values())


def test_the_summary_counts_right_ones_for_each_field_and_for_all():
    counts = summarize_records([score_record(changed(model="Ox"), RECORD, FORM), score_record("?", RECORD, FORM)])
    assert counts["valid"] == (1, 2) and counts["exact"] == (0, 2)
    assert counts["model"] == (0, 2) and counts["phone"] == (1, 2) and counts["fields"] == (7, 16)


def test_a_damaged_rule_file_is_named(tmp_path):
    (tmp_path / "tickets").mkdir()
    (tmp_path / "tickets" / "record_rules.json").write_text('[{"field": "phone"}]')
    with pytest.raises(DataError, match="record_rules.json"):
        load_form(tmp_path)
