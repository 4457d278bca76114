"""Sum the lines of ``python -m course_lib preflight --json`` from many laptops up in one table."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from course_lib.errors import DataError

SUFFIXES = (".json", ".jsonl", ".txt", ".log")
_KEYS = {"machine", "at", "system", "python", "ready", "findings"}


def collect(folder: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Read every line of a folder's files; the latest line of each machine counts.

    Lines that are blank, or that do not begin with a brace (a chat's date line, say), are passed over.

    Returns:
        The rows by machine name, and the places of lines that begin like one and cannot be read.

    Raises:
        DataError: the folder is missing or has no line of the preflight.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder.", "Put the files with the lines of the laptops into a folder.")
    latest: dict[str, dict[str, Any]] = {}
    broken = []
    for path in sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES):
        # A line that was pasted into an editor on Windows may come with a mark at the front, or in another encoding.
        text = path.read_bytes().decode("utf-8-sig", errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            if not line.lstrip().startswith("{"):
                continue
            row = _row(line)
            if row is None:
                broken.append(f"{path.name}, line {number}")
            elif row["machine"] not in latest or latest[row["machine"]]["at"] <= row["at"]:
                latest[row["machine"]] = row
    if not latest and not broken:
        raise DataError(f"{folder} has no line of the preflight.", "Run `python -m course_lib preflight --json`.")
    return [latest[name] for name in sorted(latest)], broken


def _row(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except json.JSONDecodeError:
        return None
    if not isinstance(row, dict) or not _KEYS <= set(row) or not isinstance(row["findings"], list):
        return None
    texts = isinstance(row["machine"], str) and isinstance(row["at"], str)
    whole = all(isinstance(one, dict) and {"word", "name", "detail", "remedy"} <= set(one) for one in row["findings"])
    return row if texts and whole else None


def print_collected(folder: Path, say: Callable[[str], None] = print) -> bool:
    """Print one line a machine, then what to mend and on how many; return whether all are ready.

    Raises:
        DataError: as for :func:`collect`.
    """
    rows, broken = collect(folder)
    for line in _table([("machine", "system", "Python", "", "what to mend"), *map(_cells, rows)]):
        say(line)
    ready = sum(bool(row["ready"]) for row in rows)
    say(f"\n{ready} of {len(rows)} machines are ready.")
    for word in ("FAIL", "WARN"):
        found = [(one["name"], one["remedy"]) for row in rows for one in row["findings"] if one["word"] == word]
        remedies = dict(found)
        for name, count in Counter(name for name, _ in found).most_common():
            say(f"{word}  {count:>3} x {name}: {remedies[name]}")
    for place in broken:
        say(f"Cannot be read: {place}")
    return ready == len(rows) and not broken


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    failed = [f"{one['name']} ({one['detail']})" for one in row["findings"] if one["word"] == "FAIL"]
    verdict = "ready" if row["ready"] else "NOT READY"
    return (row["machine"], str(row["system"]), str(row["python"]), verdict, "; ".join(failed))


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    # What comes from other people's machines must not move the cursor or color the terminal.
    rows = [["".join(sign if sign.isprintable() else "?" for sign in text)[:90] for text in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows)]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip() for row in rows]
