"""The experiments of notebook 09 ask what they say, and the rules and weights come out as they must."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from course_lib.assistants.hybrid import TOP_K
from course_lib.errors import DataError
from course_lib.evaluation.causes import CAUSES
from course_lib.evaluation.effects import main_effect
from course_lib.evaluation.judge import judge
from course_lib.evaluation.statistics import Interval
from course_lib.experiments import nb09_grid, nb09_simple, nb09_update
from course_lib.experiments.nb09_curves import last_gain, last_step, last_steps, step_table
from course_lib.experiments.nb09_measures import (
    LAYERS,
    against_best,
    largest_losses,
    layer_rows,
    main_cause,
    share_by_cause,
    traceable,
    waterfall_rows,
)
from course_lib.experiments.nb09_scenarios import (
    SCENARIOS,
    failures_of,
    rules_in_words,
    share_as_known,
    steadiness,
    tried,
)
from course_lib.experiments.nb09_table import ROWS, TECHNIQUE, eight_rows, seconds_p50, seconds_spent, things_behind
from course_lib.experiments.nb09_waterfall import waterfall_figure
from course_lib.experiments.nb09_weights import crossing, flips, reversals, scaled, totals
from course_lib.experiments.nb10_upkeep import behind
from course_lib.knowledge.chunking import chunk_all
from course_lib.knowledge.snapshots import load_snapshot
from course_lib.models.chat import Completion
from course_lib.models.prompts import house_answer
from course_lib.operations.decision import recommend
from course_lib.operations.task import BOTH, FINE_TUNE, NEITHER, PROMPT, RAG, WORKFLOW, Task
from course_lib.retrieval.base import Hit
from course_lib.retrieval.bm25 import BM25Retriever
from course_lib.settings import ROOT, Settings
from tests.unit.evaluation.small_site import ASKED, PRICE, SITE, UNTOLD, answered

SETTINGS = Settings(data=ROOT / "data")
GOOD = house_answer(["$74"], ["kb-001.1"], "plans")


class Parrot:
    """A chat model that says one thing, and remembers what it was asked and with which adapter."""

    def __init__(self, raw=GOOD):
        self.raw, self.asked = raw, []

    def generate(self, conversations, max_new_tokens=64, adapter=None, say=None):
        self.asked.append((list(conversations), adapter))
        return [Completion(self.raw, 9, 9, 0.1, -0.1, -0.1) for _ in conversations]


@pytest.fixture
def chat(monkeypatch):
    """A parrot in a team over the whole site with keyword retrieval."""
    passages, parrot = chunk_all(load_snapshot(SETTINGS.data)), Parrot()
    team = SimpleNamespace(passages=passages, retriever=BM25Retriever(passages), chat=parrot)
    monkeypatch.setattr(nb09_grid, "QUESTIONS", 16)
    for module in (nb09_grid, nb09_simple):
        monkeypatch.setattr(module, "build_team", lambda settings: team)
    return parrot


def test_the_cells_of_the_grid_differ_in_passages_and_adapter_and_in_nothing_else(chat):
    rows = nb09_grid.run(SETTINGS, lambda text: None)
    assert [adapter for _, adapter in chat.asked] == [None, None, "reading", "reading"]
    none, passages, again, both = (talks for talks, _ in chat.asked)
    assert none == again and passages == both
    assert all("[kb-" not in talk[-1]["content"] for talk in none)
    assert all(talk[-1]["content"].count("[kb-") == TOP_K for talk in passages)
    grid, clusters = nb09_grid.grid_of(rows, "behavior")
    assert [sum(cell) for cell in grid] == [len(clusters)] * 4
    assert main_effect(*grid).tolist() == [0.0] * len(clusters)


def test_a_grid_whose_cells_ask_other_questions_is_refused(chat):
    rows = nb09_grid.run(SETTINGS, lambda text: None)
    with pytest.raises(ValueError, match="same questions"):
        nb09_grid.grid_of(rows[1:], "knowledge")


def test_a_cell_is_scored_on_what_the_model_wrote():
    done = Completion("It is $74.", 9, 9, 0.1, -0.1, -0.1)
    row = nb09_grid.row_of("cell", ASKED, [Hit(PRICE, 1.0)], done, SITE)
    assert row["knowledge"] and not row["behavior"]


def test_the_simple_task_is_asked_with_each_technique(chat):
    chat.raw = "Paris is the capital of France."
    rows = nb09_simple.run(SETTINGS, lambda text: None)
    assert {row["arm"] for row in rows} == set(nb09_simple.ARMS)
    assert [adapter for _, adapter in chat.asked] == [None, None, "reading", "reading"]
    shown = ["[kb-" in talks[0][-1]["content"] for talks, _ in chat.asked]
    assert shown == [False, True, False, True]
    assert sum(row["right"] for row in rows) >= len(nb09_simple.ARMS)
    assert nb09_simple.best_gain(rows).value == 0.0
    better = [{**row, "right": row["arm"] == "with training"} for row in rows]
    assert nb09_simple.best_gain(better).value == 1.0


def test_there_are_ten_scenarios_for_all_six_choices_and_each_says_why():
    assert len(SCENARIOS) == len({scenario.name for scenario in SCENARIOS}) == 10
    assert {scenario.right for scenario in SCENARIOS} == {RAG, FINE_TUNE, BOTH, PROMPT, WORKFLOW, NEITHER}
    assert all(scenario.why for scenario in SCENARIOS)


def test_the_limits_say_whether_a_workflow_covers_enough():
    assert rules_in_words(0.95)[-1].endswith("95%: enough") and rules_in_words(0.1)[-1].endswith("10%: too few")


def test_the_rules_recommend_what_is_known_to_be_right():
    assert [scenario.name for scenario, advice in tried() if advice.choice != scenario.right] == []


def test_the_share_of_right_recommendations_is_counted_among_the_scenarios_that_call_for_them():
    results = [(scenario, recommend(SCENARIOS[0].task)) for scenario in SCENARIOS]
    assert share_as_known(results, RAG) == 1.0 and share_as_known(results, BOTH) == 0.0
    with pytest.raises(ValueError, match="calls for"):
        share_as_known(results, "a lucky charm")


def test_a_choice_far_from_every_limit_is_steady_and_one_at_a_limit_is_not():
    assert steadiness(Task(300, {"not retrieved": 0.6}, True, True)) == 1.0
    edge = Task(60, {"not retrieved": 0.4, "misread": 0.055}, True, True, examples=900)
    assert recommend(edge).choice == BOTH and steadiness(edge) < 0.9


def test_failures_are_shares_of_all_questions():
    wrong = judge(ASKED, answered("$32"), SITE)
    assert failures_of([wrong, judge(ASKED, answered("$74"), SITE)]) == {"misread": 0.5}
    assert share_by_cause([wrong], ("misread",)).value == 1.0
    assert main_cause([wrong], ("misread",)).endswith("0% of the wrong answers")
    assert largest_losses({"rag": [wrong], "hybrid": [wrong]}) == "reading (rag, hybrid)"
    assert sorted(cause for causes in LAYERS.values() for cause in causes) == sorted(CAUSES)
    assert ["reading", 1, 0] in layer_rows({"rag": [wrong], "hybrid": [judge(ASKED, answered("$74"), SITE)]})
    assert main_cause([wrong]) == "misread: 100% of the wrong answers"


def test_an_answer_can_be_traced_if_its_source_states_it():
    assert traceable(judge(ASKED, answered("$74"), SITE))
    assert not traceable(judge(ASKED, answered("$74", ("kb-003.1",)), SITE))
    assert not traceable(judge(UNTOLD, answered("not in the documents", ()), SITE))


def curve(target, *points):
    return [{"target": target, "size": size, "seed": seed, "exact": exact} for size, seed, exact in points]


VOICE = curve(
    "voice",
    (50, 7, [False, False]),
    (200, 7, [True, False]),
    (200, 8, [False, False]),
    (400, 7, [True, True]),
    (400, 8, [True, True]),
)


def test_the_last_gain_is_that_of_the_mean_over_seeds():
    assert last_gain(last_steps(VOICE)).value == 0.75
    assert step_table(last_steps(VOICE)) == [("voice", 200, 400, 2, "+75.0")]


def test_only_seeds_of_both_sizes_count_and_every_item_counts_the_same():
    routing = curve("routing", (100, 7, [False, True]), (400, 7, [True, True]), (400, 8, [False, False]))
    steps = last_steps([*VOICE, *routing])
    assert [(step.before, step.after, step.seeds) for step in steps] == [(200, 400, (7, 8)), (100, 400, (7,))]
    assert last_gain(steps[1:]).value == 0.5
    assert last_gain(steps).value == 0.625 and last_gain(steps).n == 4


@pytest.mark.parametrize("points", [VOICE[:1], [VOICE[0], VOICE[2]]])
def test_a_curve_without_two_sizes_of_the_same_seed_has_no_last_step(points):
    with pytest.raises(ValueError, match="voice"):
        last_step(points, "voice")


def test_the_rival_is_whoever_does_best_where_the_workflow_answers():
    right = {"workflow": [True, True, False], "rag": [True, False, True], "hybrid": [False, False, True]}
    best, gap = against_best(right, "workflow", [True, True, False], ["a", "b", "c"])
    assert best == "rag" and gap.value == 0.5 and gap.n == 2


def test_the_table_has_a_cell_for_retrieval_one_for_training_and_a_source_in_each_row(monkeypatch):
    monkeypatch.setattr("course_lib.experiments.nb09_table.things_behind", lambda name: len(name))
    judged = [judge(ASKED, answered(text), SITE) for text in ("$74", "$32")]
    names = ("rag", "fine_tuned")
    effects = {
        f"{f} on {s}": Interval(0.1, 0.0, 0.2, 9) for f in ("retrieval", "training") for s in ("knowledge", "form")
    }
    spent = {"one indexed": 0.5, "one trained": 20.0, "all indexed": 30.0, "all trained": 600.0}
    rows = eight_rows({name: judged for name in names}, effects, spent, last_steps(VOICE), 70, SETTINGS)
    assert [row[0] for row in rows] == list(ROWS) and all(len(row) == 4 and all(row) for row in rows)
    assert rows[0][1] == rows[0][2] == "knowledge +10 points, form +10 points"
    assert rows[1][1:3] == ("0.5 s an article", "20 s an article")


def test_the_effects_of_the_grid_are_named_by_factor_and_score(chat):
    rows = nb09_grid.run(SETTINGS, lambda text: None)
    for row in rows:
        row["knowledge"] = row["cell"].endswith(", passages")
        row["behavior"] = row["cell"].startswith("adapter")
    effects = {name: effect.value for name, effect in nb09_grid.main_effects(rows).items()}
    assert effects == {
        "retrieval on knowledge": 1.0,
        "training on knowledge": 0.0,
        "retrieval on behavior": 0.0,
        "training on behavior": 1.0,
    }
    assert nb09_grid.excess_of_retrieval(rows).value == 1.0
    assert {row.assistant for row in nb09_grid.cell_scores(rows)} == set(nb09_grid.CELLS)


def test_upkeep_and_seconds_of_the_table_are_those_of_notebook_10():
    assert {name: things_behind(name) for name in TECHNIQUE} == {
        name: len(behind(technique)) for name, technique in TECHNIQUE.items()
    }
    assert things_behind("prompt_only") < things_behind("rag") < things_behind("hybrid")
    with pytest.raises(DataError, match="no assistant"):
        things_behind("oracle")
    assert set(seconds_p50(SETTINGS)) == set(TECHNIQUE) and seconds_p50(SETTINGS)["rag"] > 0


RAW = {"a": {"right": 0.9, "seconds": 4.0}, "b": {"right": 0.5, "seconds": 1.0}, "c": {"right": 0.1, "seconds": 2.0}}
WEIGHTS = {"right": 3.0, "seconds": 1.0}


def test_scores_run_from_the_worst_to_the_best_choice_at_hand():
    scores = scaled(RAW, {"seconds"})
    assert scores["a"] == {"right": 1.0, "seconds": 0.0} and scores["b"] == {"right": 0.5, "seconds": 1.0}
    assert scaled({"a": {"x": 2.0}, "b": {"x": 2.0}}, {"x"}) == {"a": {"x": 1.0}, "b": {"x": 1.0}}
    with pytest.raises(DataError, match="same criteria"):
        scaled({"a": {"x": 1.0}, "b": {"y": 1.0}})


def test_the_best_choice_stands_first():
    assert totals(scaled(RAW, {"seconds"}), WEIGHTS) == {"a": 0.75, "b": 0.625, "c": pytest.approx(1 / 6)}
    with pytest.raises(DataError, match="criteria: seconds, speed"):
        totals(scaled(RAW), {"right": 1.0, "speed": 1.0})
    for wrong in ({"right": 1.0}, {"right": -1.0, "seconds": 2.0}, {"right": 0.0, "seconds": 0.0}):
        with pytest.raises(DataError):
            totals(scaled(RAW), wrong)


def test_at_the_flip_both_choices_are_level_and_beyond_it_the_other_is_on_top():
    scores = scaled(RAW, {"seconds"})
    right, seconds = flips(scores, WEIGHTS)
    assert (right.rival, seconds.rival) == ("b", "b") and right.at == pytest.approx(1 - seconds.at)
    level = totals(scores, {"right": right.at, "seconds": 1 - right.at})
    assert level["a"] == pytest.approx(level["b"])
    assert next(iter(totals(scores, {"right": right.at - 0.01, "seconds": 1.01 - right.at}))) == "b"


def test_a_choice_that_is_best_in_everything_never_flips():
    never = flips({"a": {"x": 1.0, "y": 1.0}, "b": {"x": 0.0, "y": 0.2}}, {"x": 1.0, "y": 1.0})
    assert [flip.at for flip in never] == [None, None]


def test_choices_that_are_level_only_at_the_end_of_the_scale_do_not_flip():
    tied = flips({"a": {"x": 1.0, "y": 1.0}, "b": {"x": 1.0, "y": 0.0}}, {"x": 1.0, "y": 1.0})
    assert [flip.at for flip in tied] == [None, None]


def test_all_weight_on_one_criterion_goes_to_the_others_in_equal_parts():
    scores = {"a": {"x": 1.0, "y": 0.0, "z": 0.0}, "b": {"x": 0.0, "y": 1.0, "z": 1.0}}
    assert flips(scores, {"x": 1.0, "y": 0.0, "z": 0.0})[0].at == 0.5


def test_two_choices_that_are_equally_far_apart_everywhere_cross_nowhere():
    assert crossing((0.75, 0.75), (0.25, 0.25)) is None and crossing((0.4, 0.6), (0.2, 0.3)) is None
    assert crossing((1.0, 0.0), (0.0, 1.0)) == 0.5


def test_taking_away_a_choice_that_nobody_would_make_can_turn_the_order_round():
    raw = {"a": {"x": 0.2, "y": 0.9}, "b": {"x": 0.1, "y": 0.4}, "c": {"x": 0.1, "y": 0.7}, "d": {"x": 0.7, "y": 0.7}}
    assert list(totals(scaled(raw), {"x": 1.0, "y": 1.0}))[-1] == "b"
    assert reversals(raw, {"x": 1.0, "y": 1.0}) == [("b", ["d", "a", "c"], ["a", "d", "c"])]
    assert reversals(raw, {"x": 1.0, "y": 0.0}) == []


def test_a_waterfall_ends_at_the_right_answers():
    judged = [judge(ASKED, answered(text), SITE) for text in ("$74", "$32", "$32")]
    rows = {name: count for name, count in waterfall_rows({"rag": judged})}
    assert (rows["all questions"], rows["without: stale"], rows["without: misread"]) == (3, 3, 1)
    assert rows["right"] == rows["without: should have refused"] == 1


def test_each_panel_of_the_waterfall_falls_from_all_questions_to_the_right_ones():
    rows = [["all questions", 4, 4], ["without: misread", 1, 4], ["right", 1, 4]]
    figure = waterfall_figure(rows, ("rag", "hybrid"), "Where they fall")
    fell = [[(bar.get_x(), bar.get_width()) for bar in axes.patches] for axes in figure.axes]
    assert fell == [[(0, 4), (4, -3), (0, 1)], [(0, 4), (4, 0), (0, 4)]]
    assert [axes.get_title() for axes in figure.axes] == ["rag", "hybrid"]
    assert [text.get_text().strip() for text in figure.axes[0].texts] == ["4", "-3", "1"]


def test_the_time_to_begin_comes_from_the_manifests_and_the_time_of_one_article_from_the_rows():
    kinds = (nb09_update.SITE, nb09_update.INDEXED, nb09_update.TRAINED_ON)
    rows = [{"what": what, "seconds": 2.0, "share": None} for what in kinds]
    spent = seconds_spent(rows, SETTINGS)
    assert spent["one trained"] == spent["one indexed"] == spent["all indexed"] == 2.0
    assert spent["all trained"] > 2.0 and spent["adapter trained"] > 2.0


def test_a_scenario_with_another_risk_is_another_scenario():
    note = next(one for one in SCENARIOS if one.right == PROMPT)
    assert recommend(replace(note.task, risk="high")).choice != PROMPT
