"""The trace log loses no committed row when the writing process is killed, and two writers do not harm each other."""

from __future__ import annotations

import random
import subprocess
import sys
import time

import pytest

from course_lib.operations.database import Database
from course_lib.operations.trace_log import TraceLog
from course_lib.settings import ROOT

# Logs answers without end and says each number once its row is committed. argv: file, SQLite's way to use files.
CHILD = """
import sys
from pathlib import Path
from course_lib.assistants.answer import Answer
from course_lib.assistants.parsing import Parsed
from course_lib.operations.database import Database
from course_lib.operations.trace_log import TraceLog

with Database(Path(sys.argv[1]), patience=20, vfs=sys.argv[2]) as database:
    log = TraceLog(database)
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(int(sys.argv[3])):
        print(log.add(Answer("rag", f"question {number}", (), "prompt", "", Parsed("x" * 2000))), flush=True)
"""


def start(path, vfs="", count=100_000):
    command = [sys.executable, "-c", CHILD, str(path), vfs, str(count)]
    child = subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout.readline() == "ready\n"
    return child


def kill_while_writing(child, seconds):
    """Kill a child some time after its first row; return the numbers that it had said were committed."""
    child.stdin.write("\n")
    child.stdin.flush()
    first = child.stdout.readline()
    time.sleep(seconds)
    child.kill()
    rest = child.stdout.read()  # not communicate(), which drops what readline() has buffered
    child.wait()
    return [int(line) for line in (first + rest).splitlines(keepends=True) if line.endswith("\n")]


@pytest.mark.parametrize("vfs", ["", "unix-dotfile"], ids=["write-ahead log", "rollback journal"])
def test_no_committed_row_is_lost_to_kill_9(tmp_path, vfs):
    chance = random.Random(7)
    children = [start(tmp_path / f"log{index}.sqlite3", vfs) for index in range(10)]
    for index, child in enumerate(children):
        said = kill_while_writing(child, chance.uniform(0.0, 0.08))
        path = tmp_path / f"log{index}.sqlite3"
        if (left := tmp_path / f"{path.name}.lock").exists():  # the lock of this way is a folder, and outlives a kill
            left.rmdir()
        with Database(path, vfs=vfs) as database:
            database.check()
            rows = list(TraceLog(database).rows())
        assert said and set(said) <= {row["id"] for row in rows}
        assert len(rows) - len(said) <= 1, "at most one row may be committed and not yet said"
        assert all(len(row["text"]) == 2000 for row in rows)


def test_two_processes_that_log_at_once_lose_nothing(tmp_path):
    path = tmp_path / "log.sqlite3"
    children = [start(path, count=40) for _ in range(2)]
    for child in children:
        child.stdin.write("\n")
        child.stdin.flush()
    said = [int(line) for child in children for line in child.communicate()[0].split()]
    assert [child.returncode for child in children] == [0, 0]
    with Database(path) as database:
        assert sorted(said) == [row["id"] for row in TraceLog(database).rows()] == list(range(1, 81))
