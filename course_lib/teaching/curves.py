"""Pictures of values that have no interval of their own, such as a loss during training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from course_lib.evaluation.palette import COLORS, MARKERS

_STYLES = ("-", "--", ":", "-.")


def curves_figure(
    series: Mapping[str, Sequence[tuple[float, float]]], title: str, xlabel: str, ylabel: str, log_y: bool = False
) -> Figure:
    """Draw one line a series through its points, told apart by marker and line as well as by color.

    Args:
        series: by name, (place on the x axis, value) in order.
        title: what the picture says, in one sentence.
        xlabel, ylabel: what the axes measure, with units.
        log_y: whether equal steps on the y axis are equal factors.

    Raises:
        ValueError: there is nothing to draw, or a logarithm would be taken of a number that is not above 0.
    """
    if not series or not all(series.values()):
        raise ValueError("There is nothing to draw: the picture or a series is empty.")
    if log_y and min(value for points in series.values() for _, value in points) <= 0:
        raise ValueError("A logarithmic axis has no place for a value that is not above 0.")
    figure = Figure(figsize=(8.0, 3.8), layout="constrained")
    axes = figure.subplots()
    for index, (name, points) in enumerate(series.items()):
        axes.plot(
            [place for place, _ in points],
            [value for _, value in points],
            color=COLORS[index % len(COLORS)],
            linestyle=_STYLES[index % len(_STYLES)],
            marker=MARKERS[index % len(MARKERS)],
            markeredgecolor="black",
            label=name,
        )
    axes.set_title(title, wrap=True)
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    if log_y:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter("{x:g}")
    else:
        axes.set_ylim(bottom=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    if len(series) > 1:
        figure.legend(ncols=min(4, len(series)), loc="outside lower center", frameon=False)
    return figure
