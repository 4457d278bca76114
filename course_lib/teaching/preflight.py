"""Is this laptop ready for a workshop? ``python -m course_lib preflight`` answers in seconds, without a network."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace

from course_lib.environment import MISSING, Check, check_cache, check_data, check_packages, check_python
from course_lib.settings import DEFAULT_CHAT_MODEL, ROOT, Settings
from course_lib.teaching import preflight_checks as checks
from course_lib.teaching.preflight_weights import check_weights

WORDS = {True: "OK", False: "FAIL", None: "WARN"}
FEW_CORES = 2
LOW_BATTERY = 50  # percent


@dataclass(frozen=True)
class Finding:
    """One line of the preflight.

    Attributes:
        word: ``OK``, ``WARN`` (read it) or ``FAIL`` (mend it before the workshop).
        name: what was looked at.
        detail: what was found; the home folder appears as ``~``.
        remedy: what to do; empty if it is fine.
    """

    word: str
    name: str
    detail: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.word:<6}{self.name}: {self.detail}" + (f". {self.remedy}" if self.remedy else "")


def preflight(settings: Settings) -> list[Finding]:
    """Look at everything that has stopped learners before; nothing is changed, and no network is used."""
    return [_finding(check) for check in _checks(settings)]


def _checks(settings: Settings) -> Iterator[Check]:
    packages = check_packages(ROOT / "requirements.txt")
    yield check_python()
    yield checks.check_interpreter()
    yield from packages
    yield check_data(settings)
    yield check_cache(settings)
    yield checks.check_progress(settings)
    yield from _weights(settings)
    yield checks.check_port()
    yield checks.check_clock((ROOT / "requirements.txt").stat().st_mtime)
    yield checks.check_encoding()
    yield checks.check_path(ROOT)
    yield checks.check_proxy()
    if not any(check.detail == MISSING for check in packages):
        yield checks.check_kernel()
        yield from _machine(settings)


def _weights(settings: Settings) -> Iterator[Check]:
    if settings.chat_model == DEFAULT_CHAT_MODEL:
        yield check_weights("chat model", settings.cache / DEFAULT_CHAT_MODEL)
    else:
        yield Check("chat model", None, f"is {settings.chat_model}", "Unset COURSE_CHAT_MODEL for the workshop.")
    yield check_weights("embedding model", settings.cache / "all-minilm-l6-v2")


def _machine(settings: Settings) -> Iterator[Check]:
    import psutil

    from course_lib.machine import check_disk, check_memory

    yield check_memory()
    yield check_disk(settings)
    cores = os.cpu_count() or 1
    slow = "" if cores >= FEW_CORES else "Cells take about twice as long. Share a laptop for the long ones."
    yield Check("processor", None if slow else True, f"{cores} cores", slow)
    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    if battery and not battery.power_plugged and battery.percent < LOW_BATTERY:
        yield Check("power", None, f"{battery.percent:.0f}% left", "Plug it in: long cells empty a battery.")


def _finding(check: Check) -> Finding:
    home = os.path.expanduser("~")
    short = [text.replace(home, "~") if len(home) > 1 else text for text in (check.detail, check.remedy)]
    return Finding(WORDS[check.ok], check.name, *short)


def print_preflight(settings: Settings, say: Callable[[str], None] = print) -> bool:
    """Print one line a finding and a last line with the verdict; return whether nothing failed."""
    began = time.perf_counter()
    findings = preflight(settings)
    for finding in findings:
        say(str(finding))
    failed, warned = (sum(finding.word == word for finding in findings) for word in ("FAIL", "WARN"))
    verdict = "Not ready" if failed else "Ready"
    say(f"{verdict}: {failed} to mend, {warned} to read, {time.perf_counter() - began:.1f} seconds.")
    return not failed


def json_line(findings: Iterable[Finding], name: str = "", seconds: float = 0.0) -> str:
    """Return everything in one line of JSON, to be sent to the instructor.

    Args:
        findings: what :func:`preflight` returned.
        name: who it is; by default the computer's name.
        seconds: how long it took.
    """
    findings = [replace(finding, detail=finding.detail[:200]) for finding in findings]
    row = {
        "machine": name or platform.node() or "unnamed",
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "seconds": round(seconds, 1),
        "ready": all(finding.word != "FAIL" for finding in findings),
        "findings": [asdict(finding) for finding in findings],
    }
    return json.dumps(row, ensure_ascii=True)
