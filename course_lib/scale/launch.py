"""Start a training in several processes with torchrun, and compare what two of them learned."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from course_lib.errors import CourseError
from course_lib.files import read_json
from course_lib.settings import Settings

SECONDS = 600
APART = "--apart"
# Without a network, processes still find each other over the loopback device.
_LOOPBACK = {"linux": "lo", "darwin": "lo0"}


@dataclass(frozen=True)
class Run:
    """What came out of a training.

    Attributes:
        processes: how many took part.
        losses: the loss of each step over the whole batch.
        weights: all trained numbers by the name of their matrix, float32.
        spread: largest difference of a weight between the processes at the end.
        seconds: of the whole run, with the start of its processes.
        seconds_per_step: of the training alone.
        gigabytes: memory of the largest process at the end, in units of 10^9 bytes.
    """

    processes: int
    losses: list[float]
    weights: dict[str, np.ndarray]
    spread: float
    seconds: float
    seconds_per_step: float
    gigabytes: float


def command(processes: int, folder: Path, apart: bool = False) -> list[str]:
    """Return the command that trains in so many processes of this machine and writes to a folder."""
    launcher = ["torch.distributed.run", "--standalone", "--local-addr", "127.0.0.1", "--nproc-per-node"]
    rest = [str(processes), "-m", "course_lib.scale.in_step", str(folder), *([APART] if apart else [])]
    return [sys.executable, "-m", *launcher, *rest]


def train_in(processes: int, settings: Settings, apart: bool = False) -> Run:
    """Run the small training of :mod:`course_lib.scale.in_step` with one thread a process.

    Args:
        processes: how many share each batch.
        settings: where weights and data are.
        apart: the processes do not average their gradients.

    Raises:
        CourseError: a process failed or took longer than ``SECONDS``.
    """
    from safetensors.numpy import load_file

    paths = {"COURSE_CACHE": str(settings.cache), "COURSE_DATA": str(settings.data)}
    environment = {**os.environ, **paths, "COURSE_SEED": str(settings.seed), "OMP_NUM_THREADS": "1"}
    if sys.platform in _LOOPBACK:
        environment["GLOO_SOCKET_IFNAME"] = _LOOPBACK[sys.platform]
    began = time.perf_counter()
    with TemporaryDirectory() as scratch:
        try:
            done = subprocess.run(
                command(processes, Path(scratch), apart), env=environment, capture_output=True, timeout=SECONDS
            )
        except subprocess.TimeoutExpired as error:
            raise CourseError(
                f"Training in {processes} processes took longer than {SECONDS} seconds.",
                "Close other programs and run the cell again.",
            ) from error
        if done.returncode:
            raise CourseError(_failure(processes, done.stderr), "Free some memory and run the cell again.")
        seconds, found = time.perf_counter() - began, read_json(Path(scratch) / "run.json")
        weights = load_file(Path(scratch) / "weights.safetensors")
    return Run(
        found["processes"],
        found["losses"],
        weights,
        found["spread"],
        seconds,
        found["seconds_per_step"],
        found["bytes_per_process"] / 1e9,
    )


def _failure(processes: int, said: bytes) -> str:
    """Return which error a training ended with: the last line of the first traceback, or the last line at all."""
    lines = [line for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    errors = [line for line in lines if "Error" in line and "ChildFailedError" not in line]
    return f"Training in {processes} processes failed: {(errors or lines or ['nothing was said'])[0].strip()[:300]}"


def loss_gap(one: Run, other: Run) -> float:
    """Return the largest difference of the loss at the same step."""
    return max(abs(a - b) for a, b in zip(one.losses, other.losses, strict=True))


def weight_gap(one: Run, other: Run) -> float:
    """Return the largest difference of a weight."""
    return max(float(np.abs(weights - other.weights[name]).max()) for name, weights in one.weights.items())


def cost_rows(runs: Mapping[str, Run]) -> list[tuple[str, ...]]:
    """Return a line for each run: first and last loss, seconds in all and of a step, and memory of a process in GB."""
    return [
        (
            name,
            f"{run.losses[0]:.4f}",
            f"{run.losses[-1]:.4f}",
            f"{run.seconds:.0f}",
            f"{run.seconds_per_step:.2f}",
            f"{run.gigabytes:.1f}",
        )
        for name, run in runs.items()
    ]


def agreement_rows(runs: Mapping[str, Run], tolerance: float) -> list[tuple[str, bool, bool, bool]]:
    """Compare each run with the first.

    Returns:
        A line for each other run: whether its losses and its weights are within the tolerance, and whether all its
        processes hold the very same weights.
    """
    first, *others = runs
    return [
        (
            name,
            loss_gap(runs[first], runs[name]) <= tolerance,
            weight_gap(runs[first], runs[name]) <= tolerance,
            runs[name].spread == 0,
        )
        for name in others
    ]
