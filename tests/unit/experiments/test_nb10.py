"""Notebook 10's measurements: seconds, use, prices that can be checked, the grid of traffic, and what goes stale."""

from __future__ import annotations

from datetime import date

import pytest

from course_lib.assistants.answer import Answer, Parsed
from course_lib.evaluation.judge import judge
from course_lib.experiments.nb10_latency import ANSWER, INDEX, timed
from course_lib.experiments.nb10_planted import planted
from course_lib.experiments.nb10_scores import PEOPLE, month_table, people_only, token_table, unchecked, usage_of
from course_lib.experiments.nb10_seconds import indexing_seconds, latency_table, layer_points, percentile, token_lines
from course_lib.experiments.nb10_surface import GRID, MOST_TRAININGS, changes, situation, surface, surface_figure
from course_lib.experiments.nb10_upkeep import ARTIFACTS, HYBRID, TECHNIQUES, behind, parts_table
from course_lib.operations.costs import Prices, Traffic, Usage
from course_lib.operations.price_table import Price
from course_lib.settings import ROOT, Settings
from tests.unit.evaluation.small_site import ASKED, BOTH, SITE, UNTOLD, answered

CHECKED = {"provider": "P", "source": "https://prices.example/", "read_on": "2026-01-01", "expires_on": "2026-07-01"}


class SlowingAssistant:
    """Takes longer each time it is asked, and keeps what it was asked."""

    name = "slow"

    def __init__(self):
        self.asked: list[list[str]] = []

    def answer(self, questions):
        self.asked.append(list(questions))
        seconds = {"generate": float(len(self.asked))}
        return [Answer(self.name, one, (), "", "", Parsed("$74"), seconds=seconds) for one in questions]


def row(assistant="rag", **seconds):
    spent = {"retrieve": None, "generate": None, "validate": None, **seconds}
    return {"kind": ANSWER, "assistant": assistant, **spent, "total": sum(filter(None, spent.values()))}


def test_questions_are_asked_one_at_a_time_and_the_warm_up_does_not_count():
    assistant = SlowingAssistant()
    rows = timed(assistant, [ASKED, BOTH])
    assert [len(asked) for asked in assistant.asked] == [1, 1, 1]
    assert [(one["question"], one["generate"], one["total"]) for one in rows] == [("t-1", 2.0, 2.0), ("t-2", 3.0, 3.0)]
    assert rows[0]["retrieve"] is None, "a layer that is not there has no seconds, not none"


def test_a_percentile_has_an_interval_around_it():
    middle = percentile([float(value) for value in range(1, 102)], 50)
    assert middle.value == 51.0 and middle.low < 51.0 < middle.high and middle.n == 101
    assert percentile([2.0, 2.0], 95).low == 2.0


@pytest.mark.parametrize(("values", "q"), [([], 50), ([1.0], 101)])
def test_a_percentile_of_nothing_is_refused(values, q):
    with pytest.raises(ValueError, match="percentile"):
        percentile(values, q)


def test_layers_that_an_assistant_lacks_or_that_take_no_time_are_left_out():
    rows = [row(generate=0.5, retrieve=0.001), row(generate=0.7, retrieve=0.002), {"kind": INDEX, "seconds": 3.0}]
    assert [line[:2] for line in latency_table(rows)] == [["rag", "retrieve"], ["rag", "generate"], ["rag", "total"]]
    assert [label for label, _ in layer_points(rows, 95)] == ["rag: generate"]
    assert indexing_seconds(rows) == 3.0


def test_tokens_stand_beside_the_seconds_that_they_take_and_no_model_has_no_line():
    sizes = ({"tokens_in": 300, "tokens_out": 20}, {"tokens_in": 500, "tokens_out": 40})
    rows = [{**row(generate=seconds), **size} for seconds, size in zip((1.0, 2.0), sizes)]
    lookup = {**row("workflow", retrieve=0.1), "tokens_in": 0, "tokens_out": 0}
    assert token_lines([*rows, lookup]) == [["rag", "400", "30", "1.50"]]


def test_use_counts_wrong_answers_that_go_out_and_declined_ones_that_go_to_a_person():
    replies = [(ASKED, "$74"), (ASKED, "$99"), (ASKED, "not in the documents"), (UNTOLD, "not in the documents")]
    judged = [judge(question, answered(text, ()), SITE) for question, text in replies]
    usage = usage_of("fake", judged, [row("fake", generate=2.0)], minutes=3, indexing_seconds=4.0)
    assert (usage.wrong, usage.reviewed, usage.seconds) == (0.25, 0.5, 2.0)
    assert (usage.review_minutes, usage.indexing_seconds) == (3, 4.0)


def test_a_desk_without_a_machine_costs_people_only():
    lines = month_table([people_only(6)], Traffic(100), Prices(reviewer_hour=30, wrong_answer=9))
    assert [line for line in lines if line[1] != "0.00"] == [["review", "300.00"], ["all", "300.00"]]


def test_tokens_are_priced_by_pairs_and_a_price_past_its_date_is_a_dash():
    pair = [("new input, short", 2.0), ("new output, short", 10.0), ("new cached input", 0.1), ("old input", 1.0)]
    ends = {"old input": "2026-02-01"}
    prices = [Price("P", item, value, "", "s", "2026-01-01", ends.get(item, "2026-12-01")) for item, value in pair]
    usages = [Usage("rag", tokens_in=500, tokens_out=100), people_only(1)]
    lines = token_table(usages, prices, date(2026, 6, 1))
    assert lines == [["new (read 2026-01-01)", "2.000"], ["old (read 2026-01-01)", None]]


@pytest.mark.parametrize(
    "change",
    [{"source": ""}, {"source": "a friend"}, {"read_on": ""}, {"expires_on": "soon"}, {"read_on": "2027-01-01"}],
)
def test_a_row_without_a_source_or_a_date_cannot_be_checked(change):
    assert unchecked([CHECKED, {**CHECKED, **change}]) == [{**CHECKED, **change}]


def test_a_row_that_lacks_a_field_cannot_be_checked_and_providers_are_told_apart():
    bare = {"provider": "Q"}
    assert unchecked([CHECKED, bare], "Q") == [bare] and unchecked([CHECKED, bare], "P") == []


def test_edits_bring_trainings_up_to_one_a_night():
    few, _ = situation((100, 5, 0), Traffic(1), Prices())
    many, prices = situation((100, 500, 2), Traffic(1), Prices(machine_hour=7))
    assert (few.trainings, many.trainings) == (5, MOST_TRAININGS)
    assert (prices.wrong_answer, prices.machine_hour) == (2, 7)


def test_each_step_at_which_the_cheapest_choice_changes_is_counted_once():
    grid = {"questions": (10, 1_000), "edited_articles": (0,), "wrong_answer": (0, 1, 2)}
    usages = [Usage("sloppy", wrong=0.5), Usage("careful", fixed=20.0)]
    cheapest = surface(usages, Traffic(1), Prices(), grid)
    assert cheapest[10, 0, 2] == "sloppy" and cheapest[1_000, 0, 1] == "careful"
    assert changes(cheapest, grid) == {"questions": 2, "edited_articles": 0, "wrong_answer": 1}


def test_with_one_choice_nothing_changes_and_the_picture_names_it_everywhere():
    cheapest = surface([Usage("only")], Traffic(1), Prices())
    assert set(changes(cheapest).values()) == {0}
    axes = surface_figure(cheapest, GRID, 50, "one").axes[0]
    assert [text.get_text() for text in axes.texts] == ["only"] * len(GRID["questions"]) * len(GRID["wrong_answer"])


def test_every_artifact_is_where_the_list_says_and_is_named_once():
    assert [one.name for one in ARTIFACTS if not (ROOT / one.kept_in).exists()] == []
    assert len({one.name for one in ARTIFACTS}) == len(ARTIFACTS)
    assert {technique for one in ARTIFACTS for technique in one.needed_by} == set(TECHNIQUES)


def test_the_marks_of_the_table_count_what_is_behind_each_technique():
    marks = list(zip(*(row[4:] for row in parts_table())))
    assert [column.count("x") for column in marks] == [len(behind(technique)) for technique in TECHNIQUES]


def test_both_techniques_together_rest_on_what_each_needs_to_search_or_to_read():
    names = {one.name for one in behind(HYBRID)}
    assert {"pages", "index", "reading adapter"} <= names and "facts adapter" not in names


def test_every_check_is_silent_before_and_fires_after_something_was_made_stale():
    found = planted(Settings())
    assert {name for name, *_ in found} <= {one.name for one in ARTIFACTS}
    assert all((before, after) == (False, True) for _, _, before, after in found)


def test_people_are_a_choice_of_their_own():
    assert people_only(4) == Usage(PEOPLE, reviewed=1.0, review_minutes=4)
