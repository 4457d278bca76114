"""Helps notebook 10: what assistants use, what that costs, and which prices and offers nobody could check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from statistics import mean
from typing import Any

from course_lib.evaluation.judge import Judgement
from course_lib.experiments.nb10_seconds import indexing_seconds, seconds_of
from course_lib.files import read_json
from course_lib.operations.costs import Prices, Traffic, Usage, monthly_costs
from course_lib.operations.price_table import Price, expired
from course_lib.settings import Settings

Row = Mapping[str, Any]
PEOPLE = "people only"


def usage_of(name: str, judgements: Sequence[Judgement], rows: Sequence[Row], minutes: float, **rest: float) -> Usage:
    """Return what an assistant uses, measured; a question that it declines goes to a person.

    Args:
        name: the assistant.
        judgements: its judged answers to the test set.
        rows: the rows of the experiment on latency.
        minutes: a person's time for one question.
        rest: other fields of :class:`Usage`, such as ``training_seconds``.
    """
    told = [judged for judged in judgements if not judged.answer.abstained]
    return Usage(
        name,
        tokens_in=mean(judged.answer.tokens_in for judged in judgements),
        tokens_out=mean(judged.answer.tokens_out for judged in judgements),
        seconds=mean(seconds_of(rows, name, "total")),
        wrong=sum(not judged.correct for judged in told) / len(judgements),
        reviewed=1 - len(told) / len(judgements),
        review_minutes=minutes,
        **rest,
    )


def people_only(minutes: float) -> Usage:
    """Return the rival without a machine: a person answers each question, and is taken to be right."""
    return Usage(PEOPLE, reviewed=1.0, review_minutes=minutes)


def all_usages(
    published: Mapping[str, Sequence[Judgement]], rows: Sequence[Row], settings: Settings, minutes: float
) -> list[Usage]:
    """Return what each assistant uses, and people without one.

    Edited facts make ``fine_tuned`` train again. The hybrid's adapter learned to read, and no fact is in it, so an
    edit makes it index again, as ``rag`` does.

    Args:
        published: the judged answers of the published run.
        rows: the rows of the experiment on latency.
        settings: where the adapter's manifest is.
        minutes: a person's time for one question.
    """
    training = read_json(settings.data / "adapters" / "closed_book" / "manifest.json")["seconds"]
    renewal = {
        "fine_tuned": {"training_seconds": training},
        **dict.fromkeys(("rag", "hybrid"), {"indexing_seconds": indexing_seconds(rows)}),
    }
    used = [usage_of(name, judged, rows, minutes, **renewal.get(name, {})) for name, judged in published.items()]
    return [*used, people_only(minutes)]


def usage_table(usages: Sequence[Usage]) -> list[list[str]]:
    """Return one line for each choice: tokens, seconds, the share that is wrong, and the share that people answer."""
    return [
        [
            usage.name,
            f"{usage.tokens_in:.0f}",
            f"{usage.tokens_out:.0f}",
            f"{usage.seconds:.2f}",
            f"{usage.wrong:.0%}",
            f"{usage.reviewed:.0%}",
        ]
        for usage in usages
    ]


def month_table(usages: Sequence[Usage], traffic: Traffic, prices: Prices) -> list[list[str]]:
    """Return one line for each part of a month's cost and one for the sum, one column for each choice."""
    costs = [monthly_costs(usage, traffic, prices) for usage in usages]
    lines = [[part, *(f"{cost[part]:,.2f}" for cost in costs)] for part in costs[0]]
    return [*lines, ["all", *(f"{sum(cost.values()):,.2f}" for cost in costs)]]


def token_table(usages: Sequence[Usage], prices: Sequence[Price], today: date) -> list[list[str | None]]:
    """Return what the tokens of a thousand answers would cost at hosted prices; None where a price is past its date.

    Args:
        usages: the choices; those without a model have no line.
        prices: all rows of the price file.
        today: prices past their date are not used.
    """
    good = [row for row in prices if row not in expired(prices, today)]
    value = {(row.provider, row.item): row.value for row in good}
    inputs = [row for row in prices if " input" in row.item and "cached" not in row.item]
    lines = []
    for row in inputs:
        pair = value.get((row.provider, row.item)), value.get((row.provider, row.item.replace(" input", " output")))
        name = f"{row.item.partition(' input')[0]} (read {row.read_on})"
        lines.append([name, *(_thousand(usage, *pair) for usage in usages if usage.tokens_in)])
    return lines


def _thousand(usage: Usage, price_in: float | None, price_out: float | None) -> str | None:
    if price_in is None or price_out is None:
        return None
    return f"{(usage.tokens_in * price_in + usage.tokens_out * price_out) / 1000:.3f}"


def unchecked(rows: Sequence[Row], provider: str = "") -> list[Row]:
    """Return the rows of a price or offer file that lack a date or a source, as they stand in the file.

    Args:
        rows: plain JSON rows.
        provider: only this one's rows; empty for all.
    """
    return [row for row in rows if provider in ("", row.get("provider")) and not _checkable(row)]


def _checkable(row: Row) -> bool:
    try:
        read_on, expires_on = (date.fromisoformat(row[name]) for name in ("read_on", "expires_on"))
    except (KeyError, TypeError, ValueError):
        return False
    return str(row.get("source", "")).startswith("https://") and read_on < expires_on
