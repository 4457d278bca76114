"""Every hostile document is refused with a clear error or comes through as text that does nothing, and soon."""

from __future__ import annotations

import base64
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path

import pytest

from course_lib.assistants.answer import check_questions
from course_lib.assistants.parsing import is_refusal, parse_house, parse_text
from course_lib.errors import CourseError, DataError
from course_lib.evaluation.gold import Question, Slot
from course_lib.evaluation.matching import is_supported, states_all
from course_lib.files import read_json, read_jsonl
from course_lib.knowledge.articles import Article, parse_article
from course_lib.knowledge.chunking import Passage, chunk_article
from course_lib.knowledge.collect import collect
from course_lib.knowledge.tables import linearize_tables, piped_tables
from course_lib.knowledge.values import values_in
from course_lib.settings import ROOT
from course_lib.teaching.markup import safe

CASES = read_jsonl(ROOT / "data" / "adversarial" / "hostile_documents.jsonl")
SECONDS = 2.0
LONGEST_MESSAGE = 600
GROWTH, ALLOWANCE = 20, 10_000  # text may grow: tables name their columns in every row, but not without end
KINDS = ("money", "percent", "duration", "date", "time", "code", "contact")
PAGE = Article("kb-001", "Bell", "plans", "2026-03-01", "", "It costs $45.")
PASSAGE = Passage("kb-001.1", "kb-001", "Bell", "", "plans", "It costs $45.")
ASKED = Question(
    "dev-001",
    "dev",
    "lookup",
    "What does a bell cost?",
    (Slot("kb-001.bell", "money", "$45", ("45 dollars",), ""),),
    ("$40",),
    ("$50",),
    "",
)


class TooSlow(AssertionError):
    """The processor time of a case is used up."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Stop after so many seconds of processor time (where the system can), and fail in any case."""

    def stop(*_ignored: object) -> None:
        raise TooSlow(f"It took more than {seconds} seconds of processor time.")

    timer = getattr(signal, "setitimer", None)  # not on Windows
    if timer:
        before = signal.signal(signal.SIGVTALRM, stop)
        timer(signal.ITIMER_VIRTUAL, seconds)
    started = time.process_time()
    try:
        yield
    finally:
        if timer:
            timer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, before)
    assert time.process_time() - started < seconds


def content(case: dict) -> str | bytes:
    """Return what a case holds: bytes, or a text that may be repeated between two others."""
    if "base64" in case:
        return base64.b64decode(case["base64"])
    return case.get("before", "") + case["text"] * case.get("times", 1) + case.get("after", "")


def _written(folder: Path, name: str, given: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(given if isinstance(given, bytes) else given.encode())
    return path


def _article(text: str, folder: Path) -> list[str]:
    return [str(field) for field in astuple(parse_article(text))]


def _file(given: str | bytes, folder: Path) -> list[str]:
    _written(folder, "page.md", given)
    found = collect(folder)
    if found.rejected:
        raise DataError(found.rejected["page.md"], "The caller names the file and goes on.")
    return [str(field) for article in found.articles for field in astuple(article)]


def _chunk(text: str, folder: Path) -> list[str]:
    page = Article(PAGE.id, PAGE.title, PAGE.category, PAGE.valid_from, "", text)
    passages = [*chunk_article(page), *chunk_article(page, overlap=20, linearize=False)]
    return [part for passage in passages for part in (passage.id, passage.text)]


def _table(text: str, folder: Path) -> list[str]:
    return linearize_tables(piped_tables(text.splitlines()))


def _match(text: str, folder: Path) -> list[str]:
    cited = Passage(PASSAGE.id, PASSAGE.article, PASSAGE.title, "", PASSAGE.category, text)
    states_all(ASKED, text)
    is_supported(text, [PASSAGE])
    is_supported("$45", [cited])
    return [value for kind in KINDS for value in values_in(text, kind)]


def _answer(text: str, folder: Path) -> list[str]:
    is_refusal(text)
    return [part for parsed in (parse_house(text), parse_text(text)) for part in (parsed.text, *parsed.citations)]


def _question(text: str, folder: Path) -> list[str]:
    return check_questions([text])


def _json(text: str, folder: Path) -> list[str]:
    return [repr(read_json(_written(folder, "data.json", text)))]


def _jsonl(text: str, folder: Path) -> list[str]:
    return [repr(row) for row in read_jsonl(_written(folder, "data.jsonl", text))]


DOORS: dict[str, Callable[..., list[str]]] = {
    "article": _article,
    "file": _file,
    "chunk": _chunk,
    "table": _table,
    "match": _match,
    "answer": _answer,
    "question": _question,
    "json": _json,
    "jsonl": _jsonl,
}


def test_every_case_has_a_door_and_every_door_has_cases():
    assert {case["where"] for case in CASES} == set(DOORS)


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case['id']}-{case['family']}") for case in CASES])
def test_a_hostile_document_is_refused_clearly_or_stays_text(case, tmp_path):
    given, door = content(case), DOORS[case["where"]]
    if case["expect"] == "error":
        with limited(SECONDS), pytest.raises(CourseError) as raised:
            door(given, tmp_path)
        assert raised.value.cause and raised.value.remedy
        assert len(str(raised.value)) <= LONGEST_MESSAGE
        return
    with limited(SECONDS):
        texts = door(given, tmp_path)
    assert all(isinstance(text, str) for text in texts)
    assert sum(map(len, texts)) <= GROWTH * len(given) + ALLOWANCE
    for text in texts:
        text.encode()  # a text that cannot be written to a file would fail far from its cause
        assert not set(safe(text[:ALLOWANCE])) & set("<>\"'")
