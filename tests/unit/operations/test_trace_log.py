"""The trace log keeps one redacted row per answer, says which journal it uses, and refuses foreign files."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import datetime

import pytest

from course_lib.assistants.answer import Answer
from course_lib.assistants.parsing import Parsed
from course_lib.errors import CourseError, DataError
from course_lib.files import digest_of, read_jsonl
from course_lib.knowledge.chunking import Passage
from course_lib.operations.database import Database, choose_journal
from course_lib.operations.schema import SCHEMA_VERSION
from course_lib.operations.trace_log import TraceLog
from course_lib.retrieval.base import Hit

PASSAGE = Passage("kb-030.4", "kb-030", "Battery guide", "", "safety", "Call 555-0196, day and night.")
ANSWER = Answer(
    "hybrid",
    "I am anna@mail.example, who do I call?",
    (Hit(PASSAGE, 0.75),),
    "the whole prompt with anna@mail.example",
    "raw",
    Parsed("555-0196", ("kb-030.4",), "safety", True, True),
    {"format": True, "grounded": True},
    -0.25,
    400,
    12,
    {"retrieve": 0.01, "generate": 0.9},
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a folder" / "log?#%.sqlite3"


@pytest.fixture
def log(path):
    with Database(path) as database:
        yield TraceLog(database)


def test_everything_about_an_answer_is_kept_but_what_is_private(log):
    number = log.add(ANSWER, "stale")
    (row,) = log.rows()
    assert row.pop("id") == number
    assert datetime.fromisoformat(row.pop("at")).utcoffset().total_seconds() == 0
    assert row == {
        "assistant": "hybrid",
        "question": "I am [EMAIL], who do I call?",
        "passages": [{"id": "kb-030.4", "score": 0.75}],
        "prompt": digest_of(ANSWER.prompt),
        "text": "555-0196",
        "citations": ["kb-030.4"],
        "verdicts": {"format": True, "grounded": True},
        "confidence": -0.25,
        "seconds": {"retrieve": 0.01, "generate": 0.9},
        "tokens_in": 400,
        "tokens_out": 12,
        "cause": "stale",
    }


def test_no_byte_of_the_file_holds_the_canary(log, path):
    log.add(ANSWER)
    log.database.close()
    assert b"anna" not in b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_a_workflow_answer_without_prompt_or_confidence_is_logged_too(log):
    log.add(replace(ANSWER, prompt="", confidence=None, hits=(), seconds={}))
    (row,) = log.rows()
    assert (row["prompt"], row["confidence"], row["passages"]) == ("", None, [])


def test_text_that_is_not_valid_unicode_is_logged(log):
    log.add(replace(ANSWER, question="half a pair \ud800", parsed=Parsed("\udfff")))
    (row,) = log.rows()
    assert (row["question"], row["text"]) == ("half a pair ?", "?")


def test_rows_come_in_order_and_by_assistant(log):
    for name in ("rag", "hybrid", "rag"):
        log.add(replace(ANSWER, assistant=name))
    assert [row["id"] for row in log.rows()] == [1, 2, 3]
    assert [row["id"] for row in log.rows("rag")] == [1, 3]


def test_the_cause_may_be_stored_later_and_only_a_known_one(log):
    number = log.add(ANSWER)
    log.set_cause(number, "misread")
    assert next(log.rows())["cause"] == "misread"
    with pytest.raises(DataError, match="no answer 99"):
        log.set_cause(99, "misread")
    for call in (lambda: log.set_cause(number, "bad luck"), lambda: log.add(ANSWER, "bad luck")):
        with pytest.raises(DataError, match="not a cause"):
            call()


def test_the_export_is_one_json_object_a_line(log, tmp_path):
    log.add(ANSWER)
    log.add(ANSWER)
    assert log.export(tmp_path / "out.jsonl") == 2
    assert read_jsonl(tmp_path / "out.jsonl") == json.loads(json.dumps(list(log.rows())))


def test_what_was_logged_is_there_after_opening_again(path):
    for _ in range(2):
        with Database(path) as database:
            TraceLog(database).add(ANSWER)
    with Database(path, read_only=True) as database:
        assert len(list(TraceLog(database).rows())) == 2
        database.check()


def test_a_local_folder_gets_a_write_ahead_log_and_says_so(log):
    assert log.database.journal == "wal"
    assert "write-ahead" in log.mode


def test_where_files_cannot_share_memory_a_rollback_journal_is_used(path):
    with Database(path, vfs="unix-dotfile") as database:
        log = TraceLog(database)
        log.add(ANSWER)
        assert database.journal == "delete"
        assert "rollback" in log.mode
        assert len(list(log.rows())) == 1


class NetworkFolder:
    """Pretends to be a connection to a file whose file system fails at the first use of shared memory."""

    def __init__(self):
        self.connection = sqlite3.connect(":memory:")
        self.modes = []

    def execute(self, statement):
        self.modes += [statement.partition("=")[2]] if "journal_mode=" in statement else []
        if self.modes[-1] == "WAL":
            raise sqlite3.OperationalError("locking protocol")
        return self.connection.execute("SELECT 'delete'")


def test_an_error_at_trying_the_write_ahead_log_means_a_rollback_journal():
    folder = NetworkFolder()
    assert choose_journal(folder) == "delete"
    assert folder.modes == ["WAL", "DELETE"]


def test_a_reader_sees_committed_rows_while_a_writer_is_busy(path):
    with Database(path) as writer, Database(path, patience=0.1) as reader:
        TraceLog(writer).add(ANSWER)
        with writer.transaction() as connection:
            connection.execute("UPDATE traces SET cause = 'stale'")
            assert [row["cause"] for row in TraceLog(reader).rows()] == [""]


def test_a_failed_transaction_leaves_nothing(log):
    with pytest.raises(RuntimeError), log.database.transaction() as connection:
        connection.execute("DELETE FROM traces")
        raise RuntimeError
    log.add(ANSWER)
    assert len(list(log.rows())) == 1


def test_a_locked_database_is_reported_as_locked(path):
    with Database(path) as first, Database(path, patience=0.05) as second, first.transaction():
        with pytest.raises(CourseError, match="locked by another process"):
            TraceLog(second).add(ANSWER)


def test_a_read_only_database_is_reported_as_read_only(path):
    with Database(path):
        pass
    with Database(path, read_only=True) as database, pytest.raises(CourseError, match="read-only"):
        TraceLog(database).add(ANSWER)


def test_a_missing_database_cannot_be_opened_for_reading(path):
    with pytest.raises(CourseError, match="cannot be opened"):
        Database(path, read_only=True)
    assert not path.exists()


def test_a_folder_in_place_of_the_file_is_reported(tmp_path):
    with pytest.raises(CourseError):
        Database(tmp_path)


@pytest.mark.parametrize("content", [b"no database at all, only text" * 50, b"SQLite format 3\x00" + b"\xff" * 4000])
def test_a_file_that_is_no_database_is_reported_and_left_as_it_was(tmp_path, content):
    path = tmp_path / "log.sqlite3"
    path.write_bytes(content)
    with pytest.raises(DataError, match="damaged"):
        Database(path)
    assert path.read_bytes() == content


def test_damage_in_the_middle_is_found(path):
    with Database(path) as database:
        for _ in range(200):
            TraceLog(database).add(ANSWER)
    whole = bytearray(path.read_bytes())
    whole[8192:12288] = b"\x5a" * 4096
    path.write_bytes(whole)
    with pytest.raises(DataError, match="damaged"), Database(path) as database:
        database.check()


def test_another_programs_database_is_not_written_to(tmp_path):
    path = tmp_path / "other.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(DataError, match="another program"):
        Database(path)
    assert path.read_bytes() == before


def test_another_schema_version_is_refused(path):
    with Database(path) as database, database.transaction() as connection:
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    with pytest.raises(DataError, match=f"version {SCHEMA_VERSION + 1}"):
        Database(path)


def test_a_closed_database_says_so(log):
    log.database.close()
    log.database.close()
    with pytest.raises(CourseError, match="closed"):
        log.add(ANSWER)
