"""What a behavior target is: items to answer, the prompts that ask for it, and the examples that train it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from course_lib.errors import DataError
from course_lib.training.examples import Message

BASE, STRONG, FEW_SHOT, SHORT = "base", "strong", "few-shot", "short"
PROMPTS = (BASE, STRONG, FEW_SHOT, SHORT)
JSON, CHOICE, PATTERN = "json", "choice", "pattern"
TURNS = 4  # items a training conversation: the prompt is read once for all, and fewer tokens are padding


@dataclass(frozen=True)
class Item:
    """One thing to answer.

    Attributes:
        id: its name in the data.
        text: what the user says, as the model is shown it.
        wanted: what should be written, character for character.
        group: its category or workflow; examples in the prompt are spread over groups.
    """

    id: str
    text: str
    wanted: str
    group: str = ""


@dataclass(frozen=True)
class Form:
    """What constrained decoding enforces.

    Attributes:
        kind: ``json``, ``choice`` or ``pattern``.
        value: a JSON schema, a tuple of texts, or a regular expression.
    """

    kind: str
    value: Any


@dataclass(frozen=True)
class Target:
    """One behavior, with everything that is needed to ask for it, to train it and to enforce its form.

    Attributes:
        name: its name, and that of its adapter.
        task: what a plain prompt says.
        rules: what a strong prompt says besides.
        short: all that is left of the prompt once the behavior is trained.
        items: by split, ``train``, ``dev`` and ``test``.
        form: what constrained decoding can enforce.
        max_new_tokens: longest answer, in tokens.
        shots: examples in the few-shot prompt.
        adapter: name of the shipped adapter.
        definitions: the rules as data, for those who score the answers.
    """

    name: str
    task: str
    rules: str
    short: str
    items: Mapping[str, Sequence[Item]]
    form: Form
    max_new_tokens: int
    shots: int
    adapter: str
    definitions: Any = None

    def system(self, prompt: str) -> str:
        """Return the system message of a prompt.

        Raises:
            DataError: there is no such prompt.
        """
        if prompt not in PROMPTS:
            raise DataError(f"There is no prompt {prompt!r}.", f"Use one of {', '.join(PROMPTS)}.")
        return {STRONG: f"{self.task}\n{self.rules}", SHORT: self.short}.get(prompt, self.task)

    def messages(self, item: Item, prompt: str, seed: int = 7) -> list[Message]:
        """Return the conversation that asks for an item.

        Args:
            item: what to answer.
            prompt: one of ``PROMPTS``.
            seed: seed of the choice of examples in the few-shot prompt.

        Raises:
            DataError: there is no such prompt.
        """
        shots = self.examples(seed) if prompt == FEW_SHOT else []
        return [
            {"role": "system", "content": self.system(prompt)},
            *(message for shot in shots for message in turn(shot)),
            {"role": "user", "content": item.text},
        ]

    def examples(self, seed: int = 7) -> list[Item]:
        """Return the examples of the few-shot prompt: train items drawn by the seed, spread over the groups."""
        return spread(self.items["train"], self.shots, seed)


def turn(item: Item) -> list[Message]:
    """Return an item as the two messages of a solved example."""
    return [{"role": "user", "content": item.text}, {"role": "assistant", "content": item.wanted}]


def spread(items: Sequence[Item], count: int, seed: int) -> list[Item]:
    """Draw items without repetition so that the groups come up equally often, as far as the items allow.

    Args:
        items: what to draw from.
        count: how many; all items if there are fewer.
        seed: seed of the draw. A smaller draw with the same seed is the beginning of a larger one.
    """
    shuffled = random.Random(seed).sample(list(items), len(items))
    seen: dict[str, int] = {}
    rounds = []
    for item in shuffled:
        rounds.append(seen.get(item.group, 0))
        seen[item.group] = rounds[-1] + 1
    order = sorted(range(len(shuffled)), key=lambda index: rounds[index])  # stable: within a round as shuffled
    return [shuffled[index] for index in order[:count]]


def conversations(short: str, items: Sequence[Item], seed: int, turns: int = TURNS) -> list[list[Message]]:
    """Make training conversations under the short prompt: the items in a random order, a few in each.

    Args:
        short: the system message.
        items: solved examples.
        seed: seed of the order.
        turns: items a conversation.
    """
    shuffled = random.Random(seed).sample(list(items), len(items))
    return [
        [
            {"role": "system", "content": short},
            *(message for item in shuffled[at : at + turns] for message in turn(item)),
        ]
        for at in range(0, len(shuffled), turns)
    ]
