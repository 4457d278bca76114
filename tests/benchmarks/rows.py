"""Rows of ``data/results/benchmarks.json``: made, judged against their targets, printed, and merged with the others."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import psutil
import torch

from course_lib.errors import CourseError, DataError
from course_lib.files import read_json, write_json
from course_lib.results import results_locked
from course_lib.settings import Settings, load_settings

Row = dict[str, Any]
BUSY = 15.0  # percent of the processor that others may use while rows are made that will be stored
LOOK_SECONDS = 2.0


def row(name: str, value: float, unit: str, target: str | None = None, against: str | None = None) -> Row:
    """Return one row.

    Args:
        name: ``benchmark/what/measure``.
        value: what was measured.
        unit: of the value; ``ratio`` for a quotient of two other rows.
        target: such as ``>=3`` or ``<=1.5``; None for a row that is only told.
        against: name of the row, or words for the thing, that a ratio compares with.
    """
    if target is not None:
        met(value, target)  # a target that cannot be read must not reach the file
    rounded = value if isinstance(value, int) else float(f"{value:.4g}")
    return {"name": name, "value": rounded, "unit": unit, "target": target, "against": against, "machine": machine()}


def met(value: float, target: str) -> bool:
    """Tell whether a value reaches a target such as ``>=3`` or ``<=1.5``; a missing value (NaN) never does.

    Raises:
        DataError: the target is not written like that.
    """
    sign, limit = target[:2], target[2:]
    try:
        bound = float(limit)
    except ValueError:
        bound = float("nan")
    if sign not in (">=", "<=") or bound != bound:
        raise DataError(f"The target {target!r} cannot be read.", "Write it like >=3 or <=1.5.")
    return value >= bound if sign == ">=" else value <= bound


def ratio(ours: float, theirs: float) -> float:
    """Return ``ours / theirs``.

    Raises:
        DataError: one of them is not above 0, so that nothing was measured.
    """
    if not (ours > 0 and theirs > 0):
        raise DataError(f"There is no ratio of {ours:g} to {theirs:g}.", "Run the benchmark again.")
    return ours / theirs


def told(one: Row) -> str:
    """Return a row as a line of text, with what it is compared with and whether it meets its target."""
    text = f"{one['name']:44} {one['value']:>12,.4g} {one['unit']}"
    if one["against"]:
        text += f", against {one['against']}"
    if one["target"]:
        text += f"; target {one['target']}: {'met' if met(one['value'], one['target']) else 'MISSED'}"
    return text


def merged(old: Sequence[Row], new: Sequence[Row]) -> list[Row]:
    """Return all rows: new ones in place of old ones of the same name, and otherwise at the end."""
    rows = {one["name"]: one for one in old}
    rows.update({one["name"]: one for one in new})
    return list(rows.values())


def save(rows: Sequence[Row], settings: Settings) -> None:
    """Merge rows into the stored ones.

    Raises:
        CourseError: the file cannot be written.
        DataError: it is damaged.
    """
    path = settings.data / "results" / "benchmarks.json"
    with results_locked(settings):
        write_json(path, merged(read_json(path) if path.exists() else [], rows))


def parser(text: str | None) -> argparse.ArgumentParser:
    """Return a command line with what all benchmarks share; ``text`` is the module's docstring."""
    made = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--no-store", action="store_true", help="print only: for a busy machine or a trial")
    return made


def check_idle(no_store: bool) -> None:
    """Refuse to measure what would be stored while other programs use the processor.

    Raises:
        CourseError: they use more than ``BUSY`` percent of it.
    """
    if no_store:
        return
    used = psutil.cpu_percent(LOOK_SECONDS)
    if used > BUSY:
        raise CourseError(
            f"Other programs use {used:.0f}% of the processor; times would not be worth storing.",
            "End them first, or add --no-store to try the benchmark out.",
        )


def finish(rows: Sequence[Row], settings: Settings, no_store: bool) -> int:
    """Print the rows, store them with the page of all rows unless told not to, and return 0."""
    from tests.benchmarks.page import write_page  # it needs this module

    for one in rows:
        print(told(one), flush=True)
    if not no_store:
        save(rows, settings)
        write_page(settings)
    return 0


def run(main: Callable[[], int]) -> NoReturn:
    """End the process with what ``main`` returns, or with 1 and an error that says what to do."""
    try:
        sys.exit(main())
    except CourseError as failure:
        print(f"Error: {failure}", file=sys.stderr)
        sys.exit(1)


def machine() -> str:
    """Return in words what the rows were measured on."""
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    threads = load_settings().threads or torch.get_num_threads()
    return f"{system}, threads: {threads}, Python {platform.python_version()}, torch {torch.__version__}, clock time"
