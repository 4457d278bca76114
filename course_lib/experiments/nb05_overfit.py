"""Train on few examples for too long: the loss on them, and on examples held out, after every epoch."""

from __future__ import annotations

from dataclasses import replace

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from course_lib.experiments.nb05_arms import Say
from course_lib.experiments.resume import Kept, Rows
from course_lib.models.weights import chat_folder, verify
from course_lib.settings import Settings
from course_lib.training.runs import losses_by_epoch
from course_lib.training.target_plans import RECIPES
from course_lib.training.targets import conversations, spread
from course_lib.training.ticket_targets import ticket_target

NAME = "nb05_overfit"
USES = ("data/tickets/routing.jsonl", "data/tickets/routing_categories.json")
EXAMPLES, EPOCHS, SEEDS = 100, 12, (7, 8)


def run(settings: Settings, say: Say) -> Rows:
    """Return one row for each seed and epoch: ``train`` and ``held_out`` loss in nats a token; epoch 0 is untrained.

    The held-out examples are the dev split of routing. The learning rate falls from its peak over all epochs.
    """
    target, kept = ticket_target("routing", settings), Kept(NAME, settings, say)
    verify(base := chat_folder(settings))

    def train(seed: int) -> Rows:
        recipe = replace(RECIPES["routing"], epochs=EPOCHS, seed=seed)
        talks = conversations(target.short, spread(target.items["train"], EXAMPLES, seed), seed)
        held_out = conversations(target.short, target.items["dev"], seed)
        model = AutoModelForCausalLM.from_pretrained(base, dtype=getattr(torch, recipe.dtype))
        rows = losses_by_epoch(model, AutoTokenizer.from_pretrained(base), talks, held_out, recipe)
        return [{"seed": seed, **row} for row in rows]

    return [row for seed in SEEDS for row in kept.rows(f"seed {seed}", lambda seed=seed: train(seed))]
