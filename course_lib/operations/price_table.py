"""Dated prices and offers: each row says where it was read, when, and until when it may be used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import TypeVar

from course_lib.errors import DataError
from course_lib.files import read_json


@dataclass(frozen=True)
class Price:
    """One price.

    Attributes:
        provider, item: who asks for it, and for what.
        value, unit: the number and what it counts, such as USD per million tokens.
        source: address of the page; for a page that was read as a stored copy, the address of the original.
        read_on, expires_on: dates, ISO 8601; after the second the row must be read again.
    """

    provider: str
    item: str
    value: float
    unit: str
    source: str
    read_on: str
    expires_on: str


@dataclass(frozen=True)
class Offer:
    """Whether a provider offers fine-tuning.

    Attributes:
        provider, models: who, and of which models.
        offered: ``yes``, ``no`` or ``limited``.
        to_whom: to which customers, in our words.
        source, read_on, expires_on: as for :class:`Price`.
    """

    provider: str
    models: str
    offered: str
    to_whom: str
    source: str
    read_on: str
    expires_on: str


Row = TypeVar("Row")


def load_prices(data: Path) -> list[Price]:
    """Read ``prices/prices.json`` from the data folder.

    Args:
        data: the data folder.

    Raises:
        DataError: the file is missing, or a row is incomplete or malformed.
    """
    return load_dated(data / "prices" / "prices.json", Price)


def load_offers(data: Path) -> list[Offer]:
    """Read ``prices/availability.json`` from the data folder; arguments and errors as for :func:`load_prices`."""
    return load_dated(data / "prices" / "availability.json", Offer)


def load_dated(path: Path, kind: type[Row]) -> list[Row]:
    """Read a table of rows with a source and dates.

    Args:
        path: a JSON file, a list of objects.
        kind: dataclass of a row; its fields are text or ``float``, and include ``source``, ``read_on``, ``expires_on``.

    Raises:
        DataError: as for :func:`load_prices`.
    """
    kinds = {field.name: (int, float) if field.type in (float, "float") else str for field in fields(kind)}
    rows = []
    for number, row in enumerate(read_json(path), 1):
        where = f"{path}, row {number}"
        if not isinstance(row, dict) or set(row) != set(kinds):
            raise DataError(f"{where} does not have the fields {sorted(kinds)}.", "Complete the row.")
        if not all(isinstance(row[name], kinds[name]) and row[name] != "" for name in kinds):
            raise DataError(f"{where} has an empty field, or a number where text belongs.", "Complete the row.")
        if not row["source"].startswith("https://"):
            raise DataError(f"{where} has no https source.", "Complete the row.")
        if not _day(where, row["read_on"]) < _day(where, row["expires_on"]):
            raise DataError(f"{where} expires before it was read.", "Mend its dates.")
        rows.append(kind(**row))
    return rows


def _day(where: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise DataError(f"{where} has the date {text!r}.", "Write it as YYYY-MM-DD.") from error


def expired(rows: Iterable[Row], today: date) -> list[Row]:
    """Return the rows that are past their date."""
    return [row for row in rows if date.fromisoformat(row.expires_on) < today]


def price_of(rows: Iterable[Price], provider: str, item: str, today: date) -> float:
    """Return one price.

    Raises:
        DataError: there is no such row, or it is past its date.
    """
    found = [row for row in rows if (row.provider, row.item) == (provider, item)]
    if len(found) != 1:
        raise DataError(f"There are {len(found)} prices of {provider} for {item!r}.", "Check data/prices/prices.json.")
    if expired(found, today):
        raise DataError(
            f"The price of {provider} for {item!r} was good until {found[0].expires_on}.",
            f"Read {found[0].source} again, and renew value, read_on and expires_on in data/prices/prices.json.",
        )
    return found[0].value
