"""The agent's loop: the tool that is called, guardrails, and approval that survives on disk and is used once."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("agents.run_state", reason="openai-agents is optional: see requirements-extra.txt")

from course_lib.agent.assistant import AgentAssistant
from course_lib.agent.desk import NEEDS_APPROVAL, NO_WORKFLOW, SEARCH, Call, described
from course_lib.agent.guardrails import input_problem
from course_lib.agent.local_model import READER
from course_lib.agent.outcome import Saved, save, take
from course_lib.assistants.hybrid import Hybrid
from course_lib.errors import DataError
from course_lib.evaluation.workflow_choice import load_workflows
from course_lib.models.batching import Completion
from course_lib.models.prompts import house_answer
from course_lib.retrieval.base import Hit
from course_lib.settings import ROOT, Settings
from course_lib.training.ticket_targets import ticket_target
from tests.unit.evaluation.small_site import NOTICE, PRICE

TARGET = ticket_target("workflow", Settings())
CREDIT = {"workflow": "issue_credit", "arguments": {"amount": 12.5, "order": "48820"}}
NOTHING = {"workflow": NO_WORKFLOW, "arguments": {}}
ORDER = {"workflow": "lookup_order", "arguments": {"order": "48820"}}


class FakeChat:
    """Chooses what it is told to, and reads the price from the passages; remembers what it was asked."""

    def __init__(self, choice, read=None, logprob=-0.01):
        self.choice = choice if isinstance(choice, str) else json.dumps(choice)
        self.read = read or house_answer(["$74"], ["kb-001.1"], "plans")
        self.logprob, self.asked = logprob, []

    def render(self, messages):
        return json.dumps(list(messages))

    def generate(self, conversations, max_new_tokens=64, adapter=None, say=None):
        self.asked += [(adapter, list(talk)) for talk in conversations]
        text = self.read if adapter == READER else self.choice
        return [Completion(text, 100, 10, 0.5, -0.1, self.logprob) for _ in conversations]


class Shelf:
    """Finds the same two passages for every question."""

    def search(self, questions, k):
        return [[Hit(PRICE, 0.9), Hit(NOTICE, 0.8)][:k] for _ in questions]


class Fixed:
    """A router that always says the same."""

    def __init__(self, work):
        self.work = work

    def is_work(self, text):
        return self.work


def agent(choice=NOTHING, router=None, **chat):
    fake = FakeChat(choice, **chat)
    return AgentAssistant(fake, fake, Shelf(), TARGET, router), fake


def test_a_question_is_looked_up_and_answered_as_the_hybrid_would():
    assistant, chat = agent()
    outcome = assistant.run("What does Classic cost?")
    (expected,) = Hybrid(FakeChat(NOTHING), Shelf()).answer(["What does Classic cost?"])
    assert [call.tool for call in outcome.calls] == [SEARCH] and outcome.waiting is None and not outcome.stopped
    assert outcome.answer.parsed == expected.parsed and outcome.answer.verdicts == expected.verdicts
    assert (outcome.answer.hits, outcome.answer.prompt) == (expected.hits, expected.prompt)
    assert outcome.answer.tokens_in == 200 and set(outcome.answer.seconds) == {"choose", "retrieve", "generate"}


@pytest.mark.parametrize(
    "chat",
    [
        {"read": house_answer(["$80"], ["kb-001.1"], "plans")},
        {"read": "The price is $74."},
        {"logprob": -3.0},
    ],
    ids=["not in the passages", "not in the house format", "unsure"],
)
def test_an_answer_that_fails_a_check_is_withheld_by_the_output_guardrail(chat):
    assistant, _ = agent(**chat)
    outcome = assistant.run("What does Classic cost?")
    (expected,) = Hybrid(FakeChat(NOTHING, **chat), Shelf()).answer(["What does Classic cost?"])
    assert outcome.stopped.startswith("answer: ") and outcome.text == "" and outcome.answer.abstained
    assert outcome.answer.parsed == expected.parsed and outcome.answer.verdicts == expected.verdicts


@pytest.mark.parametrize("message", ["My card is 4111 1111 1111 1111, pay it back", " ", "a" * 3000])
def test_a_message_that_must_not_reach_a_model_stops_before_the_model(message):
    assistant, chat = agent(CREDIT)
    outcome = assistant.run(message)
    assert outcome.stopped.startswith("message: ") and not chat.asked and not outcome.calls and not outcome.done
    assert input_problem(message) in outcome.stopped


def test_a_call_that_changes_nothing_is_done_at_once():
    outcome = agent(ORDER)[0].run("Where is order 48820?")
    assert outcome.waiting is None and [(call.tool, call.arguments) for call in outcome.done] == [
        ("lookup_order", {"order": "48820"})
    ]
    assert outcome.text == "Noted: lookup_order(order=48820)." == outcome.answer.parsed.text


def test_a_call_that_needs_approval_waits_and_does_nothing():
    outcome = agent(CREDIT)[0].run("Give me back $12.50 for order 48820")
    assert (outcome.waiting.tool, outcome.waiting.arguments) == ("issue_credit", CREDIT["arguments"])
    assert not outcome.done and outcome.text == "" and outcome.answer.abstained
    assert outcome.status == "waits for approval: issue_credit(amount=12.5, order=48820)"


def test_an_approved_call_is_done_once_by_an_agent_that_knows_only_the_file(tmp_path: Path):
    first = agent(CREDIT)[0].run("Give me back $12.50 for order 48820")
    save(first.saved, tmp_path / "run.json")
    later, chat = agent("never asked")
    outcome = later.resume(take(tmp_path / "run.json"), approve=True)
    assert outcome.done == (Call("issue_credit", CREDIT["arguments"], first.waiting.id),)
    assert outcome.text == "Noted: issue_credit(amount=12.5, order=48820)." and outcome.waiting is None
    assert not chat.asked  # what was approved is what was shown: nothing is chosen anew


def test_a_rejected_call_is_not_done_and_the_customer_hears_why(tmp_path: Path):
    first = agent(CREDIT)[0].run("Give me back $12.50 for order 48820")
    outcome = agent("never asked")[0].resume(first.saved, approve=False, note="Paid back already.")
    assert not outcome.done and outcome.text == "Paid back already." and outcome.waiting is None


def test_a_run_that_would_do_something_else_than_was_shown_is_refused():
    saved = agent(CREDIT)[0].run("Give me back $12.50 for order 48820").saved
    shown = replace(saved.waiting, arguments={"amount": 1})
    with pytest.raises(DataError, match="something else"):
        agent("never asked")[0].resume(replace(saved, waiting=shown), approve=True)


def test_a_saved_run_is_taken_once_and_only_its_owner_can_read_it(tmp_path: Path):
    path = tmp_path / "run.json"
    saved = Saved("a question", Call("cancel", {"plan": "Plus"}, "call_1"), "{}")
    save(saved, path)
    assert path.stat().st_mode & 0o077 == 0
    assert take(path) == saved
    with pytest.raises(DataError, match="taken before"):
        take(path)
    with pytest.raises(DataError, match="missing"):
        take(tmp_path / "other.json")


@pytest.mark.parametrize("text", ["[]", '{"question": "?"}', '{"question": "?", "waiting": {}, "state": ""}'])
def test_a_file_that_is_no_saved_run_is_refused(tmp_path: Path, text: str):
    (tmp_path / "run.json").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="not a saved run"):
        take(tmp_path / "run.json")


@pytest.mark.parametrize("state", ["", "{}", '{"$schemaVersion": "0.0"}'])
def test_a_damaged_state_is_refused(state: str):
    saved = Saved("a question", Call("cancel", {"plan": "Plus"}, "call_1"), state)
    with pytest.raises(DataError, match="cannot be used"):
        agent()[0].resume(saved, approve=True)


@pytest.mark.parametrize("choice", ["not JSON", {"workflow": "delete_everything", "arguments": {}}, {}])
def test_a_choice_that_cannot_be_read_has_no_effect_but_a_look_at_the_help_pages(choice):
    outcome = agent(choice)[0].run("Do it")
    assert [call.tool for call in outcome.calls] == [SEARCH] and not outcome.done


def test_the_router_keeps_questions_from_the_adapter_that_chooses():
    assistant, chat = agent(CREDIT, router=Fixed(False))
    assert [call.tool for call in assistant.run("How long do refunds take?").calls] == [SEARCH]
    assert [adapter for adapter, _ in chat.asked] == [READER]
    assert agent(CREDIT, router=Fixed(True))[0].run("Refund order 48820").waiting.tool == "issue_credit"


def test_everything_that_changes_something_needs_approval():
    harmless = {"open_claim", "book_service", "lookup_order", "quote_fleet", "escalate", NO_WORKFLOW}
    assert set(load_workflows(ROOT / "data")) == NEEDS_APPROVAL | harmless


def test_every_workflow_can_be_called_with_the_arguments_of_the_training_examples():
    seen = {}
    for item in TARGET.items["train"]:
        seen.setdefault(item.group, json.loads(item.wanted))
    for name, wanted in seen.items():
        outcome = agent(wanted)[0].run("Please do it")
        assert outcome.calls[0].tool == (SEARCH if name == NO_WORKFLOW else name)
        assert (outcome.waiting is not None) == (name in NEEDS_APPROVAL)


def test_it_answers_like_any_other_assistant():
    assistant, _ = agent()
    said: list[str] = []
    answers = assistant.answer(["What does Classic cost?", " Price? "], say=said.append)
    assert [answer.question for answer in answers] == ["What does Classic cost?", "Price?"]
    assert {answer.assistant for answer in answers} == {assistant.name} and said[-1] == "2 of 2 answered"


def test_the_agent_works_where_an_event_loop_runs_already():
    import asyncio

    async def as_in_a_notebook():
        return agent(ORDER)[0].run("Where is order 48820?")

    assert asyncio.run(as_in_a_notebook()).done


def test_a_call_is_described_in_one_line():
    assert described(Call("cancel", {"plan": "Plus", "when": "2026-05-01"})) == "cancel(plan=Plus, when=2026-05-01)"
