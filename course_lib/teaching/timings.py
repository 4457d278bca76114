"""Measure how long each notebook takes and how much memory it needs: ``python -m course_lib.teaching.timings``."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from course_lib.errors import CourseError, DataError
from course_lib.files import iter_files, read_json, write_json
from course_lib.settings import ROOT, load_settings

EVERY_SECONDS = 0.1
CELL_SECONDS = 900


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
        CourseError: a cell failed or took longer than ``CELL_SECONDS``, or the kernel died.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    read_json(path)  # says what is wrong with the file, if anything
    client = NotebookClient(
        nbformat.read(path, as_version=4),
        timeout=CELL_SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
    )
    began = time.perf_counter()
    try:
        with client.setup_kernel():
            watch = _Peak(client.km.provisioner.pid)
            watch.start()
            for index, cell in enumerate(client.nb.cells):
                client.execute_cell(cell, index)
            watch.over.set()
            watch.join()
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        raise CourseError(f"{path.name} failed: {str(error).splitlines()[-1]}", "Open it and run all cells.") from error
    minutes = (time.perf_counter() - began) / 60
    return {"notebook": path.stem, "minutes": round(minutes, 1), "peak_gb": round(watch.peak / 1e9, 1)}


def print_timing(notebook: str) -> None:
    """Print what a notebook took when it was measured, or that it was not."""
    path = load_settings().data / "results" / "timings.json"
    rows = {row["notebook"]: row for row in read_json(path)} if path.is_file() else {}
    if notebook in rows:
        minutes, peak = (rows[notebook][key] for key in ("minutes", "peak_gb"))
        print(f"Where this notebook was last measured, it took {minutes:g} minutes and {peak:g} GB of memory.")
    else:
        print("Time and memory of this notebook have not been measured yet.")


def main(names: Sequence[str]) -> int:
    """Measure the named notebooks (all if none is named) and write ``data/results/timings.json``."""
    results = load_settings().data / "results" / "timings.json"
    known = {path.stem: path for path in iter_files(ROOT / "notebooks", ".ipynb")}
    if unknown := [name for name in names if name not in known]:
        raise DataError(f"There is no notebook {unknown[0]!r}.", f"Use one of {', '.join(known)}.")
    rows = {row["notebook"]: row for row in read_json(results)} if results.is_file() else {}
    for name in names or known:
        rows[name] = measure_notebook(known[name])
        print(f"{name}: {rows[name]['minutes']} minutes, {rows[name]['peak_gb']} GB", flush=True)
        write_json(results, [rows[key] for key in sorted(rows) if key in known])
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CourseError as failure:
        print(f"Error: {failure}", file=sys.stderr)
        sys.exit(1)
