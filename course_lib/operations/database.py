"""One SQLite file for the trace log and the review queue, with errors that say what to do.

Rows are written in transactions that are on the disk when they return (``synchronous=FULL``), so that a killed process
loses nothing that was committed. Write-ahead logging (WAL) lets one process write while others read. It needs shared
memory, which network folders often lack; whether it works is found out by trying, and else a rollback journal is used.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from course_lib.errors import CourseError, DataError
from course_lib.operations.schema import APPLICATION, REMEDIES, SCHEMA, SCHEMA_VERSION, clear_error


class Database:
    """The file, opened; use it in a ``with`` statement, or call :meth:`close`.

    Args:
        path: the file; it and its folder are made if missing, unless ``read_only``.
        patience: seconds to wait for another process's lock.
        read_only: open without the right to write.
        vfs: SQLite's name for a way to use files; empty for the usual one.

    Attributes:
        journal: ``wal``, or ``delete`` for a rollback journal.

    Raises:
        CourseError: the file is locked, read-only, or cannot be opened.
        DataError: it is damaged, belongs to another program, or has another schema version.
    """

    def __init__(self, path: Path, patience: float = 5.0, read_only: bool = False, vfs: str = ""):
        self.path, self.patience, self.read_only = Path(path), patience, read_only
        self._lock = threading.Lock()
        options = [f"mode={'ro' if read_only else 'rwc'}"] + ([f"vfs={vfs}"] if vfs else [])
        uri = f"file:{quote(os.fsencode(self.path.absolute()))}?{'&'.join(options)}"
        with self._clear_errors():
            if not read_only:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                uri, timeout=patience, isolation_level=None, uri=True, check_same_thread=False
            )
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        self._connection.row_factory = sqlite3.Row
        with self._clear_errors():
            self._check_owner()
            self.journal = (
                self._pragma("journal_mode") if self.read_only else choose_journal(self._connection, self.patience)
            )
        if self.read_only:
            return
        with self._clear_errors():
            self._connection.execute("PRAGMA synchronous=FULL")
        with self.transaction() as connection:
            if self._check_owner():
                return
            for statement in SCHEMA:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id={APPLICATION}")
            connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")

    def _check_owner(self) -> bool:
        """Return whether the schema is there; raise if the file is someone else's or of another version."""
        if not self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            return False
        if self._pragma("application_id") != APPLICATION:
            raise DataError(f"{self.path} is a database of another program.", "Choose another file.")
        if (version := self._pragma("user_version")) != SCHEMA_VERSION:
            raise DataError(
                f"{self.path} has schema version {version}; this course reads version {SCHEMA_VERSION}.",
                "Export it with the version of the course that wrote it, or move it aside.",
            )
        return True

    def _pragma(self, name: str):
        return self._connection.execute(f"PRAGMA {name}").fetchone()[0]

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Run statements that are written all or not at all; nothing else of this process writes meanwhile."""
        with self._lock, self._clear_errors():
            try:  # from here on: Ctrl-C while it waits for the lock must not leave a transaction open
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def rows(self, query: str, values: Sequence = ()) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        with self._lock, self._clear_errors():
            return self._connection.execute(query, values).fetchall()

    def check(self) -> None:
        """Read the whole file and raise a DataError if any part of it is damaged."""
        found = [row[0] for row in self.rows("PRAGMA integrity_check(1)")]
        if found != ["ok"]:
            raise DataError(f"{self.path} is damaged: {found[0]}.", REMEDIES["SQLITE_CORRUPT"][1])

    def close(self) -> None:
        """Close the file; closing twice does no harm."""
        self._connection.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_error) -> None:
        self.close()

    @contextmanager
    def _clear_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError as error:
            raise CourseError(f"{self.path} is closed: {error}.", "Open it again.") from error
        except sqlite3.DatabaseError as error:
            raise clear_error(self.path, error) from error
        except OSError as error:
            raise CourseError(f"{self.path} cannot be made: {error.strerror}.", "Choose another folder.") from error


def choose_journal(connection: sqlite3.Connection, patience: float = 5.0) -> str:
    """Switch to write-ahead logging if the file system can do it, else to a rollback journal; return which it is.

    Args:
        connection: open and outside a transaction.
        patience: seconds to wait while another process holds the file; changing the mode does not wait by itself.
    """
    until = time.monotonic() + patience
    while True:
        try:
            mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # the first read maps shared memory
            break
        except sqlite3.OperationalError as error:
            name = getattr(error, "sqlite_errorname", "") or ""
            if not name.startswith("SQLITE_BUSY"):
                mode = ""
                break
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
    return mode if mode == "wal" else connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
