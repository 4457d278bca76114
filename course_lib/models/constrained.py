"""Constrained decoding: the model chooses, at every step, only among tokens that a grammar allows.

The idea is described by Willard and Louf (2023); llguidance keeps the grammar, as a parser over the tokenizer's bytes.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import torch
from llguidance import LLMatcher, LLTokenizer
from llguidance.hf import from_tokenizer
from transformers import LogitsProcessor, LogitsProcessorList

from course_lib.errors import DataError
from course_lib.models.chat import ChatModel

# As json.dumps writes it, and as the training examples are written.
_SPACING = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}


def json_grammar(schema: Mapping[str, Any]) -> str:
    """Return the grammar of JSON texts that a schema allows, spaced as ``json.dumps`` does.

    Args:
        schema: a JSON schema; properties are written in its order.
    """
    return LLMatcher.grammar_from_json_schema(json.dumps(schema), overrides=_SPACING)


def choice_grammar(options: Sequence[str]) -> str:
    """Return the grammar of a set of texts, exactly one of which is written.

    Raises:
        DataError: there are no options, or one is empty.
    """
    if not options or not all(options):
        raise DataError("A choice needs options, and none may be empty.", "Give at least one text.")
    return LLMatcher.grammar_from_lark("start: " + " | ".join(json.dumps(option) for option in options))


def pattern_grammar(pattern: str) -> str:
    """Return the grammar of the texts that a regular expression matches as a whole."""
    return LLMatcher.grammar_from_regex(pattern)


def constrained(chat: ChatModel, grammar: str) -> ChatModel:
    """Return a view of a chat model that writes only what a grammar allows.

    It has the same weights, adapters and ``generate``. An answer that reaches ``max_new_tokens`` is cut off and may
    then break the grammar. Load adapters into ``chat`` before, not into the view.

    Args:
        chat: the model; it stays unconstrained itself.
        grammar: from one of the functions above.

    Raises:
        DataError: the grammar cannot be used.
    """
    size = chat.model.get_output_embeddings().weight.shape[0]
    tokens = from_tokenizer(chat.tokenizer, n_vocab=size)
    if problem := LLMatcher.validate_grammar(grammar, tokens):
        raise DataError(f"The grammar cannot be used: {problem.splitlines()[0]}", "Mend the schema or the pattern.")
    view = copy.copy(chat)
    view.model = _ConstrainedModel(chat.model, tokens, grammar)
    return view


class GrammarMask(LogitsProcessor):
    """Sets the scores of tokens that a grammar does not allow to minus infinity; made anew for every batch."""

    def __init__(self, tokens: LLTokenizer, grammar: str):
        self._matcher = LLMatcher(tokens, grammar)
        self._rows: list[LLMatcher] = []
        self._done: set[int] = set()
        self._ends = set(tokens.eos_tokens)

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Mask the scores of the next token.

        Args:
            input_ids: prompts and what was generated so far, shape (batch, length).
            scores: of the next token, shape (batch, vocabulary).
        """
        if self._rows:
            self._read(input_ids[:, -1].tolist())
        else:
            self._rows = [self._matcher.deep_copy() for _ in input_ids]
        allowed = torch.ones_like(scores, dtype=torch.bool)
        for row, matcher in enumerate(self._rows):
            if row not in self._done:
                bits = np.frombuffer(matcher.compute_bitmask(), dtype=np.uint8)
                flags = np.unpackbits(bits, bitorder="little")[: scores.shape[1]]
                allowed[row] = torch.from_numpy(flags.astype(bool))
        return scores.masked_fill(~allowed, float("-inf"))

    def _read(self, chosen: Sequence[int]) -> None:
        for row, token in enumerate(chosen):
            if row in self._done:  # what follows an end mark is padding
                continue
            if token in self._ends:
                self._done.add(row)
            elif not self._rows[row].consume_token(token):
                raise DataError(
                    f"The grammar did not take a token that it had allowed: {self._rows[row].get_error()}",
                    "Use a simpler grammar.",
                )


class _ConstrainedModel:
    """Stands in for a model inside a :class:`ChatModel`: reading is the model's own, generating is masked."""

    def __init__(self, model, tokens: LLTokenizer, grammar: str):
        self._model, self._tokens, self._grammar = model, tokens, grammar

    @property
    def device(self) -> torch.device:
        return self._model.device

    def __call__(self, **inputs):
        return self._model(**inputs)

    def generate(self, logits_processor: LogitsProcessorList, **inputs) -> torch.Tensor:
        # The mask goes first: what is recorded of the choice has to be about the tokens that were left to choose from.
        masked = LogitsProcessorList([GrammarMask(self._tokens, self._grammar), *logits_processor])
        return self._model.generate(**inputs, logits_processor=masked)

    def set_adapter(self, name: str) -> None:
        self._model.set_adapter(name)

    def disable_adapter(self) -> AbstractContextManager:
        return self._model.disable_adapter()
