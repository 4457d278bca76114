"""Work in a fresh process, and the memory that it took there."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psutil

from course_lib.errors import CourseError

STATUS = Path("/proc/self/status")


def in_fresh_process(work: Callable[..., Any], *arguments: Any) -> Any:
    """Call a module's function in a process that has done nothing before, and return what it returns.

    Raises:
        CourseError: the process was ended from outside, most likely for its memory.
    """
    try:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            return pool.submit(work, *arguments).result()
    except BrokenProcessPool as error:
        raise CourseError(
            f"The process that ran {work.__name__} was ended.", "Free some memory, or ask for a smaller sample."
        ) from error


def resident() -> int:
    """Return the memory that this process holds now, in bytes."""
    return psutil.Process().memory_info().rss


def peak() -> int:
    """Return the largest resident memory of this process since it began, in bytes.

    On Linux the kernel's own figure is read: the one of ``getrusage`` would count the parent process, too.
    """
    if STATUS.exists():
        return high_water(STATUS.read_text())
    if sys.platform == "win32":
        return psutil.Process().memory_info().peak_wset
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


def high_water(status: str) -> int:
    """Read the peak in bytes from the text of ``/proc/PID/status``, which has it in units of 1,024 bytes.

    Raises:
        CourseError: this kernel does not tell it.
    """
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return 1024 * int(line.split()[1])
    raise CourseError("This kernel does not tell the peak memory of a process.", "Measure on another machine.")
