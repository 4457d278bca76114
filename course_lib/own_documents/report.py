"""Turn a diagnosis into sections to read and into plain numbers to compute with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from course_lib.files import write_atomic, write_json
from course_lib.own_documents.answering import RAG
from course_lib.own_documents.diagnosis import Diagnosis
from course_lib.own_documents.finding import CUTS, DEPTH
from course_lib.own_documents.next_steps import next_steps
from course_lib.own_documents.recommendation import Recommendation
from course_lib.own_documents.rendering import Section, Table, as_html, as_markdown
from course_lib.own_documents.scores import Score
from course_lib.visible import visible

TITLE = "Diagnosis of your documents and questions"
SHOWN_ROWS = 200  # of a long table; numbers.json has all of them
_METRICS = {
    **{f"hit_at_{cut}": f"a passage that answers is among the first {cut}" for cut in CUTS},
    "mrr": "1 / rank of the first passage that answers, averaged",
    "correct": "states the expected answer, or declines where the documents do not tell",
    "word_overlap": "words shared with the expected answer (F1)",
    "false_refusal": "declines although the documents tell (lower is better)",
    "abstain_recall": "declines where the documents do not tell",
}


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
        Section("Numbers", _numbers_words(diagnosis.scores), table=_score_table(diagnosis.scores)),
    ]
    if diagnosis.causes:
        rows = [(name, cause, n) for name, causes in diagnosis.causes.items() for cause, n in causes.items()]
        sections.append(Section("Why answers were wrong", table=Table(("system", "cause", "answers"), rows)))
    return [*sections, _question_section(diagnosis), _rejected_section(diagnosis)]


def numbers_of(diagnosis: Diagnosis, recommendation: Recommendation) -> dict[str, Any]:
    """Return everything as plain JSON values: numbers, one row for each question, and all that was left out."""
    return {
        "recommendation": asdict(recommendation),
        "documents": len(diagnosis.library.documents),
        "passages": len(diagnosis.index.passages),
        "formats": diagnosis.library.formats,
        "scores": [asdict(score) for score in diagnosis.scores],
        "causes": diagnosis.causes,
        "notes": diagnosis.notes,
        "questions": _question_rows(diagnosis),
        "rejected": [asdict(row) for row in diagnosis.library.rejected],
    }


def _numbers_words(scores: Sequence[Score]) -> tuple[str, ...]:
    if not any(score.n for score in scores):
        return ("Nothing could be scored: no question has a source or an answer that stands in the documents.",)
    return (
        "Shares from 0 to 1 with 95 % intervals in brackets; n is the number of questions behind each. A dash means "
        "that it could not be measured. Without an interval, there are too few documents for one.",
    )


def _score_table(scores: Sequence[Score]) -> Table:
    rows = [(score.system, score.metric, _METRICS[score.metric], _value(score), score.n) for score in scores if score.n]
    return Table(("system", "metric", "meaning", "value", "n"), rows)


def _value(score: Score) -> str:
    if score.low is None:
        return f"{score.value:.3f}"
    return f"{score.value:.3f} [{score.low:.3f}, {score.high:.3f}]"


def _question_rows(diagnosis: Diagnosis) -> list[dict[str, Any]]:
    paths = {document.id: document.path for document in diagnosis.library.documents}
    answers: dict[str, dict[str, Any]] = {}
    for one in diagnosis.judged:
        row = {"text": visible(one.answer.parsed.text), "correct": one.correct, "cause": one.cause}
        answers.setdefault(one.target.asked.id, {})[one.system] = {**row, "word_overlap": one.overlap}
    rows = []
    for place, (target, hits) in enumerate(zip(diagnosis.targets, diagnosis.finding.hits)):
        asked = target.asked
        rows.append(
            {
                **asdict(asked),
                "known_by": target.basis,
                "problem": target.problem,
                "scored": target.scored,
                "ranks": {name: ranks[place] for name, ranks in diagnosis.finding.ranks.items()},
                "found": [
                    {"path": paths[hit.passage.article], "heading": visible(hit.passage.heading), "score": hit.score}
                    for hit in hits[:3]
                ],
                "said": answers.get(asked.id, {}),
            }
        )
    return rows


def _question_section(diagnosis: Diagnosis) -> Section:
    rows = []
    for row in _question_rows(diagnosis)[:SHOWN_ROWS]:
        rank = next(iter(row["ranks"].values()), None)
        place = (rank or f"not in {DEPTH}") if row["scored"] else None
        said = row["said"].get(RAG, {})
        first = f"{row['found'][0]['path']}: {row['found'][0]['heading']}" if row["found"] else None
        rows.append((row["text"], first, place, said.get("text"), said.get("cause"), row["problem"]))
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


def _cut(total: int) -> tuple[str, ...]:
    return (f"The first {SHOWN_ROWS} of {total:,}; numbers.json has all.",) if total > SHOWN_ROWS else ()
