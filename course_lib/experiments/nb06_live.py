"""Helps notebook 06: find the passages of stored rows again, and put pages of another date into a live index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from course_lib.evaluation.changes import Asked
from course_lib.knowledge.chunking import chunk_all
from course_lib.knowledge.snapshots import load_snapshot, snapshot_dates
from course_lib.knowledge.versions import Version, append_all
from course_lib.retrieval.base import Hit
from course_lib.retrieval.updatable import UpdatableIndex
from course_lib.settings import Settings


def all_versions(settings: Settings) -> list[Version]:
    """Return every passage that the site ever had, with the time in which it holds."""
    return append_all({date: chunk_all(load_snapshot(settings.data, date)) for date in snapshot_dates(settings.data)})


def shown_to(row: Mapping[str, Any], versions: Iterable[Version]) -> list[Hit]:
    """Return the passages that a stored row of ``nb06_rag`` or ``nb06_hybrid`` was made from, without their scores."""
    passages = {version.passage.id: version.passage for version in versions}
    return [Hit(passages[name], 0.0) for name in row["passages"]]


def same_again(
    assistant, rows: Sequence[Mapping[str, Any]], asked: Iterable[Asked], versions: Sequence[Version]
) -> int:
    """Answer stored rows again from the passages that they name; return how many texts come out word for word."""
    texts = {one.question.id: one.question.text for one in asked}
    found = [shown_to(row, versions) for row in rows]
    answers = assistant.answer_from([texts[row["question"]] for row in rows], found)
    return sum(answer.raw == row["raw"] for answer, row in zip(answers, rows))


def put_pages(index: UpdatableIndex, settings: Settings, date: str, articles: Iterable[str]) -> None:
    """Put the pages of some articles into an index as they were at a date."""
    pages = {page.id: page for page in load_snapshot(settings.data, date)}
    for name in articles:
        index.put(pages[name])
