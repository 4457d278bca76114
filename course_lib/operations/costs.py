"""What an assistant costs a month, from the learner's own traffic, and where the cheapest choice changes.

Every input is explicit. Nothing is known about prices here: they come from ``data/prices/prices.json`` or from the
learner. Every cost is linear in each single input, so points where two assistants cost the same are computed exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from course_lib.errors import DataError


@dataclass(frozen=True)
class Traffic:
    """What comes in during a month.

    Attributes:
        questions: questions a month.
        edited_articles: articles edited a month; each is indexed again where there is an index.
        trainings: trainings a month that these edits make necessary, where there is an adapter.
    """

    questions: float
    edited_articles: float = 0.0
    trainings: float = 0.0


@dataclass(frozen=True)
class Prices:
    """What things cost, all in one currency.

    Attributes:
        million_tokens_in, million_tokens_out: per million tokens of prompt and answer.
        machine_hour: of the machine that answers, where you pay for it by use.
        training_hour: of the machine that trains.
        indexing_hour: of the machine that embeds articles.
        reviewer_hour: of the person who reads drafts.
        wrong_answer: of one wrong answer that a customer gets; the priority of being right.
        waiting_second: of one second that a customer waits; the priority of being fast.
    """

    million_tokens_in: float = 0.0
    million_tokens_out: float = 0.0
    machine_hour: float = 0.0
    training_hour: float = 0.0
    indexing_hour: float = 0.0
    reviewer_hour: float = 0.0
    wrong_answer: float = 0.0
    waiting_second: float = 0.0


@dataclass(frozen=True)
class Usage:
    """What one assistant uses, measured.

    Attributes:
        name: the assistant.
        tokens_in, tokens_out: mean tokens of an answer's prompt and text.
        seconds: mean seconds for an answer.
        wrong: share of the answers sent that are wrong, 0 to 1.
        reviewed: share of answers that a person reads first, 0 to 1.
        review_minutes: mean minutes for one of these.
        training_seconds: for one training; 0 without an adapter.
        indexing_seconds: for one edited article; 0 without an index.
        fixed: per month whatever the traffic, in the currency of the prices, such as a hosted adapter.
    """

    name: str
    tokens_in: float = 0.0
    tokens_out: float = 0.0
    seconds: float = 0.0
    wrong: float = 0.0
    reviewed: float = 0.0
    review_minutes: float = 0.0
    training_seconds: float = 0.0
    indexing_seconds: float = 0.0
    fixed: float = 0.0


def monthly_costs(usage: Usage, traffic: Traffic, prices: Prices) -> dict[str, float]:
    """Return the cost of a month by part, in the currency of the prices.

    Raises:
        DataError: a number is negative or not finite, or a share is above 1.
    """
    for record in (usage, traffic, prices):
        _check(record)
    asked = traffic.questions
    return {
        "tokens": asked
        * (usage.tokens_in * prices.million_tokens_in + usage.tokens_out * prices.million_tokens_out)
        / 1e6,
        "machine": asked * usage.seconds * prices.machine_hour / 3600,
        "training": traffic.trainings * usage.training_seconds * prices.training_hour / 3600,
        "indexing": traffic.edited_articles * usage.indexing_seconds * prices.indexing_hour / 3600,
        "review": asked * usage.reviewed * usage.review_minutes * prices.reviewer_hour / 60,
        "wrong answers": asked * usage.wrong * prices.wrong_answer,
        "waiting": asked * usage.seconds * prices.waiting_second,
        "fixed": usage.fixed,
    }


def monthly_cost(usage: Usage, traffic: Traffic, prices: Prices) -> float:
    """Return the cost of a month, in the currency of the prices."""
    return sum(monthly_costs(usage, traffic, prices).values())


def _check(record: Usage | Traffic | Prices) -> None:
    for field in fields(record):
        value = getattr(record, field.name)
        if field.name == "name":
            continue
        top = 1.0 if field.name in ("wrong", "reviewed") else float("inf")
        if not 0 <= value <= top or value == float("inf"):
            raise DataError(
                f"{type(record).__name__}.{field.name} is {value}.",
                "Give a share from 0 to 1." if top == 1.0 else "Give a number of at least 0.",
            )


def usage_from(name: str, rows: Iterable[Mapping], wrong: float, **rest: float) -> Usage:
    """Return what an assistant uses, from the rows of the trace log.

    Args:
        name: the assistant; rows of others are passed over.
        rows: as :meth:`~course_lib.operations.trace_log.TraceLog.rows` yields them.
        wrong: share of wrong answers, measured on a test set.
        rest: other fields of :class:`Usage`.

    Raises:
        DataError: the assistant has no rows.
    """
    mine = [row for row in rows if row["assistant"] == name]
    if not mine:
        raise DataError(f"The log has no answer of {name!r}.", "Log its answers first, or check the name.")
    count = len(mine)
    return Usage(
        name,
        tokens_in=sum(row["tokens_in"] for row in mine) / count,
        tokens_out=sum(row["tokens_out"] for row in mine) / count,
        seconds=sum(sum(row["seconds"].values()) for row in mine) / count,
        wrong=wrong,
        **rest,
    )


def review_shares(items: Iterable, answers: int) -> tuple[float, float]:
    """Return the share of answers that were reviewed, and the mean minutes of those whose time is known.

    Args:
        items: decided drafts of the review queue.
        answers: how many answers there were in the same time.

    Raises:
        DataError: there were no answers, or no draft has minutes.
    """
    decided = list(items)
    minutes = [item.minutes for item in decided if item.minutes is not None]
    if not answers or not minutes:
        raise DataError("Reviewing was not measured.", "Work through some drafts with `review show` first.")
    return len(decided) / answers, sum(minutes) / len(minutes)
