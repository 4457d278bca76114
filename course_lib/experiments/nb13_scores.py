"""Read the stored rows of notebook 13: tools called, answers beside the hybrid's, approvals, and a server's answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from course_lib.evaluation.scoreboard import Row, board
from course_lib.evaluation.statistics import Interval, cluster_bootstrap

Rows = Sequence[Mapping[str, Any]]


def of(rows: Rows, **wanted: object) -> list[Mapping[str, Any]]:
    """Return the rows in which each of these fields has this value."""
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def share(rows: Rows, field: str) -> Interval:
    """Return the share of rows in which a field is true, with an interval over articles and messages.

    Raises:
        ValueError: there are no rows.
    """
    return cluster_bootstrap([bool(row[field]) for row in rows], [row["cluster"] for row in rows])


def tool_table(rows: Rows) -> list[tuple[str, str, int, int, int, int]]:
    """Return a line for each arm and kind: items, right tool, calls that waited, and wrong calls done unasked.

    A call is done unasked if another tool was right, and nobody had to approve it.
    """
    groups = dict.fromkeys((row["arm"], row["kind"]) for row in rows)
    table = []
    for arm, kind in groups:
        some = of(rows, arm=arm, kind=kind)
        unasked = sum(bool(row["done"]) and not row["right"] for row in some)
        table.append(
            (arm, kind, len(some), sum(row["right"] for row in some), sum(row["waited"] for row in some), unasked)
        )
    return table


def mistaken(rows: Rows, most: int = 5) -> list[tuple[str, str, int]]:
    """Return the most frequent wrong calls: the right tool, the one that was called, and how often."""
    counts = Counter((row["wanted"], row["called"] or "none") for row in rows if not row["right"])
    return [(*pair, count) for pair, count in counts.most_common(most)]


def approvals(rows: Rows) -> tuple[int, int]:
    """Return how many calls waited, and after how many of them both decisions did exactly what they should."""
    waited = [row for row in rows if row.get("resumed") is not None]
    return len(waited), sum(row["resumed"] for row in waited)


def answers_board(rows: Rows) -> list[Row]:
    """Return the agent beside the hybrid on the same questions, as rows of a scoreboard.

    Args:
        rows: of one arm, questions only.
    """
    told = of(rows, answerable=True)
    return board(
        {
            "hybrid": {"correct": share(rows, "hybrid_correct")},
            "agent": {
                "correct": share(rows, "correct"),
                "right tool": share(rows, "right"),
                "says what the hybrid says": share(rows, "same"),
                "false refusal": share(told, "abstained"),
            },
        }
    )


def server_table(rows: Rows) -> list[tuple[str, int, int, int, int]]:
    """Return a line for each assistant: questions, right here, right on the server, and the same text, of these."""
    names = dict.fromkeys(row["assistant"] for row in rows)
    groups = {name: of(rows, assistant=name) for name in names}
    return [
        (name, len(some), *(sum(row[field] for row in some) for field in ("correct_here", "correct_there", "same")))
        for name, some in groups.items()
    ]
