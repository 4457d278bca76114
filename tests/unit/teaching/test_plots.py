"""Pictures of measurements can be told apart without color, show their intervals, and draw nothing that is missing."""

from __future__ import annotations

import math
from io import BytesIO

import matplotlib.image
import pytest
from matplotlib.colors import to_hex

from course_lib.evaluation.palette import COLORS, HATCHES, MARKERS
from course_lib.evaluation.statistics import Interval
from course_lib.teaching.plots import bars_figure, dots_figure, lines_figure

POINTS = [("random", Interval(0.1, 0.05, 0.2, 40)), ("keywords", Interval(0.6, 0.5, 0.7, 40))]
NAMES = [f"series {number}" for number in range(7)]
SERIES = {
    name: [(size, Interval(0.5 + index / 20, 0.4, 0.9, 40)) for size in (40, 80, 160)]
    for index, name in enumerate(NAMES)
}
GROUPS = {"lookup": {"rag": 0.5, "hybrid": 0.9}, "code": {"hybrid": 0.8}}
FIGURES = {
    "dots": lambda: dots_figure(POINTS, "Keywords find more", "hit@3, share of questions"),
    "lines": lambda: lines_figure(SERIES, "Short passages win", "words", "hit@3", log_x=True),
    "bars": lambda: bars_figure(GROUPS, "The hybrid wins", "share of right answers"),
}


def _ends(container) -> list[list[float]]:
    """Return the two ends of each interval bar, along the axis on which they differ."""
    (bars,) = container.lines[2]
    segments = bars.get_segments()
    axis = 0 if segments[0][0][1] == segments[0][1][1] else 1
    return [sorted(float(point[axis]) for point in segment) for segment in segments]


@pytest.mark.parametrize("name", FIGURES)
def test_each_picture_has_its_message_labelled_axes_and_something_in_it(name):
    figure = FIGURES[name]()
    (axes,) = figure.axes
    assert axes.get_title() and (axes.get_xlabel() or name == "bars")
    assert axes.get_ylabel() or name == "dots"
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=60)
    buffer.seek(0)
    assert matplotlib.image.imread(buffer).std() > 0.05, "the picture is blank"


def test_dots_stand_at_their_values_with_their_intervals_the_first_on_top():
    (axes,) = FIGURES["dots"]().axes
    assert [float(container.lines[0].get_xdata()[0]) for container in axes.containers] == [0.1, 0.6]
    assert [_ends(container) for container in axes.containers] == [
        [pytest.approx([0.05, 0.2])],
        [pytest.approx([0.5, 0.7])],
    ]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["random", "keywords"]
    bottom, top = axes.get_ylim()
    assert bottom > top and "95% interval" in axes.get_xlabel()


def test_lines_go_through_their_values_and_differ_by_marker_and_color():
    (axes,) = FIGURES["lines"]().axes
    drawn = [container.lines[0] for container in axes.containers]
    assert [list(line.get_xdata()) for line in drawn] == [[40, 80, 160]] * 7
    assert list(drawn[1].get_ydata()) == [0.55] * 3
    looks = [(line.get_marker(), line.get_linestyle()) for line in drawn]
    assert len(set(looks)) == len(looks), "without color, each line still looks different"
    assert [line.get_marker() for line in drawn[: len(MARKERS)]] == list(MARKERS)
    assert [to_hex(line.get_color()) for line in drawn] == [color.lower() for color in COLORS[:7]]
    assert all(len(_ends(container)) == 3 for container in axes.containers)


def test_only_the_places_that_were_measured_are_on_the_axis_and_it_may_be_logarithmic():
    (axes,) = FIGURES["lines"]().axes
    assert axes.get_xscale() == "log"
    assert [label.get_text() for label in axes.get_xticklabels()] == ["40", "80", "160"]
    (axes,) = lines_figure(SERIES, "t", "x", "y").axes
    assert axes.get_xscale() == "linear"


def test_a_legend_names_what_differs_and_is_left_out_for_a_single_thing():
    figure = FIGURES["lines"]()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == NAMES
    assert lines_figure({"one": SERIES[NAMES[0]]}, "t", "x", "y").legends == []


def test_bars_differ_by_hatch_start_at_zero_and_a_missing_value_has_none():
    (axes,) = FIGURES["bars"]().axes
    heights = {container.get_label(): [bar.get_height() for bar in container] for container in axes.containers}
    assert heights == {"rag": [0.5], "hybrid": [0.9, 0.8]}
    assert [container[0].get_hatch() or "" for container in axes.containers] == list(HATCHES[:2])
    assert all(bar.get_y() == 0 for container in axes.containers for bar in container)
    assert [label.get_text() for label in axes.get_xticklabels()] == ["lookup", "code"]


def test_bars_of_a_group_stand_beside_each_other():
    (axes,) = FIGURES["bars"]().axes
    first, second = (container[0] for container in axes.containers)
    assert first.get_x() + first.get_width() == pytest.approx(second.get_x())


def test_an_interval_that_does_not_hold_its_value_can_still_be_drawn():
    (axes,) = dots_figure([("skewed", Interval(0.5, 0.6, 0.7, 9))], "t", "x").axes
    assert _ends(axes.containers[0]) == [pytest.approx([0.5, 0.7])]


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: dots_figure([], "t", "x"), "nothing to draw"),
        (lambda: lines_figure({}, "t", "x", "y"), "nothing to draw"),
        (lambda: lines_figure({"a": []}, "t", "x", "y"), "nothing to draw"),
        (lambda: bars_figure({}, "t", "y"), "nothing to draw"),
        (lambda: bars_figure({"a": {}}, "t", "y"), "nothing to draw"),
        (lambda: bars_figure({"a": {"b": math.nan}}, "t", "y"), "not finite"),
        (lambda: lines_figure({"a": [(0, Interval(1, 1, 1, 1))]}, "t", "x", "y", log_x=True), "no place for 0"),
    ],
)
def test_what_cannot_be_drawn_is_an_error(draw, words):
    with pytest.raises(ValueError, match=words):
        draw()
