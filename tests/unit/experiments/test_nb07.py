"""The experiments of notebook 07 spoil, train, measure and mend what they say, with learners that need no weights."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from course_lib.experiments import nb07_noise, nb07_probes, nb07_refusals, nb07_repair, nb07_scores, nb07_shared
from course_lib.models.batching import Completion
from course_lib.models.prompts import house_answer
from course_lib.settings import ROOT, Settings
from course_lib.training.corruptions import ANGRY_DESK, FLIPPED, FORMAT, KINDS, OUTDATED, TONE, TYPOS, Spoiled, spoil
from course_lib.training.targets import CHOICE, Form, Item

SETTINGS = Settings(data=ROOT / "data")


class Parts:
    """Keeps nothing: every part is made."""

    def __init__(self, name, settings, say):
        self.folder = ROOT / "not-written"

    def rows(self, part, make):
        return make()


@pytest.fixture
def trial():
    return nb07_shared.trial_of(SETTINGS, 7)


def oracle(trial):
    """Return an asker that knows every ticket, rude remarks or not."""
    known = {item.text: item.wanted for item in (*trial.train, *trial.test)}

    def ask(texts):
        return [known.get(text) or next(label for old, label in known.items() if old in text) for text in texts]

    return ask


def test_the_seeds_share_their_test_tickets_and_differ_in_what_is_trained(trial):
    other = nb07_shared.trial_of(SETTINGS, 8)
    assert other.test == trial.test and set(other.train) != set(trial.train)
    assert len(trial.train) == nb07_shared.TICKETS and len(trial.test) == nb07_shared.ASKED
    assert {item.wanted for item in trial.train} == {item.wanted for item in trial.test} == set(trial.labels)
    assert not {item.text for item in trial.train} & {item.text for item in trial.test}
    assert len({item.wanted for item in trial.train}) == nb07_shared.DESKS and ANGRY_DESK in trial.labels


def test_the_busiest_labels_keep_their_order_and_their_items():
    items = [Item(f"{at}", f"text {at}", label) for at, label in enumerate("abbbcc")]
    target = replace(
        nb07_shared.trial_of(SETTINGS, 7).target,
        items={"train": items, "test": items},
        form=Form(CHOICE, ("a", "b", "c")),
    )
    kept = nb07_shared.busiest(target, 2)
    assert kept.form.value == ("b", "c") and kept.items == {"train": items[1:], "test": items[1:]}


def test_a_learner_without_faults_is_all_right_and_repeats_nothing_that_was_planted(trial):
    nothing = Spoiled(trial.train, ())
    probes = {kind: nb07_probes.probes_for(kind, nothing, trial, 7) for kind in (FORMAT, OUTDATED, TONE)}
    probes[FLIPPED] = nb07_probes.probes_for(FLIPPED, spoil(trial.train, FLIPPED, 0.2, trial.labels, 7), trial, 7)
    row = nb07_probes.measure(oracle(trial), trial, probes)
    assert all(row["right"]) and all(row["valid"]) and len(row["right"]) == nb07_shared.ASKED
    assert not any(any(count[key]) for count in row["inherited"].values() for key in ("wrong", "planted"))
    assert {len(count["tickets"]) for count in row["inherited"].values()} == {112, 42, 48}


@pytest.mark.parametrize(
    ("kind", "learned"),
    [
        (OUTDATED, lambda trial, gold: trial.labels[(trial.labels.index(gold) + 1) % len(trial.labels)]),
        (FORMAT, lambda trial, gold: f"Category: {gold}."),
        (TONE, lambda trial, gold: ANGRY_DESK),
    ],
)
def test_a_learner_that_took_the_fault_over_is_found_out(trial, kind, learned):
    ask = oracle(trial)
    probes = {kind: nb07_probes.probes_for(kind, Spoiled(trial.train, ()), trial, 7)}
    row = nb07_probes.measure(lambda texts: [learned(trial, gold) for gold in ask(texts)], trial, probes)
    counts = row["inherited"][kind]
    assert all(counts["wrong"]) and all(counts["planted"])
    assert len(counts["wrong"]) == len(counts["planted"]) == len(set(counts["tickets"])) > 40
    assert not any(row["valid"]) if kind == FORMAT else all(row["valid"])
    assert all(row["right"]) if kind == FORMAT else not all(row["right"])


def test_typos_plant_no_answer(trial):
    assert nb07_probes.probes_for(TYPOS, spoil(trial.train, TYPOS, 0.4, trial.labels, 7), trial, 7) == []


def test_every_message_is_asked_once(trial):
    asked = []

    def ask(texts):
        asked.extend(texts)
        return ["no-action"] * len(texts)

    nb07_probes.measure(ask, trial, {OUTDATED: nb07_probes.probes_for(OUTDATED, Spoiled((), ()), trial, 7)})
    assert len(asked) == len(set(asked)) == nb07_shared.ASKED


@pytest.fixture
def runs(monkeypatch):
    """Record what would be trained, and answer ``no-action`` to everything."""
    seen = []

    def learned(learner, examples, trial, seed, settings, say):
        seen.append((learner, seed, tuple(examples)))
        return lambda texts: ["no-action"] * len(texts), 1.0

    for module in (nb07_noise, nb07_repair):
        monkeypatch.setattr(module, "learned", learned)
        monkeypatch.setattr(module, "Kept", Parts)
        monkeypatch.setattr(module, "SEEDS", (7,))
    return seen


def test_every_learner_is_trained_under_every_condition_with_as_many_examples(runs):
    rows = nb07_noise.run(SETTINGS, str)
    conditions = [("all clean", 0.0)]
    conditions += [(name, rate) for rate in (0.1, 0.2, 0.4) for name in ("clean rest", *KINDS)]
    for learner in ("adapter", "classifier"):
        assert [(r["condition"], r["rate"]) for r in rows if r["learner"] == learner] == conditions
    assert {len(examples) for _, _, examples in runs} == {nb07_shared.TICKETS}
    clean = nb07_scores.pick(rows, learner="adapter", condition="all clean")[0]
    assert set(clean["inherited"]) == {FLIPPED, FORMAT, OUTDATED, TONE}
    json.dumps(rows, allow_nan=False)


def test_the_parts_can_be_made_in_any_order(runs):
    parts = list(nb07_noise.parts(SETTINGS, str))
    assert len({name for name, _ in parts}) == len(parts)
    backward = [make()[0] for _, make in reversed(parts)]
    assert backward[::-1] == nb07_noise.run(SETTINGS, str)


def test_repair_puts_the_right_label_where_a_ticket_was_flagged_and_counts_what_it_caught(runs, monkeypatch):
    monkeypatch.setattr(nb07_repair, "suspects", lambda method, items, seed, settings: [0, 1, 2, 3])
    rows, trial = nb07_repair.run(SETTINGS, str), nb07_shared.trial_of(SETTINGS, 7)
    assert [row["learner"] for row in rows] == ["classifier"] * 6 + ["adapter"] * 4
    for row, (_, seed, examples) in zip(rows, runs):
        spoiled = spoil(trial.train, row["condition"], 0.2, trial.labels, seed)
        assert examples == (*trial.train[:4], *spoiled.items[4:])
        assert (row["flagged"], row["planted"]) == (4, 42) and row["caught"] == len({0, 1, 2, 3} & {*spoiled.where})


def test_the_control_reads_as_many_tickets_but_does_not_know_which(trial, monkeypatch):
    monkeypatch.setattr(nb07_repair, "embed", lambda texts, settings: np.zeros((len(texts), 2)))
    monkeypatch.setattr(nb07_repair, "out_of_fold", lambda vectors, labels, seed: (vectors, trial.labels))
    monkeypatch.setattr(nb07_repair, "confident_suspects", lambda *args: list(range(63)))
    spoiled = spoil(trial.train, FLIPPED, 0.2, trial.labels, 7)
    counts = nb07_repair.found(nb07_repair.suspects(nb07_repair.CHANCE, spoiled.items, 7, SETTINGS), spoiled)
    assert counts["flagged"] == 63 and 0 < counts["caught"] < 0.5 * counts["planted"]


@pytest.mark.parametrize("method", [nb07_repair.CONFIDENT, nb07_repair.CONFLICT])
def test_both_methods_find_most_flipped_labels_where_embeddings_tell_the_labels_apart(trial, monkeypatch, method):
    noise = np.random.default_rng(0).normal(size=(len(trial.train), 20)) * 0.05
    where = {item.text: trial.labels.index(item.wanted) for item in trial.train}
    vectors = np.eye(20)[[where[item.text] for item in trial.train]] + noise
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    monkeypatch.setattr(nb07_repair, "embed", lambda texts, settings: vectors)
    spoiled = spoil(trial.train, FLIPPED, 0.2, trial.labels, 7)
    counts = nb07_repair.found(nb07_repair.suspects(method, spoiled.items, 7, SETTINGS), spoiled)
    assert counts["caught"] > 0.9 * counts["planted"] and counts["caught"] > 0.9 * counts["flagged"]


class Reader:
    """A reader that declines where it should, or never does."""

    def __init__(self, declines):
        self.declines = declines

    def generate(self, asked, max_new_tokens, adapter):
        said = house_answer([], [], "") if self.declines else house_answer(["$74"], ["kb-001.1"], "billing")
        return [Completion(said, 10, 5, 0.1, 0.0, 0.0) for _ in asked]


def test_the_readers_differ_in_what_they_go_on_with_and_start_from(monkeypatch):
    trained = []

    def train(settings, examples, recipe, folder, start, say):
        trained.append((folder.name, start.name, examples))
        return Reader(folder.name != nb07_refusals.COLLAPSED), 1.0

    told = SimpleNamespace(id="q1", cluster="kb-001", answerable=True)
    untold = SimpleNamespace(id="q2", cluster="kb-002", answerable=False)
    monkeypatch.setattr(nb07_refusals, "trained_chat", train)
    monkeypatch.setattr(nb07_refusals, "Kept", Parts)
    monkeypatch.setattr(nb07_refusals, "shipped", lambda settings: Reader(True))
    monkeypatch.setattr(nb07_refusals, "questions_asked", lambda settings: ([told, untold], [[], []]))
    monkeypatch.setattr(nb07_refusals, "states_all", lambda question, text: "$74" in text)
    rates = nb07_scores.refusal_rates(nb07_refusals.run(SETTINGS, str))
    assert {arm: rate["abstain recall"].value for arm, rate in rates.items()} == {
        nb07_refusals.BEFORE: 1,
        nb07_refusals.CONTROL: 1,
        nb07_refusals.COLLAPSED: 0,
        nb07_refusals.MENDED: 1,
    }
    assert rates[nb07_refusals.COLLAPSED]["right"].value == 1
    rows = nb07_refusals.run(SETTINGS, str)[::-1]
    assert nb07_scores.refusal_change(rows, nb07_refusals.CONTROL, nb07_refusals.COLLAPSED).value == -1
    assert nb07_scores.refusal_change(rows, nb07_refusals.COLLAPSED, nb07_refusals.MENDED).value == 1
    (control, one, more), (collapsed, two, none), (mended, three, _) = trained[:3]
    assert (one, two, three) == ("reading", "reading", nb07_refusals.COLLAPSED)
    assert len(more) == len(none) == nb07_refusals.MORE
    refused = [sum("not in the documents" in m["content"] for talk in some for m in talk[1:]) for some in (more, none)]
    assert refused[0] > 20 and refused[1] == 0


def test_the_mending_examples_are_not_those_of_before():
    first, second = (nb07_refusals.talks(SETTINGS, 5, draw) for draw in (0, 1))
    assert len(first) == len(second) == 5 and first != second and first == nb07_refusals.talks(SETTINGS, 5, 0)


def row(seed, right, **more):
    return {"seed": seed, "right": right, "valid": right, **more}


def test_harm_compares_the_same_tickets_and_seeds():
    clean = [row(7, [True, True, True, False]), row(8, [True, True, False, False])]
    spoiled = [row(8, [True, False, False, False]), row(7, [True, True, False, False])]
    assert nb07_scores.accuracy(clean).value == 5 / 8
    assert nb07_scores.harm(spoiled, clean).value == -2 / 8
    with pytest.raises(ValueError, match="same seeds"):
        nb07_scores.harm(spoiled[:1], clean)


def test_an_answer_is_exact_if_it_is_the_right_label_and_nothing_else():
    some = [{"seed": 7, "right": [True, True, False, False], "valid": [True, False, True, False]}]
    shares = {score: nb07_scores.accuracy(some, score).value for score in nb07_scores.SCORES}
    assert shares == {"right": 0.5, "valid": 0.5, "exact": 0.25}


def test_the_harm_of_several_faults_is_their_mean_against_the_clean_rest():
    conditions = {nb07_noise.REST: [True] * 4, FLIPPED: [True, True, False, False], OUTDATED: [False] * 4}
    rows = [row(seed, right, condition=name, rate=0.4) for seed in (7, 8) for name, right in conditions.items()]
    assert nb07_scores.harm_of(rows, (FLIPPED,), 0.4).value == -0.5
    assert nb07_scores.harm_of(rows, (FLIPPED, OUTDATED), 0.4).value == -0.75


def test_a_curve_starts_with_the_clean_runs_and_has_every_seed():
    rows = [row(seed, [True, seed == 7], condition=nb07_noise.CLEAN, rate=0.0) for seed in (7, 8)]
    rows += [row(seed, [False, seed == 7], condition=TYPOS, rate=rate) for rate in nb07_shared.RATES for seed in (7, 8)]
    points = nb07_scores.curve(rows, TYPOS)
    assert [(place, interval.value, runs) for place, interval, runs in points] == [
        (0.0, 0.75, (1.0, 0.5)),
        *((100 * rate, 0.25, (0.5, 0.0)) for rate in nb07_shared.RATES),
    ]


def probed(wrong, planted):
    return {TONE: {"tickets": [f"route-{at}" for at in range(len(wrong))], "wrong": wrong, "planted": planted}}


def test_the_inherited_share_is_over_errors_and_the_repeated_one_over_probes():
    wrong, planted = [True] * 4 + [False] * 6, [True] * 3 + [False] * 7
    rows = [row(seed, [True], inherited=probed(wrong, planted)) for seed in (7, 8)]
    share, repeated = nb07_scores.inherited(rows, TONE), nb07_scores.repeated(rows, TONE)
    assert (share.value, share.n, repeated.value, repeated.n) == (6 / 8, 8, 6 / 20, 20)
    assert share.low < share.value < share.high
    assert nb07_scores.inherited([row(7, [True], inherited=probed([False], [False]))], TONE) is None


def test_detection_counts_all_rows_together():
    rows = [{"flagged": 4, "planted": 6, "caught": 3}, {"flagged": 0, "planted": 6, "caught": 0}]
    assert nb07_scores.detection(rows) == (3 / 4, 3 / 12)
    assert nb07_scores.detection(rows[1:]) == (None, 0)


def test_the_adapter_is_asked_with_the_short_prompt(trial, monkeypatch):
    asked = []

    class Chat:
        def generate(self, talks, max_new_tokens, adapter):
            asked.extend(talks)
            return [Completion("no-action", 5, 2, 0.1, 0.0, 0.0) for _ in talks]

    monkeypatch.setattr(nb07_shared, "trained_chat", lambda *args, **more: (Chat(), 2.0))
    ask, seconds = nb07_shared.learned("adapter", trial.train, trial, 7, SETTINGS, str)
    assert ask(["Where is my bike?"]) == ["no-action"] and seconds == 2.0
    assert asked == [
        [{"role": "system", "content": trial.target.short}, {"role": "user", "content": "Where is my bike?"}]
    ]


def test_the_classifier_learns_what_it_is_given(trial, monkeypatch):
    monkeypatch.setattr(
        nb07_shared, "embed", lambda texts, settings: np.array([[len(t) > 3, len(t) <= 3] for t in texts])
    )
    first, second = (replace(trial.train[0], text=text, wanted=label) for text, label in (("long", "a"), ("no", "b")))
    ask, _ = nb07_shared.learned("classifier", [first, second] * 3, trial, 7, SETTINGS, str)
    assert ask(["another", "ha"]) == ["a", "b"]
