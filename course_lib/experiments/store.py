"""Run experiments, keep their rows with digests of what they were made from, and tell when they are out of date."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from course_lib.errors import DataError
from course_lib.experiments.confirmed import changed_paths, code_changes, load_changes, witness
from course_lib.experiments.dependencies import PLUMBING, code_digest, modules_used
from course_lib.experiments.registry import Experiment, find_experiments, get_experiment
from course_lib.files import read_json, write_json
from course_lib.settings import Settings

_KEYS = {"name", "rows", "made_with", "seconds"}
_LEFT_BY_RUNNING = ("__pycache__", ".ipynb_checkpoints")


def publishable(settings: Settings) -> bool:
    """Tell whether results made with these settings may stand beside the published ones."""
    base = Settings()
    return (settings.chat_model, settings.dtype, settings.seed) == (base.chat_model, base.dtype, base.seed)


def run_experiment(name: str, settings: Settings, say: Callable[[str], None] = print) -> list[dict[str, Any]]:
    """Run one experiment and write its rows to ``data/results/experiments/NAME.json``, in one step.

    Where code has changed since it was last run, whether the rows are the same goes on record.

    Args:
        name: name of the experiment.
        settings: paths; model, number type and seed have to be the course's own.
        say: called with progress lines.

    Raises:
        DataError: there is no such experiment, its rows cannot be kept, or the settings are not the course's own.
    """
    experiment = get_experiment(name)
    if not publishable(settings):
        raise DataError(
            "Stored results come from the built-in model in float32 with the course's own seed.",
            "Unset COURSE_CHAT_MODEL, COURSE_DTYPE and COURSE_SEED.",
        )
    made_with = digests(experiment, settings)  # before the run: a file that changes meanwhile makes the rows stale
    began = time.perf_counter()
    rows = _plain(name, experiment.run(settings, say))
    seconds = round(time.perf_counter() - began, 1)
    stored = {"name": name, "rows": rows, "made_with": made_with, "seconds": seconds}
    before = _load(name, settings) if result_file(name, settings).is_file() else None
    write_json(result_file(name, settings), stored)
    if before is not None and not experiment.only_times:
        witness(name, {**before, "made_with": _counted(before["made_with"])}, stored, _dependents, settings)
    return rows


def _dependents() -> Counter[str]:
    """Return how many experiments depend on each module."""
    return Counter(path for experiment in find_experiments().values() for path in modules_used(experiment.source))


def load_experiment(name: str, settings: Settings) -> list[dict[str, Any]]:
    """Return the stored rows of an experiment.

    Raises:
        DataError: it has not been run, or its file is damaged.
    """
    return _load(name, settings)["rows"]


def problems(name: str, settings: Settings) -> list[str]:
    """Compare the stored rows of an experiment with what they were made from; an empty list is good.

    Raises:
        DataError: there is no such experiment, or a file that it uses is missing.
    """
    now = digests(get_experiment(name), settings)
    try:
        then = _load(name, settings)["made_with"]
    except DataError as error:
        return [error.cause]
    return [f"{name}: {path} {_said(path in then, path in now)}" for path in unconfirmed(then, now, settings)]


def unconfirmed(then: Mapping[str, str], now: Mapping[str, str], settings: Settings) -> list[str]:
    """Return the paths whose digests differ, without changes of code that are on record as leaving rows as they were.

    Raises:
        DataError: the record is damaged.
    """
    changes, then = load_changes(settings), _counted(then)
    paths = changed_paths(then, now)
    return [path for path in paths if not changes.accept(path, then.get(path), now.get(path))]


def _counted(made_with: Mapping[str, str]) -> dict[str, str]:
    return {path: digest for path, digest in made_with.items() if path not in PLUMBING}


def _said(was: bool, is_now: bool) -> str:
    if was and is_now:
        return "has changed since"
    return "is no longer used" if was else "was not recorded"


def to_confirm(settings: Settings) -> list[str]:
    """Return the experiments to run again so that changes of code can be accepted for the others: the quickest ones.

    Those whose data or own module changed are not among them: they have to be run again anyway.

    Raises:
        DataError: a file that an experiment uses is missing.
    """
    changes, dependents, missing, stored = load_changes(settings), _dependents(), {}, {}
    for name, experiment in find_experiments().items():
        if not result_file(name, settings).is_file() or experiment.only_times:
            continue
        before = _load(name, settings)
        steps = code_changes(_counted(before["made_with"]), digests(experiment, settings))
        open_steps = [step for step in steps if not changes.accept(*step)]
        if open_steps:
            stored[name] = (before["seconds"], steps)
        for step in open_steps:
            missing.setdefault(step, changes.lacking(*step, dependents[step[0]]))
    drawn = []
    for name in sorted(stored, key=lambda name: stored[name][0]):
        helps = [step for step in stored[name][1] if missing.get(step, 0)]
        if helps:
            drawn.append(name)
            missing |= {step: missing[step] - 1 for step in helps}
    return drawn


def result_file(name: str, settings: Settings) -> Path:
    """Return where the rows of an experiment are kept."""
    return settings.data / "results" / "experiments" / f"{name}.json"


def digests(experiment: Experiment, settings: Settings) -> dict[str, str]:
    """Return the digest of everything an experiment depends on, by path: its data, and the modules that it imports.

    Raises:
        DataError: a path is missing, or is not under ``data/``.
    """
    data = {path: digest_path(_located(path, settings)) for path in sorted(experiment.uses)}
    own = {f"course_lib/experiments/{experiment.source.name}": experiment.source}
    return data | {path: code_digest(place) for path, place in {**modules_used(experiment.source), **own}.items()}


def digest_path(path: Path) -> str:
    """Return the SHA-256 of a file, or of all files of a folder with their names, as 64 hex digits.

    It is the same on every machine: line ends of text count as one character, and what running leaves behind (caches,
    hidden files) does not count.
    """
    if not path.is_dir():
        content = path.read_bytes()
        return hashlib.sha256(content if b"\0" in content else content.replace(b"\r\n", b"\n")).hexdigest()
    files = {file.relative_to(path).as_posix(): file for file in path.rglob("*") if file.is_file()}
    lines = [f"{name} {digest_path(files[name])}\n" for name in sorted(files) if _counts(name)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _counts(name: str) -> bool:
    return not any(part.startswith(".") or part in _LEFT_BY_RUNNING for part in name.split("/"))


def _located(path: str, settings: Settings) -> Path:
    room, _, below = path.partition("/")
    if room != "data" or not below or ".." in below.split("/"):
        raise DataError(f"{path!r} is not a path under data/.", "Mend USES of the experiment; modules are found alone.")
    place = settings.data / below
    if not place.exists():
        raise DataError(f"{path} is missing, and an experiment uses it.", "Restore it, or mend USES of the experiment.")
    return place


def _plain(name: str, rows: object) -> list[dict[str, Any]]:
    """Return the rows as they will be read back.

    Raises:
        DataError: they are not a list of dictionaries of JSON values; NaN is not one.
    """
    if not (isinstance(rows, list) and rows and all(isinstance(row, dict) for row in rows)):
        raise DataError(f"The experiment {name} returned no list of rows.", "Let run() return one dictionary a row.")
    try:
        return json.loads(json.dumps(rows, allow_nan=False))
    except (TypeError, ValueError) as error:
        remedy = "Turn numbers into int or float, and leave a missing score out or set it to None."
        raise DataError(f"The rows of {name} cannot be kept as JSON: {error}.", remedy) from error


def _load(name: str, settings: Settings) -> dict[str, Any]:
    path = result_file(name, settings)
    command = f"`python -m course_lib experiment {name}`"
    if not path.is_file():
        raise DataError(f"The experiment {name} has no stored results.", f"Run {command}, or restore {path.name}.")
    stored = read_json(path)
    if not (isinstance(stored, dict) and set(stored) == _KEYS and stored["name"] == name and stored["rows"]):
        raise DataError(f"{path} is not what an experiment writes.", f"Run {command}, or restore it.")
    return stored
