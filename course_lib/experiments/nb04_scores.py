"""Counts over the stored rows of notebook 04's experiments: outcomes of the causal tests, and what flags are worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from course_lib.evaluation.causal import RIGHT_OUTCOME, TESTS
from course_lib.evaluation.statistics import Interval, cluster_bootstrap
from course_lib.evaluation.verifier import precision_recall

Row = Mapping
OUTCOMES = ("follows", "keeps", "declines", "other")
CHECKS: dict[str, Callable[[Row], bool]] = {
    "string check": lambda row: not row["stated"],
    "verifier": lambda row: row["flagged"],
    "verifier, shuffled labels": lambda row: row["shuffled"],
}


def tried_tests(rows: Sequence[Row]) -> list[str]:
    """Return the causal tests that the rows hold, in the order of ``TESTS``."""
    return [test for test in TESTS if any(row["test"] == test for row in rows)]


def outcome_counts(rows: Sequence[Row]) -> list[tuple[str, int, int, int, int]]:
    """Return for each test how many answers follow, keep, decline, or do something else."""
    counts = Counter((row["test"], row["outcome"]) for row in rows)
    return [(test, *(counts[test, outcome] for outcome in OUTCOMES)) for test in tried_tests(rows)]


def right_share(rows: Sequence[Row], test: str) -> Interval:
    """Return how often a test came out as it does where the cited passage is the cause, with an interval by article.

    Raises:
        ValueError: no row is of this test.
    """
    kept = [row for row in rows if row["test"] == test]
    right = [row["outcome"] == RIGHT_OUTCOME[test] for row in kept]
    return cluster_bootstrap(right, [row["article"] for row in kept])


def outcome_points(runs: Mapping[str, Sequence[Row]]) -> list[tuple[str, Interval]]:
    """Return :func:`right_share` of each assistant and test, labeled for a picture."""
    return [(f"{name}: {test}", right_share(rows, test)) for name, rows in runs.items() for test in tried_tests(rows)]


def by_set(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Return the labeled answers by the set that they belong to, in the order in which the sets appear."""
    return {name: [row for row in rows if row["set"] == name] for name in dict.fromkeys(row["set"] for row in rows)}


def flag_rates(rows: Sequence[Row]) -> list[tuple[str, str, Interval | None, Interval | None]]:
    """Return for each set and each check the precision and the recall of its flags (None if there is nothing to count).

    An answer is wrong here if its label is not ``supported``.
    """
    table = []
    for name, some in by_set(rows).items():
        wrong, articles = [not row["supported"] for row in some], [row["article"] for row in some]
        for check, flags in CHECKS.items():
            table.append((name, check, *precision_recall([flags(row) for row in some], wrong, articles)))
    return table


def flags_by_kind(rows: Sequence[Row]) -> list[tuple[str, int, int, int]]:
    """Return for each kind of answer how many there are, and how many string check and verifier flag."""
    kinds = {kind: [row for row in rows if row["kind"] == kind] for kind in dict.fromkeys(row["kind"] for row in rows)}
    checks = [CHECKS["string check"], CHECKS["verifier"]]
    return [(kind, len(some), *(sum(map(check, some)) for check in checks)) for kind, some in kinds.items()]


def when_withheld(rows: Sequence[Row]) -> tuple[int, int, int, int, int]:
    """Return what changes if flagged answers are withheld.

    Args:
        rows: answers of one assistant, with the kinds of :func:`verifier_trials.answer_pairs`.

    Returns:
        Answers, and wrong ones among them; answers that are left, and wrong ones among them; right answers lost.
    """
    right = [row["kind"].startswith("right") for row in rows]
    left = [good for good, row in zip(right, rows) if not row["flagged"]]
    return len(right), right.count(False), len(left), left.count(False), sum(right) - sum(left)
