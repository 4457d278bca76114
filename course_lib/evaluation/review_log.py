"""A reviewer's log: what a person found wrong with an answer, one line each, kept across restarts.

A line is written with one call and flushed to the disk. If the machine stops in the middle of it, the lines before
it are whole; the broken end is passed over when the log is read, and closed off by the next line that is written.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from course_lib.errors import CourseError, DataError
from course_lib.evaluation.judge import CAUSES
from course_lib.settings import Settings


@dataclass(frozen=True)
class Review:
    """One finding of a person.

    Attributes:
        assistant, question: whose answer to which question (its id).
        text: the answer as it was reviewed; if the assistant answers otherwise later, the finding is about this.
        cause: one of ``CAUSES``, chosen by the reviewer.
        note: anything the reviewer wants to add.
        at: when, UTC, ISO 8601, seconds.
    """

    assistant: str
    question: str
    text: str
    cause: str
    note: str = ""
    at: str = ""


def review_file(settings: Settings) -> Path:
    """Return where the learner's own log is kept."""
    return settings.cache / "reviews.jsonl"


def add_review(path: Path, review: Review) -> Review:
    """Append one finding to a log, which is made if it is missing; return it with its time.

    Raises:
        DataError: the cause is not one of ``CAUSES``.
        CourseError: the log cannot be written.
    """
    if review.cause not in CAUSES:
        raise DataError(f"{review.cause[:60]!r} is not a cause.", f"Use one of: {', '.join(CAUSES)}.")
    stamped = Review(**{**asdict(review), "at": review.at or datetime.now(UTC).isoformat(timespec="seconds")})
    line = json.dumps(asdict(stamped)).encode() + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        start = b"" if _ends_whole(path) else b"\n"
        with open(path, "ab") as stream:
            stream.write(start + line)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise CourseError(
            f"Cannot write {path}: {error.strerror}.", "Free some space, or set COURSE_CACHE to another folder."
        ) from error
    return stamped


def _ends_whole(path: Path) -> bool:
    """Tell whether a log is missing or empty, or ends with a line break."""
    if not path.exists() or not path.stat().st_size:
        return True
    with open(path, "rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) == b"\n"


def read_reviews(path: Path) -> tuple[list[Review], int]:
    """Read a log.

    Returns:
        The findings, oldest first, and the number of lines that are damaged and were passed over.

    Raises:
        CourseError: the log is there and cannot be read.
    """
    try:
        lines = path.read_bytes().split(b"\n") if path.exists() else []
    except OSError as error:
        raise CourseError(f"Cannot read {path}: {error.strerror}.", "Check who may read the file.") from error
    found = [_parsed(line) for line in lines if line.strip()]
    reviews = [review for review in found if review is not None]
    return reviews, len(found) - len(reviews)


def _parsed(line: bytes) -> Review | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):  # half a line, or bytes that are no text or no plain JSON
        return None
    names = [field.name for field in fields(Review)]
    if not isinstance(row, dict) or sorted(row) != sorted(names) or not all(isinstance(row[name], str) for name in row):
        return None
    return Review(**row)


def latest_reviews(reviews: Iterable[Review]) -> dict[tuple[str, str], Review]:
    """Return the newest finding for each assistant and question: changing one's mind adds a line and removes none."""
    return {(review.assistant, review.question): review for review in reviews}


def agreement(labels: Mapping[str, str], automatic: Mapping[str, str]) -> tuple[int, list[str]]:
    """Compare two sets of causes by question id.

    Returns:
        How many of the questions that both have carry the same cause, and the ids of those that do not.
    """
    both = [name for name in labels if name in automatic]
    differing = [name for name in both if labels[name] != automatic[name]]
    return len(both) - len(differing), differing
