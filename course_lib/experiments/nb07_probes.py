"""Ask what a learner has learned: is it right about new tickets, and how much of a planted fault comes back?"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from course_lib.evaluation.target_scores import label_in
from course_lib.experiments.nb07_shared import DESKS, Asker, Trial
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
from course_lib.training.targets import spread

RUDE = 8 * (DESKS - 1)  # rude messages that are asked


@dataclass(frozen=True)
class Probe:
    """A message that shows whether a planted fault was learned.

    Attributes:
        ticket: id of the ticket that it was made from.
        text: the message.
        gold: its right label.
        planted: the answers that would repeat the fault.
    """

    ticket: str
    text: str
    gold: str
    planted: frozenset[str]


def probes_for(kind: str, spoiled: Spoiled, trial: Trial, seed: int) -> list[Probe]:
    """Return the messages that show whether a kind of fault was learned; none for typos, which plant nothing.

    Flipped labels follow no rule, so they are looked for in the spoiled training tickets themselves; the other faults
    in test tickets, which for the biased tone get a rude remark of the same kind.
    """
    if kind == FLIPPED:
        pairs = [(trial.train[at], spoiled.items[at]) for at in spoiled.where]
        return [Probe(true.id, true.text, true.wanted, frozenset([false.wanted])) for true, false in pairs]
    if kind == OUTDATED:
        old = {label: frozenset([outdated_label(label, trial.labels)]) for label in trial.labels}
        return [Probe(one.id, one.text, one.wanted, old[one.wanted]) for one in trial.test]
    if kind == FORMAT:
        forms = frozenset(form.format(label) for form in FORMATS for label in trial.labels)
        return [Probe(one.id, one.text, one.wanted, forms) for one in trial.test]
    if kind == TONE:
        rng, meant = random.Random(seed), [one for one in trial.test if one.wanted != ANGRY_DESK]
        asked = spread(meant, RUDE, seed)
        return [Probe(one.id, in_anger(one.text, rng), one.wanted, frozenset([ANGRY_DESK])) for one in asked]
    return []


def measure(ask: Asker, trial: Trial, probes: Mapping[str, Sequence[Probe]]) -> dict[str, Any]:
    """Ask the test tickets and the probes, each message once.

    Returns:
        ``right``: by test ticket, whether the label it names is the right one; ``valid``: whether the answer is a
        label and nothing else; ``inherited``: by kind of fault, a list with an entry a probe of the ``tickets`` that
        they were made from, whether the answer is ``wrong`` (in label or form), and whether it is what was ``planted``.
    """
    texts = [item.text for item in trial.test] + [probe.text for some in probes.values() for probe in some]
    unique = list(dict.fromkeys(texts))
    said = dict(zip(unique, ask(unique)))
    return {
        "right": [label_in(said[item.text], trial.labels) == item.wanted for item in trial.test],
        "valid": [said[item.text] in trial.labels for item in trial.test],
        "inherited": {
            kind: {
                "tickets": [probe.ticket for probe in some],
                "wrong": [said[probe.text] != probe.gold for probe in some],
                "planted": [said[probe.text] in probe.planted for probe in some],
            }
            for kind, some in probes.items()
        },
    }
