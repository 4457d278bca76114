"""The two pictures of the report: how often each assistant is right, and why it is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from matplotlib.figure import Figure

from course_lib.evaluation.causes import CAUSES
from course_lib.evaluation.palette import COLORS, HATCHES, MARKERS
from course_lib.evaluation.scoreboard import Row
from course_lib.files import write_atomic


def draw_figures(rows: Sequence[Row], causes: dict[str, dict[str, int]], folder: Path) -> None:
    """Write ``scoreboard.png`` and ``causes.png`` into a folder."""
    write_atomic(folder / "scoreboard.png", _png(scoreboard_figure(rows)))
    write_atomic(folder / "causes.png", _png(causes_figure(causes)))


def scoreboard_figure(rows: Sequence[Row]) -> Figure:
    """Draw correct, stale and refused shares of each assistant with 95% intervals."""
    shown = ("correct", "stale", "format_valid", "citation_supports", "abstain_recall", "false_refusal")
    names = list(dict.fromkeys(row.assistant for row in rows))
    best = max((row for row in rows if row.metric == "correct" and row.value is not None), key=lambda row: row.value)
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    axes = figure.subplots()
    step = min(0.14, 0.84 / len(names))
    for index, name in enumerate(names):
        found = [
            (position, row)
            for position, metric in enumerate(shown)
            for row in rows
            if row.assistant == name and row.metric == metric and row.value is not None
        ]
        axes.errorbar(
            [position + step * (index - (len(names) - 1) / 2) for position, _ in found],
            [row.value for _, row in found],
            yerr=[[row.value - row.low for _, row in found], [row.high - row.value for _, row in found]],
            fmt=MARKERS[index % len(MARKERS)],
            fillstyle="none" if index // len(MARKERS) % 2 else "full",  # the second time round, markers are open
            color=COLORS[index % len(COLORS)],
            markeredgecolor="black",
            capsize=3,
            label=name,
        )
    axes.set_xticks(range(len(shown)), [metric.replace("_", "\n") for metric in shown])
    axes.set_ylabel("share of answers (95% interval)")
    axes.set_ylim(-0.03, 1.03)
    axes.set_title(f"{best.assistant} is right most often: {best.value:.0%} of {best.n} questions")
    axes.legend(ncols=min(5, len(names)), loc="upper center", bbox_to_anchor=(0.5, -0.16), frameon=False)
    return figure


def causes_figure(causes: dict[str, dict[str, int]]) -> Figure:
    """Draw the causes of each assistant's wrong answers as stacked bars."""
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    axes = figure.subplots()
    left = dict.fromkeys(causes, 0)
    for index, cause in enumerate(CAUSES):
        counts = [causes[name][cause] for name in causes]
        if any(counts):
            axes.barh(
                list(causes),
                counts,
                left=list(left.values()),
                color=COLORS[index % len(COLORS)],
                hatch=HATCHES[index % len(HATCHES)],
                edgecolor="black",
                label=cause,
            )
            left = {name: left[name] + count for name, count in zip(causes, counts)}
    axes.invert_yaxis()
    axes.set_xlabel("wrong answers")
    most = [max(counts, key=counts.__getitem__) for counts in causes.values() if any(counts.values())]
    if most:
        cause, times = Counter(most).most_common(1)[0]
        axes.set_title(f"Most frequent cause of wrong answers: {cause}, for {times} of {len(causes)} assistants")
        axes.legend(ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.16), frameon=False)
    return figure


def _png(figure: Figure) -> bytes:
    buffer = BytesIO()
    figure.savefig(buffer, dpi=110, metadata={"Software": None})
    return buffer.getvalue()
