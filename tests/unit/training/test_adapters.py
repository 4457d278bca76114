"""The shipped adapters are what their manifests say, and a small one can be rebuilt."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from course_lib.errors import DataError
from course_lib.files import read_json, write_atomic
from course_lib.models.weights import chat_folder
from course_lib.settings import load_settings
from course_lib.training import adapters
from course_lib.training.adapters import MANIFEST, manifest_problems, train_adapter
from course_lib.training.lora import ADAPTER_FILES
from course_lib.training.plans import PLANS, plan_for
from course_lib.training.stages import Plan
from course_lib.training.ticket_targets import TICKET_TARGETS, ticket_target

SETTINGS = load_settings({})


@pytest.mark.parametrize("name", PLANS)
def test_shipped_adapter_matches_its_manifest(name):
    assert manifest_problems(name, SETTINGS) == []


@pytest.mark.parametrize("name", PLANS)
def test_manifest_records_how_the_adapter_was_made(name):
    manifest = read_json(SETTINGS.data / "adapters" / name / MANIFEST)
    assert manifest["seconds"] > 0
    assert len(manifest["stages"]) == len(PLANS[name].stages)
    for written, stage in zip(manifest["stages"], PLANS[name].stages):
        assert written["recipe"]["seed"] == stage.recipe.seed
        losses = [row["loss"] for row in written["log"]]
        third = len(losses) // 3
        assert sum(losses[-third:]) < sum(losses[:third])


@pytest.mark.parametrize("name", ["reading", "closed_book"])
def test_manifest_has_a_held_out_score(name):
    held_out = read_json(SETTINGS.data / "adapters" / name / MANIFEST)["held_out"]
    assert held_out["n"] >= 120 and 0 <= held_out["low"] <= held_out["value"] <= held_out["high"] <= 1


@pytest.mark.parametrize("name", TICKET_TARGETS)
def test_an_adapter_of_a_ticket_target_is_scored_on_all_its_dev_items(name):
    held_out = read_json(SETTINGS.data / "adapters" / name / MANIFEST)["held_out"]
    assert held_out["n"] == len(ticket_target(name, SETTINGS).items["dev"])
    assert 0 <= held_out["low"] <= held_out["value"] <= held_out["high"] <= 1


def test_changed_training_data_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setitem(PLANS, "tiny", PLANS["closed_book"])
    problems = manifest_problems("tiny", SETTINGS)
    assert any("data_digest" in problem for problem in problems)
    assert any("recipe" in problem for problem in problems)


def test_an_interrupted_run_goes_on_after_its_last_finished_stage(tmp_path, monkeypatch):
    settings = replace(SETTINGS, cache=tmp_path)
    monkeypatch.setattr(adapters, "chat_folder", lambda _: chat_folder(SETTINGS))
    (stage,) = PLANS["tiny"].stages
    monkeypatch.setitem(PLANS, "tiny", Plan("has two stages", (stage, replace(stage, minutes=0.6))))
    starts = []

    def train_stage(plan, stage, examples, base, start, folder, say):
        starts.append(start)
        if len(starts) == 2:
            raise KeyboardInterrupt
        for file in ADAPTER_FILES:
            write_atomic(folder / file, f"stage {len(starts)}".encode())
        return {"seconds": 1.0, "log": []}

    monkeypatch.setattr(adapters, "_train_stage", train_stage)
    with pytest.raises(KeyboardInterrupt):
        train_adapter("tiny", settings, tmp_path / "tiny", say=None)
    assert not (tmp_path / "tiny").exists()
    manifest = train_adapter("tiny", settings, tmp_path / "tiny", say=None)
    first, interrupted, resumed = starts
    assert first is None and interrupted == resumed is not None
    assert manifest["seconds"] == 2.0
    assert (tmp_path / "tiny" / ADAPTER_FILES[0]).read_text() == "stage 3"
    assert not (tmp_path / "training" / "tiny").exists()


def test_rebuilt_tiny_adapter_matches_the_shipped_one(tmp_path):
    manifest = train_adapter("tiny", SETTINGS, tmp_path / "tiny", say=None)
    shipped = read_json(SETTINGS.data / "adapters" / "tiny" / MANIFEST)
    (ours,), (theirs,) = manifest["stages"], shipped["stages"]
    assert ours["data_digest"] == theirs["data_digest"]
    assert [row["loss"] for row in ours["log"]] == pytest.approx([row["loss"] for row in theirs["log"]], abs=0.02)
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
