"""Helps notebook 10: which choice is cheapest over a grid of traffic, and where that changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

from matplotlib.figure import Figure

from course_lib.evaluation.palette import COLORS, HATCHES
from course_lib.operations.break_even import ranking
from course_lib.operations.costs import Prices, Traffic, Usage

# From a small shop to a large one, from a site that stands still to one that changes all day, and from an error that
# costs nothing to one that costs a customer. Fixed before anything was measured.
GRID: dict[str, tuple[float, ...]] = {
    "questions": (100, 1_000, 10_000, 100_000, 1_000_000),
    "edited_articles": (0, 5, 50, 500),
    "wrong_answer": (0, 0.5, 2, 5, 20),
}
MOST_TRAININGS = 30  # a month: once a night, however much was edited
Place = tuple[float, ...]


def situation(
    place: Place, traffic: Traffic, prices: Prices, grid: Mapping[str, Sequence[float]] = GRID
) -> tuple[Traffic, Prices]:
    """Return traffic and prices at one place of the grid; what the grid does not name stays as given."""
    values = dict(zip(grid, place))
    edited = values.get("edited_articles", traffic.edited_articles)
    there = Traffic(values.get("questions", traffic.questions), edited, min(edited, MOST_TRAININGS))
    return there, replace(prices, wrong_answer=values.get("wrong_answer", prices.wrong_answer))


def surface(
    usages: Sequence[Usage], traffic: Traffic, prices: Prices, grid: Mapping[str, Sequence[float]] = GRID
) -> dict[Place, str]:
    """Return the name of the cheapest choice at every place of the grid.

    Args:
        usages: the choices.
        traffic, prices: what the grid does not vary.
        grid: by input, the values to try, in order.
    """
    return {place: ranking(usages, *situation(place, traffic, prices, grid))[0] for place in product(*grid.values())}


def changes(cheapest: Mapping[Place, str], grid: Mapping[str, Sequence[float]] = GRID) -> Counter[str]:
    """Return for each input how many steps from one value to the next change the cheapest choice."""
    found: Counter[str] = Counter(dict.fromkeys(grid, 0))
    for axis, (name, values) in enumerate(grid.items()):
        after = dict(zip(values, values[1:]))
        for place, choice in cheapest.items():
            if place[axis] in after:
                neighbor = (*place[:axis], after[place[axis]], *place[axis + 1 :])
                found[name] += cheapest[neighbor] != choice
    return found


def surface_figure(
    cheapest: Mapping[Place, str], grid: Mapping[str, Sequence[float]], edited: float, title: str
) -> Figure:
    """Draw the cheapest choice for each number of questions and each cost of an error.

    Args:
        cheapest: as :func:`surface` returns it.
        grid: the grid, with ``questions``, ``edited_articles`` and ``wrong_answer`` in this order.
        edited: the number of edited articles to draw.
        title: what the picture says.
    """
    names = list(dict.fromkeys(cheapest.values()))
    figure = Figure(figsize=(8.0, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.set_title(title, wrap=True)
    for name in names:
        cells = [(q, w) for (q, e, w), choice in cheapest.items() if choice == name and e == edited]
        color, hatch = COLORS[names.index(name) % len(COLORS)], HATCHES[names.index(name) % len(HATCHES)]
        for column, row in ((grid["questions"].index(q), grid["wrong_answer"].index(w)) for q, w in cells):
            axes.bar(column, 1, 1, row - 0.5, color=color, hatch=hatch, edgecolor="black", alpha=0.7)
            axes.text(column, row, name, ha="center", va="center", fontsize=8, bbox={"color": "white", "pad": 1})
    axes.set_xticks(range(len(grid["questions"])), [f"{value:,.0f}" for value in grid["questions"]])
    axes.set_yticks(range(len(grid["wrong_answer"])), [f"{value:g}" for value in grid["wrong_answer"]])
    axes.set_xlabel("questions a month")
    axes.set_ylabel("cost of one wrong answer (dollars)")
    return figure
