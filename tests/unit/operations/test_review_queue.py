"""The review queue: one reviewer at a time, one decision, one sending; and its commands."""

from __future__ import annotations

import argparse
from concurrent.futures import ThreadPoolExecutor

import pytest

from course_lib.errors import DataError
from course_lib.files import read_jsonl
from course_lib.operations.approval import Draft, Reason
from course_lib.operations.database import Database
from course_lib.operations.review_commands import add_review_parser
from course_lib.operations.review_queue import ReviewQueue
from course_lib.settings import Settings

DRAFT = Draft("Refund me, I am anna@mail.example", "We will refund $12 to anna@mail.example.")
REASONS = [Reason("money-promise", "money", "The answer promises money.", "will refund")]


class Clock:
    """Seconds that pass when told to."""

    seconds = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def path(tmp_path):
    return tmp_path / "queue.sqlite3"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def queue(path, clock):
    with Database(path) as database:
        yield ReviewQueue(database, clock)


def test_a_draft_waits_with_its_reasons_and_without_the_customers_address(queue):
    number = queue.add(DRAFT, REASONS)
    (item,) = queue.items()
    assert (item.id, item.state, item.reasons) == (number, "waiting", tuple(REASONS))
    assert item.question == "Refund me, I am [EMAIL]"


def test_a_draft_without_a_reason_or_with_an_unknown_trace_is_refused(queue):
    with pytest.raises(DataError, match="needs no review"):
        queue.add(DRAFT, [])
    with pytest.raises(DataError, match="no answer 5"):
        queue.add(DRAFT, REASONS, trace=5)
    assert queue.items() == []


def test_minutes_run_from_claim_to_decision(queue, clock):
    number = queue.add(DRAFT, REASONS)
    queue.claim(number, "ann")
    clock.seconds += 60
    queue.claim(number, "ann")  # looking again does not restart the clock
    clock.seconds += 30
    item = queue.decide(number, "ann", "approved")
    assert (item.state, item.reviewer, item.minutes) == ("approved", "ann", 1.5)
    assert queue.items() == []


def test_a_draft_decided_unseen_has_no_minutes(queue):
    assert queue.decide(queue.add(DRAFT, REASONS), "ann", "approved").minutes is None


def test_a_claimed_draft_is_no_one_elses_until_the_claim_is_old(queue, clock):
    number = queue.add(DRAFT, REASONS)
    queue.claim(number, "ann")
    for call in (lambda: queue.claim(number, "bob"), lambda: queue.decide(number, "bob", "approved")):
        with pytest.raises(DataError, match="claimed by ann"):
            call()
    clock.seconds += 31 * 60
    assert queue.claim(number, "bob").reviewer == "bob"
    with pytest.raises(DataError, match="claimed by bob"):
        queue.decide(number, "ann", "approved")


def test_a_decision_is_final(queue):
    number = queue.add(DRAFT, REASONS)
    queue.decide(number, "ann", "rejected", note="no refund here")
    with pytest.raises(DataError, match="rejected by ann"):
        queue.decide(number, "ann", "approved")


def test_an_edited_text_is_what_is_sent_and_it_is_sent_once(queue):
    number = queue.add(DRAFT, REASONS)
    queue.decide(number, "ann", "edited", "Write to us, anna@mail.example.")
    assert queue.take_to_send(number) == "Write to us, anna@mail.example."
    with pytest.raises(DataError, match="Nothing is sent twice"):
        queue.take_to_send(number)
    assert queue.get(number).text == "Write to us, [EMAIL]."


def test_nothing_is_sent_that_nobody_approved(queue):
    waiting, rejected = queue.add(DRAFT, REASONS), queue.add(DRAFT, REASONS)
    queue.decide(rejected, "ann", "rejected", note="wrong")
    for number in (waiting, rejected, 99):
        with pytest.raises(DataError, match="Approve or edit"):
            queue.take_to_send(number)


@pytest.mark.parametrize(
    ("decision", "text", "note"),
    [("edited", "", ""), ("approved", "new text", ""), ("rejected", "", " "), ("burned", "", "")],
)
def test_an_incomplete_decision_changes_nothing(queue, decision, text, note):
    number = queue.add(DRAFT, REASONS)
    with pytest.raises(DataError):
        queue.decide(number, "ann", decision, text, note)
    assert queue.get(number).state == "waiting"


def test_a_reviewer_needs_a_name(queue):
    with pytest.raises(DataError, match="name"):
        queue.claim(queue.add(DRAFT, REASONS), " ")


def outcomes(path, call, names):
    """Let each name try the call at the same time in a database of its own; return the names that succeeded."""

    def attempt(name):
        with Database(path) as database:
            try:
                call(ReviewQueue(database), name)
            except DataError:
                return ""
            return name

    with ThreadPoolExecutor(len(names)) as pool:
        return [name for name in pool.map(attempt, names) if name]


def test_of_many_reviewers_at_once_one_gets_the_draft(queue, path):
    number = queue.add(DRAFT, REASONS)
    names = [f"reviewer {index}" for index in range(6)]
    winners = outcomes(path, lambda other, name: other.claim(number, name), names)
    assert winners == [queue.get(number).reviewer]


def test_of_many_senders_at_once_one_gets_the_text(queue, path):
    number = queue.add(DRAFT, REASONS)
    queue.decide(number, "ann", "approved")
    assert len(outcomes(path, lambda other, _name: other.take_to_send(number), ["a", "b", "c", "d", "e"])) == 1


def test_the_export_has_every_draft_and_no_private_data(queue, tmp_path):
    queue.add(DRAFT, REASONS)
    queue.decide(queue.add(DRAFT, REASONS), "ann", "approved")
    assert queue.export(tmp_path / "drafts.jsonl") == 2
    rows = read_jsonl(tmp_path / "drafts.jsonl")
    assert [row["state"] for row in rows] == ["waiting", "approved"]
    assert "anna" not in (tmp_path / "drafts.jsonl").read_text()


@pytest.fixture
def command(path, tmp_path):
    def run(*words):
        parser = argparse.ArgumentParser()
        add_review_parser(parser.add_subparsers())
        options = parser.parse_args(["review", "--database", str(path), *words])
        return options.run(Settings(cache=tmp_path / "cache"), options)

    return run


def test_the_commands_lead_a_draft_through(queue, command, capsys, tmp_path):
    first, second = queue.add(DRAFT, REASONS), queue.add(DRAFT, REASONS)
    assert command("list") == 0
    assert "2 open." in capsys.readouterr().out
    command("show", str(first), "--reviewer", "ann")
    shown = capsys.readouterr().out
    assert "We will refund $12" in shown and "The answer promises money." in shown
    command("approve", str(first), "--reviewer", "ann", "--text", "Sorry, no.")
    command("reject", str(second), "--reviewer", "ann", "--note", "wrong amount")
    assert [queue.get(number).state for number in (first, second)] == ["edited", "rejected"]
    assert "minutes" in capsys.readouterr().out
    command("export", str(tmp_path / "out.jsonl"))
    assert len(read_jsonl(tmp_path / "out.jsonl")) == 2


def test_a_draft_cannot_send_commands_to_the_reviewers_terminal(queue, command, capsys):
    number = queue.add(Draft("hi \x1b[2J", "text \x1b]0;x\x07"), REASONS)
    command("list")
    command("show", str(number), "--reviewer", "ann")
    assert "\x1b" not in capsys.readouterr().out


def test_without_a_file_named_the_commands_use_the_cache_folder(tmp_path, capsys):
    parser = argparse.ArgumentParser()
    add_review_parser(parser.add_subparsers())
    options = parser.parse_args(["review", "list"])
    assert options.run(Settings(cache=tmp_path / "cache"), options) == 0
    assert (tmp_path / "cache" / "operations.sqlite3").exists()
    assert capsys.readouterr().out == "0 open.\n"
