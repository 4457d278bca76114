"""A hosted model with the interface of the local :class:`~course_lib.models.chat.ChatModel`."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from course_lib.assistants.answer import Assistant
from course_lib.assistants.prompt_only import PromptOnly
from course_lib.assistants.rag import Rag
from course_lib.errors import WeightsError
from course_lib.hosted.client import Client
from course_lib.hosted.endpoint import EndpointError
from course_lib.models.batching import Completion
from course_lib.models.chat import Message
from course_lib.retrieval.base import Retriever


class EndpointChat:
    """Answers conversations through an endpoint, one after the other.

    What a server does not tell is missing: without token probabilities, ``first_logprob`` and ``min_logprob`` are NaN.
    NaN is above no threshold, so an assistant that withholds unsure answers withholds all of them.
    """

    def __init__(self, client: Client, logprobs: bool = False):
        """Set up the model.

        Args:
            client: asks the endpoint.
            logprobs: ask for token probabilities; many servers refuse or ignore this.
        """
        self.client, self.logprobs = client, logprobs

    def render(self, messages: Sequence[Message]) -> str:
        """Return what is sent of a conversation; the text that the model sees in the end, the server makes."""
        return json.dumps(safe_messages(messages), ensure_ascii=False)

    def generate(
        self,
        conversations: Sequence[Sequence[Message]],
        max_new_tokens: int = 64,
        adapter: str | None = None,
        say: Callable[[str], None] | None = None,
    ) -> list[Completion]:
        """Answer conversations in the order given; arguments and result as for the local model.

        Raises:
            WeightsError: an adapter is asked for. The adapters of the course fit its own model only.
            CeilingError: the next answer could cost more than is left.
            EndpointError: no usable answer came.
        """
        if adapter is not None:
            raise WeightsError(
                f"The endpoint does not have the adapter {adapter!r}.",
                "Use the local model, or an untrained assistant.",
            )
        done = []
        for messages in conversations:
            body = {"messages": safe_messages(messages), **({"logprobs": True} if self.logprobs else {})}
            done.append(completion_of(*self.client.ask(body, max_new_tokens)))
            if say:
                say(f"{len(done)} of {len(conversations)} answered")
        return done


def safe_messages(messages: Sequence[Message]) -> list[Message]:
    """Return a conversation in which no text can end its turn and speak as somebody else, as for the local model."""
    return [{**message, "content": message["content"].replace("<|", "< |")} for message in messages]


def completion_of(answer: Mapping[str, Any], seconds: float) -> Completion:
    """Return a server's chat completion as the record that the assistants know.

    Raises:
        EndpointError: it has no message, or does not say how many tokens it used.
    """
    try:
        choice, usage = answer["choices"][0], answer["usage"]
        text = choice["message"].get("content") or ""  # null stands for a refusal, which is an empty answer
        tokens = [int(usage[name]) for name in ("prompt_tokens", "completion_tokens")]
        chosen = [float(token["logprob"]) for token in (choice.get("logprobs") or {}).get("content") or ()]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EndpointError(
            f"The endpoint's answer lacks a part ({error}).", "Use a server that reports `message` and `usage`."
        ) from error
    first, least = (chosen[0], min(chosen)) if chosen else (math.nan, math.nan)
    return Completion(str(text).strip(), *tokens, seconds, first, least)


def hosted_assistants(chat: EndpointChat, retriever: Retriever) -> dict[str, Assistant]:
    """Return the assistants that need no trained adapter, by name, on a hosted model."""
    return {"prompt_only": PromptOnly(chat), "rag": Rag(chat, retriever)}
