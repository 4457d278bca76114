"""A time line shows every point with its interval, and its lines can be told apart without color."""

from __future__ import annotations

import pytest

from course_lib.evaluation.statistics import Interval
from course_lib.teaching.timeline import timeline_figure

DATES = ["2025-03-01", "2025-09-01"]
LINES = {name: [Interval(0.2, 0.1, 0.3, 9), Interval(0.5, 0.4, 0.8, 9)] for name in "abcdef"}


def test_each_panel_has_every_line_at_every_date_with_the_ends_of_its_interval():
    figure = timeline_figure({"current": LINES, "stale": LINES}, DATES, "Old values stay")
    assert figure.get_suptitle() == "Old values stay" and len(figure.axes) == 2
    for axes in figure.axes:
        assert len(axes.containers) == len(LINES)
        for place, container in enumerate(axes.containers):
            segments = container.lines[2][0].get_segments()
            ends = [[round(float(y), 6) for _, y in segment] for segment in segments]
            assert ends == [[0.1, 0.3], [0.4, 0.8]], place
    looks = {(c.lines[0].get_marker(), c.lines[0].get_linestyle()) for c in figure.axes[0].containers}
    assert len(looks) == len(LINES)
    assert [text.get_text() for text in figure.axes[-1].get_xticklabels()] == DATES
    figure.canvas.draw()


def test_intervals_of_one_date_stand_beside_each_other():
    axes = timeline_figure({"stale": LINES}, DATES, "x").axes[0]
    starts = [float(container.lines[0].get_xdata()[0]) for container in axes.containers]
    assert starts == sorted(set(starts)) and starts[-1] - starts[0] < 0.5


@pytest.mark.parametrize(
    "panels", [{}, {"stale": {}}, {"stale": LINES, "current": {"a": LINES["a"]}}, {"stale": {"a": LINES["a"][:1]}}]
)
def test_what_cannot_be_drawn_is_refused(panels):
    with pytest.raises(ValueError):
        timeline_figure(panels, DATES, "x")
