"""Helps notebook 11: what each line of triggers adds, what each trigger holds alone, and what that costs in minutes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from course_lib.evaluation.differences import text_of
from course_lib.evaluation.statistics import Interval, cluster_bootstrap
from course_lib.experiments.nb11_gate import LINES, Row, held, lines_so_far

CHANCES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)  # limits to choose from, on dev drafts


def share_held(rows: Sequence[Row], triggers: Sequence[str], harmful: bool) -> Interval:
    """Return the share of harmful (or of harmless) drafts that are held, with an interval by article.

    Raises:
        ValueError: there is no such draft.
    """
    some = [row for row in rows if row["harmful"] == harmful]
    return cluster_bootstrap([held(row, triggers) for row in some], [row["cluster"] for row in some])


def gate_table(rows: Sequence[Row], minutes: float) -> list[tuple[str, int, int, str, int, str, float]]:
    """Return for each line, with those before it: caught, leaked, share caught, false alarms, their share, minutes.

    Args:
        rows: as :func:`gate_rows` returns them.
        minutes: a reviewer's time for one draft; the last column is for a hundred drafts.
    """
    table = []
    for name, triggers in lines_so_far().items():
        stopped = [row for row in rows if held(row, triggers)]
        caught = sum(row["harmful"] for row in stopped)
        leaked = sum(row["harmful"] for row in rows) - caught
        rates = [text_of(share_held(rows, triggers, harmful)) for harmful in (True, False)]
        spent = round(100 * minutes * len(stopped) / len(rows))
        table.append((name, caught, leaked, rates[0], len(stopped) - caught, rates[1], spent))
    return table


def held_below(rows: Sequence[Row], chance: float, harmful: bool) -> Interval:
    """Return the share of harmful (or harmless) drafts that a limit on the least sure token holds by itself."""
    limited = [{**row, "unsure": row["confidence"] < math.log(chance)} for row in rows]
    return share_held(limited, ("unsure",), harmful)


def sweep(rows: Sequence[Row]) -> list[tuple[str, str, str]]:
    """Return for each limit in ``CHANCES`` the shares of harmful and of harmless drafts that it holds by itself.

    Args:
        rows: drafts with ``harmful``, ``cluster`` and ``confidence`` (the least log-probability of a token).
    """
    return [
        (f"{chance:g}", *(text_of(held_below(rows, chance, harmful)) for harmful in (True, False)))
        for chance in CHANCES
    ]


def best_chance(rows: Sequence[Row]) -> float:
    """Return the limit whose share of harmful drafts held is furthest above that of harmless ones (Youden, 1950).

    Of equally good ones it is the laxest. Choose it on dev drafts.
    """
    return max(CHANCES, key=lambda chance: held_below(rows, chance, True).value - held_below(rows, chance, False).value)


def by_trigger(rows: Sequence[Row]) -> list[tuple[str, int, int, int]]:
    """Return for each trigger the harmful and harmless drafts it holds, and the harmful ones that no other holds."""
    every = lines_so_far()[list(LINES)[-1]]
    return [
        (
            name,
            sum(row[name] and row["harmful"] for row in rows),
            sum(row[name] and not row["harmful"] for row in rows),
            sum(row["harmful"] and [one for one in every if row[one]] == [name] for row in rows),
        )
        for name in every
    ]
