"""One draft in the review queue, as it is read from the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from course_lib.errors import DataError
from course_lib.operations.approval import Reason
from course_lib.operations.schema import REMEDIES, nested

DECISIONS = ("approved", "edited", "rejected")


@dataclass(frozen=True)
class Item:
    """One draft in the queue.

    Attributes:
        id: its number.
        trace: number of the answer in the trace log; None if it was not logged.
        at: when it came in, UTC.
        question: what was asked, redacted.
        text: what would be sent, or was; redacted once it was sent or rejected.
        reasons: why it waits.
        state: ``waiting``, ``claimed``, or one of ``DECISIONS``.
        reviewer: who claimed or decided it.
        minutes: from claim to decision; None if it is open, was decided without being looked at in between, or was
            decided before it was claimed, by a clock that was set back.
        note: the reviewer's note.
        decided_at, sent_at: times in UTC; empty if that has not happened.
    """

    id: int
    trace: int | None
    at: str
    question: str
    text: str
    reasons: tuple[Reason, ...]
    state: str
    reviewer: str
    minutes: float | None
    note: str
    decided_at: str
    sent_at: str


def item_of(row: Mapping[str, Any]) -> Item:
    """Return the draft that a row of the table ``drafts`` holds.

    Raises:
        DataError: it is damaged.
    """
    values = {name: row[name] for name in Item.__dataclass_fields__}
    try:
        reasons = tuple(Reason(**reason) for reason in nested(row["reasons"], row["id"]))
    except TypeError as error:
        raise DataError(f"The reasons of draft {row['id']} are damaged.", REMEDIES["SQLITE_CORRUPT"][1]) from error
    return Item(**{**values, "reasons": reasons})
