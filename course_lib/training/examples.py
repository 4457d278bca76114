"""Chat messages to token ids and labels: the loss is taken only where the assistant speaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from course_lib.errors import DataError

Message = dict[str, str]
IGNORE = -100


@dataclass(frozen=True)
class Encoded:
    """One training example: token ids and, of the same length, labels (``IGNORE`` where nothing is learned)."""

    input_ids: list[int]
    labels: list[int]


def encode(tokenizer, messages: Sequence[Message], max_tokens: int = 1536) -> Encoded:
    """Tokenize a conversation and label the assistant's turns, each up to and with its end mark.

    The chat template marks no assistant spans, so they are found by rendering each prefix. That is right only
    if a prefix's tokens start the whole's tokens, which is checked.

    Raises:
        DataError: there is no assistant turn, the example is too long, or prefix and whole do not agree.
    """
    whole = _tokens(tokenizer, messages, answer_next=False)
    labels = [IGNORE] * len(whole)
    turns = [index for index, message in enumerate(messages) if message["role"] == "assistant"]
    if not turns:
        raise DataError("A training example has no assistant turn.", "Give each example at least one.")
    if len(whole) > max_tokens:
        raise DataError(f"A training example has {len(whole)} tokens; {max_tokens} are allowed.", "Shorten it.")
    for index in turns:
        start = len(before := _tokens(tokenizer, messages[:index], answer_next=True))
        upto = _tokens(tokenizer, messages[: index + 1], answer_next=False)
        if whole[:start] != before or whole[: len(upto)] != upto:
            raise DataError(
                "The prompt's tokens do not start the example's tokens.",
                "Use a chat template that only appends text for each new message.",
            )
        end = max(position for position in range(start, len(upto)) if upto[position] == tokenizer.eos_token_id) + 1
        labels[start:end] = whole[start:end]
    return Encoded(whole, labels)


def _tokens(tokenizer, messages: Sequence[Message], answer_next: bool) -> list[int]:
    text = tokenizer.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=answer_next)
    return tokenizer(text, add_special_tokens=False)["input_ids"]
