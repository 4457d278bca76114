"""The course's own model behind the interface of the agent's loop.

A model of this size does not choose tools by itself. A router tells questions from requests, one adapter was trained to
choose a workflow with its arguments, another to answer from passages. Who speaks depends on what came last: the
customer, or a tool.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import uuid4

from agents import ItemHelpers, Model, ModelResponse, Usage
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage, ResponseOutputText

from course_lib.agent.desk import NO_WORKFLOW, SEARCH, Call, Desk
from course_lib.agent.router import Router
from course_lib.assistants.hybrid import MAX_TOKENS
from course_lib.evaluation.workflow_choice import parse_choice
from course_lib.models.chat import ChatModel
from course_lib.models.prompts import HOUSE_SYSTEM
from course_lib.training.targets import SHORT, Item, Target

READER = "reading"


class LocalModel(Model):
    """Chooses a tool after a customer's message, and answers after a tool's output.

    Args:
        chat: model with the reading adapter loaded.
        chooser: the same model, held to the form of a choice; with the adapter of the target loaded.
        target: how a workflow is asked for.
        desk: where costs and the answer are noted.
        router: tells questions from requests; None to let the adapter choose for every message.
    """

    def __init__(self, chat: ChatModel, chooser: ChatModel, target: Target, desk: Desk, router: Router | None):
        self.chat, self.chooser, self.target, self.desk, self.router = chat, chooser, target, desk, router
        self._workflows = {one["id"]: one["arguments"] for one in target.definitions["workflows"]}

    async def get_response(
        self, system_instructions, input, model_settings, tools, *_rest, **_options
    ) -> ModelResponse:
        """Return the next step: a call of one of the tools, or the last message.

        Args:
            system_instructions, model_settings: not used; each adapter has its own prompt.
            input: the conversation so far, oldest first.
            tools: those that may be called.
        """
        items = ItemHelpers.input_to_new_input_list(input)
        if items[-1].get("type") == "function_call_output":
            output = _message(self._conclude(items))
        else:
            output = self._choose(str(items[-1]["content"]), {tool.name for tool in tools})
        return ModelResponse(output=[output], usage=Usage(requests=1), response_id=None)

    def stream_response(self, *_arguments, **_options) -> AsyncIterator[Any]:
        """Refuse: the course's model gives whole answers only."""
        raise NotImplementedError("Use Runner.run: the local model does not stream.")

    def _choose(self, text: str, offered: set[str]) -> ResponseFunctionToolCall:
        if self.router and not self.router.is_work(text):
            return self._call(SEARCH, {"question": text})
        asked = self.target.messages(Item("", text, ""), SHORT)
        (done,) = self.chooser.generate([asked], self.target.max_new_tokens, self.target.adapter)
        self.desk.count("choose", done)
        choice = parse_choice(done.text, self._workflows)
        # What cannot be read, or is not on offer, must have no effect; looking something up has none.
        if choice.problem or choice.workflow == NO_WORKFLOW or choice.workflow not in offered:
            return self._call(SEARCH, {"question": text})
        return self._call(choice.workflow, json.loads(done.text)["arguments"])

    def _call(self, tool: str, arguments: dict[str, Any]) -> ResponseFunctionToolCall:
        call = Call(tool, arguments, f"call_{uuid4().hex}")
        self.desk.calls.append(call)
        written = json.dumps(arguments)
        return ResponseFunctionToolCall(id=call.id, call_id=call.id, type="function_call", name=tool, arguments=written)

    def _conclude(self, items: Sequence[dict[str, Any]]) -> str:
        last = items[-1]
        called = next(item for item in items if item.get("call_id") == last["call_id"])
        if called["name"] != SEARCH:
            return str(last["output"])
        question = json.loads(called["arguments"])["question"]
        asked = [
            {"role": "system", "content": HOUSE_SYSTEM},
            {"role": "user", "content": f"{last['output']}\n\nQuestion: {question}"},
        ]
        (self.desk.written,) = self.chat.generate([asked], MAX_TOKENS, READER)
        self.desk.prompt = self.chat.render(asked)
        self.desk.count("generate", self.desk.written)
        return self.desk.written.text


def _message(text: str) -> ResponseOutputMessage:
    part = ResponseOutputText(text=text, type="output_text", annotations=[])
    return ResponseOutputMessage(
        id=f"msg_{uuid4().hex}", content=[part], role="assistant", status="completed", type="message"
    )
