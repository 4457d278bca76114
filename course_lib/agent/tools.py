"""The agent's tools: one that searches the help pages, and one for each workflow of the support desk."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from agents import FunctionTool
from agents.tool_context import ToolContext

from course_lib.agent.desk import NEEDS_APPROVAL, NO_WORKFLOW, SEARCH, Call, Desk, described
from course_lib.assistants.hybrid import TOP_K
from course_lib.models.prompts import passage_block
from course_lib.retrieval.base import Retriever

_QUESTION = {
    "type": "object",
    "properties": {"question": {"type": "string"}},
    "required": ["question"],
    "additionalProperties": False,
}


def search_tool(desk: Desk, retriever: Retriever, top_k: int = TOP_K) -> FunctionTool:
    """Return the tool that finds passages; its output is the passages as the reading prompt shows them."""

    async def search(_context: ToolContext, arguments: str) -> str:
        began = time.perf_counter()
        desk.hits = tuple(retriever.search([json.loads(arguments)["question"]], top_k)[0])
        desk.seconds["retrieve"] = time.perf_counter() - began
        return passage_block([hit.passage for hit in desk.hits])

    return FunctionTool(SEARCH, "Finds passages of the help pages.", _QUESTION, search, strict_json_schema=False)


def workflow_tools(desk: Desk, workflows: Sequence[Mapping[str, Any]], schema: Mapping[str, Any]) -> list[FunctionTool]:
    """Return a tool for each workflow; those that change something wait for a person's approval.

    Args:
        desk: where the work is noted.
        workflows: rows of ``workflows.json``.
        schema: the JSON schema of a choice, as for constrained decoding; the arguments' schemas are taken from it.
    """
    shapes = {one["properties"]["workflow"]["const"]: one["properties"]["arguments"] for one in schema["anyOf"]}
    return [
        FunctionTool(
            one["id"],
            one["does"],
            dict(shapes[one["id"]]),
            _note(desk, one["id"]),
            strict_json_schema=False,
            needs_approval=one["id"] in NEEDS_APPROVAL,
        )
        for one in workflows
        if one["id"] != NO_WORKFLOW
    ]


def _note(desk: Desk, name: str):
    async def note(context: ToolContext, arguments: str) -> str:
        call = Call(name, json.loads(arguments), context.tool_call_id)
        desk.done.append(call)
        return f"Noted: {described(call)}."

    return note
