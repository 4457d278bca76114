"""How long a learner waits: ``python -m tests.benchmarks.course``.

- **tour**: seconds of ``python -m course_lib tour`` from start to end, with models prepared and documents indexed.
- **notebooks**: minutes of all notebooks under nbval, as ``make test`` runs them. A cell that fails is an error.

Seconds are clock time: the machine must be idle, which is checked. About 13 minutes on two cores.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence

from course_lib.errors import CourseError
from course_lib.settings import ROOT, load_settings
from tests.benchmarks.rows import check_idle, finish, parser, row, run

TOUR = ("-m", "course_lib", "tour")
NOTEBOOKS = ("-m", "pytest", "-q", "--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=300", "notebooks")


def main(arguments: Sequence[str] | None = None) -> int:
    """Time the tour and the notebooks, print the rows and store them."""
    options = parser(__doc__)
    options.add_argument("--tour-only", action="store_true", help="leave the notebooks out")
    chosen = options.parse_args(arguments)
    check_idle(chosen.no_store)
    seconds_of(TOUR)  # indexes what is not yet indexed, and brings the files into memory
    rows = [row("course/tour", seconds_of(TOUR), "s", "<=60")]
    if not chosen.tour_only:
        rows.append(row("course/notebooks", seconds_of(NOTEBOOKS) / 60, "minutes", "<=12"))
    return finish(rows, load_settings(), chosen.no_store)


def seconds_of(command: Sequence[str]) -> float:
    """Run Python with a command line, and return how long it took.

    Raises:
        CourseError: it failed.
    """
    began = time.perf_counter()
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, errors="replace")
    if done.returncode:
        last = (done.stdout + done.stderr).strip().splitlines()[-1:] or ["it printed nothing"]
        raise CourseError(
            f"`python {' '.join(command)}` failed: {last[0]}",
            "Run it by itself to see what it needs, then measure again.",
        )
    return time.perf_counter() - began


if __name__ == "__main__":
    run(main)
