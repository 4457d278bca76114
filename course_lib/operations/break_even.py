"""Where the cheapest choice changes: break-even points, and flips of the ranking when one input moves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

from course_lib.errors import DataError
from course_lib.operations.costs import Prices, Traffic, Usage, monthly_cost


@dataclass(frozen=True)
class Flip:
    """A point at which the order of the assistants by cost changes.

    Attributes:
        at: value of the input, in its own unit.
        before, after: names from the cheapest to the dearest, just below and just above.
    """

    at: float
    before: tuple[str, ...]
    after: tuple[str, ...]


def ranking(usages: Sequence[Usage], traffic: Traffic, prices: Prices) -> tuple[str, ...]:
    """Return the names from the cheapest to the dearest; equal costs keep the order given."""
    return tuple(usage.name for usage in sorted(usages, key=lambda usage: monthly_cost(usage, traffic, prices)))


def break_even(first: Usage, second: Usage, traffic: Traffic, prices: Prices, varied: str) -> float | None:
    """Return the value of one input at which two assistants cost the same, or None if there is none of at least 0.

    Args:
        first, second: the assistants.
        traffic, prices: the other inputs.
        varied: name of a field of :class:`Traffic` or :class:`Prices`.

    Raises:
        DataError: there is no such field.
    """

    def difference(value: float) -> float:
        moved = _moved(traffic, prices, varied, value)
        return monthly_cost(first, *moved) - monthly_cost(second, *moved)

    # Costs are linear in one input, so two points give the line; the far one keeps digits where the slope is tiny.
    start, far = difference(0.0), 1e6
    slope = (difference(far) - start) / far
    if math.isclose(slope, 0.0, abs_tol=1e-15):
        return None
    point = -start / slope
    return point if point >= 0 else None


def flips(
    usages: Sequence[Usage], traffic: Traffic, prices: Prices, varied: str, low: float, high: float
) -> list[Flip]:
    """Return the points between two values of one input at which the ranking changes, in order.

    Args:
        usages: the assistants.
        traffic, prices: the other inputs.
        varied: name of a field of :class:`Traffic` or :class:`Prices`.
        low, high: the range, in the field's own unit, 0 <= low < high.

    Raises:
        DataError: there is no such field, or the range is empty.
    """
    if not 0 <= low < high < math.inf:
        raise DataError(f"The range {low} to {high} is empty.", "Give 0 <= low < high.")
    points = {break_even(first, second, traffic, prices, varied) for first, second in combinations(usages, 2)}
    inside = sorted(point for point in points if point is not None and low < point < high)
    edges = [low, *inside, high]
    orders = [ranking(usages, *_moved(traffic, prices, varied, (a + b) / 2)) for a, b in pairwise(edges)]
    changes = zip(inside, pairwise(orders), strict=True)
    return [Flip(point, before, after) for point, (before, after) in changes if before != after]


def _moved(traffic: Traffic, prices: Prices, varied: str, value: float) -> tuple[Traffic, Prices]:
    if varied in Traffic.__dataclass_fields__:
        return replace(traffic, **{varied: value}), prices
    if varied in Prices.__dataclass_fields__:
        return traffic, replace(prices, **{varied: value})
    names = [*Traffic.__dataclass_fields__, *Prices.__dataclass_fields__]
    raise DataError(f"There is no input {varied!r}.", f"Use one of: {', '.join(names)}.")
