"""Reading and writing files so that a crash leaves either the old content or the new."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from course_lib.errors import CourseError, DataError

ABANDONED = 3600  # seconds; no write takes so long, so an older temporary file is from a run that was killed


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hex digits."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else _digest(stream)


def _digest(stream) -> str:  # Python 3.10 has no hashlib.file_digest
    digest = hashlib.sha256()
    while block := stream.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def digest_of(value: Any) -> str:
    """Return the first 16 hex digits of the SHA-256 of a JSON-able value."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def write_atomic(path: Path, content: str | bytes) -> None:
    """Write a file in one step: readers see the old content or the new, never a part.

    Raises:
        CourseError: the folder cannot be written or the disk is full.
    """
    data = content.encode() if isinstance(content, str) else content
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        raise CourseError(
            f"Cannot write {path}: {error.strerror}.", "Free some space or choose a folder you may write to."
        ) from error
    finally:
        if temporary:
            with suppress(OSError):  # it has become the file, or the folder can no longer be written
                os.unlink(temporary)


def _sweep(path: Path) -> None:
    """Remove what a killed process left of earlier writes of the same file."""
    left = re.compile(rf"\.{re.escape(path.name)}\.[a-z0-9_]{{8}}")  # the names that mkstemp gives
    with suppress(OSError), os.scandir(path.parent) as entries:
        for entry in entries:
            if left.fullmatch(entry.name) and time.time() - entry.stat().st_mtime > ABANDONED:
                os.unlink(entry.path)


def write_json(path: Path, value: Any) -> None:
    """Write a value as indented JSON, atomically."""
    write_atomic(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises:
        DataError: the file is missing, cannot be read, or is not JSON.
    """
    return _parse(_text(path), path)


def read_jsonl(path: Path) -> list[Any]:
    """Read a JSON-lines file; blank lines are passed over.

    Raises:
        DataError: the file is missing or cannot be read, or a line is not JSON (the line is named).
    """
    lines = enumerate(_text(path).split("\n"), 1)
    return [_parse(line, f"{path}, line {number}") for number, line in lines if line.strip()]


def write_jsonl(path: Path, rows: Iterable[Any]) -> None:
    """Write rows as JSON lines, atomically."""
    write_atomic(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise DataError(
            f"{path} is missing.", "Restore it with `git checkout`, or run the command that makes it."
        ) from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path} is not UTF-8 text ({error.reason} at byte {error.start}).", "Save it as UTF-8."
        ) from error
    except OSError as error:
        raise DataError(
            f"{path} cannot be read: {error.strerror}.", "Check that it is a file, and that you may read it."
        ) from error


def _parse(text: str, where: Any) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(
            f"{where} is not valid JSON: {error.msg} at column {error.colno}.", "Mend or restore it."
        ) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits; [[[[[...
        raise DataError(f"{where} is not valid JSON: {str(error).split(';')[0]}.", "Mend or restore it.") from error


def iter_files(folder: Path, suffix: str) -> Iterator[Path]:
    """Yield the files of a folder with this suffix, in name order."""
    return iter(sorted(path for path in folder.glob(f"*{suffix}") if path.is_file()))
