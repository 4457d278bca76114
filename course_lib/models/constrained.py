"""Constrained decoding: the model chooses, at every step, only among tokens that a grammar allows.

The idea is described by Willard and Louf (2023); llguidance keeps the grammar, as a parser over the tokenizer's bytes.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from llguidance import LLMatcher, LLTokenizer
from llguidance.hf import from_tokenizer

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
    view.new_limit = partial(GrammarMask, tokens, grammar)
    return view


class GrammarMask:
    """Sets the scores of tokens that a grammar does not allow to minus infinity; made anew for every batch."""

    def __init__(self, tokens: LLTokenizer, grammar: str):
        self._matcher = LLMatcher(tokens, grammar)
        self._rows: dict[int, LLMatcher] = {}
        self._ends = set(tokens.eos_tokens)

    def __call__(self, rows: Sequence[int], last: Sequence[int], scores: torch.Tensor) -> torch.Tensor:
        """Mask the scores of the next token.

        Args:
            rows: numbers of the prompts in the batch; those that have ended may be missing.
            last: the token that each of them got at the step before; empty at the first step.
            scores: of the next token, shape (rows, vocabulary).

        Raises:
            DataError: the grammar does not take a token that it had allowed.
        """
        if not last:
            self._rows = {row: self._matcher.deep_copy() for row in rows}
        for row, token in zip(rows, last):
            self._read(row, token)
        allowed = torch.ones_like(scores, dtype=torch.bool)
        for place, row in enumerate(rows):
            if row in self._rows:
                bits = np.frombuffer(self._rows[row].compute_bitmask(), dtype=np.uint8)
                flags = np.unpackbits(bits, bitorder="little")[: scores.shape[1]]
                allowed[place] = torch.from_numpy(flags.astype(bool))
        return scores.masked_fill(~allowed, float("-inf"))

    def _read(self, row: int, token: int) -> None:
        if token in self._ends:  # what follows an end mark is padding
            self._rows.pop(row, None)
        elif row in self._rows and not self._rows[row].consume_token(token):
            raise DataError(
                f"The grammar did not take a token that it had allowed: {self._rows[row].get_error()}",
                "Use a simpler grammar.",
            )
