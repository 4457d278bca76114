"""What the experiments of notebook 07 share: the tickets, two learners, and how much of a planted fault comes back."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from course_lib.evaluation.target_scores import label_in
from course_lib.retrieval.dense import embed
from course_lib.settings import Settings
from course_lib.training.classifier import fit_classifier
from course_lib.training.corruptions import (
    ANGRY_DESK,
    FLIPPED,
    FORMAT,
    FORMATS,
    OUTDATED,
    TONE,
    Spoiled,
    in_anger,
    outdated_label,
)
from course_lib.training.lora import Recipe
from course_lib.training.runs import TRAINED, trained_chat
from course_lib.training.targets import SHORT, Item, Target, conversations, spread
from course_lib.training.ticket_targets import ticket_target

DATA = ("data/tickets/routing.jsonl", "data/tickets/routing_categories.json")
TICKETS, ASKED, SEEDS = 300, 150, (7, 8, 9)
RATES = (0.1, 0.2, 0.4)
ADAPTER, CLASSIFIER = "adapter", "classifier"
LEARNERS = (ADAPTER, CLASSIFIER)
MAX_TOKENS = 12
Asker = Callable[[Sequence[str]], list[str]]  # messages -> answers as they were written


@dataclass(frozen=True)
class Probe:
    """A message that shows whether a planted fault was learned.

    Attributes:
        text: the message.
        gold: its right label.
        planted: the answers that would repeat the fault.
    """

    text: str
    gold: str
    planted: frozenset[str]


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
    target = ticket_target("routing", settings)
    train, test = spread(target.items["train"], TICKETS, seed), spread(target.items["test"], ASKED, settings.seed)
    return Trial(target, tuple(train), tuple(test))


def recipe_for(seed: int) -> Recipe:
    """Return the recipe of every run: one and a half passes over the tickets, a few tickets a step."""
    return Recipe(learning_rate=2e-3, epochs=1.5, batch_size=1, first_layer=10, seed=seed)


def probes_for(kind: str, spoiled: Spoiled, trial: Trial, seed: int) -> list[Probe]:
    """Return the messages that show whether a kind of fault was learned; none for typos, which plant nothing.

    Flipped labels follow no rule, so they are looked for in the spoiled training tickets themselves; the other faults
    in test tickets, which for the biased tone get a rude remark of the same kind.
    """
    if kind == FLIPPED:
        return [
            Probe(spoiled.items[at].text, trial.train[at].wanted, frozenset([spoiled.items[at].wanted]))
            for at in spoiled.where
        ]
    if kind == OUTDATED:
        return [
            Probe(one.text, one.wanted, frozenset([outdated_label(one.wanted, trial.labels)])) for one in trial.test
        ]
    if kind == FORMAT:
        forms = frozenset(form.format(label) for form in FORMATS for label in trial.labels)
        return [Probe(one.text, one.wanted, forms) for one in trial.test]
    if kind == TONE:
        rng, meant = random.Random(seed), [one for one in trial.test if one.wanted != ANGRY_DESK]
        return [Probe(in_anger(one.text, rng), one.wanted, frozenset([ANGRY_DESK])) for one in meant]
    return []


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


def measure(ask: Asker, trial: Trial, probes: Mapping[str, Sequence[Probe]]) -> dict[str, Any]:
    """Ask the test tickets and the probes, each message once.

    Returns:
        ``right``: by test ticket, whether the label it names is the right one; ``valid``: whether the answer is a
        label and nothing else; ``inherited``: by kind of fault, the number of probes ``asked``, answered ``wrong`` (in
        label or form), and answered with what was ``planted``.
    """
    texts = [item.text for item in trial.test] + [probe.text for some in probes.values() for probe in some]
    unique = list(dict.fromkeys(texts))
    said = dict(zip(unique, ask(unique)))
    return {
        "right": [label_in(said[item.text], trial.labels) == item.wanted for item in trial.test],
        "valid": [said[item.text] in trial.labels for item in trial.test],
        "inherited": {
            kind: {
                "asked": len(some),
                "wrong": sum(said[probe.text] != probe.gold for probe in some),
                "planted": sum(said[probe.text] in probe.planted for probe in some),
            }
            for kind, some in probes.items()
        },
    }
