"""The reviewers' desk: what waits is shown with its reasons, and a decision is that of the queue."""

from __future__ import annotations

import pytest

from course_lib.operations.approval import Draft, Reason
from course_lib.operations.database import Database
from course_lib.operations.review_queue import ReviewQueue
from course_lib.settings import Settings
from course_lib.teaching import review_desk as desk


@pytest.fixture
def queue(tmp_path):
    with Database(tmp_path / "queue.sqlite3") as database:
        queue = ReviewQueue(database)
        for text in ("We refund $40.", "<b>bold</b>"):
            queue.add(Draft("Refund?", text), [Reason("give", "money", "It promises money.", "refund")])
        yield queue


def test_a_waiting_draft_is_shown_with_the_words_that_held_it(queue):
    view = desk.waiting_view(queue)
    assert "We refund $40." in view.plain and "It promises money. (refund)" in view.plain
    assert "<b>bold" not in view.html


def test_without_the_package_for_buttons_the_drafts_are_listed(queue, monkeypatch, capsys):
    monkeypatch.setattr(desk, "find_spec", lambda name: None)
    desk.review_desk(queue, "me")
    assert "ipywidgets" in capsys.readouterr().out
    assert [item.state for item in queue.items()] == ["waiting", "waiting"], "listing claims nothing"


def test_a_command_does_what_a_terminal_would(queue, capsys):
    words = ["approve", "1", "--reviewer", "me"]
    assert desk.review_command(words, queue.database.path, Settings()) == 0
    assert "Draft 1 is approved" in capsys.readouterr().out and queue.get(1).reviewer == "me"


def test_the_buttons_decide_and_bring_the_next_draft(queue):
    pytest.importorskip("ipywidgets")
    from course_lib.teaching.review_buttons import review_buttons

    _, words, buttons = review_buttons(queue, "me").children
    approve, _, reject = buttons.children
    approve.click()
    assert queue.get(1).state == "approved" and queue.get(2).state == "claimed"
    reject.click()
    assert queue.get(2).state == "claimed", "a rejection needs a note"
    words.value = "Wrong amount."
    reject.click()
    assert queue.get(2).state == "rejected" and queue.get(2).note == "Wrong amount."
