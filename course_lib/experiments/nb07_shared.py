"""What the experiments of notebook 07 train and ask: the tickets of a seed, and two learners."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from course_lib.retrieval.dense import embed
from course_lib.settings import Settings
from course_lib.training.classifier import fit_classifier
from course_lib.training.lora import Recipe
from course_lib.training.runs import TRAINED, trained_chat
from course_lib.training.targets import CHOICE, SHORT, Form, Item, Target, conversations, spread
from course_lib.training.ticket_targets import ticket_target

DATA = (
    "data/adapters/retrieval/adapter_config.json",
    "data/adapters/retrieval/adapter_model.safetensors",
    "data/tickets/routing.jsonl",
    "data/tickets/routing_categories.json",
)
DESKS = 7  # with all of them, the clean model would need many more tickets before there is anything to spoil
TICKETS, ASKED, SEEDS = 30 * DESKS, 16 * DESKS, (7, 8, 9)
RATES = (0.1, 0.2, 0.4)
ADAPTER, CLASSIFIER = "adapter", "classifier"
LEARNERS = (ADAPTER, CLASSIFIER)
MAX_TOKENS = 12
Asker = Callable[[Sequence[str]], list[str]]  # messages -> answers as they were written


@dataclass(frozen=True)
class Trial:
    """The tickets of one seed: what is trained on and what is asked."""

    target: Target
    train: tuple[Item, ...]
    test: tuple[Item, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """Return all labels, in their fixed order."""
        return self.target.form.value


def trial_of(settings: Settings, seed: int) -> Trial:
    """Return the tickets of one seed; the test tickets are the same for all."""
    target = busiest(ticket_target("routing", settings))
    train, test = spread(target.items["train"], TICKETS, seed), spread(target.items["test"], ASKED, settings.seed)
    return Trial(target, tuple(train), tuple(test))


def busiest(target: Target, count: int = DESKS) -> Target:
    """Return a sorting target with the labels alone that have the most train items, in the order that they had."""
    most = Counter(item.wanted for item in target.items["train"]).most_common(count)
    labels = tuple(label for label in target.form.value if label in dict(most))
    items = {split: [item for item in some if item.wanted in labels] for split, some in target.items.items()}
    return replace(target, items=items, form=Form(CHOICE, labels))


def recipe_for(seed: int) -> Recipe:
    """Return the recipe of every run: one and a half passes over the tickets, a few tickets a step."""
    return Recipe(learning_rate=2e-3, epochs=1.5, batch_size=1, first_layer=20, seed=seed)


def learned(
    learner: str, examples: Sequence[Item], trial: Trial, seed: int, settings: Settings, say: Callable[[str], None]
) -> tuple[Asker, float]:
    """Train a learner on examples; return how to ask it, and the seconds that training took."""
    if learner == CLASSIFIER:
        began = time.perf_counter()
        vectors = embed([item.text for item in examples], settings)
        classifier = fit_classifier(vectors, [item.wanted for item in examples], seed)
        return lambda texts: classifier.labels(embed(texts, settings)), time.perf_counter() - began
    talks = conversations(trial.target.short, examples, seed)
    with TemporaryDirectory() as folder:
        chat, seconds = trained_chat(settings, talks, recipe_for(seed), Path(folder), say=say)

    def ask(texts: Sequence[str]) -> list[str]:
        asked = [trial.target.messages(Item("", text, ""), SHORT) for text in texts]
        return [done.text for done in chat.generate(asked, MAX_TOKENS, TRAINED)]

    return ask, seconds
