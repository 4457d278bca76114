"""Read the stored rows of notebook 07: accuracy by fault and rate, what is inherited, what repair gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from course_lib.evaluation.statistics import Interval, cluster_bootstrap, paired_difference, wilson

Row = Mapping[str, Any]
Rows = Sequence[Row]


def pick(rows: Rows, **wanted: Any) -> list[Row]:
    """Return the rows whose fields are as wanted."""
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def accuracy(rows: Rows, score: str = "right") -> Interval:
    """Return the mean score over seeds and test tickets, resampled by ticket.

    Args:
        rows: of one condition, one a seed, about the same test tickets in the same order.
        score: ``right`` or ``valid``.

    Raises:
        ValueError: there are no rows.
    """
    values, tickets = _long(rows, score)
    return cluster_bootstrap(values, tickets)


def harm(spoiled: Rows, clean: Rows, score: str = "right") -> Interval:
    """Return what spoiled training changes against clean training: ticket by ticket, seed by seed, resampled by ticket.

    Args:
        spoiled, clean: rows with the same seeds, one each.
        score: ``right`` or ``valid``.

    Raises:
        ValueError: the seeds differ, or there are no rows.
    """
    by_seed = [{row["seed"]: row for row in rows} for rows in (spoiled, clean)]
    if by_seed[0].keys() != by_seed[1].keys() or len(by_seed[0]) != len(spoiled) or len(by_seed[1]) != len(clean):
        raise ValueError("The two conditions were not measured with the same seeds, once each.")
    seeds = sorted(by_seed[0])
    (first, tickets), (second, _) = (_long([some[seed] for seed in seeds], score) for some in reversed(by_seed))
    return paired_difference(first, second, tickets)


def inherited(rows: Rows, kind: str) -> Interval | None:
    """Return the share of wrong answers to probes that are exactly the planted one; None if none was wrong."""
    counts = [row["inherited"][kind] for row in rows]
    wrong, planted = (sum(count[key] for count in counts) for key in ("wrong", "planted"))
    return wilson(planted, wrong) if wrong else None


def repeated(rows: Rows, kind: str) -> Interval:
    """Return the share of all probes that are answered with the planted fault."""
    counts = [row["inherited"][kind] for row in rows]
    return wilson(sum(count["planted"] for count in counts), sum(count["asked"] for count in counts))


def detection(rows: Rows) -> tuple[float | None, float]:
    """Return precision (None if nothing was flagged) and recall of the flags, over all rows together."""
    flagged, planted, caught = (sum(row[key] for row in rows) for key in ("flagged", "planted", "caught"))
    return caught / flagged if flagged else None, caught / planted


def refusal_rates(rows: Rows) -> dict[str, dict[str, Interval]]:
    """Return for each reader: abstain recall, false refusals, and the share right of what can be answered."""
    table = {}
    for arm in dict.fromkeys(row["arm"] for row in rows):
        told, untold = (pick(rows, arm=arm, answerable=answerable) for answerable in (True, False))
        table[arm] = {
            "abstain recall": _share(untold, "declined"),
            "false refusals": _share(told, "declined"),
            "right": _share(told, "right"),
        }
    return table


def _share(rows: Rows, key: str) -> Interval:
    return cluster_bootstrap([float(row[key]) for row in rows], [row["cluster"] for row in rows])


def _long(rows: Rows, score: str) -> tuple[list[float], list[int]]:
    """Return the scores of all rows one after the other, and the number of the ticket behind each."""
    values = [float(one) for row in rows for one in row[score]]
    return values, [ticket for row in rows for ticket in range(len(row[score]))]
