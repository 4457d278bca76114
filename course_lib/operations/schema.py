"""The tables of the operations database, and what to do about each error of SQLite."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from course_lib.errors import CourseError, DataError

APPLICATION = 0x7261676F  # marks the file as ours, so that no other program's database is written to
SCHEMA_VERSION = 1
SCHEMA = (
    """CREATE TABLE traces (
        id INTEGER PRIMARY KEY, at TEXT NOT NULL, assistant TEXT NOT NULL, question TEXT NOT NULL,
        passages TEXT NOT NULL, prompt TEXT NOT NULL, text TEXT NOT NULL, citations TEXT NOT NULL,
        verdicts TEXT NOT NULL, confidence REAL, seconds TEXT NOT NULL, tokens_in INTEGER NOT NULL,
        tokens_out INTEGER NOT NULL, cause TEXT NOT NULL)""",
    """CREATE TABLE drafts (
        id INTEGER PRIMARY KEY, trace INTEGER REFERENCES traces(id), at TEXT NOT NULL, question TEXT NOT NULL,
        text TEXT NOT NULL, reasons TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('waiting', 'claimed', 'approved', 'edited', 'rejected')),
        reviewer TEXT NOT NULL DEFAULT '', claimed REAL, minutes REAL, note TEXT NOT NULL DEFAULT '',
        decided_at TEXT NOT NULL DEFAULT '', sent_at TEXT NOT NULL DEFAULT '')""",
    "CREATE INDEX drafts_by_state ON drafts (state, id)",
)
REMEDIES = {
    "SQLITE_BUSY": ("is locked by another process", "Wait until the other process is done, or end it."),
    "SQLITE_LOCKED": ("is locked by another process", "Wait until the other process is done, or end it."),
    "SQLITE_READONLY": ("is read-only", "Choose a file you may write to, for example by setting COURSE_CACHE."),
    "SQLITE_CANTOPEN": ("cannot be opened", "Check that its folder exists and that you may write there."),
    "SQLITE_FULL": ("cannot grow: the disk is full", "Free some space and try again; what was committed is kept."),
    "SQLITE_IOERR": (
        "cannot be read or written",
        "Check the disk, or set COURSE_CACHE to a local folder.",
    ),
    "SQLITE_NOTADB": ("is damaged or is not a database", "Move it aside; a new one is made at the next start."),
    "SQLITE_CORRUPT": ("is damaged", "Move it aside and restore a copy; a new one is made at the next start."),
}


def clear_error(path: Path, error: sqlite3.DatabaseError) -> CourseError:
    """Return what a person can act on for an error of SQLite."""
    name = getattr(error, "sqlite_errorname", "") or ""
    if str(error).startswith("Could not decode"):  # Python's own complaint about a text that is not UTF-8
        name = "SQLITE_CORRUPT"
    for prefix, (cause, remedy) in REMEDIES.items():
        if name.startswith(prefix):
            kind = DataError if prefix in ("SQLITE_NOTADB", "SQLITE_CORRUPT") else CourseError
            return kind(f"{path} {cause}.", remedy)
    return CourseError(f"{path} refuses: {error}.", "Check the values that were to be written.")


def nested(text: str, number: int) -> Any:
    """Return what a column holds as JSON.

    Args:
        text: the column.
        number: of its row, for the error.

    Raises:
        DataError: it is damaged.
    """
    try:
        return json.loads(text)
    except ValueError as error:
        raise DataError(f"Row {number} of the database is damaged ({error}).", REMEDIES["SQLITE_CORRUPT"][1]) from error
