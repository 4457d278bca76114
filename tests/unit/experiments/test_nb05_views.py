"""What notebook 05 shows of its stored rows is what the rows say."""

from __future__ import annotations

import json

import numpy as np
import pytest

from course_lib.evaluation.statistics import Interval
from course_lib.evaluation.target_scores import macro_f1
from course_lib.evaluation.voice import obeyed
from course_lib.experiments import nb05_live as live
from course_lib.experiments import nb05_rivals as rivals
from course_lib.experiments import nb05_routing
from course_lib.experiments import nb05_training_views as training
from course_lib.experiments import nb05_views as views
from course_lib.experiments.nb05_rules import COPY, TRAINED, voice_rules
from course_lib.experiments.nb05_scores import f1_of
from course_lib.settings import ROOT, Settings
from course_lib.training.targets import CHOICE, Form, Item, Target, spread

SETTINGS = Settings(data=ROOT / "data")
ARMS = (*views.PROMPTED, "base, constrained", "few-shot, constrained", "LoRA", "LoRA, constrained")
GOLD = "aabbccab"


def rows_of(right: dict[str, int], n: int = 20, **more) -> list[dict]:
    """Return rows of arms in which the first few items are right."""
    return [
        {
            "arm": arm,
            "question": f"{more.get('prefix', 'x')}{item}",
            "cluster": f"{more.get('prefix', 'x')}{item}",
            "valid": "constrained" in arm or item < count,
            "exact": item < count,
            "rules": 1.0 if item < count else 0.5,
            "share": 1.0 if item < count else 0.25,
            "tokens_in": 10,
            "tokens_out": 2,
            "ms": 5.0,
        }
        for arm, count in right.items()
        for item in range(n)
    ]


def labeled(arm: str, given: str) -> list[dict]:
    return [
        {"arm": arm, "question": str(at), "cluster": str(at), "gold": gold, "label": label, "exact": gold == label}
        for at, (gold, label) in enumerate(zip(GOLD, given))
    ]


RIGHT = dict(zip(ARMS, (2, 8, 6, 4, 9, 18, 18)))


def test_the_best_prompt_is_one_without_constraint_and_without_training():
    rows = rows_of(RIGHT)
    assert views.best_arm("records", rows) == "strong prompt"
    assert views.best_arm("records", rows_of({**RIGHT, "base": 8})) == "base", "of equals, the first"
    assert rivals.rival_of("records", rows) == "few-shot, constrained"


def test_the_gain_of_training_is_over_the_best_prompt_and_paired_by_item():
    difference = views.trained_gain("records", rows_of(RIGHT))
    assert difference.value == pytest.approx(0.5) and difference.n == 20
    assert 0 < difference.low < 0.5 < difference.high
    assert views.trained_gain("voice", rows_of(RIGHT)).value == pytest.approx(0.25), "rules kept, not all right"


def test_macro_f1_and_its_difference_agree_with_the_plain_computation():
    first, second = labeled("base", "aabbccba"), labeled("LoRA", "aabbaaab")
    difference = views.gain("routing", first, second)
    assert difference.value == pytest.approx(macro_f1(GOLD, "aabbaaab") - macro_f1(GOLD, "aabbccba"))
    assert difference.low <= difference.value <= difference.high
    picks = np.random.default_rng(3).integers(8, size=(50, 8))
    plain = [macro_f1([GOLD[at] for at in pick], ["aabbaaab"[at] for at in pick]) for pick in picks]
    assert views._f1_draws(second, picks) == pytest.approx(plain)
    fast, plain = views.estimate("routing", second), f1_of(second)
    assert [fast.value, fast.low, fast.high, fast.n] == pytest.approx([plain.value, plain.low, plain.high, plain.n])
    with pytest.raises(ValueError, match="same items"):
        views.gain("routing", first, second[::-1])


def test_a_score_of_zero_keeps_its_doubt():
    nothing = views.estimate("records", rows_of({"base": 0}))
    assert nothing.value == 0 and 0.1 < nothing.high < 0.2


def test_the_table_of_arms_has_a_line_an_arm_and_no_difference_for_the_best_prompt():
    table = views.arm_table("records", rows_of(RIGHT))
    assert len(table) == len(ARMS) and {len(line) for line in table} == {len(views.COLUMNS)}
    by_name = {line[0]: line for line in table}
    assert by_name["strong prompt (best prompt)"][4] is None and by_name["base"][4].startswith("-0.30 [")
    assert by_name["base, constrained"][1:3] == (1.0, 0.4), "valid is not right"
    assert by_name["LoRA"][3].startswith("0.90 [") and by_name["LoRA"][5:] == (10, 5)


@pytest.mark.parametrize(
    ("ends", "words"),
    [((0.01, 0.2), "training is ahead"), ((-0.2, -0.01), "the rival is ahead"), ((-0.1, 0.1), "not told apart")],
)
def test_an_interval_that_reaches_zero_tells_nobody_apart(ends, words):
    assert rivals.verdict(Interval(sum(ends) / 2, *ends, 50)) == words


def test_the_winners_are_named_against_the_best_that_is_not_trained():
    targets = {"records": rows_of(RIGHT), "workflow": rows_of({**RIGHT, "few-shot, constrained": 20, "LoRA": 1})}
    lines = rivals.winner_table(targets)
    assert {len(line) for line in lines} == {len(rivals.WINNERS)}
    assert [line[-1] for line in lines] == ["training is ahead", "the rival is ahead"]
    assert lines[0][3] == "few-shot, constrained"


def test_the_valid_gain_counts_the_items_of_all_targets():
    targets = {"records": rows_of(RIGHT, prefix="r"), "workflow": rows_of({**RIGHT, "LoRA": 20}, prefix="w")}
    difference = rivals.valid_gain(targets)
    assert difference.value == pytest.approx(0.05) and difference.n == 40


def test_the_points_of_the_rivals_are_the_gains_over_the_best_prompt_and_over_the_best_rival():
    rows = rows_of({**RIGHT, "few-shot, constrained": 10})
    (over_prompt, first), (over_rival, second) = rivals.rival_points({"records": rows})
    assert (over_prompt, over_rival) == ("records: minus the best prompt", "records: minus the best rival")
    assert (first.value, second.value) == (pytest.approx(0.5), pytest.approx(0.4))


def test_the_classical_rival_is_set_against_the_best_language_model_trained_or_not():
    rows = [*labeled("base", "aaaaaaaa"), *labeled("LoRA", "aabbaaab"), *labeled(rivals.CLASSICAL, "aabbccaa")]
    wanted = macro_f1(GOLD, "aabbccaa") - macro_f1(GOLD, "aabbaaab")
    assert rivals.classical_gain(rows).value == pytest.approx(wanted)
    assert rivals.CLASSICAL == nb05_routing.CLASSICAL


def test_shuffled_labels_are_the_same_labels_on_other_texts():
    items = [Item(f"t{at}", f"text {at}", "abcde"[at % 5]) for at in range(20)]
    target = Target("routing", "", "", "", {"train": items, "test": items[:3]}, Form(CHOICE, ("a",)), 4, 1, "toy")
    mixed = live.with_shuffled_labels(target, 7)
    assert [item.text for item in mixed.items["train"]] == [item.text for item in items]
    before, after = ([item.wanted for item in some.items["train"]] for some in (target, mixed))
    assert sorted(before) == sorted(after) and before != after
    assert mixed.items["test"] == target.items["test"] and live.with_shuffled_labels(target, 7) == mixed


def test_the_live_rows_stand_behind_the_stored_ones_of_the_same_items(monkeypatch):
    items = [Item(f"t{at}", f"text {at}", "ab"[at % 2], "ab"[at % 2]) for at in range(6)]
    target = Target("routing", "", "", "", {"train": [], "test": items}, Form(CHOICE, ("a",)), 4, 1, "toy")
    seen = []

    def classical(target, settings):
        seen.append([item.wanted for item in target.items["train"]])
        return [{"arm": "classical", "question": item.id} for item in target.items["test"]]

    monkeypatch.setattr(live, "classical_rows", classical)
    monkeypatch.setattr(
        live, "ask_arm", lambda chat, target, arm, items, settings: [{"arm": arm, "question": i.id} for i in items]
    )
    stored = [{"arm": "base", "question": item.id} for item in items]
    monkeypatch.setattr(live, "ASKED", 2)
    rows = live.compare_live(None, target, items, stored, SETTINGS)
    assert [row["arm"] for row in rows] == [
        name for arm in ("base", live.HERE, live.RIVAL, live.CONTROL) for name in (arm, arm)
    ]
    assert {row["question"] for row in rows} == {item.id for item in spread(items, 2, SETTINGS.seed)}
    assert seen[0] == [item.wanted for item in items] and seen[1] != seen[0]


def test_rules_kept_leave_the_facts_out():
    text = "You can pick your bike up on Monday. Bring your key.\nRide on, Tarnwheel"
    known = [right for right in obeyed(text).values() if right is not None]
    assert views.rules_kept(text) == sum(known) / len(known) > 0.8


def test_the_stored_voice_rows_get_their_rules(monkeypatch):
    monkeypatch.setattr(views, "load_experiment", lambda name, settings: [{"text": f"We'll call you. {name}"}])
    targets = views.load_targets(SETTINGS)
    assert list(targets) == list(views.SCORES) and "rules" not in targets["records"][0]
    assert targets["voice"][0]["rules"] == views.rules_kept("We'll call you. nb05_voice")


LOSSES = {7: (3.0, 1.0, 1.1, 1.2, 0.9), 8: (3.0, 2.0, 1.0, 0.8, 0.7)}
EPOCHS = [
    {"seed": seed, "epoch": epoch, "train": None if epoch == 0 else 1 / epoch, "held_out": loss}
    for seed, losses in LOSSES.items()
    for epoch, loss in enumerate(losses)
]


def test_the_loss_curves_leave_out_what_was_not_measured():
    curves = training.loss_curves(EPOCHS)
    assert list(curves) == ["training, seed 7", "held out, seed 7", "training, seed 8", "held out, seed 8"]
    assert curves["held out, seed 7"][:2] == [(0, 3.0), (1, 1.0)] and curves["training, seed 7"][0] == (1, 1.0)


def test_the_stop_table_says_what_is_kept_and_what_going_on_leads_to():
    assert training.stop_table(EPOCHS, 2) == [(7, 1, 1.0, 0.9, 0.25), (8, 4, 0.7, 0.7, 0.25)]


def test_the_points_of_the_learning_curve_are_in_order_of_size_whatever_sizes_there_are():
    runs = [
        {"target": "voice", "size": size, "seed": seed, "exact": [seed == 7, True, False, False]}
        for size in (400, 50)
        for seed in (7, 8)
    ]
    points = training.example_points(runs)["voice"]
    assert [size for size, _ in points] == [50.0, 400.0]
    assert points[0][1].value == pytest.approx(3 / 8)


RULE_IDS = [rule["id"] for rule in voice_rules(SETTINGS.data / "tickets")]


def ruled(arm: str, kept: list[str], tokens: int) -> list[dict]:
    broken = [rule for rule in RULE_IDS if rule not in kept]
    row = {"arm": arm, "kept": kept, "broken": broken, "facts": True, "ms": 0.0 if arm == COPY else 9.0}
    return [{**row, "question": str(at), "cluster": str(at), "tokens_in": tokens, "tokens_out": 5} for at in range(4)]


def test_the_table_of_rules_counts_all_and_the_first_ones_apart(monkeypatch):
    stored = ruled("5 rules", RULE_IDS[:5], 80) + ruled(COPY, [], 0)
    monkeypatch.setattr(training, "load_experiment", lambda name, settings: stored)
    first, copy = training.rule_table(training.load_rules(SETTINGS))
    assert first[1].startswith("0.25 [") and first[2:] == (1.0, 1.0, 80, 9)
    assert copy[1].startswith("0.00 [") and copy[4:] == (None, None), "a copy has no prompt"
    assert len(first) == len(training.RULED)


def test_rewrites_stand_beside_their_drafts():
    items = [Item(str(at), f"draft {at}", "") for at in range(4)]
    target = Target("voice", "", "", "", {"test": items}, Form(CHOICE, ("a",)), 4, 1, "toy")
    rows = [{**row, "text": f"new {row['question']}"} for row in ruled(TRAINED, RULE_IDS[2:], 9)]
    assert training.rewrites(rows, target, 2) == [("draft 0", "new 0", 2, True), ("draft 1", "new 1", 2, True)]


def test_forgetting_is_told_against_the_model_without_an_adapter():
    rows = [
        {"arm": arm, "question": str(at), "cluster": str(at), "right": at < right, "habit": at < habit}
        for arm, right, habit in (("base", 8, 0), ("voice", 5, 10))
        for at in range(10)
    ]
    base, voice = training.forgetting_table(rows, "base")
    assert base[1].startswith("0.80 [") and base[2:] == (None, 0.0)
    assert voice[2].startswith("-0.30 [") and voice[3] == 1.0


def test_the_shipped_table_reads_manifests_with_and_without_a_score(tmp_path):
    for name, score in (("one", None), ("two", {"value": 0.876})):
        (tmp_path / "adapters" / name).mkdir(parents=True)
        log = [{"step": 10, "loss": 3.0}, {"step": 20, "loss": 0.5}]
        manifest = {"seconds": 90.0, "stages": [{"examples": 40, "log": log}], "held_out": score}
        (tmp_path / "adapters" / name / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    lines = training.shipped_table(Settings(data=tmp_path), ["one", "two"])
    assert lines == [("one", 40, 20, 1.5, 3.0, 0.5, None), ("two", 40, 20, 1.5, 3.0, 0.5, 0.88)]
    assert {len(line) for line in lines} == {len(training.SHIPPED)}
