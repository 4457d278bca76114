"""Draw how search grows beyond what was measured: a guess has to look like one."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure

from course_lib.evaluation.palette import COLORS, MARKERS
from course_lib.own_documents.growth import WAYS, Curve
from course_lib.scale.estimate import extended


def extended_figure(curves: Mapping[str, Curve], size: int) -> tuple[Figure, str]:
    """Draw the median time of one question: measured with a line, and up to a larger size with dots.

    Args:
        curves: by way to search, passages and milliseconds, smallest size first.
        size: passages up to which the last power law is drawn on.

    Returns:
        The picture, and a sentence with each way's guessed time.

    Raises:
        ValueError: a curve has fewer than two points.
    """
    figure = Figure(figsize=(8.0, 4.6), layout="constrained")
    axes = figure.subplots()
    guesses = {way: extended(curve, size) for way, curve in curves.items()}
    for index, (way, curve) in enumerate(curves.items()):
        look = {"marker": MARKERS[index], "color": COLORS[index]}
        axes.plot(*zip(*curve), **look, markeredgecolor="black", label=WAYS[way])
        axes.plot(*zip(curve[-1], (size, guesses[way])), **look, linestyle=":", markerfacecolor="none")
    axes.set(xscale="log", yscale="log", xlabel="passages", ylabel="median processor time for one question (ms)")
    low, high = min(guesses.values()), max(guesses.values())
    axes.set_title(f"Carried on to {size:,} passages, one question would take {low:,.1f} to {high:,.0f} ms", wrap=True)
    axes.grid(alpha=0.3)
    figure.legend(ncols=2, loc="outside lower center", frameon=False, title="line: measured; dots: carried on, a guess")
    return figure, f"A guess for {size:,} passages: " + "; ".join(
        f"{WAYS[way]} {ms:,.1f} ms" for way, ms in guesses.items()
    )
