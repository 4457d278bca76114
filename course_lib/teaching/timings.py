"""Measure how long each notebook takes and how much memory it needs: ``python -m course_lib.teaching.timings``."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from course_lib.errors import CourseError, DataError
from course_lib.files import iter_files, read_json, write_json
from course_lib.results import results_locked
from course_lib.settings import ROOT, Settings, load_settings
from course_lib.teaching.kernels import check_room

EVERY_SECONDS = 0.1
CELL_SECONDS = 900
_KEYS = {"notebook", "minutes", "peak_gb"}


class _Peak(threading.Thread):
    """Watches a process and its children and keeps the largest memory they had together."""

    def __init__(self, pid: int):
        super().__init__(daemon=True)
        self.pid, self.peak, self.over = pid, 0, threading.Event()

    def run(self) -> None:
        import psutil

        while not self.over.wait(EVERY_SECONDS):
            try:
                process = psutil.Process(self.pid)
                family = [process, *process.children(recursive=True)]
                self.peak = max(self.peak, sum(member.memory_info().rss for member in family))
            except psutil.Error:  # a process ended while it was looked at
                continue


def measure_notebook(path: Path) -> dict[str, str | float]:
    """Run a notebook in a fresh kernel, keep nothing of its outputs, and return what it took.

    Returns:
        ``notebook`` (name without suffix), ``minutes`` from the kernel's start to its end, and ``peak_gb``, the
        largest resident memory of the kernel and its children, in gigabytes (10^9 bytes).

    Raises:
        DataError: the notebook is missing or is no notebook.
        CourseError: a cell failed or took longer than ``CELL_SECONDS``, or the kernel died or did not start.
    """
    import nbformat
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    read_json(path)  # says what is wrong with the file, if anything
    try:
        book = nbformat.read(path, as_version=4)
    except Exception as error:  # JSON that is no notebook fails in many ways
        raise DataError(f"{path.name} is not a notebook.", "Restore it with `git checkout`.") from error
    client = NotebookClient(
        book, timeout=CELL_SECONDS, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    )
    began = time.perf_counter()
    try:
        with client.setup_kernel(), _watched(client.km.provisioner.pid) as watch:
            for index, cell in enumerate(client.nb.cells):
                client.execute_cell(cell, index)
    except NoSuchKernel as error:
        raise CourseError("Jupyter has no Python kernel.", "Run `python -m ipykernel install --user`.") from error
    except (CellExecutionError, CellTimeoutError, RuntimeError) as error:  # a kernel that dies is a RuntimeError
        said = [line for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
        raise CourseError(f"{path.name} failed: {said[-1]}", "Open it and run all cells.") from error
    minutes = (time.perf_counter() - began) / 60
    return {"notebook": path.stem, "minutes": round(minutes, 1), "peak_gb": round(watch.peak / 1e9, 1)}


@contextmanager
def _watched(pid: int) -> Iterator[_Peak]:
    watch = _Peak(pid)
    watch.start()
    try:
        yield watch
    finally:
        watch.over.set()
        watch.join()


def load_timings(settings: Settings) -> dict[str, dict[str, str | float]]:
    """Return the measured rows by notebook; none if nothing has been measured.

    Raises:
        DataError: ``data/results/timings.json`` is damaged.
    """
    path = settings.data / "results" / "timings.json"
    rows = read_json(path) if path.is_file() else []
    if not (isinstance(rows, list) and all(isinstance(row, dict) and _KEYS <= set(row) for row in rows)):
        raise DataError(f"{path} is damaged.", "Run `python -m course_lib.teaching.timings`.")
    return {row["notebook"]: row for row in rows}


def print_timing(notebook: str) -> None:
    """Print what a notebook took when it was measured, or that it was not.

    Raises:
        CourseError: other notebooks are open and leave it too little memory.
    """
    rows = load_timings(load_settings())
    if notebook in rows:
        minutes, peak = (rows[notebook][key] for key in ("minutes", "peak_gb"))
        unit = "minute" if minutes == 1 else "minutes"
        print(f"Where this notebook was last measured, it took {minutes:g} {unit} and {peak:g} GB of memory.")
        check_room(peak)
    else:
        print("Time and memory of this notebook have not been measured yet.")


def main(names: Sequence[str]) -> int:
    """Measure the named notebooks (all if none is named) and write ``data/results/timings.json`` after each.

    A notebook that fails keeps its old row, and the others are still measured.

    Returns:
        0, or 1 if a notebook failed.

    Raises:
        DataError: there is no such notebook.
    """
    settings = load_settings()
    known = {path.stem: path for path in iter_files(ROOT / "notebooks", ".ipynb")}
    if unknown := [name for name in names if name not in known]:
        raise DataError(f"There is no notebook {unknown[0]!r}.", f"Use one of {', '.join(known)}.")
    failed = 0
    for name in dict.fromkeys(names or known):
        try:
            row = measure_notebook(known[name])
        except CourseError as failure:
            print(f"{name}: {failure}", file=sys.stderr, flush=True)
            failed += 1
            continue
        print(f"{name}: {row['minutes']} minutes, {row['peak_gb']} GB", flush=True)
        with results_locked(settings):
            rows = load_timings(settings) | {name: row}
            write_json(settings.data / "results" / "timings.json", [rows[key] for key in sorted(rows) if key in known])
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CourseError as failure:
        print(f"Error: {failure}", file=sys.stderr)
        sys.exit(1)
