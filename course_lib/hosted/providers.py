"""How providers differ from each other behind the same address: dated rows, each with the page it was read on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from course_lib.errors import DataError
from course_lib.operations.price_table import load_dated


@dataclass(frozen=True)
class Difference:
    """What one provider does with one thing.

    Attributes:
        provider: who.
        topic: what it is about, such as ``response_format``.
        says: what the provider does, in our words.
        source: address of the page; for a page that was read as a stored copy, the address of the original.
        read_on, expires_on: dates, ISO 8601; after the second the row must be read again.
    """

    provider: str
    topic: str
    says: str
    source: str
    read_on: str
    expires_on: str


def load_differences(data: Path) -> list[Difference]:
    """Read ``prices/providers.json`` from the data folder.

    Args:
        data: the data folder.

    Raises:
        DataError: the file is missing, a row is incomplete or malformed, or a provider has a topic twice.
    """
    path = data / "prices" / "providers.json"
    rows = load_dated(path, Difference)
    if len({(row.provider, row.topic) for row in rows}) < len(rows):
        raise DataError(f"{path} has two rows of one provider on one topic.", "Make them one.")
    return rows


def past_their_date(rows: Iterable[Difference], today: date) -> list[Difference]:
    """Return the rows that have to be read again."""
    return [row for row in rows if date.fromisoformat(row.expires_on) < today]


def side_by_side(rows: Iterable[Difference], providers: tuple[str, str]) -> list[tuple[str, str | None, str | None]]:
    """Return a table of topics with what each of two providers does; None where nothing was read."""
    says = {(row.topic, row.provider): row.says for row in rows}
    topics = dict.fromkeys(topic for topic, provider in says if provider in providers)
    return [(topic, *(says.get((topic, provider)) for provider in providers)) for topic in topics]
