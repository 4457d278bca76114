"""Note how long each job took, by its name."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Clock:
    """Keeps the seconds of jobs in the order in which they were first timed; a job timed again keeps the last."""

    def __init__(self):
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, job: str) -> Iterator[None]:
        """Time what is done inside the block; a job that fails leaves no time."""
        began = time.perf_counter()
        yield
        self.seconds[job] = time.perf_counter() - began

    def rows(self) -> list[tuple[str, str]]:
        """Return a line for each job, with its seconds."""
        return [(job, f"{spent:.2f}") for job, spent in self.seconds.items()]
