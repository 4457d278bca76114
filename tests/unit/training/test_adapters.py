"""The shipped adapters are what their manifests say, and a small one can be rebuilt."""

import pytest
import torch
from safetensors.torch import load_file

from course_lib.errors import DataError
from course_lib.files import read_json
from course_lib.settings import load_settings
from course_lib.training.adapters import MANIFEST, PLANS, manifest_problems, plan_for, train_adapter

SETTINGS = load_settings({})


@pytest.mark.parametrize("name", PLANS)
def test_shipped_adapter_matches_its_manifest(name):
    assert manifest_problems(name, SETTINGS) == []


@pytest.mark.parametrize("name", PLANS)
def test_manifest_records_how_the_adapter_was_made(name):
    manifest = read_json(SETTINGS.data / "adapters" / name / MANIFEST)
    assert manifest["seconds"] > 0
    assert manifest["recipe"]["seed"] == PLANS[name].recipe.seed
    losses = [row["loss"] for row in manifest["log"]]
    third = len(losses) // 3
    assert sum(losses[-third:]) < sum(losses[:third])


@pytest.mark.parametrize("name", ["reading", "closed_book"])
def test_manifest_has_a_held_out_score(name):
    held_out = read_json(SETTINGS.data / "adapters" / name / MANIFEST)["held_out"]
    assert held_out["n"] >= 120 and 0 <= held_out["low"] <= held_out["value"] <= held_out["high"] <= 1


def test_changed_training_data_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setitem(PLANS, "tiny", PLANS["closed_book"])
    problems = manifest_problems("tiny", SETTINGS)
    assert any("data_digest" in problem for problem in problems)
    assert any("recipe" in problem for problem in problems)


def test_rebuilt_tiny_adapter_matches_the_shipped_one(tmp_path):
    manifest = train_adapter("tiny", SETTINGS, tmp_path / "tiny", say=None)
    shipped = read_json(SETTINGS.data / "adapters" / "tiny" / MANIFEST)
    assert manifest["data_digest"] == shipped["data_digest"]
    assert [row["loss"] for row in manifest["log"]] == pytest.approx([row["loss"] for row in shipped["log"]], abs=0.02)
    ours, theirs = (
        load_file(folder / "adapter_model.safetensors")
        for folder in (tmp_path / "tiny", SETTINGS.data / "adapters" / "tiny")
    )
    assert ours.keys() == theirs.keys()
    alike = [
        torch.nn.functional.cosine_similarity(ours[key].float().flatten(), theirs[key].float().flatten(), dim=0)
        for key in ours
        if theirs[key].float().norm() > 0
    ]
    assert min(alike) > 0.98


def test_unknown_adapter_is_named_with_the_known_ones():
    with pytest.raises(DataError, match="reading"):
        plan_for("mystery")
