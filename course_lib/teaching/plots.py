"""Pictures of measurements: dots, lines and bars that differ by marker or hatch as well as by color.

Each returns a figure to be shown with ``show_figure(figure, says)``; the title is the message.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_lib.evaluation.palette import COLORS, HATCHES, MARKERS
from course_lib.evaluation.statistics import Interval

_WIDTH = 8.0
_STYLES = ("-", "--", ":", "-.")
_MOST_TICKS = 10  # that many measured places still fit under an axis


def dots_figure(points: Sequence[tuple[str, Interval]], title: str, xlabel: str) -> Figure:
    """Draw one row a label: a dot for the value and a line for its interval, the first label on top.

    Args:
        points: label and estimate; the unit is the one that ``xlabel`` names.
        title: what the picture says, in one sentence.
        xlabel: what is measured, with its unit.

    Raises:
        ValueError: there is nothing to draw.
    """
    _check(points)
    figure, axes = _empty(title, 1.4 + 0.42 * len(points))
    for row, (_, interval) in enumerate(points):
        axes.errorbar([interval.value], [row], xerr=_reach([interval]), fmt=MARKERS[0], color=COLORS[4], capsize=3)
    axes.set_yticks(range(len(points)), [label for label, _ in points])
    axes.set_ylim(len(points) - 0.5, -0.5)
    axes.set_xlabel(f"{xlabel} (95% interval)")
    axes.grid(axis="x", alpha=0.3)
    return figure


def lines_figure(
    series: Mapping[str, Sequence[tuple[float, Interval]]], title: str, xlabel: str, ylabel: str, log_x: bool = False
) -> Figure:
    """Draw one line a series through its estimates, each with its interval.

    Args:
        series: by name, places on the x axis with their estimates.
        title: what the picture says, in one sentence.
        xlabel, ylabel: what the axes measure, with units.
        log_x: whether equal steps on the x axis are equal factors.

    Raises:
        ValueError: there is nothing to draw, or a logarithm would be taken of a number that is not above 0.
    """
    _check(series, *series.values())
    places = sorted({place for points in series.values() for place, _ in points})
    if log_x and places[0] <= 0:
        raise ValueError(f"A logarithmic axis has no place for {places[0]:g}.")
    figure, axes = _empty(title, 3.8)
    for index, (name, points) in enumerate(series.items()):
        intervals = [interval for _, interval in points]
        axes.errorbar(
            [place for place, _ in points],
            [interval.value for interval in intervals],
            yerr=_reach(intervals),
            marker=MARKERS[index % len(MARKERS)],
            linestyle=_STYLES[index % len(_STYLES)],
            color=COLORS[index % len(COLORS)],
            markeredgecolor="black",
            capsize=3,
            label=name,
        )
    if log_x:
        axes.set_xscale("log")
    if len(places) <= _MOST_TICKS:  # the places that were measured, and no others
        axes.set_xticks(places, [f"{place:g}" for place in places])
        axes.minorticks_off()
    axes.set_xlabel(xlabel)
    axes.set_ylabel(f"{ylabel} (95% interval)")
    axes.grid(alpha=0.3)
    _legend(figure, len(series))
    return figure


def bars_figure(groups: Mapping[str, Mapping[str, float]], title: str, ylabel: str) -> Figure:
    """Draw a bar for each value, side by side within each group; a value that is missing has no bar.

    Args:
        groups: by group, the values by series name.
        title: what the picture says, in one sentence.
        ylabel: what is measured, with its unit.

    Raises:
        ValueError: there is nothing to draw, or a value is not finite.
    """
    _check(groups, *groups.values())
    names = list(dict.fromkeys(name for values in groups.values() for name in values))
    figure, axes = _empty(title, 3.8)
    width = 0.8 / len(names)
    for index, name in enumerate(names):
        found = [(place, values[name]) for place, values in enumerate(groups.values()) if name in values]
        if not all(math.isfinite(value) for _, value in found):
            raise ValueError(f"{name} has a value that is not finite: leave a missing one out.")
        bars = axes.bar(
            [place + width * (index - (len(names) - 1) / 2) for place, _ in found],
            [value for _, value in found],
            width,
            color=COLORS[index % len(COLORS)],
            hatch=HATCHES[index % len(HATCHES)],
            edgecolor="black",
            label=name,
        )
        axes.bar_label(bars, fmt="%.3g", fontsize=8)
    axes.set_xticks(range(len(groups)), list(groups))
    axes.set_ylabel(ylabel)
    axes.margins(y=0.12)
    _legend(figure, len(names))
    return figure


def _empty(title: str, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(_WIDTH, height), layout="constrained")
    axes = figure.subplots()
    axes.set_title(title, wrap=True)
    return figure, axes


def _legend(figure: Figure, count: int) -> None:
    if count > 1:
        figure.legend(ncols=min(4, count), loc="outside lower center", frameon=False)


def _reach(intervals: Sequence[Interval]) -> list[list[float]]:
    """Return how far each interval reaches below and above its value."""
    below = [max(0.0, interval.value - interval.low) for interval in intervals]
    return [below, [max(0.0, interval.high - interval.value) for interval in intervals]]


def _check(*collections: Sequence | Mapping) -> None:
    if not all(len(collection) for collection in collections):
        raise ValueError("There is nothing to draw: a group, a series or the whole picture is empty.")
