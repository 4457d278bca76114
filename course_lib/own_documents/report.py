"""Turn a diagnosis into sections to read, and write them beside its plain numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from course_lib.files import write_atomic, write_json
from course_lib.own_documents.answering import RAG
from course_lib.own_documents.diagnosis import Diagnosis
from course_lib.own_documents.finding import DEPTH
from course_lib.own_documents.next_steps import next_steps
from course_lib.own_documents.recommendation import Recommendation
from course_lib.own_documents.rendering import Section, Table, as_html, as_markdown
from course_lib.own_documents.rows import SCORE_COLUMNS, cause_rows, numbers_of, question_rows, score_rows
from course_lib.own_documents.scores import Score

TITLE = "Diagnosis of your documents and questions"
LONGEST_CELL = 150  # characters of an answer: a small model may go round in circles
SHOWN_ROWS = 200  # of a long table; numbers.json has all of them


def write_report(diagnosis: Diagnosis, recommendation: Recommendation, folder: Path) -> list[Path]:
    """Write ``report.html``, ``report.md`` and ``numbers.json``; return their paths.

    Raises:
        CourseError: the folder cannot be written.
    """
    sections = sections_of(diagnosis, recommendation)
    paths = [folder / name for name in ("report.html", "report.md", "numbers.json")]
    write_atomic(paths[0], as_html(TITLE, sections))
    write_atomic(paths[1], as_markdown(TITLE, sections))
    write_json(paths[2], numbers_of(diagnosis, recommendation))
    return paths


def sections_of(diagnosis: Diagnosis, recommendation: Recommendation) -> list[Section]:
    """Return the report, the most important first."""
    library = diagnosis.library
    counts = (
        f"{len(library.documents):,} documents, {len(diagnosis.index.passages):,} passages, "
        f"{len(diagnosis.targets):,} questions, {len(library.rejected):,} things left out."
    )
    sections = [
        Section("Recommendation", (recommendation.headline,), recommendation.reasons, lead=True),
        Section("What to measure next", items=(*recommendation.measure_next, *next_steps(diagnosis))),
        Section("What was looked at", (counts, *diagnosis.index.built), tuple(diagnosis.notes)),
        Section("Numbers", _numbers_words(diagnosis.scores), table=Table(SCORE_COLUMNS, score_rows(diagnosis.scores))),
    ]
    if diagnosis.causes:
        table = Table(("system", "cause", "answers"), cause_rows(diagnosis.causes))
        sections.append(Section("Why answers were wrong", table=table))
    return [*sections, _question_section(diagnosis), _rejected_section(diagnosis)]


def _numbers_words(scores: Sequence[Score]) -> tuple[str, ...]:
    if not any(score.n for score in scores):
        return ("Nothing could be scored: no question has a source or an answer that stands in the documents.",)
    return (
        "Shares from 0 to 1 with 95 % intervals in brackets; n is the number of questions behind each. A dash means "
        "that it could not be measured. Without an interval, there are too few documents for one; what chance would "
        "find is worked out, not measured.",
    )


def _question_section(diagnosis: Diagnosis) -> Section:
    rows = []
    for row in question_rows(diagnosis)[:SHOWN_ROWS]:
        rank = next(iter(row["ranks"].values()), None)
        place = (rank or f"not in {DEPTH}") if row["scored"] else None
        said = row["said"].get(RAG, {})
        first = f"{row['found'][0]['path']}: {row['found'][0]['heading']}" if row["found"] else None
        rows.append((row["text"], first, place, _short(said.get("text")), said.get("cause"), row["problem"]))
    columns = ("question", "found first", "rank of a right passage", "rag says", "cause if wrong", "problem")
    return Section("Questions", _cut(len(diagnosis.targets)), table=Table(columns, rows))


def _rejected_section(diagnosis: Diagnosis) -> Section:
    rejected = diagnosis.library.rejected
    if not rejected:
        return Section("What was left out", ("Nothing: every file was read.",))
    counts = Counter(row.reason for row in rejected).most_common(10)
    rows = [(row.path, row.reason, row.remedy) for row in rejected[:SHOWN_ROWS]]
    return Section(
        "What was left out",
        _cut(len(rejected)),
        tuple(f"{reason} ({count:,})" for reason, count in counts),
        Table(("path", "reason", "what to do"), rows),
    )


def _short(text: str | None) -> str | None:
    return text if text is None or len(text) <= LONGEST_CELL else f"{text[:LONGEST_CELL]} ..."


def _cut(total: int) -> tuple[str, ...]:
    return (f"The first {SHOWN_ROWS} of {total:,}; numbers.json has all.",) if total > SHOWN_ROWS else ()
