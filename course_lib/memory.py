"""How much memory is left: in a container, less than the machine has."""

from __future__ import annotations

import os
from pathlib import Path

import psutil

CGROUP = Path("/sys/fs/cgroup")
_KERNEL = "ipykernel_launcher"


def free_memory(group: Path = CGROUP) -> float:
    """Return the gigabytes (10^9 bytes) that may still be taken, of the machine or its container, whichever is less.

    Args:
        group: where Linux tells the limits of the container (control groups, version 2 or 1).
    """
    return min([psutil.virtual_memory().available, *_left_in_container(group)]) / 1e9


def _left_in_container(group: Path) -> list[int]:
    for folder, limit, used, cache in (
        (group, "memory.max", "memory.current", "inactive_file"),
        (group / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ):
        try:
            most, now = int((folder / limit).read_text()), int((folder / used).read_text())
            stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
            spare = int(stat.get(cache, 0))  # what was read from files is given up when memory is needed
        except (OSError, ValueError):  # no such group, or "max": no limit
            continue
        return [most - now + spare]
    return []


def other_kernels(least_gb: float = 0.3) -> list[float]:
    """Return the gigabytes that each other notebook of this person holds, where it is at least so many."""
    held = []
    for process in psutil.process_iter(["pid", "cmdline", "memory_info", "uids" if psutil.POSIX else "username"]):
        facts = process.info
        kernel = any(_KERNEL in part for part in facts["cmdline"] or ())
        mine = not psutil.POSIX or (facts["uids"] and facts["uids"].real == os.getuid())
        if kernel and mine and facts["pid"] != os.getpid() and facts["memory_info"]:
            held.append(facts["memory_info"].rss / 1e9)
    return sorted((size for size in held if size >= least_gb), reverse=True)
