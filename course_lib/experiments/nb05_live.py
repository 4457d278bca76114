"""The live part of notebook 05: an adapter trained a moment ago, its classical rival, and a negative control."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from transformers import AutoModelForCausalLM, PreTrainedModel

from course_lib.experiments.nb05_arms import ask_arm
from course_lib.experiments.nb05_routing import classical_rows
from course_lib.models.chat import ChatModel
from course_lib.models.weights import chat_folder
from course_lib.settings import Settings
from course_lib.training.targets import Item, Target, spread

Rows = Sequence[Mapping[str, Any]]
ASKED = 42  # three of each category
HERE, RIVAL, CONTROL = "LoRA, trained here", "regression, same examples", "regression, shuffled labels"


def bare_model(settings: Settings, dtype: str = "bfloat16") -> PreTrainedModel:
    """Load the chat model's weights alone, ready to be trained in a number type of ``torch``."""
    return AutoModelForCausalLM.from_pretrained(chat_folder(settings), dtype=getattr(torch, dtype))


def compare_live(
    chat: ChatModel, target: Target, learned: Sequence[Item], stored: Rows, settings: Settings
) -> list[Mapping[str, Any]]:
    """Ask an adapter a few test items, and return the answers behind the stored rows of the same items.

    Args:
        chat: has the target's adapter loaded.
        target: what is asked.
        learned: the examples that the adapter was trained on; its rivals are trained on the same.
        stored: rows of the target's arms, over a longer draw of its test items with the same seed.
        settings: seed, and where the embedding model is.
    """
    asked = spread(target.items["test"], ASKED, settings.seed)  # the beginning of the longer draw
    small = replace(target, items={"train": learned, "test": asked})
    answered = {
        HERE: ask_arm(chat, small, "LoRA", asked, settings),
        RIVAL: classical_rows(small, settings),
        CONTROL: classical_rows(with_shuffled_labels(small, settings.seed), settings),
    }
    names = {item.id for item in asked}
    before = [row for row in stored if row["question"] in names]
    return before + [{**row, "arm": arm} for arm, rows in answered.items() for row in rows]


def with_shuffled_labels(target: Target, seed: int) -> Target:
    """Return a target whose train items have each other's labels: there is nothing to learn from their texts."""
    train = target.items["train"]
    labels = random.Random(seed).sample([item.wanted for item in train], len(train))
    return replace(target, items={**target.items, "train": [replace(i, wanted=new) for i, new in zip(train, labels)]})
