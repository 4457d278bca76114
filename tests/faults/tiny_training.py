"""An adapter in two stages of a model so small that a step takes milliseconds, in place of the course's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from transformers import AutoTokenizer

from course_lib.files import sha256_of
from course_lib.models.weights import STAMP, chat_folder
from course_lib.settings import Settings, load_settings
from course_lib.training import adapters
from course_lib.training.lora import Recipe
from course_lib.training.plans import PLANS
from course_lib.training.stages import Plan, Stage
from tests.unit.tiny_model import tiny

TOKENIZER = AutoTokenizer.from_pretrained(chat_folder(load_settings({})))
TALK = [{"role": "user", "content": "May I?"}, {"role": "assistant", "content": "You may."}]
RECIPE = Recipe(1, 2, ("q_proj",), learning_rate=0.01, batch_size=1, dtype="float32")


def tiny_plan(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Let the adapter ``tiny`` be one of a tiny model, trained in two stages."""
    base = folder / "base"
    base.mkdir(exist_ok=True)
    (base / "model.safetensors").write_text("the tiny model is made anew each time")
    (base / STAMP).write_text(f'{{"model.safetensors": "{sha256_of(base / "model.safetensors")}"}}')
    stages = [Stage(lambda settings, count=count: [TALK] * count, RECIPE, 0.0) for count in (2, 1)]
    patch.setitem(PLANS, "tiny", Plan("is tiny", tuple(stages)))
    patch.setattr(adapters, "chat_folder", lambda settings: base)
    patch.setattr(adapters.AutoTokenizer, "from_pretrained", lambda folder: TOKENIZER)
    patch.setattr(adapters.AutoModelForCausalLM, "from_pretrained", lambda folder, dtype: tiny(TOKENIZER))


def tiny_settings(folder: Path, step: int = 0) -> Settings:
    """Return the settings of one step of training: one cache, and a data folder a step for the adapter."""
    return Settings(cache=folder / "cache", data=folder / "data" / str(step))
