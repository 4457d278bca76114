"""What the messy notes promise: records that follow the written rules, and splits that are apart."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from course_lib.evaluation.records_form import form_problems, load_form
from course_lib.files import read_json, read_jsonl
from course_lib.settings import ROOT
from tests.unit.data.near_duplicates import nearest

TICKETS = ROOT / "data" / "tickets"
ROWS = read_jsonl(TICKETS / "records.jsonl")
FORM = load_form(ROOT / "data")
SAFETY = {"battery_heat", "frame_crack", "brake_weak"}
MODELS = {"WN": "Wren", "HN": "Heron", "OX": "Ox"}
SCANNED = str.maketrans("OILSB", "01158")


def digits(text: str) -> str:
    """Return the digits of a text, with the letters that a scan puts for digits."""
    return re.sub(r"\D", "", text.upper().translate(SCANNED))


def rows_with(field: str) -> list[tuple[str, object]]:
    return [(row["text"], row["record"][field]) for row in ROWS if row["record"][field] is not None]


def test_splits_have_the_promised_sizes_and_every_fault_in_each():
    assert Counter(row["split"] for row in ROWS) == {"train": 450, "dev": 80, "test": 150}
    counts = Counter((row["split"], row["record"]["fault_code"]) for row in ROWS)
    faults = (*FORM["fault_code"]["values"], None)
    least = {"train": 25, "dev": 4, "test": 8}
    assert all(counts[split, fault] >= n for split, n in least.items() for fault in faults)
    assert len({row["id"] for row in ROWS}) == len({row["text"] for row in ROWS}) == len(ROWS)


def test_every_record_has_the_normal_form():
    assert [row["id"] for row in ROWS if form_problems(row["record"], FORM)] == []
    assert len(FORM) == 8
    assert set(FORM["fault_code"]["meanings"]) == set(FORM["fault_code"]["values"])
    assert len(FORM["fault_code"]["values"]) == 15


@pytest.mark.parametrize("field", ["customer_name", "phone", "model", "serial", "fault_code", "received"])
def test_every_field_but_the_priority_is_missing_somewhere(field):
    assert 10 <= sum(row["record"][field] is None for row in ROWS) <= 440


def test_every_phone_and_serial_number_stands_in_its_note():
    for text, phone in rows_with("phone"):
        number = phone[2:].removeprefix("206")
        assert number in digits(text), text
        assert phone[2:] in digits(text) or phone.startswith("+1206"), text
    for text, serial in rows_with("serial"):
        assert digits(serial[2:]) in digits(text), text


def test_the_model_agrees_with_the_serial_number_and_else_stands_in_the_note():
    for row in ROWS:
        serial, model = row["record"]["serial"], row["record"]["model"]
        assert model == MODELS[serial[:2]] if serial else not model or model.lower() in row["text"].lower(), row["id"]


def test_every_name_stands_in_its_note():
    for text, name in rows_with("customer_name"):
        assert all(part in text.lower() for part in name.lower().split()), text


def test_every_amount_in_digits_stands_in_its_note():
    for text, cents in rows_with("amount_cents"):
        written = {f"{cents / 100:.2f}", f"{cents // 100}", f"{cents / 100:.2f}".replace(".", ","), f"{cents} cents"}
        in_words = re.search(r"\b(?:dollars?|bucks)\b", text)
        assert in_words or cents % 100 or any(form in text or digits(form) in digits(text) for form in written), text
        assert not cents % 100 or f"{cents}" in digits(text) or f"{cents // 10}" in digits(text), text


def test_every_day_of_receipt_stands_in_its_note():
    for text, day in rows_with("received"):
        assert re.search(rf"(?<!\d)0?{int(day[-2:])}(?!\d)", text) or digits(day) in digits(text), text


def test_priority_is_urgent_for_safety_faults_and_for_the_hurt_alone():
    hurt = r"hurt|cut knee|bruis|bleeding|blood|sprain|broken|broke a|stitched|chipped|split|scrap|sore|scratched face"
    for row in ROWS:
        record = row["record"]
        if record["fault_code"] in SAFETY:
            assert record["priority"] == "urgent", row["id"]
        elif record["priority"] == "urgent":
            assert re.search(hurt, row["text"]), row["id"]


def test_low_priority_notes_say_that_there_is_time():
    waits = r"hurry|rush|haste|urgent|wait|whenever|take (?:your|ur|as)|when you can|pressing|has time"
    low = [row for row in ROWS if row["record"]["priority"] == "low"]
    assert low
    assert [row["text"] for row in low if not re.search(waits, row["text"], re.IGNORECASE)] == []


def test_no_two_notes_are_near_duplicates_and_splits_are_further_apart():
    anywhere, across = nearest(ROWS)
    assert anywhere <= 0.5
    assert across <= 0.35


def test_the_label_check_covers_sixty_rows():
    check = read_json(TICKETS / "records_check.json")
    assert check["checked"] == 60 >= check["agreed"] >= 54
