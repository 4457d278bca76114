"""Draw how the questions of each assistant fall away, cause by cause, until only the right answers remain."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_lib.evaluation.palette import COLORS, HATCHES


def waterfall_figure(rows: Sequence[Sequence[str | int]], names: Sequence[str], title: str) -> Figure:
    """Draw one panel an assistant: all questions on top, what each cause takes away, and the right answers below.

    Args:
        rows: as :func:`course_lib.experiments.nb09_measures.waterfall_rows` returns them.
        names: of the assistants, one for each number of a row.
        title: what the picture says, in one sentence.
    """
    figure = Figure(figsize=(9.0, 4.2), layout="constrained")
    figure.suptitle(title, wrap=True)
    panels = figure.subplots(1, len(names), sharex=True, sharey=True, squeeze=False)[0]
    for place, (axes, name) in enumerate(zip(panels, names), 1):
        _fall(axes, [int(row[place]) for row in rows])
        axes.set_title(name, fontsize=10)
    panels[0].set_yticks(range(len(rows)), [str(row[0]).removeprefix("without: ") for row in rows])
    panels[0].set_ylim(len(rows) - 0.5, -0.5)
    figure.supxlabel("questions left", fontsize=10)
    return figure


def _fall(axes: Axes, left: Sequence[int]) -> None:
    """Draw one panel: a full bar at both ends, and between them a bar from what was left to what is left now."""
    for row, now in enumerate(left):
        end = row in (0, len(left) - 1)
        before, color, hatch = (0, COLORS[4], HATCHES[0]) if end else (left[row - 1], COLORS[0], HATCHES[1])
        axes.barh(row, now - before, left=before, color=color, hatch=hatch, edgecolor="black")
        if end or now != before:
            says = f" {now}" if end else f" {now - before:+d}"
            axes.text(max(now, before), row, says, va="center", fontsize=8)
    axes.set_xlim(0, 1.4 * left[0])  # leaves room for the numbers
    axes.grid(axis="x", alpha=0.3)
