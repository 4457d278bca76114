"""A log of every answer: what was asked, shown, said and checked, how long it took and why it went wrong.

Private data is taken out before anything is stored, and one answer is one transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from course_lib.assistants.answer import Answer
from course_lib.errors import DataError
from course_lib.evaluation.causes import CAUSES
from course_lib.files import digest_of, write_jsonl
from course_lib.operations.database import Database
from course_lib.operations.redaction import redact
from course_lib.operations.schema import nested
from course_lib.settings import Settings

_COLUMNS = (
    "at",
    "assistant",
    "question",
    "passages",
    "prompt",
    "text",
    "citations",
    "verdicts",
    "confidence",
    "seconds",
    "tokens_in",
    "tokens_out",
    "cause",
)
_NESTED = ("passages", "citations", "verdicts", "seconds")


def database_file(settings: Settings) -> Path:
    """Return where the learner's own log and queue are kept."""
    return settings.cache / "operations.sqlite3"


def now() -> str:
    """Return the time in UTC, ISO 8601, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def storable(text: str) -> str:
    """Return a text that can be written as UTF-8: half a surrogate pair becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


class TraceLog:
    """The log of answers in an open database."""

    def __init__(self, database: Database):
        self.database = database

    @property
    def mode(self) -> str:
        """Say in one line which journal is in use."""
        return {
            "wal": "write-ahead log: one process may write while others read",
            "delete": "rollback journal: this folder cannot share memory, so readers wait for writers",
        }.get(self.database.journal, f"journal: {self.database.journal}")

    def add(self, answer: Answer, cause: str = "", at: str = "") -> int:
        """Store one answer; return its number.

        Args:
            answer: the record; its question and text are redacted.
            cause: why it is wrong, one of ``CAUSES``; empty if it is right or nobody knows.
            at: time in UTC, ISO 8601; now if empty.

        Raises:
            DataError: the cause is unknown.
            CourseError: the database cannot be written.
        """
        if cause and cause not in CAUSES:
            raise DataError(f"{cause[:60]!r} is not a cause.", f"Use one of: {', '.join(CAUSES)}.")
        row = {**trace_of(answer), "cause": cause, "at": at or now()}
        values = [json.dumps(row[name]) if name in _NESTED else row[name] for name in _COLUMNS]
        places = ", ".join("?" * len(_COLUMNS))
        with self.database.transaction() as connection:
            cursor = connection.execute(f"INSERT INTO traces ({', '.join(_COLUMNS)}) VALUES ({places})", values)
        return cursor.lastrowid

    def set_cause(self, number: int, cause: str) -> None:
        """Store why an answer was wrong, once it is known.

        Raises:
            DataError: there is no such answer, or the cause is unknown.
        """
        if cause not in CAUSES:
            raise DataError(f"{cause[:60]!r} is not a cause.", f"Use one of: {', '.join(CAUSES)}.")
        with self.database.transaction() as connection:
            if not connection.execute("UPDATE traces SET cause = ? WHERE id = ?", (cause, number)).rowcount:
                raise DataError(f"There is no answer {number} in the log.", "List the numbers with `rows`.")

    def rows(self, assistant: str = "") -> Iterator[dict]:
        """Yield the logged answers, oldest first; only one assistant's if it is named.

        Raises:
            DataError: a row is damaged.
        """
        where, values = ("WHERE assistant = ? ", (assistant,)) if assistant else ("", ())
        for row in self.database.rows(f"SELECT * FROM traces {where}ORDER BY id", values):
            plain = dict(row)
            yield {name: nested(plain[name], plain["id"]) if name in _NESTED else plain[name] for name in plain}

    def export(self, path: Path) -> int:
        """Write the log as JSON lines, atomically; return the number of lines."""
        found = list(self.rows())
        write_jsonl(path, found)
        return len(found)


def trace_of(answer: Answer) -> dict:
    """Return what is logged of an answer, without private data.

    The prompt is kept as a digest: it tells whether two answers came from the same prompt, and repeats no question.
    """
    public = "\n".join(hit.passage.indexed for hit in answer.hits)
    return {
        "assistant": answer.assistant,
        "question": redact(storable(answer.question), public),
        "passages": [{"id": hit.passage.id, "score": float(hit.score)} for hit in answer.hits],
        "prompt": digest_of(storable(answer.prompt)) if answer.prompt else "",
        "text": redact(storable(answer.parsed.text), public),
        "citations": [storable(name) for name in answer.parsed.citations],
        "verdicts": dict(answer.verdicts),
        "confidence": None if answer.confidence is None else float(answer.confidence),
        "seconds": {layer: float(value) for layer, value in answer.seconds.items()},
        "tokens_in": int(answer.tokens_in),
        "tokens_out": int(answer.tokens_out),
    }
