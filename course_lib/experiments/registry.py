"""Which experiments there are: every module of this room that has a NAME, the data it USES, and a run function."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_lib import experiments
from course_lib.errors import DataError
from course_lib.settings import Settings

_PARTS = ("NAME", "USES", "run")


@dataclass(frozen=True)
class Experiment:
    """One experiment.

    Attributes:
        name: its name on the command line and of its results file.
        says: what it measures, in one sentence.
        uses: files and folders under ``data/`` on whose content its rows depend.
        run: measures, and returns plain JSON rows.
        source: the module that holds it.
        only_times: its rows are times throughout (the module says ``ONLY_TIMES = True``), so they cannot tell whether
            changed code alters what is measured.
    """

    name: str
    says: str
    uses: tuple[str, ...]
    run: Callable[[Settings, Callable[[str], None]], list[dict[str, Any]]]
    source: Path
    only_times: bool = False


def find_experiments() -> dict[str, Experiment]:
    """Return the experiments by name, in the order of their names; modules that only help others are left out.

    Raises:
        DataError: a module has only some of the three parts, or two have the same name.
    """
    found: dict[str, Experiment] = {}
    for info in pkgutil.iter_modules(experiments.__path__):
        module = importlib.import_module(f"{experiments.__name__}.{info.name}")
        there = [part for part in _PARTS if hasattr(module, part)]
        if not there:
            continue
        if missing := [part for part in _PARTS if part not in there]:
            raise DataError(f"The experiment {info.name} has no {' and no '.join(missing)}.", "Add what is missing.")
        if module.NAME in found:
            raise DataError(f"Two experiments are named {module.NAME!r}.", "Give each its own NAME.")
        says = (module.__doc__ or "").strip().splitlines()
        found[module.NAME] = Experiment(
            module.NAME,
            says[0] if says else "",
            tuple(module.USES),
            module.run,
            Path(module.__file__),
            getattr(module, "ONLY_TIMES", False),
        )
    return dict(sorted(found.items()))


def get_experiment(name: str) -> Experiment:
    """Return an experiment by name.

    Raises:
        DataError: there is no such experiment.
    """
    found = find_experiments()
    if name not in found:
        known = f"Use one of {', '.join(found)}." if found else "There are no experiments yet."
        raise DataError(f"There is no experiment {name!r}.", known)
    return found[name]
