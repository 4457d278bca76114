"""Who comes out ahead in notebook 05: the trained model against everything that needs no training, target by target."""

from __future__ import annotations

from collections.abc import Mapping

from course_lib.evaluation.differences import difference_of, text_of
from course_lib.evaluation.statistics import Interval
from course_lib.experiments.nb05_scores import by_arm
from course_lib.experiments.nb05_views import SCORES, TRAINED, Rows, best_arm, gain, trained_gain, value_of

BOUND, CLASSICAL = "base, constrained", "embeddings and regression"
WINNERS = ("target", "score", "LoRA", "best without training", "its score", "LoRA minus that", "verdict")
AHEAD, BEHIND, LEVEL = "training is ahead", "the rival is ahead", "not told apart"


def rival_of(name: str, rows: Rows) -> str:
    """Return the best arm of a target in which the language model is not trained."""
    return best_arm(name, rows, [arm for arm in by_arm(rows) if not arm.startswith(TRAINED)])


def winner_table(targets: Mapping[str, Rows]) -> list[tuple[object, ...]]:
    """Return a line a target, as ``WINNERS``: the trained model against the best of all that is not trained."""
    lines = []
    for name, rows in targets.items():
        arms, rival = by_arm(rows), rival_of(name, rows)
        difference = gain(name, arms[rival], arms[TRAINED])
        trained, other = (round(value_of(name, arms[arm]), 2) for arm in (TRAINED, rival))
        lines.append((name, SCORES[name], trained, rival, other, text_of(difference), verdict(difference)))
    return lines


def rival_points(targets: Mapping[str, Rows]) -> list[tuple[str, Interval]]:
    """Return for each target by how much the trained model is ahead of the best prompt, and of its best rival."""
    points = []
    for name, rows in targets.items():
        arms, rival = by_arm(rows), rival_of(name, rows)
        points.append((f"{name}: minus the best prompt", trained_gain(name, rows)))
        points.append((f"{name}: minus the best rival", gain(name, arms[rival], arms[TRAINED])))
    return points


def classical_gain(rows: Rows) -> Interval:
    """Return how much more the classical rival of routing scores than the best language model, trained or not."""
    arms = by_arm(rows)
    best = best_arm("routing", rows, [arm for arm in arms if arm != CLASSICAL])
    return gain("routing", arms[best], arms[CLASSICAL])


def verdict(difference: Interval) -> str:
    """Say who comes out ahead; an interval that reaches 0 tells nobody apart."""
    if difference.low > 0:
        return AHEAD
    return BEHIND if difference.high < 0 else LEVEL


def valid_gain(targets: Mapping[str, Rows]) -> Interval:
    """Return how much more answers are valid when the untrained model is constrained than when it is trained instead.

    All items of all targets count alike.
    """
    arms = by_arm([row for rows in targets.values() for row in rows])
    return difference_of(arms[TRAINED], arms[BOUND], "valid")
