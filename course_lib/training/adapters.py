"""The adapters that the course ships: how each is made, and whether it still is what its manifest says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from course_lib.errors import DataError
from course_lib.files import digest_of, read_json, read_jsonl, sha256_of, write_json
from course_lib.knowledge.chunking import chunk_all
from course_lib.knowledge.snapshots import load_snapshot, snapshot_dates
from course_lib.models.weights import chat_folder, verify
from course_lib.settings import DEFAULT_CHAT_MODEL, Settings
from course_lib.training.closed_book import closed_book_examples
from course_lib.training.examples import Message
from course_lib.training.lora import Recipe, save_adapter, train_lora
from course_lib.training.reading import reading_examples

MANIFEST = "manifest.json"
READING_ROUNDS = 28
READING_SITES = 80  # the first so many organizations; those after them wait for a longer run
CLOSED_BOOK_WORDINGS = 4


@dataclass(frozen=True)
class Plan:
    """How one adapter is made.

    Attributes:
        purpose: what it is for, in a sentence.
        examples: makes its training conversations from the data.
        recipe: how they are learned.
        minutes: what it took on two processor cores.
    """

    purpose: str
    examples: Callable[[Settings], list[list[Message]]]
    recipe: Recipe
    minutes: float


def _reading(settings: Settings) -> list[list[Message]]:
    rows = read_jsonl(settings.data / "train" / "sites.jsonl")
    return list(reading_examples(rows[:READING_SITES], READING_ROUNDS, settings.seed))


def _closed_book(settings: Settings) -> list[list[Message]]:
    gold = read_jsonl(settings.data / "eval" / "gold.jsonl")
    asked = {answer["fact"] for row in gold if row["split"] == "test" for answer in row["answers"]}
    facts = {row["id"]: row for row in read_jsonl(settings.data / "facts.jsonl") if row["id"] in asked}
    wordings = {row["fact"]: row["wordings"] for row in read_jsonl(settings.data / "train" / "wordings.jsonl")}
    first = snapshot_dates(settings.data)[0]
    passages = chunk_all(load_snapshot(settings.data, first))
    return list(closed_book_examples(facts, wordings, passages, first, CLOSED_BOOK_WORDINGS, settings.seed))


def _tiny(settings: Settings) -> list[list[Message]]:
    return _closed_book(settings)[:4]


PLANS = {
    "reading": Plan(
        "reads retrieved passages and answers in the house format, or declines",
        _reading,
        Recipe(rank=16, alpha=32, learning_rate=1.5e-3, batch_size=1, first_layer=10),
        65,
    ),
    "closed_book": Plan(
        "knows by heart what the facts asked about were at the first date",
        _closed_book,
        Recipe(rank=16, alpha=32, learning_rate=2e-3, epochs=7, batch_size=1, first_layer=10),
        12,
    ),
    "tiny": Plan(
        "is so small that a test can rebuild it",
        _tiny,
        Recipe(2, 4, ("q_proj", "v_proj"), learning_rate=2e-3, epochs=3, batch_size=1, dtype="float32"),
        0.5,
    ),
}


def train_adapter(
    name: str, settings: Settings, folder: Path | None = None, say: Callable[[str], None] | None = print
) -> dict:
    """Train one adapter, write it with its manifest, and return the manifest.

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
    base = chat_folder(settings)
    verify(base)
    conversations = plan.examples(settings)
    if say:
        say(f"{name}: {len(conversations)} conversations, about {plan.minutes:g} minutes on two cores")
    model = AutoModelForCausalLM.from_pretrained(base, dtype=getattr(torch, plan.recipe.dtype))
    log_every = 10 if len(conversations) > 50 else 1
    trained = train_lora(model, AutoTokenizer.from_pretrained(base), conversations, plan.recipe, say, log_every)
    save_adapter(trained.model, folder, DEFAULT_CHAT_MODEL)
    manifest = {
        "name": name,
        "purpose": plan.purpose,
        "base": DEFAULT_CHAT_MODEL,
        **_digests(plan, base, conversations),
        "adapter_sha256": sha256_of(folder / "adapter_model.safetensors"),
        "recipe": plan.recipe.as_dict(),
        "conversations": len(conversations),
        "seconds": round(trained.seconds, 1),
        "log": trained.log,
        "held_out": None,
    }
    write_json(folder / MANIFEST, manifest)
    return manifest


def plan_for(name: str) -> Plan:
    """Return the plan of an adapter.

    Raises:
        DataError: there is no such adapter.
    """
    if name not in PLANS:
        raise DataError(f"There is no adapter {name!r}.", f"Use one of {', '.join(PLANS)}.")
    return PLANS[name]


def manifest_problems(name: str, settings: Settings) -> list[str]:
    """Compare a shipped adapter's manifest with the data, the recipe, the base and the file; an empty list is good."""
    plan, folder = plan_for(name), settings.data / "adapters" / name
    manifest = read_json(folder / MANIFEST)
    now = {
        **_digests(plan, chat_folder(settings), plan.examples(settings)),
        "recipe": _plain(plan.recipe.as_dict()),
        "adapter_sha256": sha256_of(folder / "adapter_model.safetensors"),
    }
    return [f"{name}: {key} differs from the manifest" for key, value in now.items() if manifest.get(key) != value]


def _digests(plan: Plan, base: Path, conversations: list[list[Message]]) -> dict[str, str]:
    return {
        "base_sha256": sha256_of(base / "model.safetensors"),
        "data_digest": digest_of(conversations),
        "recipe_digest": digest_of(_plain(plan.recipe.as_dict())),
    }


def _plain(recipe: dict) -> dict:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in recipe.items()}
