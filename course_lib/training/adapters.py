"""Train the shipped adapters, and tell whether each still is what its manifest says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from shutil import rmtree

import torch
from transformers import AutoModel, AutoModelForCausalLM, AutoTokenizer

from course_lib.files import digest_of, read_json, sha256_of, write_atomic, write_json
from course_lib.models.weights import MANIFEST, chat_folder, embedder_folder, verify
from course_lib.settings import DEFAULT_CHAT_MODEL, DEFAULT_EMBEDDER, Settings
from course_lib.training.contrastive import train_contrastive
from course_lib.training.lora import ADAPTER_FILES, save_adapter, train_lora
from course_lib.training.plans import plan_for
from course_lib.training.stages import Plan, Stage

STAGE = "stage.json"


def train_adapter(
    name: str, settings: Settings, folder: Path | None = None, say: Callable[[str], None] | None = print
) -> dict:
    """Train one adapter, write it with its manifest, and return the manifest.

    A finished stage is kept in the cache until the adapter is whole, so that an interrupted run loses no more
    than the stage it was in.

    Args:
        name: one of ``PLANS``.
        settings: paths; the model is always the built-in one.
        folder: where to write; the shipped place if None.
        say: called with progress lines.

    Raises:
        DataError: there is no such adapter.
        WeightsError: the base weights are missing or damaged.
    """
    plan = plan_for(name)
    folder = folder or settings.data / "adapters" / name
    base = _base(plan, settings)
    verify(base)
    scratch, finished = settings.cache / "training" / name, None
    stages: list[dict] = []
    identities: list[dict] = []
    for stage in plan.stages:
        examples = stage.examples(settings)
        identities.append(_identity(stage, examples))
        kept = scratch / digest_of([sha256_of(base / "model.safetensors"), identities])
        if not (kept / STAGE).exists():
            if say:
                say(f"{name}: {len(examples)} examples, about {stage.minutes:g} minutes on two cores")
            measured = _train_stage(plan, stage, examples, base, finished, kept, say)
            write_json(kept / STAGE, {**identities[-1], **measured})  # last: it says that the folder is whole
        stages.append(read_json(kept / STAGE))
        finished = kept
    for file in ADAPTER_FILES:
        write_atomic(folder / file, (finished / file).read_bytes())
    manifest = {
        "name": name,
        "purpose": plan.purpose,
        "base": _name(plan),
        "base_sha256": sha256_of(base / "model.safetensors"),
        "adapter_sha256": sha256_of(folder / "adapter_model.safetensors"),
        "seconds": round(sum(stage["seconds"] for stage in stages), 1),
        "stages": stages,
        "held_out": None,
    }
    write_json(folder / MANIFEST, manifest)
    rmtree(scratch)
    return manifest


def _train_stage(
    plan: Plan,
    stage: Stage,
    examples: list,
    base: Path,
    start: Path | None,
    folder: Path,
    say: Callable[[str], None] | None,
) -> dict:
    tokenizer = AutoTokenizer.from_pretrained(base)
    if plan.model == "embedder":
        trained = train_contrastive(AutoModel.from_pretrained(base), tokenizer, examples, stage.recipe, say)
    else:
        model = AutoModelForCausalLM.from_pretrained(base, dtype=getattr(torch, stage.recipe.dtype))
        log_every = 10 if len(examples) > 50 else 1
        trained = train_lora(model, tokenizer, examples, stage.recipe, say, log_every, start)
    save_adapter(trained.model, folder, _name(plan))
    return {"seconds": round(trained.seconds, 1), "log": trained.log}


def _base(plan: Plan, settings: Settings) -> Path:
    return embedder_folder(settings) if plan.model == "embedder" else chat_folder(settings)


def _name(plan: Plan) -> str:
    return DEFAULT_EMBEDDER if plan.model == "embedder" else DEFAULT_CHAT_MODEL


def manifest_problems(name: str, settings: Settings) -> list[str]:
    """Compare a shipped adapter's manifest with the data, the recipes, the base and the file; an empty list is good."""
    plan, folder = plan_for(name), settings.data / "adapters" / name
    manifest = read_json(folder / MANIFEST)
    now = {
        "base_sha256": sha256_of(_base(plan, settings) / "model.safetensors"),
        "adapter_sha256": sha256_of(folder / "adapter_model.safetensors"),
    }
    problems = [f"{name}: {key} differs from the manifest" for key, value in now.items() if manifest.get(key) != value]
    if len(plan.stages) != len(manifest["stages"]):
        return [*problems, f"{name}: {len(plan.stages)} stages, and {len(manifest['stages'])} in the manifest"]
    for number, (stage, written) in enumerate(zip(plan.stages, manifest["stages"]), 1):
        identity = _identity(stage, stage.examples(settings))
        problems += [
            f"{name}: {key} of stage {number} differs from the manifest"
            for key, value in identity.items()
            if written.get(key) != value
        ]
    return problems


def _identity(stage: Stage, examples: list) -> dict:
    recipe = {key: list(value) if isinstance(value, tuple) else value for key, value in stage.recipe.as_dict().items()}
    return {"data_digest": digest_of(examples), "examples": len(examples), "recipe": recipe}
