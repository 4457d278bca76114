"""The two pictures can be told apart without color, and are written whole."""

from __future__ import annotations

import matplotlib.image
import pytest

from course_lib.errors import CourseError
from course_lib.evaluation import figures
from course_lib.evaluation.causes import CAUSES
from course_lib.evaluation.figures import causes_figure, draw_figures, scoreboard_figure
from course_lib.evaluation.palette import COLORS, HATCHES, MARKERS
from course_lib.evaluation.scoreboard import METRICS, Row

NAMES = ("prompt_only", "workflow", "rag", "fine_tuned", "hybrid")
ROWS = [
    Row(name, metric, *((None, None, None, 0) if metric == "mrr" else (0.1 + 0.2 * index, 0.05, 0.95, 40)))
    for index, name in enumerate(NAMES)
    for metric in METRICS
]
COUNTS = {
    name: {cause: (index + position) % 3 for position, cause in enumerate(CAUSES)} for index, name in enumerate(NAMES)
}


def test_both_pictures_are_written_as_png(tmp_path):
    draw_figures(ROWS, COUNTS, tmp_path / "new")
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["causes.png", "scoreboard.png"]
    for path in (tmp_path / "new").iterdir():
        assert path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
        pixels = matplotlib.image.imread(path)
        assert pixels.shape[0] > 300 and pixels.shape[1] > 600
        assert pixels.std() > 0.05, "the picture is blank"


def test_the_same_scores_give_the_same_bytes(tmp_path):
    for folder in ("one", "two"):
        draw_figures(ROWS, COUNTS, tmp_path / folder)
    assert (tmp_path / "one" / "causes.png").read_bytes() == (tmp_path / "two" / "causes.png").read_bytes()
    assert (tmp_path / "one" / "scoreboard.png").read_bytes() == (tmp_path / "two" / "scoreboard.png").read_bytes()


def test_a_folder_that_cannot_be_written_is_an_error_with_a_remedy(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CourseError, match="What to do"):
        draw_figures(ROWS, COUNTS, tmp_path / "file")


def test_assistants_differ_by_marker_and_have_intervals():
    (axes,) = scoreboard_figure(ROWS).axes
    lines = [container.lines for container in axes.containers]
    assert [line.get_marker() for line, _, _ in lines] == list(MARKERS)
    assert len({line.get_color() for line, _, _ in lines}) == len(NAMES)
    assert all(bars for _, _, bars in lines), "every point has its interval"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list(NAMES)


def many(count: int) -> list[Row]:
    return [
        Row(f"assistant {number}", row.metric, row.value, row.low, row.high, row.n)
        for number in range(count)
        for row in ROWS
        if row.assistant == "rag"
    ]


@pytest.mark.parametrize("count", [6, 10])
def test_more_assistants_than_markers_differ_by_more_than_color(count):
    (axes,) = scoreboard_figure(many(count)).axes
    lines = [container.lines[0] for container in axes.containers]
    assert len({(line.get_marker(), line.get_fillstyle()) for line in lines}) == count


def test_any_number_of_assistants_and_of_causes_can_be_drawn(monkeypatch, tmp_path):
    causes = tuple(f"cause {number}" for number in range(20))
    monkeypatch.setattr(figures, "CAUSES", causes)
    draw_figures(many(30), {"rag": dict.fromkeys(causes, 1)}, tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("count", [1, 5, 9])
def test_points_of_different_assistants_do_not_cover_each_other_nor_reach_into_the_next_metric(count):
    (axes,) = scoreboard_figure(many(count)).axes
    places = sorted(float(x) for container in axes.containers for x in container.lines[0].get_xdata())
    assert min((after - before for before, after in zip(places, places[1:]))) > 0.05
    assert all(abs(place - round(place)) < 0.47 for place in places)


def test_a_score_that_is_missing_is_not_drawn():
    rows = [Row("a", "correct", 0.5, 0.4, 0.6, 9), Row("a", "stale", None, None, None, 0)]
    (axes,) = scoreboard_figure(rows).axes
    assert list(axes.containers[0].lines[0].get_ydata()) == [0.5]


def test_the_title_says_who_is_right_most_often_and_the_axes_say_what_they_show():
    (axes,) = scoreboard_figure(ROWS).axes
    assert axes.get_title() == "hybrid is right most often: 90% of 40 questions"
    assert "95% interval" in axes.get_ylabel()
    (axes,) = causes_figure(COUNTS).axes
    assert axes.get_xlabel() == "wrong answers"


def test_the_title_of_the_causes_is_counted():
    counts = {"a": {"stale": 3, "misread": 1}, "b": {"stale": 0, "misread": 2}, "c": {"stale": 2, "misread": 1}}
    counts = {name: dict.fromkeys(CAUSES, 0) | some for name, some in counts.items()}
    (axes,) = causes_figure(counts).axes
    assert axes.get_title() == "Most frequent cause of wrong answers: stale, for 2 of 3 assistants"
    (axes,) = causes_figure({"a": dict.fromkeys(CAUSES, 0)}).axes
    assert not axes.get_title()


def test_causes_differ_by_hatch_as_well_as_by_color():
    (axes,) = causes_figure(COUNTS).axes
    looks = [(bars[0].get_hatch() or "", bars[0].get_facecolor()) for bars in axes.containers]
    assert len({hatch for hatch, _ in looks}) == len({color for _, color in looks}) == len(CAUSES)
    assert len(HATCHES) == len(set(HATCHES)) >= len(CAUSES) and len(set(COLORS)) >= len(CAUSES)


def test_bars_of_a_row_lie_end_to_end_and_add_up_to_its_wrong_answers():
    (axes,) = causes_figure(COUNTS).axes
    for index, name in enumerate(NAMES):
        ends = [(bars[index].get_x(), bars[index].get_x() + bars[index].get_width()) for bars in axes.containers]
        assert all(end == start for (_, end), (start, _) in zip(ends, ends[1:]))
        assert ends[-1][1] == sum(COUNTS[name].values())


def test_a_cause_that_nobody_has_is_left_out():
    counts = {name: dict.fromkeys(CAUSES, 0) | {"stale": 2} for name in NAMES}
    (axes,) = causes_figure(counts).axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["stale"]
