"""The experiments of notebook 05 ask what they say, with a model that needs no weights."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from course_lib.experiments import (
    nb05_arms,
    nb05_curves,
    nb05_forgetting,
    nb05_overfit,
    nb05_routing,
    nb05_rules,
    nb05_scores,
    resume,
)
from course_lib.files import read_jsonl
from course_lib.models.batching import Completion
from course_lib.settings import ROOT, Settings
from course_lib.training.lora import Recipe
from course_lib.training.runs import held_out_loss
from course_lib.training.targets import CHOICE, Form, Item, Target
from course_lib.training.ticket_targets import TICKET_TARGETS, ticket_target

SETTINGS = Settings(data=ROOT / "data")
TEST = [Item(f"x{number}", f"message {number}", "ab"[number % 2], "ab"[number % 2]) for number in range(6)]
ITEMS = {"train": [Item(f"t{number}", f"old {number}", "ab"[number % 2], "ab"[number % 2]) for number in range(8)]}
TOY = Target(
    "routing", "Sort.", "a, b", "Label.", ITEMS | {"dev": TEST[:2], "test": TEST}, Form(CHOICE, ("a", "b")), 4, 2, "toy"
)


class Chat:
    """A model that answers with what a function of its adapter and the last message gives, and remembers its calls."""

    def __init__(self, answer):
        self.answer, self.calls, self.loaded, self.bound = answer, [], [], False

    def load_adapter(self, name, folder):
        self.loaded.append(name)

    def generate(self, talks, max_new_tokens, adapter=None, say=None):
        self.calls.append((len(talks), adapter, self.bound))
        return [Completion(self.answer(adapter, talk[-1]["content"]), len(talk), 2, 0.1, 0.0, 0.0) for talk in talks]


class Parts:
    """Keeps nothing: every part is made."""

    def __init__(self, name, settings, say, folder=None):
        self.say, self.folder, self.parts = say, folder, []

    def rows(self, part, make):
        self.parts.append(part)
        return make()


@pytest.fixture
def chat(monkeypatch):
    """With its adapter it sorts by the number in the message; without, it always says ``a``, and never only that."""

    def answer(adapter, text):
        return "ab"[int(text.split()[-1]) % 2] if adapter else "It is a."

    made = Chat(answer)
    for module in (nb05_arms, nb05_curves, nb05_forgetting, nb05_rules):
        monkeypatch.setattr(module, "load_chat", lambda settings: made)
        monkeypatch.setattr(module, "Kept", Parts)
    monkeypatch.setattr(nb05_arms, "constrained", lambda model, grammar: bound(made))
    return made


def bound(made):
    view = Chat(lambda adapter, text: made.answer(adapter, text).removeprefix("It is ")[0])
    view.calls, view.bound = made.calls, True
    return view


def test_every_test_item_is_answered_once_in_every_arm(chat):
    rows = nb05_arms.compare_arms("toy", TOY, SETTINGS, str)
    assert Counter(row["arm"] for row in rows) == dict.fromkeys(nb05_arms.ARMS, 6) and chat.loaded == ["toy"]
    asked = chat.calls[1:]  # the first call warms up
    assert [adapter for _, adapter, _ in asked] == [None] * 5 + ["toy"] * 2
    assert [tied for _, _, tied in asked] == [False] * 3 + [True, True, False, True]
    json.dumps(rows, allow_nan=False)


def test_the_rows_tell_form_from_content_and_count_the_prompt(chat):
    rows = nb05_arms.compare_arms("toy", TOY, SETTINGS, str)
    valid, exact, share = (nb05_scores.shares(rows, score) for score in ("valid", "exact", "share"))
    assert (valid["base"].value, exact["base"].value, share["base"].value) == (0, 0, 0.5)
    assert (valid["base, constrained"].value, exact["base, constrained"].value) == (1, 0.5)
    assert exact["LoRA"].value == 1 and nb05_scores.differences(rows, "exact", "base")["LoRA"].value == 1
    arms = nb05_scores.by_arm(rows)
    assert nb05_scores.f1_of(arms["LoRA"]).value == 1 and nb05_scores.f1_of(arms["base"]).value < 0.5
    costs = nb05_scores.costs(rows)
    assert costs["few-shot"]["tokens_in"] == costs["base"]["tokens_in"] + 4
    assert nb05_scores.tokens_saved(rows) == 0, "this model counts messages, and both prompts have two"


def test_the_classical_rival_learns_the_train_split_and_answers_the_test_split(monkeypatch):
    calls = []

    def embed(texts, settings):
        calls.append(len(texts))
        return np.array([[1.0, 0.0] if int(text.split()[-1]) % 2 else [0.0, 1.0] for text in texts])

    monkeypatch.setattr(nb05_routing, "embed", embed)
    rows = nb05_routing.classical_rows(TOY, SETTINGS)
    assert [row["label"] for row in rows] == [item.wanted for item in TEST] and all(row["exact"] for row in rows)
    assert calls == [8, *[1] * 7] and {row["arm"] for row in rows} == {nb05_routing.CLASSICAL}


def test_the_rules_experiment_puts_as_many_rules_into_the_prompt_as_it_says(monkeypatch):
    target = ticket_target("voice", SETTINGS)
    monkeypatch.setattr(nb05_rules, "embed", lambda texts, settings: np.eye(len(texts), 20))
    asked = nb05_rules.prompts(target, target.items["test"][:3], SETTINGS)
    counts = {arm: {talk[0]["content"].count("\n- ") for talk in talks} for arm, talks in asked.items()}
    assert [*counts.values()] == [{0}, {5}, {10}, {20}, {nb05_rules.RETRIEVED}, {0}]
    assert all(talk[-1]["content"] == item.text for talk, item in zip(asked["trained"], target.items["test"]))


def test_the_rules_experiment_scores_every_arm_and_the_untouched_draft(chat, monkeypatch):
    target = ticket_target("voice", SETTINGS)
    small = replace(target, items={**target.items, "test": target.items["test"][:4]})
    wanted = {item.text: item.wanted for item in small.items["test"]}
    chat.answer = lambda adapter, text: wanted[text] if adapter else text
    monkeypatch.setattr(nb05_rules, "ticket_target", lambda name, settings: small)
    monkeypatch.setattr(nb05_rules, "embed", lambda texts, settings: np.eye(len(texts), 20))
    arms = nb05_scores.by_arm(nb05_rules.run(SETTINGS, str))
    assert len(arms) == 7 and all(len(rows) == 4 for rows in arms.values())
    assert not any(row["broken"] for row in arms["trained"]) and all(row["facts"] for row in arms["trained"])
    every = [rule["id"] for rule in nb05_rules.voice_rules(SETTINGS.data / "tickets")]
    assert all(nb05_rules.share_kept(row, every) == 1 for row in arms["trained"])
    assert all(nb05_rules.share_kept(row, every) < 1 for row in arms[nb05_rules.COPY])
    assert nb05_rules.share_kept(arms["trained"][0], []) is None


def test_the_curves_train_every_size_with_every_seed_and_take_the_shipped_adapter_for_all_examples(chat, monkeypatch):
    trained = []

    def train(settings, talks, recipe, folder, start=None, say=None):
        trained.append((sum(len(talk) // 2 for talk in talks), recipe.seed, recipe.epochs))
        return chat, 1.0

    monkeypatch.setattr(nb05_curves, "trained_chat", train)
    monkeypatch.setattr(nb05_curves, "TARGETS", ("routing",))
    chat.answer = lambda adapter, text: "retention"
    monkeypatch.setattr(nb05_curves, "Kept", lambda *a: Parts(*a, folder=ROOT / "not-written"))
    rows = nb05_curves.run(SETTINGS, str)
    full = len(ticket_target("routing", SETTINGS).items["train"])
    made = [(size, seed) for size in (50, 150) for seed in (7, 8)]
    assert [(row["size"], row["seed"]) for row in rows] == [*made, (full, SETTINGS.seed)]
    assert [(size, seed) for size, seed, _ in trained] == made
    assert chat.loaded == ["routing"] and all(len(row["exact"]) == nb05_curves.ASKED for row in rows)


@pytest.mark.parametrize("name", TICKET_TARGETS)
def test_few_examples_are_seen_more_often(name):
    few, many = (nb05_curves.recipe_for(name, count, 8) for count in (50, 400))
    assert few.epochs * 50 / nb05_curves.TURNS >= nb05_curves.LEAST_STEPS and few.epochs > many.epochs
    assert few.seed == many.seed == 8


def test_forgetting_asks_the_base_and_every_adapter_the_same_questions(chat):
    questions = read_jsonl(SETTINGS.data / "tickets" / nb05_forgetting.PROBE)
    by_text = {question["question"]: question["accepted"][0] for question in questions}
    chat.answer = lambda adapter, text: "retention" if adapter == "routing" else f"It is {by_text[text]}."
    arms = nb05_scores.by_arm(nb05_forgetting.run(SETTINGS, str))
    assert list(arms) == ["base", "reading", *TICKET_TARGETS] and {len(rows) for rows in arms.values()} == {60}
    assert all(row["right"] and not row["habit"] for row in arms["base"])
    assert all(row["habit"] and not row["right"] for row in arms["routing"])


def test_the_probe_has_sixty_different_questions_that_do_not_hold_their_answers():
    questions = read_jsonl(SETTINGS.data / "tickets" / nb05_forgetting.PROBE)
    assert len({question["question"] for question in questions}) == len({one["id"] for one in questions}) == 60
    assert [one["id"] for one in questions if nb05_forgetting.is_right(one["question"], one["accepted"])] == []


@pytest.mark.parametrize(
    ("text", "accepted", "right"),
    [
        ("The answer is PARIS.", ["Paris"], True),
        ("Parisian", ["Paris"], False),
        ("It is a gas, o so light.", ["O"], False),
        ("Its symbol is O.", ["O"], True),
        ("There are 12 months.", ["7", "seven"], False),
        ("Seven days.", ["7", "seven"], True),
    ],
)
def test_a_general_answer_is_right_if_it_states_an_accepted_one_as_a_word(text, accepted, right):
    assert nb05_forgetting.is_right(text, accepted) is right


class Words:
    """A tokenizer of whole words, with the chat template of the course's model in small."""

    eos_token_id, pad_token_id = 1, 0

    def apply_chat_template(self, messages, tokenize, add_generation_prompt):
        text = "".join(f" {one['role']} {one['content']} <end>" for one in messages)
        return text + (" assistant" if add_generation_prompt else "")

    def __call__(self, text, add_special_tokens):
        return {"input_ids": [1 if word == "<end>" else 2 + sum(map(ord, word)) % 60 for word in text.split()]}


def test_the_held_out_loss_is_measured_before_and_after_every_epoch():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    config = LlamaConfig(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, vocab_size=64, eos_token_id=1
    )
    talks = nb05_overfit.conversations("Sort.", ITEMS["train"], 7)
    held_out = nb05_overfit.conversations("Sort.", TEST, 7)
    recipe = Recipe(rank=2, alpha=4, learning_rate=5e-2, epochs=3, batch_size=1, dtype="float32")
    model = LlamaForCausalLM(config)
    before = held_out_loss(model, Words(), held_out)
    rows = nb05_overfit.losses_by_epoch(model, Words(), talks, held_out, recipe)
    assert [row["epoch"] for row in rows] == [0, 1, 2, 3] and rows[0]["train"] is None
    assert rows[0]["held_out"] == pytest.approx(before, abs=1e-3)
    assert rows[3]["train"] < rows[1]["train"] and rows[3]["held_out"] != rows[0]["held_out"]
    assert rows[3]["held_out"] == pytest.approx(held_out_loss(model, Words(), held_out), abs=1e-3)


def test_finished_parts_are_kept_and_made_again_when_something_changed(tmp_path, monkeypatch):
    monkeypatch.setattr(resume, "get_experiment", lambda name: name)
    made_with = {"one": "1"}
    monkeypatch.setattr(resume, "digests", lambda experiment, settings: dict(made_with))
    said, made = [], []

    def make():
        made.append(1)
        return [{"n": len(made)}]

    settings = Settings(cache=tmp_path)
    assert resume.Kept("toy", settings, said.append).rows("first", make) == [{"n": 1}]
    assert resume.Kept("toy", settings, said.append).rows("first", make) == [{"n": 1}] and len(made) == 1
    assert resume.Kept("toy", settings, said.append).rows("second", make) == [{"n": 2}]
    made_with["one"] = "2"
    assert resume.Kept("toy", settings, said.append).rows("first", make) == [{"n": 3}]
    assert said == ["first: done", "first: kept from an earlier run", "second: done", "first: done"]


@pytest.mark.parametrize("old, new", [(b"0.5", b"0.7"), (b'"rows"', b'"rowz"'), (b"0.5", b"\xff"), (b"{", b"")])
def test_a_kept_part_that_was_damaged_is_measured_again_and_says_so(tmp_path, monkeypatch, old, new):
    monkeypatch.setattr(resume, "get_experiment", lambda name: name)
    monkeypatch.setattr(resume, "digests", lambda experiment, settings: {})
    said, rows = [], [{"score": 0.5, "by_rank": {10: 1, 9: 2}}]
    kept = resume.Kept("toy", Settings(cache=tmp_path), said.append)
    kept.rows("part", lambda: rows)
    (path,) = kept.folder.glob("*.json")
    path.write_bytes(path.read_bytes().replace(old, new, 1))
    assert kept.rows("part", lambda: rows) == rows
    assert said[1:] == ["part: what an earlier run kept is damaged, so it is measured again", "part: done"]
    kept.rows("part", lambda: pytest.fail("measured although it is whole"))
    assert said[-1] == "part: kept from an earlier run"
