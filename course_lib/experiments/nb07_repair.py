"""Find spoiled tickets by confident learning or by conflicts with their neighbors, mend them, and train again."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from course_lib.experiments.nb07_probes import measure, probes_for
from course_lib.experiments.nb07_shared import ADAPTER, CLASSIFIER, DATA, RATES, SEEDS, Trial, learned, trial_of
from course_lib.experiments.resume import Kept, Rows
from course_lib.retrieval.dense import embed
from course_lib.settings import Settings
from course_lib.training.classifier import out_of_fold
from course_lib.training.corruptions import FLIPPED, OUTDATED, Spoiled, spoil
from course_lib.training.repair import confident_suspects, conflicts
from course_lib.training.targets import Item

NAME = "nb07_repair"
USES = DATA
CONFIDENT, CONFLICT, CHANCE = "confident learning", "conflict check", "as many by chance"
METHODS = (CONFIDENT, CONFLICT, CHANCE)
RATE = RATES[1]
# The adapter is trained again where it tells most; the classifier, which takes a second, everywhere.
CASES = {
    CLASSIFIER: tuple((kind, method) for kind in (FLIPPED, OUTDATED) for method in METHODS),
    ADAPTER: (*((FLIPPED, method) for method in METHODS), (OUTDATED, CONFIDENT)),
}
Say = Callable[[str], None]


def run(settings: Settings, say: Say) -> Rows:
    """Return one row for each learner, seed, kind of fault and method.

    A row has ``learner``, ``seed``, ``condition``, ``rate``, ``method``, how many tickets were ``flagged``, ``planted``
    and both (``caught``), ``seconds`` of training and what :func:`nb07_probes.measure` gives after the repair. The rows
    before it are those of ``nb07_noise`` with the same learner, seed, condition and rate. The control flags as many
    tickets as confident learning does, by chance.
    """
    kept, rows = Kept(NAME, settings, say), []
    for learner, cases in CASES.items():
        for seed in SEEDS:
            for kind, method in cases:
                part = f"{learner}, seed {seed}, {kind}, {method}"
                args = learner, seed, kind, method
                rows += kept.rows(part, lambda args=args: [repair_one(*args, settings, say)])
    return rows


def repair_one(learner: str, seed: int, kind: str, method: str, settings: Settings, say: Say) -> dict[str, Any]:
    """Spoil, find suspects, have a person mend them, and train one learner for as many steps as before."""
    trial = trial_of(settings, seed)
    spoiled = spoil(trial.train, kind, RATE, trial.labels, seed)
    flagged = suspects(method, spoiled.items, seed, settings)
    examples = mended(spoiled, flagged, trial)
    ask, seconds = learned(learner, examples, trial, seed, settings, say)
    row = {"learner": learner, "seed": seed, "condition": kind, "rate": RATE, "method": method}
    row |= found(flagged, spoiled) | {"seconds": round(seconds, 1)}
    return row | measure(ask, trial, {kind: probes_for(kind, spoiled, trial, seed)})


def suspects(method: str, items: Sequence[Item], seed: int, settings: Settings) -> list[int]:
    """Return the positions of tickets whose label one method doubts."""
    vectors, labels = embed([item.text for item in items], settings), [item.wanted for item in items]
    if method == CONFLICT:
        return conflicts(vectors, labels)
    probabilities, names = out_of_fold(vectors, labels, seed=seed)
    doubted = confident_suspects(probabilities, names, labels)
    if method == CHANCE:
        return sorted(random.Random(f"{seed} {CHANCE}").sample(range(len(items)), len(doubted)))
    return doubted


def mended(spoiled: Spoiled, flagged: Sequence[int], trial: Trial) -> list[Item]:
    """Return the tickets after a person has read the flagged ones, and put the right label wherever it was not."""
    read = set(flagged)
    return [trial.train[at] if at in read else item for at, item in enumerate(spoiled.items)]


def found(flagged: Sequence[int], spoiled: Spoiled) -> dict[str, int]:
    """Count the tickets that were flagged, planted, and both."""
    return {"flagged": len(flagged), "planted": len(spoiled.where), "caught": len({*flagged} & {*spoiled.where})}
