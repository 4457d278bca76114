"""Completions kept on disk as they come: a run that was interrupted while the model answered goes on there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from course_lib.errors import DataError
from course_lib.files import digest_of, read_jsonl, write_jsonl
from course_lib.models.batching import Completion
from course_lib.models.chat import ChatModel

BLOCK = 32  # completions written together; a run that is killed loses at most this many


class RememberingChat:
    """A chat model that is asked only what it has not been asked before; it answers greedily, so nothing is lost."""

    def __init__(self, chat: ChatModel, mark: str, path: Path):
        """Wrap a chat model.

        Args:
            chat: the model.
            mark: what the completions depend on beside the prompt: the model and its number type.
            path: file with the completions. One that cannot be read is written anew; a row that does not fit its
                checksum is asked for again.
        """
        self.chat, self.mark, self.path = chat, mark, path
        try:
            rows = read_jsonl(path) if path.exists() else []
            self._known = {row["key"]: Completion(**row["said"]) for row in rows if row["check"] == _check(row)}
        except (DataError, KeyError, TypeError):  # whatever is wrong with it: it only saves time
            self._known = {}

    def render(self, messages: Sequence[dict[str, str]]) -> str:
        """Return the text the model is given for a conversation."""
        return self.chat.render(messages)

    def generate(
        self,
        conversations: Sequence[Sequence[dict[str, str]]],
        max_new_tokens: int = 64,
        adapter: str | None = None,
        say: Callable[[str], None] | None = None,
    ) -> list[Completion]:
        """Answer conversations; arguments and result as for ``ChatModel.generate``."""
        prompts = [self.render(messages) for messages in conversations]
        keys = [digest_of([self.mark, adapter, max_new_tokens, prompt]) for prompt in prompts]
        new = {key: place for place, key in enumerate(keys) if key not in self._known}
        order = sorted(new, key=lambda key: len(prompts[new[key]]))  # of similar length, as the model likes them
        for start in range(0, len(order), BLOCK):
            block = order[start : start + BLOCK]
            done = self.chat.generate([conversations[new[key]] for key in block], max_new_tokens, adapter)
            self._known.update(zip(block, done))
            rows = [{"key": key, "said": asdict(said)} for key, said in self._known.items()]
            write_jsonl(self.path, [{**row, "check": _check(row)} for row in rows])
            if say:
                say(f"{len(keys) - len(order) + start + len(block)} of {len(keys)} answered")
        return [self._known[key] for key in keys]


def _check(row: Mapping[str, Any]) -> str:
    """Return the checksum of a kept row: an answer in which a letter changed would still look like one."""
    return digest_of([row["key"], row["said"]])
