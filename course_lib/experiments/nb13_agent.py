"""The agent on test questions and test messages: the tool it calls, its answers, and approvals that survive on disk."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from course_lib.assistants.answer import Answer
from course_lib.assistants.team import Team, build_team
from course_lib.evaluation.gold import Question, load_questions
from course_lib.evaluation.judge import judge
from course_lib.evaluation.workflow_choice import load_workflows, score_choice
from course_lib.experiments.resume import Kept, Rows
from course_lib.experiments.sources import READING_ADAPTER, SITE_DATA
from course_lib.knowledge.chunking import Passage
from course_lib.settings import Settings
from course_lib.training.targets import Item
from course_lib.training.ticket_targets import ticket_target

NAME = "nb13_agent"
USES = (
    *SITE_DATA,
    *READING_ADAPTER,
    "data/adapters/workflow/adapter_config.json",
    "data/adapters/workflow/adapter_model.safetensors",
    "data/router/router.json",
    "data/tickets/workflow_choice.jsonl",
    "data/tickets/workflows.json",
)
EVERY_QUESTION, EVERY_MESSAGE = 6, 3  # of 240 and of 150
ROUTED, ALONE = "with the router", "adapter alone"
QUESTION, MESSAGE = "question", "message"


def run(settings: Settings, say: Callable[[str], None]) -> Rows:
    """Return one row for each arm and item, as :func:`question_row` and :func:`message_row` say."""
    kept, team = Kept(NAME, settings, say), build_team(settings)
    questions, messages = asked(settings)
    # One by one, as the agent asks: in batches, the last digits of the sums differ.
    hybrid = [team.assistants["hybrid"].answer([question.text])[0] for question in questions]
    say("the hybrid has answered")
    rows: Rows = []
    for arm in (ROUTED, ALONE):
        agent = _agent(team, settings, arm)
        rows += kept.rows(
            f"{arm}, questions",
            lambda arm=arm, agent=agent: [
                question_row(arm, agent, question, other, _site(team.passages))
                for question, other in zip(questions, hybrid)
            ],
        )
        rows += kept.rows(
            f"{arm}, messages",
            lambda arm=arm, agent=agent: [message_row(arm, agent, item, settings) for item in messages],
        )
    return rows


def asked(settings: Settings) -> tuple[list[Question], list[Item]]:
    """Return the test questions and the test messages that the agent is tried on: every sixth, and every third."""
    messages = ticket_target("workflow", settings).items["test"]
    return load_questions(settings.data, "test")[::EVERY_QUESTION], list(messages[::EVERY_MESSAGE])


def question_row(
    arm: str, agent: Any, question: Question, hybrid: Answer, site: Mapping[str, Passage]
) -> dict[str, Any]:
    """Ask one question of the test set; the right tool is the search.

    ``same`` tells whether the customer reads and is shown as source what the hybrid says.
    """
    outcome = agent.run(question.text)
    judged = judge(question, outcome.answer, site)
    return {
        **_row(arm, QUESTION, question.id, question.cluster, outcome, "search_help"),
        "correct": judged.correct,
        "abstained": outcome.answer.abstained,
        "answerable": question.answerable,
        "text": outcome.answer.parsed.text,
        "citations": list(outcome.answer.parsed.citations),
        "hybrid_correct": judge(question, hybrid, site).correct,
        "same": (outcome.answer.parsed.text, outcome.answer.parsed.citations)
        == (hybrid.parsed.text, hybrid.parsed.citations),
    }


def message_row(arm: str, agent: Any, item: Item, settings: Settings) -> dict[str, Any]:
    """Send one message; the right tool is its workflow, or the search where it wants nothing done.

    A call that waits is saved, taken from its file, and approved; then the same again, and rejected. ``resumed`` tells
    whether exactly the call that was shown was done after the one, and nothing after the other; None if none waited.
    """
    wanted = json.loads(item.wanted)
    outcome = agent.run(item.text)
    call = outcome.calls[0] if outcome.calls else None
    given = json.dumps({"workflow": call.tool, "arguments": call.arguments}) if call else ""
    tool = "search_help" if item.group == "no_action" else item.group
    right = call is not None and call.tool == tool
    return {
        **_row(arm, MESSAGE, item.id, item.id, outcome, tool),
        "exact": right and (tool == "search_help" or score_choice(given, wanted, load_workflows(settings.data)).exact),
        "resumed": decided(agent, outcome) if outcome.waiting else None,
    }


def decided(agent: Any, outcome: Any) -> bool:
    """Approve and reject an interrupted run, each from a file of its own; tell whether both did what they should."""
    from course_lib.agent.outcome import save, take

    with tempfile.TemporaryDirectory() as folder:
        results = []
        for approve in (True, False):
            path = Path(folder) / f"{approve}.json"
            save(outcome.saved, path)
            results.append(agent.resume(take(path), approve))
    approved, rejected = results
    return approved.done == (outcome.waiting,) and not rejected.done and not any(one.waiting for one in results)


def _agent(team: Team, settings: Settings, arm: str) -> Any:
    from course_lib.agent.assistant import build_agent  # optional: the list of experiments works without it

    return build_agent(team, settings, route=arm == ROUTED)


def _row(arm: str, kind: str, name: str, cluster: str, outcome: Any, tool: str) -> dict[str, Any]:
    called = [call.tool for call in outcome.calls]
    return {
        "arm": arm,
        "kind": kind,
        "question": name,
        "cluster": cluster,
        "wanted": tool,
        "called": called[0] if called else "",
        "right": called == [tool],
        "waited": outcome.waiting is not None,
        "done": [call.tool for call in outcome.done],
        "stopped": outcome.stopped,
        "seconds": round(sum(outcome.answer.seconds.values()), 2),
        "tokens_in": outcome.answer.tokens_in,
        "tokens_out": outcome.answer.tokens_out,
    }


def _site(passages: list[Passage]) -> dict[str, Passage]:
    return {passage.id: passage for passage in passages}
