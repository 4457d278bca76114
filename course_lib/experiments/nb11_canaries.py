"""Helps notebook 11: made-up private data to be looked for in the log, and a writer that is killed while it logs."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.operations.database import Database
from course_lib.operations.trace_log import TraceLog
from course_lib.settings import ROOT

_FIRST = "Ada Bruno Carla Dmitri Elif Farid Greta Hana Ivo Jun".split()
_LAST = "Archer Bell Castro Dunn Ekberg Fischer Grant Haas Imre Jones".split()
_STREETS = "Mill Harbor Station Garden Bridge Chapel".split()
# How SQLite uses files, by where they are; the second way does without shared memory, as network folders do.
FOLDERS = {"local folder": ""} | ({"network home (imitated)": "unix-dotfile"} if os.name == "posix" else {})
_WRITER = """
import sys
from pathlib import Path
from course_lib.assistants.answer import Answer
from course_lib.assistants.parsing import Parsed
from course_lib.operations.database import Database
from course_lib.operations.trace_log import TraceLog

with Database(Path(sys.argv[1]), patience=20, vfs=sys.argv[2]) as database:
    log = TraceLog(database)
    for number in range(100_000):
        print(log.add(Answer("hybrid", f"question {number}", (), "", "", Parsed("an answer"))), flush=True)
"""


@dataclass(frozen=True)
class Canary:
    """A made-up secret in a sentence that a customer could write.

    Attributes:
        kind: what it is.
        secret: the text that must not be found later.
        sentence: the question that contains it.
    """

    kind: str
    secret: str
    sentence: str


def canaries(seed: int, of_each: int = 5) -> list[Canary]:
    """Return private data of eight kinds, drawn by chance; the last kind has no form that a rule could see."""
    draw = random.Random(seed)
    found = []
    for _ in range(of_each):
        first, last = draw.choice(_FIRST), draw.choice(_LAST)
        number, house = draw.randrange(10_000, 99_999), draw.randrange(2, 190)
        secrets = {
            "e-mail": (f"{first.lower()}.{last.lower()}{number}@mail.example", "Please write to {} about my bill."),
            "card": (_card(draw), "Was my card {} charged twice?"),
            "phone": (f"+44 20 7946 0{draw.randrange(100, 999)}", "Call me at {} when the bike is ready."),
            "account": (f"TW-{number}", "What does account {} still owe?"),
            "address": (f"{house} {draw.choice(_STREETS)} Street", "I moved to {}, do you deliver there?"),
            "birth date": (f"19{draw.randrange(50, 99)}-0{draw.randrange(1, 9)}-17", "I was born on {}, am I too old?"),
            "name, announced": (f"{first} {last}", "My name is {} and my bike is gone."),
            "name, in passing": (f"{draw.choice(_LAST)}-{draw.choice(_LAST)}", "{} at the shop told me it is free?"),
        }
        found += [Canary(kind, secret, says.format(secret)) for kind, (secret, says) in secrets.items()]
    return found


def _card(draw: random.Random) -> str:
    """Return sixteen digits that pass the Luhn check (ISO/IEC 7812-1), as card numbers do."""
    digits = [4, *(draw.randrange(10) for _ in range(14))]
    doubled = [sum(divmod(2 * digit, 10)) if place % 2 == 0 else digit for place, digit in enumerate(digits)]
    text = "".join(map(str, [*digits, -sum(doubled) % 10]))
    return " ".join(text[place : place + 4] for place in range(0, 16, 4))


def survivors(seeded: Sequence[Canary], files: Sequence[Path]) -> dict[str, tuple[int, int]]:
    """Return for each kind how many canaries were seeded, and how many can be read in any of the files."""
    content = b"\n".join(path.read_bytes() for path in files)
    counts: dict[str, tuple[int, int]] = {}
    for canary in seeded:
        count, left = counts.get(canary.kind, (0, 0))
        counts[canary.kind] = count + 1, left + (canary.secret.encode() in content)
    return counts


def as_rows(counts: Mapping[str, tuple[int, int]]) -> list[tuple[str, int, int]]:
    """Return the counts as lines of a table: kind, seeded, found again."""
    return [(kind, *pair) for kind, pair in counts.items()]


def kill_a_writer(path: Path, vfs: str = "", seconds: float = 0.3) -> list[int]:
    """Start a process that logs answers without end, kill it, and return the numbers that it said were stored.

    Args:
        path: the database file.
        vfs: SQLite's name for a way to use files, one of ``FOLDERS``; empty for the usual one.
        seconds: how long it may write, from its first row on.

    Raises:
        CourseError: the process ended before it wrote anything.
    """
    command = [sys.executable, "-c", _WRITER, str(path), vfs]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE) as child:
        first = child.stdout.readline()
        time.sleep(seconds)
        child.kill()  # SIGKILL, the signal of kill -9: the process gets no chance to tidy up
        rest = child.stdout.read()
    if (left := path.with_name(f"{path.name}.lock")).exists():  # the lock of the second way is a folder and outlives it
        left.rmdir()
    if not first:
        raise CourseError("The writing process stored nothing.", f"Check that {path.parent} can be written to.")
    return [int(line) for line in (first + rest).splitlines(keepends=True) if line.endswith("\n")]


def after_a_kill(path: Path, vfs: str) -> tuple[str, bool, int]:
    """Kill a writer and read its file; return how it is kept, whether rows were stored, and how many of them are lost.

    Raises:
        DataError: the file is damaged.
        CourseError: the process stored nothing.
    """
    said = kill_a_writer(path, vfs)
    with Database(path, vfs=vfs) as found:
        found.check()
        log = TraceLog(found)
        return log.mode, bool(said), len(set(said) - {row["id"] for row in log.rows()})
