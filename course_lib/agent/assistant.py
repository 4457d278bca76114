"""Run the agent on a message; where a tool needs approval, save the run, and go on from the saved state later."""

from __future__ import annotations

import json
from collections.abc import Sequence

from agents import Agent, RunConfig, Runner, RunState, set_tracing_disabled

from course_lib.agent.desk import Call, Desk
from course_lib.agent.guardrails import input_guardrail, output_guardrail
from course_lib.agent.local_model import LocalModel
from course_lib.agent.loop import finish, guarded
from course_lib.agent.outcome import NAME, Outcome, Saved, outcome_of
from course_lib.agent.router import Router, load_router
from course_lib.agent.tools import search_tool, workflow_tools
from course_lib.assistants.answer import Answer, check_questions
from course_lib.assistants.team import Team
from course_lib.errors import DataError
from course_lib.models.chat import ChatModel
from course_lib.models.constrained import constrained, json_grammar
from course_lib.retrieval.base import Retriever
from course_lib.settings import Settings
from course_lib.training.targets import Target
from course_lib.training.ticket_targets import ticket_target

# The package sends every run to its maker's server unless it is told not to.
set_tracing_disabled(True)
_CONFIG = RunConfig(tracing_disabled=True)
_STEPS = 4  # calls of the model in one run: one chooses, one answers


class AgentAssistant:
    """The hybrid's parts, in a loop that chooses between the help pages and the workflows."""

    name = NAME

    def __init__(
        self, chat: ChatModel, chooser: ChatModel, retriever: Retriever, target: Target, router: Router | None
    ):
        """Put an agent together; :func:`build_agent` does it from what the other assistants share.

        Args:
            chat: model with the reading adapter loaded.
            chooser: the same model, held to the form of a choice.
            retriever: where passages come from.
            target: how a workflow is asked for, and which there are.
            router: tells questions from requests; None to let the adapter choose for every message.
        """
        self.chat, self.chooser, self.retriever, self.target, self.router = chat, chooser, retriever, target, router

    def run(self, message: str) -> Outcome:
        """Run the agent on one message until it ends, is stopped, or waits for approval."""
        return finish(self._run(Desk(message), message))

    def resume(self, saved: Saved, approve: bool, note: str = "") -> Outcome:
        """Go on with an interrupted run.

        Args:
            saved: from :attr:`Outcome.saved`, or from :func:`~course_lib.agent.outcome.take`.
            approve: what the person decided about the call that waits.
            note: what the customer is told if it was not approved.

        Raises:
            DataError: the saved run is damaged or was made by another version.
        """
        return finish(self._resume(saved, approve, note))

    def answer(self, questions: Sequence[str], say=None) -> list[Answer]:
        """Answer questions one by one; where a call waits for approval, the answer is that a person will see to it."""
        answers = []
        for question in check_questions(questions):
            answers.append(self.run(question).answer)
            if say:
                say(f"{len(answers)} of {len(questions)} answered")
        return answers

    def _agent(self, desk: Desk) -> Agent:
        definitions = self.target.definitions["workflows"]
        return Agent(
            name=NAME,
            instructions=self.target.short,
            model=LocalModel(self.chat, self.chooser, self.target, desk, self.router),
            tools=[search_tool(desk, self.retriever), *workflow_tools(desk, definitions, self.target.form.value)],
            input_guardrails=[input_guardrail(desk)],
            output_guardrails=[output_guardrail(desk)],
        )

    async def _run(self, desk: Desk, given: str | RunState, agent: Agent | None = None) -> Outcome:
        agent = agent or self._agent(desk)
        result, stopped = await guarded(Runner.run(agent, given, max_turns=_STEPS, run_config=_CONFIG))
        waiting = result.interruptions[0] if result and result.interruptions else None
        state = result.to_state().to_string() if waiting else ""
        text = "" if waiting or stopped else str(result.final_output)
        return outcome_of(desk, waiting and waiting.call_id, state, text, stopped)

    async def _resume(self, saved: Saved, approve: bool, note: str) -> Outcome:
        desk = Desk(saved.question, calls=[saved.waiting])
        agent = self._agent(desk)
        try:
            state = await RunState.from_string(agent, saved.state)
            (waiting,) = state.get_interruptions()
        except Exception as error:  # the package has no common class for what can be wrong with a state
            cause = f"The saved run cannot be used ({type(error).__name__})."
            raise DataError(cause, "Ask the agent again.") from error
        if Call(waiting.name, json.loads(waiting.arguments), waiting.call_id) != saved.waiting:
            raise DataError("The saved run would do something else than was shown.", "Find out who changed its file.")
        if approve:
            state.approve(waiting)
        else:
            state.reject(waiting, rejection_message=note or "A person did not approve this.")
        return await self._run(desk, state, agent)


def build_agent(team: Team, settings: Settings, route: bool = True) -> AgentAssistant:
    """Return the agent on the model, the retriever and the adapters that the other assistants use.

    Args:
        team: with the reading adapter loaded. The adapter that chooses is loaded into its model here.
        settings: where adapters, workflows and the router are.
        route: let the router tell questions from requests before the adapter chooses.

    Raises:
        WeightsError: an adapter is missing or damaged.
        DataError: the router or the workflows are missing.
    """
    target = ticket_target("workflow", settings)
    team.chat.load_adapter(target.adapter, settings.data / "adapters" / target.adapter)
    chooser = constrained(team.chat, json_grammar(target.form.value))
    return AgentAssistant(team.chat, chooser, team.retriever, target, load_router(settings) if route else None)
