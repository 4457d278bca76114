"""What more training examples are worth: routing and workflow choice trained on 50, 150 and all examples, two seeds."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import Any

from course_lib.evaluation.target_scores import score
from course_lib.experiments.nb05_arms import Say, adapter_files
from course_lib.experiments.resume import Kept, Rows
from course_lib.models.chat import ChatModel, load_chat
from course_lib.settings import Settings
from course_lib.training.lora import Recipe
from course_lib.training.runs import TRAINED, trained_chat
from course_lib.training.target_plans import RECIPES
from course_lib.training.targets import SHORT, TURNS, Target, conversations, spread
from course_lib.training.ticket_targets import ticket_target

NAME = "nb05_curves"
TARGETS = ("routing", "workflow")  # the two whose answers are short: a run takes two minutes, not six
USES = (*(file for name in TARGETS for file in adapter_files(name)), "data/tickets")
SIZES, SEEDS = (50, 150, None), (7, 8)
ASKED, LEAST_STEPS = 100, 100


def run(settings: Settings, say: Say) -> Rows:
    """Return one row for each target, size and seed.

    A row has ``target``, ``size``, ``seed``, ``epochs``, ``seconds`` of training, and for the first test items, in
    order, ``exact``, ``valid``, ``share``, ``label`` and ``gold``. With all examples it is the shipped adapter, of one
    seed. Few examples are seen more often, so that every run takes at least ``LEAST_STEPS`` steps.
    """
    kept, rows = Kept(NAME, settings, say), []
    for name in TARGETS:
        target = ticket_target(name, settings)
        for size in SIZES:
            for seed in SEEDS if size else (settings.seed,):
                part = f"{name}, {size or 'all'} examples, seed {seed}"
                args = target, size, seed
                rows += kept.rows(part, lambda args=args: [train_one(*args, settings, kept)])
    return rows


def train_one(target: Target, size: int | None, seed: int, settings: Settings, kept: Kept) -> dict[str, Any]:
    """Train on some examples (None: all) and score the first test items."""
    items = spread(target.items["train"], size or len(target.items["train"]), seed)
    recipe = recipe_for(target.name, len(items), seed)
    row = {"target": target.name, "size": len(items), "seed": seed, "epochs": recipe.epochs}
    if size is None:
        chat, adapter, seconds = load_chat(settings), target.adapter, None
        chat.load_adapter(adapter, settings.data / "adapters" / adapter)
    else:
        talks, folder = conversations(target.short, items, seed), kept.folder / f"{target.name}-{size}-{seed}"
        chat, seconds = trained_chat(settings, talks, recipe, folder, say=kept.say)
        adapter, seconds = TRAINED, round(seconds, 1)
    return row | {"seconds": seconds} | scores_of(chat, adapter, target)


def recipe_for(name: str, examples: int, seed: int) -> Recipe:
    """Return the recipe of a target for this many examples."""
    recipe = RECIPES[name]
    return replace(recipe, seed=seed, epochs=max(recipe.epochs, ceil(LEAST_STEPS * TURNS / examples)))


def scores_of(chat: ChatModel, adapter: str, target: Target) -> dict[str, list]:
    """Return the scores of the first test items, in order."""
    items = target.items["test"][:ASKED]
    done = chat.generate([target.messages(item, SHORT) for item in items], target.max_new_tokens, adapter)
    verdicts = [score(target, item, one.text) for item, one in zip(items, done)]
    return {
        "exact": [verdict.exact for verdict in verdicts],
        "valid": [verdict.valid for verdict in verdicts],
        "share": [round(verdict.share, 4) for verdict in verdicts],
        "label": [verdict.label for verdict in verdicts],
        "gold": [item.group for item in items],
    }
