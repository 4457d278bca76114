"""A disk that fills up: an error that says so, what was there stays, and work goes on once there is room."""

from __future__ import annotations

import errno
import os

import pytest

from course_lib.errors import CourseError
from course_lib.experiments.store import load_experiment, run_experiment
from course_lib.operations.database import Database
from course_lib.operations.review_queue import ReviewQueue
from course_lib.operations.trace_log import TraceLog
from course_lib.own_documents.vectors import embed_all
from course_lib.teaching import progress
from tests.faults.samples import DRAFT, REASONS, directions, numbered_answer
from tests.faults.toy_experiment import ROWS, toy_experiment, toy_settings


@pytest.fixture
def full(monkeypatch):
    """Let every file that is written whole meet a full disk, until ``undo`` is called."""

    def fail(_handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        yield patch


def no_room(call):
    with pytest.raises(CourseError, match="No space left") as caught:
        call()
    assert "Free some space" in caught.value.remedy


def test_a_log_and_a_queue_that_cannot_grow_keep_what_was_committed(tmp_path):
    with Database(tmp_path / "log.sqlite3") as database:
        log, queue = TraceLog(database), ReviewQueue(database)
        queue.add(DRAFT, REASONS, log.add(numbered_answer(1)))
        pages = database.rows("PRAGMA page_count")[0][0]
        database.rows(f"PRAGMA max_page_count={pages + 1}")
        with pytest.raises(CourseError, match="the disk is full") as caught:
            for number in range(2, 20):
                log.add(numbered_answer(number))
        assert "what was committed is kept" in caught.value.remedy
        assert [row["id"] for row in log.rows()] == list(range(1, number))
        database.check()
        database.rows("PRAGMA max_page_count=100000")
        assert log.add(numbered_answer(number)) == number
        queue.decide(1, "ann", "approved")


def test_progress_stays_as_it_was(tmp_path, monkeypatch, full):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    no_room(lambda: progress.mark_done("00.1"))
    assert list(tmp_path.iterdir()) == []
    full.undo()
    progress.mark_done("00.2")
    assert progress.done() == {"00.2"}


def test_embedding_goes_on_once_there_is_room(tmp_path, full):
    texts = [f"text {number}" for number in range(8)]
    no_room(lambda: embed_all(texts, directions, tmp_path, shard=4))
    full.undo()
    assert (embed_all(texts, directions, tmp_path, shard=4) == directions(texts)).all()
    assert len(list(tmp_path.glob("*.npz"))) == 2 and not list(tmp_path.glob(".*.npz.*"))


def test_an_experiment_goes_on_once_there_is_room(tmp_path, monkeypatch, full):
    toy_experiment(tmp_path, monkeypatch)
    settings = toy_settings(tmp_path)
    no_room(lambda: run_experiment("toy", settings, lambda line: None))
    full.undo()
    run_experiment("toy", settings, lambda line: None)
    assert load_experiment("toy", settings) == ROWS
