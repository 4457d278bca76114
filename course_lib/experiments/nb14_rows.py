"""The rows of the size ladder by model; add one: ``python -m course_lib.experiments.nb14_rows FOLDER_OR_HUB_NAME``.

Rows of the built-in model are the experiment nb14_ladder, and are stored as such. Every other model has a file of its
own in ``data/results/ladder``, with digests of what its rows were made from, so that no run touches another's rows.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from course_lib.errors import CourseError, DataError
from course_lib.experiments import nb14_ladder as ladder
from course_lib.experiments.registry import get_experiment
from course_lib.experiments.resume import Rows
from course_lib.experiments.store import digests, load_experiment, problems, publishable, unconfirmed
from course_lib.files import iter_files, read_json, write_json
from course_lib.settings import DEFAULT_CHAT_MODEL, Settings, load_settings

COMMAND = "python -m course_lib.experiments.nb14_rows"
_KEYS = {"model", "rows", "made_with", "seconds"}


@dataclass(frozen=True)
class Ladder:
    """What is stored.

    Attributes:
        rows: by model, the smallest first; only rows that were made with the data and the code as they are now.
        outdated: models whose rows were made with other data or code, and the first thing that differs.
    """

    rows: dict[str, Rows] = field(default_factory=dict)
    outdated: dict[str, str] = field(default_factory=dict)


def add_row(settings: Settings, say: Callable[[str], None] = print) -> Path:
    """Measure the chat model that the settings name and store its rows; those of other models stay as they are.

    Returns:
        The file written.

    Raises:
        DataError: it is the built-in model, or has its name, or number type or seed are not the course's own.
        WeightsError: the model cannot be loaded or trained.
    """
    name = ladder.model_name(settings)
    if name == DEFAULT_CHAT_MODEL:
        raise DataError(
            f"{name} is the name of the built-in model.",
            f"Run `python -m course_lib experiment {ladder.NAME}` for it, or rename the folder of another model.",
        )
    if not publishable(replace(settings, chat_model=DEFAULT_CHAT_MODEL)):
        raise DataError(
            "Rows of the ladder are measured in float32 with the course's own seed.",
            "Unset COURSE_DTYPE and COURSE_SEED.",
        )
    made_with = digests(get_experiment(ladder.NAME), settings)  # before the run: what changes meanwhile makes it stale
    began = time.perf_counter()
    rows = ladder.run(settings, say)
    path = row_file(name, settings)
    seconds = round(time.perf_counter() - began, 1)
    write_json(path, {"model": name, "rows": rows, "made_with": made_with, "seconds": seconds})
    return path


def row_file(model: str, settings: Settings) -> Path:
    """Return where the rows of a model that is not the built-in one are kept."""
    return settings.data / "results" / "ladder" / f"{re.sub(r'[^A-Za-z0-9.-]+', '-', model).strip('-.')}.json"


def load_ladder(settings: Settings) -> Ladder:
    """Return the stored rows of all models.

    Raises:
        DataError: a file of rows is damaged.
    """
    found, outdated = {}, {}
    if differs := problems(ladder.NAME, settings):
        outdated[DEFAULT_CHAT_MODEL] = differs[0].rstrip(".")
    else:
        found[DEFAULT_CHAT_MODEL] = load_experiment(ladder.NAME, settings)
    now = digests(get_experiment(ladder.NAME), settings)
    for path in iter_files(settings.data / "results" / "ladder", ".json"):
        stored = read_json(path)
        if not (isinstance(stored, dict) and set(stored) == _KEYS and stored["rows"]):
            raise DataError(f"{path} is not what {COMMAND} writes.", f"Remove it, and run `{COMMAND} FOLDER` again.")
        changed = unconfirmed(stored["made_with"], now, settings)
        if changed:
            outdated[stored["model"]] = f"{changed[0]} has changed since"
        else:
            found[stored["model"]] = stored["rows"]
    return Ladder(dict(sorted(found.items(), key=lambda item: item[1][0]["parameters"])), outdated)


def main(arguments: list[str] | None = None) -> int:
    """Measure the model that the command line or COURSE_CHAT_MODEL names; return the exit status."""
    parser = argparse.ArgumentParser(prog=COMMAND, description="Measure a chat model and add its row to the ladder.")
    parser.add_argument("model", nargs="?", help="a local folder or a hub name; without it, COURSE_CHAT_MODEL")
    options = parser.parse_args(arguments)
    try:
        settings = load_settings()
        if options.model:
            settings = replace(settings, chat_model=options.model)
        print(f"wrote {add_row(settings, lambda text: print(f'  {text}', flush=True))}")
    except CourseError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
