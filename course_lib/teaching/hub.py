"""Sizes for a JupyterHub, computed from measured memory, and links that open the course on one.

``python -m course_lib.teaching.hub HUB REPOSITORY`` prints an nbgitpuller link.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from course_lib.errors import CourseError, DataError

PEOPLE = (30, 100, 300)
SERVER_GB = 0.3  # JupyterLab itself, beside the kernel
HEADROOM = 1.2  # of the limit over the largest measured notebook with its server: a second kernel, larger batches
NODE_GB, NODE_CORES = 64, 16  # a common size of machine
NODE_USABLE = 0.9  # the rest is taken by the system and by Kubernetes
CORES_EACH, CORES_LIMIT = 0.5, 1  # the image keeps to one thread
MEASURED_CORES = 2  # of the machine on which timings.json was measured
ALL_AT_ONCE = MEASURED_CORES / CORES_EACH  # how much longer a cell takes when everybody runs it in the same moment


@dataclass(frozen=True)
class Sizing:
    """What a hub needs for so many people: memory in GB (10^9 bytes), processor cores, and machines of one size."""

    people: int
    memory_gb: float
    cores: float
    nodes: int


def memory_of(timings: Mapping[str, Mapping[str, Any]]) -> tuple[float, float]:
    """Return guarantee and limit for one person in GB, in steps of a tenth and of a half.

    The guarantee is what the largest measured notebook needs with its server, since in a workshop all are in the same
    notebook. The limit has headroom over it.

    Raises:
        DataError: nothing has been measured.
    """
    if not timings:
        raise DataError("No notebook has been measured.", "Run `python -m course_lib.teaching.timings`.")
    need = max(row["peak_gb"] for row in timings.values()) + SERVER_GB
    return math.ceil(need * 10 - 1e-6) / 10, math.ceil(need * HEADROOM * 2 - 1e-6) / 2


def sizing(people: int, guarantee_gb: float) -> Sizing:
    """Return what a hub needs if all of these people work at the same time; one machine is a spare."""
    memory, cores = people * guarantee_gb, people * CORES_EACH
    per_node = min(int(NODE_GB * NODE_USABLE / guarantee_gb), int(NODE_CORES * NODE_USABLE / CORES_EACH))
    if per_node < 1:
        raise DataError(f"One person needs {guarantee_gb:g} GB, more than a machine has.", "Choose larger machines.")
    return Sizing(people, memory, cores, math.ceil(people / per_node) + 1)


def sizing_text(timings: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the sizing as Markdown: the measurement, what follows for one person, and a table for groups."""
    guarantee, limit = memory_of(timings)
    name, row = max(timings.items(), key=lambda item: item[1]["peak_gb"])
    longest, slow = max(timings.items(), key=lambda item: item[1]["minutes"])
    lines = [
        f"The largest notebook measured so far is `{name}`, with {row['peak_gb']:g} GB. With {SERVER_GB:g} GB for "
        f"JupyterLab, one person needs {guarantee:g} GB (the guarantee), and gets up to {limit:g} GB (the limit).",
        "",
        f"Machines: {NODE_CORES} cores and {NODE_GB} GB each, of which {NODE_USABLE:.0%} can be used. "
        f"Each person is guaranteed {CORES_EACH:g} of a core and may use {CORES_LIMIT} while others are idle.",
        "",
        "| people at the same time | memory guaranteed | cores guaranteed | machines, one of them a spare |",
        "|---|---|---|---|",
    ]
    for one in (sizing(people, guarantee) for people in PEOPLE):
        lines.append(f"| {one.people} | {one.memory_gb:,.0f} GB | {one.cores:,.0f} | {one.nodes} |")
    lines += [
        "",
        f"The longest notebook, `{longest}`, took {slow['minutes']:g} minutes on {MEASURED_CORES} cores. If "
        f"everybody runs it in the same moment on the guaranteed share, expect up to {ALL_AT_ONCE:g} times as long, "
        f"about {slow['minutes'] * ALL_AT_ONCE:.0f} minutes. In a workshop it is less: cells start one by one.",
    ]
    return "\n".join(lines)


def nbgitpuller_link(hub: str, repository: str, branch: str = "main") -> str:
    """Return the address that copies a repository into a person's ``work`` folder and opens the first notebook.

    Args:
        hub: address of the JupyterHub.
        repository: address of the repository, best of the handout.
        branch: its branch.

    Raises:
        CourseError: an address does not begin with https:// or http://.
    """
    for address in (hub, repository):
        if urlsplit(address).scheme not in ("https", "http") or not urlsplit(address).netloc:
            raise CourseError(f"{address!r} is no address.", "Begin it with https://.")
    folder = f"work/{repository.rstrip('/').rsplit('/', 1)[-1].removesuffix('.git')}"
    query = {
        "repo": repository,
        "branch": branch,
        "targetPath": folder,
        "urlpath": f"lab/tree/{quote(folder)}/notebooks/00_start_here.ipynb",
    }
    return f"{hub.rstrip('/')}/hub/user-redirect/git-pull?{urlencode(query)}"


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit("python -m course_lib.teaching.hub https://hub.example.org https://example.org/you/handout [BRANCH]")
    try:
        print(nbgitpuller_link(*sys.argv[1:]))
    except CourseError as failure:
        sys.exit(f"Error: {failure}")
