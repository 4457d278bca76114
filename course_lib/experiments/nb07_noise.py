"""Train on spoiled tickets: five faults at three rates, three seeds, against the clean rest at as many steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from course_lib.experiments.nb07_probes import measure, probes_for
from course_lib.experiments.nb07_shared import DATA, LEARNERS, RATES, SEEDS, learned, trial_of
from course_lib.experiments.resume import Kept, Rows
from course_lib.settings import Settings
from course_lib.training.corruptions import FLIPPED, FORMAT, KINDS, OUTDATED, TONE, Spoiled, clean_rest, spoil

NAME = "nb07_noise"
USES = DATA
CLEAN, REST = "all clean", "clean rest"
Say = Callable[[str], None]


def conditions() -> Iterator[tuple[str, float]]:
    """Yield what is trained on: a kind of fault, ``all clean`` or ``clean rest``, each with its rate."""
    yield CLEAN, 0.0
    for rate in RATES:
        yield REST, rate
        for kind in KINDS:
            yield kind, rate


def run(settings: Settings, say: Say) -> Rows:
    """Return one row for each learner, seed and condition.

    A row has ``learner``, ``seed``, ``condition``, ``rate``, ``seconds`` of training and what
    :func:`nb07_probes.measure` gives. The clean model answers every kind of probe (of flipped labels: those of the
    middle rate), so that one can see how often a planted answer comes without having been planted.
    """
    kept = Kept(NAME, settings, say)
    return [row for part, make in parts(settings, say) for row in kept.rows(part, make)]


def parts(settings: Settings, say: Say) -> Iterator[tuple[str, Callable[[], Rows]]]:
    """Yield each part's name and what makes its rows; every part stands alone, so their order does not matter."""
    for learner in reversed(LEARNERS):  # the quick one first
        for seed in SEEDS:
            for condition, rate in conditions():
                args = learner, seed, condition, rate
                part = f"{learner}, seed {seed}, {condition} {rate:.0%}"
                yield part, lambda args=args: [run_one(*args, settings, say)]


def run_one(learner: str, seed: int, condition: str, rate: float, settings: Settings, say: Say) -> dict[str, Any]:
    """Train one learner under one condition and measure it."""
    trial = trial_of(settings, seed)
    if condition in KINDS:
        spoiled = spoil(trial.train, condition, rate, trial.labels, seed)
        examples, probes = spoiled.items, {condition: probes_for(condition, spoiled, trial, seed)}
    elif condition == REST:
        examples, probes = clean_rest(trial.train, rate, seed), {}
    else:
        flipped = spoil(trial.train, FLIPPED, RATES[1], trial.labels, seed)
        nothing = Spoiled(trial.train, ())
        examples = trial.train
        probes = {kind: probes_for(kind, nothing, trial, seed) for kind in (FORMAT, OUTDATED, TONE)}
        probes[FLIPPED] = probes_for(FLIPPED, flipped, trial, seed)
    ask, seconds = learned(learner, examples, trial, seed, settings, say)
    row = {"learner": learner, "seed": seed, "condition": condition, "rate": rate, "seconds": round(seconds, 1)}
    return row | measure(ask, trial, {kind: some for kind, some in probes.items() if some})
