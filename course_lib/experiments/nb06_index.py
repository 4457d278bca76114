"""Helps notebook 06: answer from three kinds of index as the site changes: replaced, appended, appended with dates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from course_lib.evaluation.changes import Asked
from course_lib.experiments.nb06_shared import answer_row, questions_of
from course_lib.experiments.resume import Kept, Rows
from course_lib.knowledge.chunking import Passage, chunk_all
from course_lib.knowledge.snapshots import load_snapshot, snapshot_dates
from course_lib.knowledge.versions import append_all
from course_lib.retrieval.base import Hit, Retriever
from course_lib.retrieval.dated import DatedRetriever
from course_lib.retrieval.fusion import best_retriever
from course_lib.settings import Settings

REPLACED, APPENDED, DATED = "replaced", "appended", "appended with dates"
Say = Callable[[str], None]


def run_indexes(name: str, reader, settings: Settings, say: Say) -> Rows:
    """Return one row for each kind of index (``arm``), date and question.

    A prompt that comes twice is answered once: the same words get the same answer.

    Args:
        name: name of the experiment.
        reader: an assistant with ``answer_from`` and ``top_k``; its own retriever is not used.
        settings: data and cache.
        say: called with progress lines.
    """
    kept, asked, done = Kept(name, settings, say), questions_of(settings), {}
    rows: Rows = []
    for arm, date, retriever in indexes(settings):

        def make(arm: str = arm, date: str = date, retriever: Retriever = retriever) -> Rows:
            found = retriever.search([one.question.text for one in asked], reader.top_k)
            return rows_of(reader, arm, date, asked, found, done, say)

        rows += kept.rows(f"{arm} {date}", make)
    return rows


def indexes(settings: Settings) -> Iterator[tuple[str, str, Retriever]]:
    """Yield each kind of index at each date: the kind, the date, and what searches it.

    All of them give a text the same id, so that they differ in what is found and in nothing else.
    """
    site = {date: chunk_all(load_snapshot(settings.data, date)) for date in snapshot_dates(settings.data)}
    for number, date in enumerate(site, 1):
        versions = append_all(dict(list(site.items())[:number]))
        current = [version.passage for version in versions if version.holds(date)]
        yield REPLACED, date, best_retriever(current, settings)
        if number > 1:  # at the first date nothing is old yet
            everything = best_retriever([version.passage for version in versions], settings)
            yield APPENDED, date, everything
            yield DATED, date, DatedRetriever(everything, versions, date)


def rows_of(
    reader, arm: str, date: str, asked: Sequence[Asked], found: Sequence[list[Hit]], done: dict, say: Say
) -> Rows:
    """Answer from passages; prompts in ``done`` are not asked again, and new ones are added to it."""
    keys = [_key(one, [hit.passage for hit in hits]) for one, hits in zip(asked, found)]
    new = {key: place for place, key in enumerate(keys) if key not in done}
    texts, shown = [asked[place].question.text for place in new.values()], [found[place] for place in new.values()]
    done.update(zip(new, reader.answer_from(texts, shown, 0, say)))
    return [
        answer_row(arm, one, done[key], date=date, passages=[hit.passage.id for hit in hits], raw=done[key].raw)
        for one, key, hits in zip(asked, keys, found)
    ]


def _key(one: Asked, passages: Sequence[Passage]) -> tuple:
    return one.question.id, tuple((passage.id, passage.indexed) for passage in passages)
