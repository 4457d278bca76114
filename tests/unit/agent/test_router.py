"""The router fits its data, has seen nothing of the test set, and the agent's package stays optional."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from course_lib.agent.router import FILE, QUESTION, WORK, Router, load_router, made_from, training_texts
from course_lib.errors import DataError
from course_lib.evaluation.gold import load_questions
from course_lib.files import read_json, read_jsonl, write_json
from course_lib.retrieval.dense import DIMENSIONS
from course_lib.settings import ROOT, Settings
from course_lib.training.ticket_targets import ticket_target

SETTINGS = Settings()
OPTIONAL = {"agents", "openai", "fastapi", "uvicorn"}
LOOP = {f"course_lib.agent.{name}" for name in ("assistant", "guardrails", "local_model", "loop", "tools")}


def test_the_shipped_router_was_made_from_the_shipped_data():
    made = read_json(SETTINGS.data / FILE)["made_from"]
    assert made == made_from(SETTINGS), "Make it again: python -m course_lib.agent.router"


def test_the_router_learns_nothing_of_dev_and_test():
    texts = {text for text, _ in training_texts(SETTINGS)}
    split = {row["id"]: row["split"] for row in read_jsonl(SETTINGS.data / "facts.jsonl")}
    held_out = {
        text
        for row in read_jsonl(SETTINGS.data / "train" / "wordings.jsonl")
        if split[row["fact"]] != "train"
        for text in row["wordings"]
    }
    items = ticket_target("workflow", SETTINGS).items
    held_out |= {item.text for part in ("dev", "test") for item in items[part]}
    held_out |= {question.text for part in ("dev", "test") for question in load_questions(SETTINGS.data, part)}
    assert not texts & held_out


def test_both_kinds_are_there_and_messages_that_want_nothing_are_questions():
    labels = dict(training_texts(SETTINGS))
    train = ticket_target("workflow", SETTINGS).items["train"]
    assert set(labels.values()) == {QUESTION, WORK}
    assert {labels[item.text] for item in train if item.group == "no_action"} == {QUESTION}
    assert {labels[item.text] for item in train if item.group == "cancel"} == {WORK}


@pytest.mark.parametrize(("bias", "work"), [(0.5, True), (-2.0, False)])
def test_the_sign_of_the_sum_decides(bias, work):
    router = Router([1.0, 0.0], bias, lambda texts: np.array([[1.0, 0.0]] * len(texts)))
    assert router.is_work("anything") is work


@pytest.mark.parametrize("row", [[], {"bias": 0.0}, {"bias": "x", "weights": []}, {"bias": 0.0, "weights": [1.0]}])
def test_a_damaged_router_is_refused(tmp_path, row):
    write_json(tmp_path / FILE, row)
    with pytest.raises(DataError, match="router.json"):
        load_router(Settings(data=tmp_path))


def test_the_shipped_router_has_a_weight_for_each_dimension():
    assert len(read_json(SETTINGS.data / FILE)["weights"]) == DIMENSIONS


def imported(path) -> set[str]:
    """Return the modules that a file imports when it is imported itself; imports inside functions do not count."""
    names: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def test_the_core_needs_none_of_the_optional_packages():
    library = ROOT / "course_lib"
    loop = {ROOT.joinpath(*name.split(".")).with_suffix(".py") for name in LOOP}
    for path in set(library.rglob("*.py")) - loop:
        tops = {name.split(".")[0] for name in imported(path)}
        assert not tops & OPTIONAL and not imported(path) & LOOP, path
    assert all(path.is_file() for path in loop)
