"""A picture of measurements that were repeated: one panel a case, each beside the same reference, all runs as dots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_lib.evaluation.palette import COLORS, MARKERS
from course_lib.evaluation.statistics import Interval

_COLUMNS = 3
_HEIGHT = 2.4  # of a row of panels, in inches
_ASIDE = 0.045  # how far the runs stand beside their interval, as a share of the axis


@dataclass(frozen=True)
class Repeated:
    """One measured place of a curve.

    Attributes:
        place: where it stands on the x axis.
        interval: the estimate over all runs.
        runs: the value of each run on its own.
    """

    place: float
    interval: Interval
    runs: tuple[float, ...]


def panels_figure(
    panels: Mapping[str, Sequence[Repeated]],
    reference: tuple[str, Sequence[Repeated]],
    title: str,
    xlabel: str,
    ylabel: str,
) -> Figure:
    """Draw one panel a case: its curve with intervals, a dot for each run, and the reference as a dashed line.

    Args:
        panels: by name of the case, its curve in order.
        reference: name and curve of what every case is compared with.
        title: what the picture says, in one sentence.
        xlabel, ylabel: what the axes measure, with units.

    Raises:
        ValueError: there is nothing to draw.
    """
    name, baseline = reference
    if not panels or not all(panels.values()) or not baseline:
        raise ValueError("There is nothing to draw: a panel, the reference or the whole picture is empty.")
    rows = -(-len(panels) // _COLUMNS)
    figure = Figure(figsize=(8.0, 1.1 + _HEIGHT * rows), layout="constrained")
    grid = figure.subplots(rows, _COLUMNS, sharex=True, sharey=True, squeeze=False).flat
    for (case, points), axes in zip(panels.items(), grid):
        aside = _ASIDE * (points[-1].place - points[0].place)
        _curve(axes, baseline, name, "--", MARKERS[1], COLORS[7], -aside)
        _curve(axes, points, "this fault", "-", MARKERS[0], COLORS[5], aside)
        axes.set_title(case, fontsize=10)
        axes.set_xlabel(xlabel, fontsize=9)
        axes.set_xticks([point.place for point in points], [f"{point.place:g}" for point in points])
        axes.tick_params(labelbottom=True, labelleft=True)
        axes.grid(alpha=0.3)
    for axes in grid:  # what the panels left over
        axes.set_visible(False)
    figure.suptitle(title, wrap=True)
    figure.supylabel(f"{ylabel} (95% interval)", fontsize=10)
    return _with_legend(figure)


def _curve(
    axes: Axes, points: Sequence[Repeated], label: str, style: str, marker: str, color: str, aside: float
) -> None:
    places, values = [point.place for point in points], [point.interval.value for point in points]
    reach = [
        [max(0.0, point.interval.value - point.interval.low) for point in points],
        [max(0.0, point.interval.high - point.interval.value) for point in points],
    ]
    axes.errorbar(places, values, reach, linestyle=style, marker=marker, color=color, capsize=2, label=label)
    runs = [(point.place + aside, run) for point in points for run in point.runs]
    how = {"linestyle": "", "marker": marker, "markersize": 4, "markerfacecolor": "none", "color": color}
    axes.plot(*zip(*runs), **how, label=f"{label}: each run")


def _with_legend(figure: Figure) -> Figure:
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, ncols=4, loc="outside lower center", frameon=False)
    return figure
