"""How search grows with the number of passages: the stored measurements of ``tests/benchmarks/search.py``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from course_lib.errors import DataError
from course_lib.evaluation.palette import COLORS, MARKERS
from course_lib.files import read_json

LIMIT_MS = 5.0  # median for one question, above which searching is what a person waits for
WAYS = {
    "rank-bm25": "keywords, every passage scored (rank-bm25)",
    "bm25s": "keywords, stored scores (bm25s)",
    "exact-dense": "meaning, every passage compared",
    "approximate-dense": "meaning, approximate graph (usearch)",
}
Curve = list[tuple[int, float]]  # passages and value, smallest size first
_STYLES = ("-", "--", ":", "-.")


def load_growth(data: Path) -> dict[str, dict[str, Curve]]:
    """Return by measure (``p50``, ``p95`` in ms, ``build`` in s, ``bytes``, ``recall``) the curve of each way.

    Raises:
        DataError: the measurements are missing or damaged.
    """
    path = data / "results" / "benchmarks.json"
    growth: dict[str, dict[str, Curve]] = {}
    for row in read_json(path):
        group, *place = row["name"].split("/")
        if group == "search" and place[0] in WAYS:
            way, size, measure = place
            growth.setdefault(measure, {}).setdefault(way, []).append((int(size), row["value"]))
    if "p50" not in growth:
        raise DataError(f"{path} has no search times.", "Run `python -m tests.benchmarks.search`.")
    return {measure: {way: sorted(curves[way]) for way in WAYS if way in curves} for measure, curves in growth.items()}


def last_under(curve: Sequence[tuple[int, float]], limit: float) -> int | None:
    """Return the largest size that stays within a limit together with all smaller ones; None if the smallest does not.

    A single lucky time at a larger size does not count.
    """
    found = None
    for size, value in curve:
        if value > limit:
            break
        found = size
    return found


def growth_figure(curves: Mapping[str, Curve], title: str, limit: float = LIMIT_MS) -> Figure:
    """Draw the median time of one question over the number of passages, both on logarithmic axes.

    Args:
        curves: by way to search, passages and milliseconds.
        title: what the picture says, in one sentence.
        limit: drawn as a line, in milliseconds.
    """
    figure = Figure(figsize=(8.0, 4.6), layout="constrained")
    axes = figure.subplots()
    for index, (way, curve) in enumerate(curves.items()):
        axes.plot(
            *zip(*curve),
            marker=MARKERS[index],
            linestyle=_STYLES[index],
            color=COLORS[index],
            markeredgecolor="black",
            label=WAYS[way],
        )
    axes.axhline(limit, color="black", linewidth=1)
    axes.annotate(f"{limit:g} ms", (1, limit), xycoords=("axes fraction", "data"), ha="right", va="bottom")
    axes.set(xscale="log", yscale="log", xlabel="passages", ylabel="median processor time for one question (ms)")
    axes.set_title(title, wrap=True)
    axes.grid(alpha=0.3)
    figure.legend(ncols=2, loc="outside lower center", frameon=False)
    return figure
