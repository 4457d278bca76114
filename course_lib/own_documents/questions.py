"""Read the questions of a CSV or JSON-lines file; whatever is wrong is named with its line."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from course_lib.assistants.answer import MAX_QUESTION, check_questions
from course_lib.errors import DataError, QuestionError
from course_lib.own_documents.pages import decode, one_line, whole_letters

COLUMNS = ("question", "answer", "source")
SPELLINGS = "|"  # between accepted spellings of one answer
MAX_BYTES = 20_000_000
SHOWN_PROBLEMS = 10
REMEDY = (
    "Write a CSV file whose first line is `question,answer,source` (answer and source may be left out), or one JSON "
    'object a line: {"question": "...", "answer": "...", "source": "folder/page.md"}.'
)


@dataclass(frozen=True)
class Asked:
    """One question to diagnose.

    Attributes:
        id: ``q1`` and up, in file order.
        text: the question.
        answers: accepted spellings of the right answer; empty if it is not known.
        source: the document that answers, below the documents' folder; empty if it is not known.
        origin: ``file``, or how a proposed question was taken over: ``accepted`` or ``edited``.
    """

    id: str
    text: str
    answers: tuple[str, ...] = ()
    source: str = ""
    origin: str = "file"


def read_questions(path: Path) -> tuple[list[Asked], list[str]]:
    """Read questions with their answers and sources, where they are given; the second list says what was ignored.

    An answer may have several accepted spellings, as ``$9 | 9 dollars`` or as a JSON list. The answer "not in the
    documents" says that the documents do not tell.

    Raises:
        DataError: the file is missing or too large, has no question, or has lines that cannot be right (all are named).
    """
    name = one_line(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DataError(f"{name} is over {MAX_BYTES // 1_000_000} MB.", "Ask fewer questions.")
        text = decode(path.read_bytes())
    except OSError as error:
        raise DataError(f"{name} cannot be read: {error.strerror}.", REMEDY) from error
    except DataError as error:
        raise DataError(f"{name}: {error.cause}", error.remedy) from error
    rows = _json_rows(text) if text.lstrip().startswith("{") else _csv_rows(text, name)
    asked: list[Asked] = []
    problems: list[str] = []
    lines: dict[str, int] = {}
    unknown: dict[str, None] = {}
    for line, row in rows:
        try:
            if isinstance(row, ValueError):
                raise row
            one = _asked(row, f"q{len(asked) + 1}")
            if (first := lines.setdefault(one.text.casefold(), line)) != line:
                raise ValueError(f"it repeats the question of line {first}")
            asked.append(one)
            unknown |= dict.fromkeys(set(map(str, row)) - {*COLUMNS, ""})
        except ValueError as error:
            problems.append(f"line {line}: {error}")
    if problems:
        more = f" and {len(problems) - SHOWN_PROBLEMS} more" if len(problems) > SHOWN_PROBLEMS else ""
        raise DataError(f"{name}: {'; '.join(problems[:SHOWN_PROBLEMS])}{more}.", f"Mend these lines. {REMEDY}")
    if not asked:
        raise DataError(f"{name} has no question.", REMEDY)
    ignored = ", ".join(repr(one_line(column)[:40]) for column in sorted(unknown)[:SHOWN_PROBLEMS])
    return asked, [f"{name}: ignored the columns {ignored} (known: {', '.join(COLUMNS)})."] if unknown else []


def _json_rows(text: str) -> Iterator[tuple[int, object]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError):
                yield number, ValueError("it is not JSON")


def _csv_rows(text: str, name: str) -> Iterator[tuple[int, object]]:
    header = text.lstrip("\n").partition("\n")[0]
    delimiter = max(",;\t", key=header.count)  # spreadsheets in many countries write ; into a CSV file
    reader = csv.reader(StringIO(text), delimiter=delimiter)
    columns: list[str] | None = None
    before = 0
    try:
        for cells in reader:
            line, before = before + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                columns = [cell.strip().lower() for cell in cells]
                if "question" not in columns:
                    raise DataError(f"{name}: the first line names no column `question`.", REMEDY)
            elif len(cells) > len(columns):
                yield (
                    line,
                    ValueError(f"{len(cells)} cells for {len(columns)} columns: quote cells with {delimiter}"),
                )
            else:
                yield line, dict(zip(columns, cells))
    except csv.Error as error:
        yield before + 1, ValueError(f"it is not CSV ({error})")


def _asked(row: object, name: str) -> Asked:
    """Check one row.

    Raises:
        ValueError: it cannot be right.
    """
    if not isinstance(row, dict):
        raise ValueError("it is not a JSON object")
    question, answer, source = (row.get(column) or "" for column in COLUMNS)
    spellings = answer if isinstance(answer, list) else str(answer).split(SPELLINGS)
    if not isinstance(question, str) or not isinstance(source, str) or isinstance(answer, (dict, bool)):
        raise ValueError("question, answer and source must be text")
    if not all(isinstance(one, str) for one in spellings):
        raise ValueError("a list of answers must hold text only")
    try:
        (text,) = check_questions([question])
    except QuestionError as error:
        raise ValueError(
            f"the question is over {MAX_QUESTION:,} characters" if question.strip() else "the question is empty"
        ) from error
    answers = tuple(dict.fromkeys(whole_letters(" ".join(one.split())) for one in spellings if one.strip()))
    if not all(any(letter.isalnum() for letter in one) for one in answers):
        raise ValueError("an answer has no letter and no digit")
    return Asked(name, text, answers, source.strip().replace("\\", "/").removeprefix("./"))
