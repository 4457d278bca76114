"""Is this machine ready for the course? One line a check, each failure with what mends it."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from course_lib.settings import ROOT, Settings

PYTHONS = ((3, 11), (3, 13))  # oldest and newest that the pinned packages support
MISSING = "is missing"
INSTALL = "Run `make course`, or `python -m pip install -r requirements.txt`."
OTHER_CACHE = "Free some space, or set COURSE_CACHE to a folder you may write to."


@dataclass(frozen=True)
class Check:
    """The result of looking at one thing.

    Attributes:
        name: what was looked at.
        ok: True if it is fine, False if it must be mended first, None if a later step will make it.
        detail: what was found.
        remedy: what to do about it; empty if it is fine.
    """

    name: str
    ok: bool | None
    detail: str
    remedy: str = ""

    def __str__(self) -> str:
        word = {True: "OK", False: "FAIL", None: "TODO"}[self.ok]
        return f"{word:<6}{self.name} {self.detail}" + (f": {self.remedy}" if self.remedy else "")


def check_environment(settings: Settings) -> list[Check]:
    """Look at everything the course needs; changes nothing and needs no network.

    Returns:
        One check a line; those that need the packages are left out while a package is missing.
    """
    packages = check_packages(ROOT / "requirements.txt")
    checks = [check_python(), *packages, check_data(settings), check_cache(settings)]
    if any(check.detail == MISSING for check in packages):
        return checks
    from course_lib.machine import check_adapters, check_disk, check_memory, check_models

    return [*checks, *check_adapters(settings), check_memory(), check_disk(settings), *check_models(settings)]


def print_checks(checks: Iterable[Check], say: Callable[[str], None] = print) -> bool:
    """Print one line a check; return whether none failed."""
    checks = list(checks)
    for check in checks:
        say(str(check))
    return all(check.ok is not False for check in checks)


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> Check:
    """Check that this Python is one the pinned packages support."""
    oldest, newest = (".".join(map(str, bound)) for bound in PYTHONS)
    ok = PYTHONS[0] <= version[:2] <= PYTHONS[1]
    remedy = "" if ok else f"Use Python {oldest} to {newest} (3.11 is the reference)."
    return Check("Python", ok, ".".join(map(str, version)), remedy)


def check_packages(requirements: Path) -> list[Check]:
    """Check that each ``name==version`` line is installed; one check if all are, else one for each that is not."""
    pins = re.findall(r"^([\w.-]+)==([^\s;#]+)", requirements.read_text(encoding="utf-8"), flags=re.MULTILINE)
    wrong = []
    for name, version in pins:
        installed = _installed(name)
        if installed is None:
            wrong.append(Check(f"package {name}", False, MISSING, INSTALL))
        elif installed != version:
            wrong.append(Check(f"package {name}", False, f"is {installed}, not {version}", INSTALL))
    return wrong or [Check("packages", True, f"{len(pins)} installed at the tested versions")]


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name).split("+")[0]  # torch's CPU build calls itself 2.13.0+cpu
    except metadata.PackageNotFoundError:
        return None


def check_data(settings: Settings) -> Check:
    """Check that the course's documents and questions are there."""
    absent = [name for name in ("kb", "eval") if not (settings.data / name).is_dir()]
    if absent:
        return Check(
            "data folder",
            False,
            f"{settings.data} has no {' and no '.join(absent)} folder",
            "Restore it with `git checkout`, or set COURSE_DATA.",
        )
    return Check("data folder", True, str(settings.data))


def check_cache(settings: Settings) -> Check:
    """Check that the cache, or the folder it will be made in, can be written."""
    try:
        with tempfile.TemporaryFile(dir=existing_folder(settings.cache)) as probe:
            probe.write(b"x")
            probe.flush()
    except OSError as error:
        return Check("cache folder", False, f"{settings.cache} cannot be written ({error.strerror})", OTHER_CACHE)
    return Check("cache folder", True, str(settings.cache))


def existing_folder(path: Path) -> Path:
    """Return the folder itself, or the nearest one above it that exists."""
    return next(folder for folder in (path.absolute(), *path.absolute().parents) if os.path.exists(folder))
