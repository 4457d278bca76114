"""Curves without intervals can be told apart without color, and show every point."""

from __future__ import annotations

import pytest

from course_lib.teaching.curves import curves_figure

SERIES = {"training": [(1, 2.0), (2, 1.0), (3, 0.5)], "held out": [(0, 2.5), (1, 2.1)]}


def test_every_curve_goes_through_its_points_and_has_its_own_marker_and_line():
    (axes,) = curves_figure(SERIES, "It falls", "epoch", "loss, nats a token").axes
    drawn = {line.get_label(): line for line in axes.lines}
    assert {name: list(zip(line.get_xdata(), line.get_ydata())) for name, line in drawn.items()} == SERIES
    assert len({line.get_marker() for line in drawn.values()}) == len({line.get_linestyle() for line in drawn.values()})
    assert len({line.get_marker() for line in drawn.values()}) == 2
    assert (axes.get_title(), axes.get_xlabel(), axes.get_ylabel()) == ("It falls", "epoch", "loss, nats a token")


def test_the_axis_of_values_starts_at_zero_and_several_curves_get_a_legend():
    figure = curves_figure(SERIES, "It falls", "epoch", "loss")
    assert figure.axes[0].get_ylim()[0] == 0 and len(figure.legends) == 1
    assert not curves_figure({"one": [(1, 1.0)]}, "It falls", "epoch", "loss").legends


@pytest.mark.parametrize("series", [{}, {"empty": []}])
def test_nothing_to_draw_is_an_error(series):
    with pytest.raises(ValueError, match="nothing to draw"):
        curves_figure(series, "It falls", "epoch", "loss")


def test_small_and_large_values_fit_on_a_logarithmic_axis_which_has_no_zero():
    (axes,) = curves_figure(SERIES, "It falls", "epoch", "loss", log_y=True).axes
    assert axes.get_yscale() == "log" and axes.get_ylim()[0] > 0
    with pytest.raises(ValueError, match="logarithmic"):
        curves_figure({"one": [(0, 0.0)]}, "It falls", "epoch", "loss", log_y=True)
