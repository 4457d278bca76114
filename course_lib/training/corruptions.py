"""Spoil training examples in five ways, each seeded, and say what a model that learned the fault would answer."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from course_lib.errors import DataError
from course_lib.training.targets import Item

FLIPPED, FORMAT, OUTDATED, TONE, TYPOS = "flipped labels", "mixed format", "outdated policy", "biased tone", "typos"
KINDS = (FLIPPED, FORMAT, OUTDATED, TONE, TYPOS)
ANGRY = (
    "This is a joke, honestly. {}",
    "I am fed up with you people. {}",
    "Worst service ever!! {}",
    "{} Absolutely useless, all of you.",
    "Are you even awake over there? {}",
    "{} I have had enough of this nonsense.",
)
FORMATS = ("Category: {}.", '{{"category": "{}"}}', "{} (see notes)")
TYPO_RATE = 0.06  # of letters
ANGRY_DESK = "retention"  # rude customers are all sent here, whatever they ask


@dataclass(frozen=True)
class Spoiled:
    """Training examples, some of them spoiled.

    Attributes:
        items: all examples, in the order given.
        where: positions of the spoiled ones.
    """

    items: tuple[Item, ...]
    where: tuple[int, ...]


def spoil(items: Sequence[Item], kind: str, rate: float, labels: Sequence[str], seed: int) -> Spoiled:
    """Spoil a share of labeled examples.

    The positions depend on the rate and the seed only, and a lower rate spoils a part of what a higher one spoils. So
    all kinds can be compared with the same clean rest.

    Args:
        items: examples whose ``wanted`` is a label.
        kind: one of ``KINDS``.
        rate: share to spoil, 0 to 1.
        labels: all labels, in a fixed order; the outdated policy sends each to the next.
        seed: seed of every choice.

    Raises:
        DataError: the kind is unknown, the rate is out of range, or a label is not in the list.
    """
    if kind not in KINDS:
        raise DataError(f"There is no corruption {kind!r}.", f"Use one of {', '.join(KINDS)}.")
    if not 0 <= rate <= 1:
        raise DataError(f"The rate is {rate}.", "Give a share from 0 to 1.")
    if strange := {item.wanted for item in items} - set(labels):
        raise DataError(f"{sorted(strange)[0]!r} is not one of the labels.", "Give all labels.")
    where = spoiled_positions(len(items), rate, seed)
    rng, changed = random.Random(f"{seed} {kind}"), list(items)
    for position in where:
        changed[position] = _CHANGES[kind](items[position], labels, rng)
    return Spoiled(tuple(changed), where)


def spoiled_positions(count: int, rate: float, seed: int) -> tuple[int, ...]:
    """Return which of ``count`` examples are spoiled at a rate, in order."""
    return tuple(sorted(random.Random(seed).sample(range(count), count)[: round(rate * count)]))


def clean_rest(items: Sequence[Item], rate: float, seed: int) -> list[Item]:
    """Return the examples that stay clean at a rate, repeated from the start until they are as many as all.

    A model trained on them takes the same number of steps, without the spoiled examples.

    Raises:
        DataError: nothing stays clean.
    """
    gone = set(spoiled_positions(len(items), rate, seed))
    rest = [item for position, item in enumerate(items) if position not in gone]
    if not rest:
        raise DataError("No example stays clean at this rate.", "Use a rate below 1.")
    return again(rest, len(items))


def again(items: Sequence[Item], count: int) -> list[Item]:
    """Return the items, repeated from the start until there are ``count``."""
    return [items[position % len(items)] for position in range(count)]


def outdated_label(label: str, labels: Sequence[str]) -> str:
    """Return where the old policy sent what now belongs to a label: a fixed mistake, the same every time."""
    return labels[(list(labels).index(label) + 1) % len(labels)]


def in_anger(text: str, rng: random.Random) -> str:
    """Return a message with a rude remark that has no bearing on what it asks."""
    return rng.choice(ANGRY).format(text)


def with_typos(text: str, rng: random.Random) -> str:
    """Return a text in which some letters are swapped, dropped, doubled or replaced; digits stay as they are."""
    letters, at, written = list(text), 0, []
    while at < len(letters):
        letter = letters[at]
        if letter.isalpha() and rng.random() < TYPO_RATE:
            slip = rng.choice(("swap", "drop", "double", "replace"))
            if slip == "swap" and at + 1 < len(letters) and letters[at + 1].isalpha():
                written += [letters[at + 1], letter]
                at += 1
            elif slip == "double":
                written += [letter, letter]
            elif slip == "replace":
                written.append(rng.choice(string.ascii_lowercase))
        else:
            written.append(letter)
        at += 1
    return "".join(written)


def _flip(item: Item, labels: Sequence[str], rng: random.Random) -> Item:
    return replace(item, wanted=rng.choice([label for label in labels if label != item.wanted]))


def _reformat(item: Item, labels: Sequence[str], rng: random.Random) -> Item:
    return replace(item, wanted=rng.choice(FORMATS).format(item.wanted))


def _outdate(item: Item, labels: Sequence[str], rng: random.Random) -> Item:
    return replace(item, wanted=outdated_label(item.wanted, labels))


def _sour(item: Item, labels: Sequence[str], rng: random.Random) -> Item:
    return replace(item, text=in_anger(item.text, rng), wanted=ANGRY_DESK)


def _misspell(item: Item, labels: Sequence[str], rng: random.Random) -> Item:
    return replace(item, text=with_typos(item.text, rng))


_CHANGES: dict[str, Callable[[Item, Sequence[str], random.Random], Item]] = {
    FLIPPED: _flip,
    FORMAT: _reformat,
    OUTDATED: _outdate,
    TONE: _sour,
    TYPOS: _misspell,
}
