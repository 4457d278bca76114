"""Prices and offers carry a source and dates, and a row past its date is not used."""

from __future__ import annotations

from datetime import date

import pytest

from course_lib.errors import DataError
from course_lib.files import write_json
from course_lib.operations.price_table import expired, load_offers, load_prices, price_of
from course_lib.settings import ROOT

ROW = {
    "provider": "P",
    "item": "input",
    "value": 2.0,
    "unit": "USD per million tokens",
    "source": "https://prices.example/",
    "read_on": "2026-01-01",
    "expires_on": "2026-07-01",
}


def load(folder, **changes):
    write_json(folder / "prices" / "prices.json", [{**ROW, **changes}])
    return load_prices(folder)


def test_no_shipped_row_is_past_its_date():
    rows = [*load_prices(ROOT / "data"), *load_offers(ROOT / "data")]
    old = [f"{row.provider}: {row.source} (until {row.expires_on})" for row in expired(rows, date.today())]
    assert not old, "Read these pages again, then renew value, read_on and expires_on in data/prices/:\n" + "\n".join(
        old
    )


def test_shipped_rows_name_their_source_and_no_item_comes_twice():
    rows = load_prices(ROOT / "data")
    assert {"OpenAI", "Anthropic"} <= {row.provider for row in rows}
    assert len({(row.provider, row.item) for row in rows}) == len(rows)
    assert {row.offered for row in load_offers(ROOT / "data")} <= {"yes", "no", "limited"}


def test_a_row_expires_on_the_day_after_its_last(tmp_path):
    rows = load(tmp_path)
    assert expired(rows, date(2026, 7, 1)) == []
    assert expired(rows, date(2026, 7, 2)) == rows


def test_a_price_past_its_date_is_refused_with_the_page_to_read(tmp_path):
    rows = load(tmp_path)
    assert price_of(rows, "P", "input", date(2026, 7, 1)) == 2.0
    with pytest.raises(DataError, match="https://prices.example/"):
        price_of(rows, "P", "input", date(2026, 7, 2))
    with pytest.raises(DataError, match="0 prices"):
        price_of(rows, "P", "output", date(2026, 7, 1))


@pytest.mark.parametrize(
    "changes",
    [
        {"source": ""},
        {"source": "a colleague"},
        {"expires_on": "2025-12-31"},
        {"read_on": "last week"},
        {"extra": 1},
        {"source": 1},
        {"value": "2"},
        {"value": None},
        {"read_on": None},
    ],
)
def test_a_row_that_nobody_can_check_is_refused(tmp_path, changes):
    with pytest.raises(DataError, match="row 1"):
        load(tmp_path, **changes)


def test_a_price_of_zero_is_a_price(tmp_path):
    assert load(tmp_path, value=0)[0].value == 0
