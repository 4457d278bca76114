"""Ask a server what it honors: a setting that is silently ignored is worse than one that is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from course_lib.hosted.client import Client, Refused
from course_lib.hosted.endpoint import EndpointError
from course_lib.hosted.wire import send

HONORED, IGNORED, REFUSED, FAILED = "honored", "ignored", "refused", "failed"
ROOM = 24  # tokens of an answer to a probe
_WORD = "marigold"  # nothing in the question leads to it
_ASKED = {"messages": [{"role": "user", "content": "Say hello."}]}
_SCHEMA = {
    "type": "object",
    "properties": {"word": {"type": "string", "enum": [_WORD]}},
    "required": ["word"],
    "additionalProperties": False,
}
_FORMAT = {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": _SCHEMA}}
_TOOL = {"type": "function", "function": {"name": "note", "description": "Takes a note.", "parameters": _SCHEMA}}
Answer = Mapping[str, Any]


@dataclass(frozen=True)
class Finding:
    """What a server does with one setting.

    Attributes:
        setting: its name.
        verdict: ``honored``, ``ignored`` (an answer came as if it had not been set), ``refused`` (an error that says
            no), or ``failed`` (anything else went wrong).
        seen: what the verdict rests on.
    """

    setting: str
    verdict: str
    seen: str


def _message(answer: Answer) -> Mapping[str, Any]:
    return answer["choices"][0].get("message") or {}


def _is_limited(answer: Answer) -> bool:
    return (answer.get("usage") or {}).get("completion_tokens", ROOM) <= 2


def _is_formatted(answer: Answer) -> bool:
    try:
        return json.loads(_message(answer).get("content") or "") == {"word": _WORD}
    except ValueError:
        return False


def _calls(answer: Answer) -> bool:
    calls = _message(answer).get("tool_calls") or []
    return [call.get("function", {}).get("name") for call in calls] == ["note"]


# Setting, what is added to the question, tokens of the answer, and how to see that it was honored.
_PROBES: tuple[tuple[str, dict[str, Any], int, Callable[[Answer], bool]], ...] = (
    ("usage", {}, ROOM, lambda answer: bool(answer.get("usage"))),
    ("limit of tokens", {}, 2, _is_limited),
    ("n", {"n": 2}, ROOM, lambda answer: len(answer["choices"]) == 2),
    ("logprobs", {"logprobs": True}, ROOM, lambda answer: bool(answer["choices"][0].get("logprobs"))),
    ("response_format", {"response_format": _FORMAT}, ROOM, _is_formatted),
    ("tools", {"tools": [_TOOL], "tool_choice": "required"}, ROOM, _calls),
)


def probe(client: Client) -> list[Finding]:
    """Try each setting with one short question; return a finding for each.

    Raises:
        CeilingError: the ceiling does not allow the questions.
        Unanswered: nothing answers at all.
    """
    return [_list_of_models(client), *(_try(client, *one) for one in _PROBES)]


def _list_of_models(client: Client) -> Finding:
    reply = send(client.endpoint, "/models")
    return Finding("list of models", HONORED if reply.status == 200 else FAILED, f"status {reply.status}")


def _try(
    client: Client, setting: str, extra: Mapping[str, Any], room: int, is_honored: Callable[[Answer], bool]
) -> Finding:
    try:
        answer, _ = client.ask({**_ASKED, **extra}, room)
    except Refused as error:
        return Finding(setting, REFUSED if error.status in (400, 422) else FAILED, f"status {error.status}")
    except EndpointError as error:
        return Finding(setting, FAILED, error.cause)
    try:
        honored = is_honored(answer)
    except (KeyError, TypeError, AttributeError):
        honored = False
    return Finding(setting, HONORED if honored else IGNORED, _excerpt(answer))


def _excerpt(answer: Answer) -> str:
    choice = answer["choices"][0]
    return json.dumps(choice.get("message") if isinstance(choice, dict) else choice, ensure_ascii=False)[:120]
