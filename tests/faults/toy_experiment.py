"""A room of experiments with one toy in it, in five parts that are kept one by one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from course_lib import experiments
from course_lib.experiments import resume  # noqa: F401 - loaded while it can be found; the toy uses it
from course_lib.settings import Settings

PARTS = 5
ROWS = [{"part": part} for part in range(PARTS)]
TOY = f'''"""Say which part each part is."""
from course_lib.experiments.resume import Kept

NAME, USES = "toy", ("data/one.txt",)

def run(settings, say):
    kept = Kept(NAME, settings, say)
    return [row for part in range({PARTS}) for row in kept.rows(f"part {{part}}", lambda: [{{"part": part}}])]
'''


def toy_experiment(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Let the room of experiments hold the toy and nothing else."""
    for place in (folder / "package", folder / "data"):
        place.mkdir(exist_ok=True)
    (folder / "package" / "toy.py").write_text(TOY)
    (folder / "data" / "one.txt").write_text("one")
    patch.setattr(experiments, "__path__", [str(folder / "package")])
    patch.delitem(sys.modules, "course_lib.experiments.toy", raising=False)


def toy_settings(folder: Path, step: int = 0) -> Settings:
    """Return the settings of one step of experimenting: each has a cache of its own, and so begins anew."""
    return Settings(cache=folder / "caches" / str(step), data=folder / "data")
