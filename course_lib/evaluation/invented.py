"""Made-up facts: values that an answer states though no document of any date does, nor the customer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from course_lib.knowledge.snapshots import load_snapshot, snapshot_dates
from course_lib.knowledge.values import values_in

KINDS = ("money", "percent", "duration", "date", "time", "code", "contact")  # the types with a shape of their own

_SPAN = re.compile(r"[ap]m-\d")  # of "12:30pm-2:30pm": looks like a code, and is a span of time


def known_values(texts: Iterable[str]) -> dict[str, set[str]]:
    """Return the values of each type that stand in the texts, in one spelling each."""
    known: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for text in texts:
        for kind in KINDS:
            known[kind] |= values_in(text, kind)
    return known


def site_values(data: Path) -> dict[str, set[str]]:
    """Return the values of each type that the support site states at any of its dates.

    Args:
        data: the course's data folder.

    Raises:
        DataError: a snapshot cannot be read.
    """
    articles = (article for date in snapshot_dates(data) for article in load_snapshot(data, date))
    return known_values(f"{article.title}\n{article.text}" for article in articles)


def invented_values(text: str, question: str, known: Mapping[str, Iterable[str]]) -> list[tuple[str, str]]:
    """Return the values of a text that neither the documents nor the customer's question state.

    This counts too few rather than too many: a guess that happens to stand on some page, about anything, is not
    counted, and neither are names and bare numbers, which have no shape to find them by.

    Args:
        text: an answer.
        question: what was asked; a value that the customer named is not made up by the assistant.
        known: values by type, as :func:`site_values` returns them.

    Returns:
        Pairs of type and value, in one spelling each, sorted.
    """
    return sorted(
        (kind, value)
        for kind in KINDS
        for value in values_in(text, kind) - values_in(question, kind) - set(known[kind])
        if not (kind == "code" and _SPAN.match(value))
    )
