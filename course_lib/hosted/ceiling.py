"""A ceiling on what hosted answers may cost: the most a call can cost is set aside before the call is made."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from course_lib.errors import CourseError, DataError
from course_lib.operations.price_table import Price, price_of

AROUND_A_MESSAGE = 16  # tokens, generously: the marks with which a server frames one message
_TINY = 1e-12  # sums of fractions of a cent are not exact


class CeilingError(CourseError):
    """A call was not made because it could have cost more than is left."""


@dataclass
class Ceiling:
    """What may be spent, and what was.

    Attributes:
        usd: the ceiling, in US dollars.
        price_in, price_out: US dollars per million tokens of prompt and of answer; 0 for a server of your own.
        spent: US dollars so far. A call that broke off counts with the most it can have cost.
    """

    usd: float
    price_in: float
    price_out: float
    spent: float = 0.0

    def __post_init__(self) -> None:
        for name in ("usd", "price_in", "price_out", "spent"):
            if not 0 <= getattr(self, name) < math.inf:
                raise DataError(f"Ceiling.{name} is {getattr(self, name)}.", "Give a number of at least 0.")

    @property
    def left(self) -> float:
        """US dollars that may still be spent."""
        return max(0.0, self.usd - self.spent)

    def cost(self, tokens_in: int, tokens_out: int) -> float:
        """Return what these tokens cost, in US dollars."""
        return (tokens_in * self.price_in + tokens_out * self.price_out) / 1e6

    def reserve(self, tokens_in: int, tokens_out: int) -> float:
        """Set aside the most that a call can cost; return it.

        Raises:
            CeilingError: that is more than is left. Nothing is set aside then.
        """
        most = self.cost(tokens_in, tokens_out)
        if self.spent + most > self.usd + _TINY:
            cause = f"The next call can cost {_usd(most)}, and {_usd(self.left)} of {_usd(self.usd)} are left."
            raise CeilingError(cause, "Raise the ceiling, ask for shorter answers, or stop here.")
        self.spent += most
        return most

    def settle(self, reserved: float, tokens_in: int, tokens_out: int) -> None:
        """Replace what was set aside by what the server counted."""
        self.spent = max(0.0, self.spent - reserved) + self.cost(tokens_in, tokens_out)

    def release(self, reserved: float) -> None:
        """Give back what was set aside for a call that the server turned away."""
        self.spent = max(0.0, self.spent - reserved)


def _usd(amount: float) -> str:
    return f"${np.format_float_positional(amount, precision=3, fractional=False, trim='-')}"


def ceiling_from(rows: Iterable[Price], provider: str, items: tuple[str, str], usd: float, today: date) -> Ceiling:
    """Return a ceiling with prices from the dated table.

    Args:
        rows: from :func:`~course_lib.operations.price_table.load_prices`.
        provider: who asks for them.
        items: the table's names for tokens in and tokens out, in this order.
        usd: the ceiling.
        today: the day on which the prices have to be good.

    Raises:
        DataError: a price is missing or past its date, or is not per million tokens.
    """
    rows = list(rows)
    for item in items:
        units = {row.unit for row in rows if (row.provider, row.item) == (provider, item)}
        if units - {"USD per million tokens"}:
            raise DataError(f"{item!r} is in {', '.join(units)}.", "Name prices per million tokens.")
    return Ceiling(usd, *(price_of(rows, provider, item, today) for item in items))


def most_tokens(body: Mapping[str, Any]) -> int:
    """Return a number of tokens that a request's prompt cannot exceed.

    Without the server's tokenizer nobody can count its tokens. But a tokenizer over bytes makes at most one token of
    each byte, so the bytes of all that is sent are a bound. It is three to five times too high for English.
    """
    parts = [body.get(name) for name in ("messages", "tools", "response_format") if body.get(name)]
    framing = AROUND_A_MESSAGE * len(body.get("messages", ()))
    return sum(len(json.dumps(part, ensure_ascii=False).encode()) for part in parts) + framing
