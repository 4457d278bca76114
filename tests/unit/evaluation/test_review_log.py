"""A reviewer's log keeps every whole line through crashes, and a changed mind adds a line."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

import pytest

from course_lib.errors import CourseError, DataError
from course_lib.evaluation.review_log import Review, add_review, agreement, latest_reviews, read_reviews, review_file
from course_lib.settings import Settings

FIRST = Review("rag", "test-001", "It costs $69.", "stale", "an old page?", "2026-03-01T10:00:00+00:00")
SECOND = Review("rag", "test-002", "Zwölf\nTage \ud800", "misread", "", "2026-03-01T10:05:00+00:00")


@pytest.fixture
def log(tmp_path):
    return tmp_path / "new" / "reviews.jsonl"


def test_what_is_added_is_read_back_in_order(log):
    for review in (FIRST, SECOND):
        add_review(log, review)
    assert read_reviews(log) == ([FIRST, SECOND], 0)
    assert len(log.read_bytes().splitlines()) == 2


def test_a_log_that_nobody_wrote_is_empty(log):
    assert read_reviews(log) == ([], 0)
    assert not log.parent.exists()


def test_a_finding_gets_its_time_when_it_has_none(log):
    stamped = add_review(log, replace(FIRST, at=""))
    assert datetime.fromisoformat(stamped.at).utcoffset().total_seconds() == 0
    assert read_reviews(log)[0] == [stamped]


def test_a_line_broken_anywhere_costs_that_line_only(log):
    add_review(log, FIRST)
    whole = log.read_bytes()
    add_review(log, SECOND)
    line = log.read_bytes()[len(whole) :]
    for cut in range(1, len(line) - 1):
        log.write_bytes(whole + line[:cut])
        add_review(log, SECOND)
        assert read_reviews(log) == ([FIRST, SECOND], 1), cut


def test_a_line_that_lost_only_its_end_is_kept(log):
    add_review(log, FIRST)
    log.write_bytes(log.read_bytes().rstrip(b"\n"))
    add_review(log, SECOND)
    assert read_reviews(log) == ([FIRST, SECOND], 0)


@pytest.mark.parametrize("line", [b"[]", b"{}", b"\xff\xfe", b"null", b'{"assistant": 1}', b"[" * 100_000])
def test_lines_that_are_no_findings_are_counted_and_passed_over(log, line):
    add_review(log, FIRST)
    log.write_bytes(line + b"\n" + log.read_bytes())
    assert read_reviews(log) == ([FIRST], 1)


def test_two_writers_lose_nothing(log):
    add_review(log, FIRST)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: add_review(log, replace(FIRST, question=f"test-{number:03d}")), range(80)))
    reviews, broken = read_reviews(log)
    assert broken == 0 and {review.question for review in reviews[1:]} == {f"test-{number:03d}" for number in range(80)}


def test_the_newest_finding_counts_and_the_older_one_stays_in_the_log(log):
    changed = replace(FIRST, cause="misread")
    for review in (FIRST, SECOND, changed):
        add_review(log, review)
    reviews, _ = read_reviews(log)
    assert len(reviews) == 3
    assert latest_reviews(reviews) == {("rag", "test-001"): changed, ("rag", "test-002"): SECOND}


def test_an_unknown_cause_is_refused_and_nothing_is_written(log):
    with pytest.raises(DataError, match="hallucination"):
        add_review(log, replace(FIRST, cause="hallucination"))
    assert not log.exists()


def test_a_log_that_cannot_be_written_says_what_to_do(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CourseError, match="COURSE_CACHE"):
        add_review(tmp_path / "file" / "reviews.jsonl", FIRST)


def test_every_line_is_plain_json(log):
    add_review(log, SECOND)
    assert json.loads(log.read_text(encoding="ascii"))["text"] == SECOND.text


def test_the_learners_log_is_in_the_cache(tmp_path):
    assert review_file(Settings(cache=tmp_path)) == tmp_path / "reviews.jsonl"


def test_agreement_counts_what_both_labeled_and_names_the_rest():
    labels = {"a": "stale", "b": "misread", "c": "stale"}
    assert agreement(labels, {"a": "stale", "b": "stale", "d": "misread"}) == (1, ["b"])
