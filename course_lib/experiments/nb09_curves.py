"""What more examples are still worth: the last step of each learning curve of notebook 05."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any

from course_lib.evaluation.statistics import Interval, paired_difference


@dataclass(frozen=True)
class Step:
    """The last step of a learning curve.

    Attributes:
        target: what was trained.
        before, after: the two largest numbers of examples.
        seeds: those with which both were trained.
        first, second: the score of each test item before and after, the seeds averaged, shape (n,).
    """

    target: str
    before: int
    after: int
    seeds: tuple[int, ...]
    first: list[float]
    second: list[float]


def last_step(rows: Sequence[Mapping[str, Any]], target: str) -> Step:
    """Return the step to the largest number of examples of a target.

    Args:
        rows: of the experiment nb05_curves: a target, its examples (``size``), a seed, and ``exact`` for each item.
        target: which one.

    Raises:
        ValueError: the target was trained on one number of examples only, or no seed was used for the last two.
    """
    curve = {(row["size"], row["seed"]): row["exact"] for row in rows if row["target"] == target}
    sizes = sorted({size for size, _ in curve})[-2:]
    seeds = sorted({seed for _, seed in curve if all((size, seed) in curve for size in sizes)})
    if len(sizes) < 2 or not seeds:
        raise ValueError(f"{target} was not trained on two numbers of examples with the same seed.")
    first, second = (
        [mean(scores) for scores in zip(*(curve[size, seed] for seed in seeds), strict=True)] for size in sizes
    )
    return Step(target, *sizes, tuple(seeds), first, second)


def last_steps(rows: Sequence[Mapping[str, Any]]) -> list[Step]:
    """Return the last step of each target's learning curve; errors as for :func:`last_step`."""
    return [last_step(rows, target) for target in dict.fromkeys(row["target"] for row in rows)]


def step_table(steps: Sequence[Step]) -> list[tuple[str, int, int, int, str]]:
    """Return for each step its target, the examples before and after, the number of seeds, and the gain in points."""
    return [
        (step.target, step.before, step.after, len(step.seeds), f"{100 * (mean(step.second) - mean(step.first)):+.1f}")
        for step in steps
    ]


def last_gain(steps: Sequence[Step]) -> Interval:
    """Return what the last step adds to the score, over the items of all targets."""
    return paired_difference(
        [score for step in steps for score in step.first],
        [score for step in steps for score in step.second],
        [f"{step.target} {place}" for step in steps for place in range(len(step.first))],
    )
