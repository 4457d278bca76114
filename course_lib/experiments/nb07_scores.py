"""Read the stored rows of notebook 07: accuracy by fault and rate, what is inherited, what repair gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from course_lib.evaluation.statistics import Interval, cluster_bootstrap, paired_difference
from course_lib.experiments.nb07_noise import CLEAN, REST
from course_lib.experiments.nb07_shared import RATES

EXACT, SCORES = "exact", ("right", "valid", "exact")  # exact: the right label and nothing else
Row = Mapping[str, Any]
Rows = Sequence[Row]


def pick(rows: Rows, **wanted: Any) -> list[Row]:
    """Return the rows whose fields are as wanted."""
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def accuracy(rows: Rows, score: str = EXACT) -> Interval:
    """Return the mean score over seeds and test tickets, resampled by ticket.

    Args:
        rows: of one condition, one a seed, about the same test tickets in the same order.
        score: one of ``SCORES``.

    Raises:
        ValueError: there are no rows.
    """
    values, tickets = _long(rows, score)
    return cluster_bootstrap(values, tickets)


def curve(rows: Rows, condition: str, score: str = EXACT) -> list[tuple[float, Interval, tuple[float, ...]]]:
    """Return for no faults and then for each rate: the rate in percent, the score, and the score of each seed.

    Args:
        rows: of one learner.
        condition: what it was trained on.
        score: one of ``SCORES``.
    """
    points = []
    for rate in (0.0, *RATES):
        some = pick(rows, condition=condition if rate else CLEAN, rate=rate)
        points.append((100 * rate, accuracy(some, score), tuple(accuracy([row], score).value for row in some)))
    return points


def harm(spoiled: Rows, clean: Rows, score: str = EXACT) -> Interval:
    """Return what spoiled training changes against clean training: ticket by ticket, run by run, resampled by ticket.

    Args:
        spoiled, clean: rows with the same seeds, as many of each; several conditions may be taken together.
        score: one of ``SCORES``.

    Raises:
        ValueError: the seeds differ, or there are no rows.
    """
    first, second = (sorted(rows, key=lambda row: row["seed"]) for rows in (clean, spoiled))
    if [row["seed"] for row in first] != [row["seed"] for row in second]:
        raise ValueError("The two conditions were not measured with the same seeds, equally often.")
    (before, tickets), (after, _) = _long(first, score), _long(second, score)
    return paired_difference(before, after, tickets)


def harm_of(rows: Rows, conditions: Sequence[str], rate: float, score: str = EXACT) -> Interval:
    """Return what faults at a rate change against the clean rest at the same rate, over all the conditions together."""
    spoiled = [row for condition in conditions for row in pick(rows, condition=condition, rate=rate)]
    return harm(spoiled, pick(rows, condition=REST, rate=rate) * len(conditions), score)


def inherited(rows: Rows, kind: str) -> Interval | None:
    """Return the share of wrong answers to probes that are exactly the planted one; None if none was wrong."""
    planted = [one for one in _probes(rows, kind) if one[1]]
    return cluster_bootstrap([one[2] for one in planted], [one[0] for one in planted]) if planted else None


def repeated(rows: Rows, kind: str) -> Interval:
    """Return the share of all probes that are answered with the planted fault."""
    probes = _probes(rows, kind)
    return cluster_bootstrap([one[2] for one in probes], [one[0] for one in probes])


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


def refusal_change(rows: Rows, before: str, after: str) -> Interval:
    """Return how the share of unanswerable questions that are declined differs between two readers, by article."""
    first, second = ({row["question"]: row for row in pick(rows, arm=arm, answerable=False)} for arm in (before, after))
    declined = [[float(some[question]["declined"]) for question in first] for some in (first, second)]
    return paired_difference(*declined, [row["cluster"] for row in first.values()])


def _probes(rows: Rows, kind: str) -> list[tuple[str, bool, float]]:
    """Return of every probe the ticket, whether the answer was wrong, and whether it was the planted one."""
    counts = [row["inherited"][kind] for row in rows]
    return [one for c in counts for one in zip(c["tickets"], c["wrong"], map(float, c["planted"]), strict=True)]


def _share(rows: Rows, key: str) -> Interval:
    return cluster_bootstrap([float(row[key]) for row in rows], [row["cluster"] for row in rows])


def _long(rows: Rows, score: str) -> tuple[list[float], list[int]]:
    """Return the scores of all rows one after the other, and the number of the ticket behind each."""
    values = [one for row in rows for one in _scored(row, score)]
    return values, [ticket for row in rows for ticket in range(len(row["right"]))]


def _scored(row: Row, score: str) -> list[float]:
    if score == EXACT:
        return [float(right and valid) for right, valid in zip(row["right"], row["valid"], strict=True)]
    return [float(one) for one in row[score]]
