"""Pictures of repeated measurements show every run, the reference in each panel, and no panel too many."""

from __future__ import annotations

import pytest

from course_lib.evaluation.statistics import Interval
from course_lib.teaching.panels import Repeated, panels_figure


def curve(*values):
    return [Repeated(10 * at, Interval(v, v - 0.1, v + 0.1, 30), (v - 0.05, v + 0.05)) for at, v in enumerate(values)]


def drawn(panels):
    return panels_figure(panels, ("clean", curve(0.9, 0.8)), "Spoiled runs lose", "spoiled (%)", "share right")


def test_every_case_has_a_panel_with_its_own_curve_the_reference_and_all_runs():
    figure = drawn({"flips": curve(0.9, 0.5), "typos": curve(0.9, 0.85)})
    shown = [axes for axes in figure.axes if axes.get_visible()]
    assert [axes.get_title() for axes in shown] == ["flips", "typos"]
    lines = {tuple(round(float(y), 2) for y in line.get_ydata()) for line in shown[0].get_lines()}
    assert {(0.9, 0.8), (0.9, 0.5), (0.85, 0.95, 0.45, 0.55), (0.85, 0.95, 0.75, 0.85)} <= lines
    assert len([line for line in shown[0].get_lines() if line.get_linestyle() == "--"]) == 1


def test_the_panels_share_their_scale_and_the_legend_names_what_is_drawn_once():
    figure = drawn({"flips": curve(0.9, 0.1), "typos": curve(0.9, 0.85)})
    first, second = figure.axes[:2]
    assert first.get_ylim() == second.get_ylim()
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert sorted(names) == ["clean", "clean: each run", "this fault", "this fault: each run"]


def test_nothing_to_draw_is_an_error():
    with pytest.raises(ValueError, match="nothing to draw"):
        drawn({})
    with pytest.raises(ValueError, match="nothing to draw"):
        drawn({"flips": []})
