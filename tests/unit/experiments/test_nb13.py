"""Notebook 13's measurements: which tool was right, whether approvals did what they should, and a server's answers."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from course_lib.agent.desk import SEARCH, Call
from course_lib.experiments.nb13_agent import MESSAGE, QUESTION, ROUTED, asked, message_row, question_row
from course_lib.experiments.nb13_scores import (
    answers_board,
    approvals,
    mistaken,
    of,
    server_table,
    share,
    tool_table,
)
from course_lib.experiments.nb13_server import answer_rows
from course_lib.settings import Settings
from course_lib.training.targets import Item
from tests.unit.evaluation.small_site import ASKED, SITE, UNTOLD, answered

WISH = Item(
    "wf-1", "credit me", json.dumps({"workflow": "issue_credit", "arguments": {"amount": 12.5}}), "issue_credit"
)
THANKS = Item("wf-2", "thanks", json.dumps({"workflow": "no_action", "arguments": {}}), "no_action")


class Scripted:
    """An agent that calls what it is told to, and whose approvals work or do not."""

    def __init__(self, *calls, answer=None, waits=False, after=()):
        self.calls, self.answer, self.waits, self.after = calls, answer or answered("$74"), waits, list(after)

    def run(self, text):
        waiting = self.calls[0] if self.waits else None
        saved = SimpleNamespace(question=text, waiting=waiting, state="{}") if waiting else None
        return SimpleNamespace(
            calls=self.calls, waiting=waiting, saved=saved, done=(), stopped="", answer=self.answer, text=""
        )


def credit(amount=12.5):
    return Call("issue_credit", {"amount": amount}, "call_1")


def row(agent, item):
    return message_row(ROUTED, agent, item, Settings())


def test_a_message_is_right_if_its_workflow_was_called_and_exact_if_the_arguments_are_too():
    assert (row(Scripted(credit()), WISH)["right"], row(Scripted(credit()), WISH)["exact"]) == (True, True)
    assert (row(Scripted(credit(3)), WISH)["right"], row(Scripted(credit(3)), WISH)["exact"]) == (True, False)
    wrong = row(Scripted(Call(SEARCH, {"question": "?"})), WISH)
    assert (wrong["right"], wrong["exact"], wrong["called"], wrong["resumed"]) == (False, False, SEARCH, None)


def test_a_message_that_wants_nothing_is_looked_up():
    found = row(Scripted(Call(SEARCH, {"question": "thanks"})), THANKS)
    assert found["right"] and found["exact"] and found["kind"] == MESSAGE


def test_a_run_that_was_stopped_called_nothing():
    found = row(Scripted(), WISH)
    assert found["called"] == "" and not found["right"] and not found["exact"]


@pytest.mark.parametrize(
    ("approved", "rejected", "fine"),
    [((credit(),), (), True), ((), (), False), ((credit(3),), (), False), ((credit(),), (credit(),), False)],
)
def test_an_approval_counts_only_if_both_decisions_did_exactly_what_they_should(approved, rejected, fine, monkeypatch):
    from course_lib.agent import outcome as files

    monkeypatch.setattr(files, "save", lambda saved, path: None)
    monkeypatch.setattr(files, "take", lambda path: None)
    agent = Scripted(credit(), waits=True)
    agent.resume = lambda saved, approve: SimpleNamespace(done=approved if approve else rejected, waiting=None)
    assert row(agent, WISH)["resumed"] is fine


def test_a_question_is_right_if_it_was_looked_up_and_compared_with_the_hybrid():
    agent = Scripted(Call(SEARCH, {"question": "?"}))
    found = question_row(ROUTED, agent, ASKED, answered("$74"), SITE)
    assert found["right"] and found["correct"] and found["hybrid_correct"] and found["same"]
    assert found["kind"] == QUESTION and found["cluster"] == ASKED.cluster
    other = question_row(ROUTED, agent, UNTOLD, answered("$74", cited=()), SITE)
    assert not other["same"] and not other["correct"] and not other["answerable"]


def test_the_slice_is_spread_over_the_test_split():
    questions, messages = asked(Settings())
    assert 40 <= len(questions) + len(messages) and len({question.stratum for question in questions}) > 5
    assert len({item.group for item in messages}) == 12


def rows(**changes):
    base = {
        "arm": ROUTED,
        "kind": QUESTION,
        "cluster": "kb-1",
        "wanted": SEARCH,
        "called": SEARCH,
        "right": True,
        "waited": False,
        "done": [],
        "correct": True,
        "hybrid_correct": True,
        "same": True,
        "abstained": False,
        "answerable": True,
    }
    return [{**base, **changes}]


def test_wrong_calls_that_nobody_had_to_approve_are_counted():
    wrong = rows(called="quote_fleet", right=False, done=["quote_fleet"])
    held = rows(called="cancel", right=False, waited=True)
    assert tool_table([*rows(), *wrong, *held]) == [(ROUTED, QUESTION, 3, 1, 1, 1)]
    assert mistaken([*rows(), *wrong, *wrong, *held]) == [(SEARCH, "quote_fleet", 2), (SEARCH, "cancel", 1)]


def test_a_stopped_run_is_a_mistake_with_a_name():
    assert mistaken(rows(called="", right=False)) == [(SEARCH, "none", 1)]


def test_only_calls_that_waited_count_as_approvals():
    assert approvals([{"resumed": True}, {"resumed": None}, {"resumed": False}, {}]) == (2, 1)


def test_the_agent_stands_beside_the_hybrid():
    some = [*rows(), *rows(cluster="kb-2", correct=False, same=False, abstained=True)]
    shown = {(one.assistant, one.metric): one.value for one in answers_board(some)}
    assert shown["hybrid", "correct"] == 1.0 and shown["agent", "correct"] == 0.5
    assert shown["agent", "says what the hybrid says"] == shown["agent", "false refusal"] == 0.5
    assert share(some, "right").value == 1.0 and len(of(some, cluster="kb-2")) == 1


def test_answers_here_and_on_a_server_are_compared_as_they_were_written():
    here = answered("$74", raw="a")
    there = answered("$80", raw="b")
    for answer in (here, there):
        answer.seconds["generate"] = 1.0
    found = answer_rows("rag", [ASKED, ASKED], [here, here], [here, there], list(SITE.values()))
    assert [one["same"] for one in found] == [True, False]
    assert server_table(found) == [("rag", 2, 2, 1, 1)]
