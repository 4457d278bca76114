"""The five targets of notebook 05: the score of each arm, and what training adds to the best prompt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from course_lib.evaluation.differences import difference_of, text_of
from course_lib.evaluation.statistics import Interval, cluster_bootstrap, wilson
from course_lib.evaluation.target_scores import macro_f1
from course_lib.evaluation.voice import obeyed
from course_lib.experiments.nb05_scores import DRAWS, by_arm, costs
from course_lib.experiments.store import load_experiment
from course_lib.settings import Settings

Row = Mapping[str, Any]
Rows = Sequence[Row]
MACRO_F1, RULES_KEPT, ALL_RIGHT = "macro-F1", "rules kept", "all right"
SCORES = {  # what the claims are about; macro-F1 is a score of all items together, the others of each
    "schema": ALL_RIGHT,
    "voice": RULES_KEPT,
    "routing": MACRO_F1,
    "workflow": ALL_RIGHT,
    "records": ALL_RIGHT,
}
PROMPTED = ("base", "strong prompt", "few-shot")
TRAINED = "LoRA"
COLUMNS = ("arm", "valid", "fields right", "score", "minus best prompt", "prompt tokens", "ms")
_KEYS = {ALL_RIGHT: "exact", RULES_KEPT: "rules"}


def load_targets(settings: Settings) -> dict[str, list[Row]]:
    """Return the stored rows of every target; a row of ``voice`` also has ``rules``, the share of rules it keeps.

    Raises:
        DataError: a target has no stored rows.
    """
    rows = {name: load_experiment(f"nb05_{name}", settings) for name in SCORES}
    return rows | {"voice": [{**row, "rules": rules_kept(row["text"])} for row in rows["voice"]]}


def rules_kept(text: str) -> float:
    """Return the share that a reply keeps of the rules of the voice that have a bearing on it, 0 to 1."""
    known = [right for right in obeyed(text).values() if right is not None]
    return sum(known) / len(known)


def value_of(name: str, rows: Rows) -> float:
    """Return the score of one arm of a target, 0 to 1."""
    if SCORES[name] == MACRO_F1:
        return macro_f1([row["gold"] for row in rows], [row["label"] for row in rows])
    return float(np.mean([row[_KEYS[SCORES[name]]] for row in rows]))


def estimate(name: str, rows: Rows) -> Interval:
    """Return the score of one arm of a target, with an interval over items."""
    if SCORES[name] == MACRO_F1:
        low, high = np.quantile(_f1_draws(rows, _picks(len(rows))), [0.025, 0.975])
        return Interval(value_of(name, rows), float(low), float(high), len(rows))
    if SCORES[name] == ALL_RIGHT:
        return wilson(sum(row["exact"] for row in rows), len(rows))  # where nothing is right, resampling sees no doubt
    return cluster_bootstrap([float(row[_KEYS[SCORES[name]]]) for row in rows], [row["cluster"] for row in rows])


def gain(name: str, first: Rows, second: Rows) -> Interval:
    """Return how much more the second arm of a target scores than the first on the same items.

    Raises:
        ValueError: the two are not about the same items, each answered once.
    """
    if SCORES[name] != MACRO_F1:
        return difference_of(first, second, _KEYS[SCORES[name]])
    if [row["question"] for row in first] != [row["question"] for row in second]:
        raise ValueError("The two arms did not answer the same items in the same order.")
    picks = _picks(len(first))
    low, high = np.quantile(_f1_draws(second, picks) - _f1_draws(first, picks), [0.025, 0.975])
    return Interval(value_of(name, second) - value_of(name, first), float(low), float(high), len(first))


def _picks(items: int) -> np.ndarray:
    """Return which items make up each resample, shape (draws, items)."""
    return np.random.default_rng(7).integers(items, size=(DRAWS, items))


def _f1_draws(rows: Rows, picks: np.ndarray) -> np.ndarray:
    """Return the macro-F1 of every resample, shape (draws,); ``picks`` has the shape (draws, items)."""
    gold, given = (np.array([row[key] for row in rows])[picks] for key in ("gold", "label"))
    scores = []
    for label in sorted({row["gold"] for row in rows}):
        wanted, claimed = gold == label, given == label  # (draws, items)
        total = wanted.sum(axis=1) + claimed.sum(axis=1)
        score = 2 * (wanted & claimed).sum(axis=1) / np.maximum(total, 1)
        scores.append(np.where(wanted.any(axis=1), score, np.nan))  # a label that was not drawn has no score
    return np.nanmean(scores, axis=0)


def best_arm(name: str, rows: Rows, arms: Sequence[str] = PROMPTED) -> str:
    """Return the arm with the highest score among some; of equals, the first."""
    found = by_arm(rows)
    return max(arms, key=lambda arm: value_of(name, found[arm]))


def trained_gain(name: str, rows: Rows) -> Interval:
    """Return how much more the trained model scores than the best prompt of its target."""
    arms = by_arm(rows)
    return gain(name, arms[best_arm(name, rows)], arms[TRAINED])


def arm_table(name: str, rows: Rows) -> list[tuple[object, ...]]:
    """Return a line an arm, as ``COLUMNS``; the arm that is the best prompt is marked."""
    arms, spent, best = by_arm(rows), costs(rows), best_arm(name, rows)
    return [
        (
            f"{arm} (best prompt)" if arm == best else arm,
            _mean(some, "valid"),
            _mean(some, "share"),
            text_of(estimate(name, some)),
            None if arm == best else text_of(gain(name, arms[best], some)),
            round(spent[arm]["tokens_in"]),
            round(spent[arm]["ms"]),
        )
        for arm, some in arms.items()
    ]


def _mean(rows: Rows, key: str) -> float:
    return round(sum(float(row[key]) for row in rows) / len(rows), 2)
