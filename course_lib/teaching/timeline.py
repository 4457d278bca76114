"""A picture of shares over dates: one panel a measure, one line a way to answer, each point with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from course_lib.evaluation.palette import COLORS, MARKERS
from course_lib.evaluation.statistics import Interval

_STYLES = ("-", "--", ":", "-.")
_SPREAD = 0.3  # how far apart, in dates, the first and the last line stand, so that intervals do not cover each other


def timeline_figure(panels: Mapping[str, Mapping[str, Sequence[Interval]]], dates: Sequence[str], title: str) -> Figure:
    """Draw panels below each other, with the dates on one axis.

    Args:
        panels: by what is measured, for each line one estimate a date; every panel has the same lines.
        dates: what stands on the axis, in order.
        title: what the picture says, in one sentence.

    Raises:
        ValueError: there is nothing to draw, panels differ in their lines, or a line has not one point a date.
    """
    names = list(next(iter(panels.values()), ()))
    if not names or any(list(lines) != names for lines in panels.values()):
        raise ValueError("Every panel needs the same lines, and at least one.")
    figure = Figure(figsize=(8.0, 1.6 + 2.4 * len(panels)), layout="constrained")
    figure.suptitle(title, wrap=True)
    grid = figure.subplots(len(panels), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for axes, (measure, lines) in zip(grid, panels.items()):
        for index, (name, points) in enumerate(lines.items()):
            _draw(axes, points, len(dates), index, len(names), name)
        axes.set_ylabel(f"{measure}\n(95% interval)")
        axes.grid(alpha=0.3)
    grid[-1].set_xticks(range(len(dates)), dates)
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, ncols=3, loc="outside lower center", frameon=False)
    return figure


def _draw(axes, points: Sequence[Interval], dates: int, index: int, count: int, name: str) -> None:
    if len(points) != dates:
        raise ValueError(f"{name} has {len(points)} points, and there are {dates} dates.")
    shift = _SPREAD * (index / max(1, count - 1) - 0.5)
    below = [max(0.0, point.value - point.low) for point in points]
    above = [max(0.0, point.high - point.value) for point in points]
    axes.errorbar(
        [place + shift for place in range(dates)],
        [point.value for point in points],
        yerr=[below, above],
        marker=MARKERS[index % len(MARKERS)],
        linestyle=_STYLES[index % len(_STYLES)],
        color=COLORS[index % len(COLORS)],
        markeredgecolor="black",
        capsize=3,
        label=name,
    )
