"""Marginal scores agree with sums worked out by hand, on numbers and on a tiny fake model."""

from __future__ import annotations

import math
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_lib.assistants.marginal import (
    METHODS,
    candidate_logprobs,
    passage_log_weights,
    score_candidates,
    sequence_score,
    token_score,
)
from course_lib.knowledge.chunking import Passage
from course_lib.retrieval.base import Hit

WORDS = ["<end>", "four", "five", "red", "blue", "?"]


class FakeChat:
    """A model of six words whose next word depends on the last word and on how often ``red`` stands in the prompt."""

    def __init__(self):
        self.tokenizer = self._tokenize
        self._tokenize.__func__.eos_token_id = 0
        self.adapters = []

    def _tokenize(self, text, add_special_tokens):
        assert add_special_tokens is False
        return {"input_ids": [WORDS.index(word) for word in text.split() if word in WORDS]}

    def render(self, messages):
        return " ".join(message["content"] for message in messages) + " ?"

    @contextmanager
    def using(self, adapter):
        self.adapters.append(adapter)
        yield

    def model(self, input_ids, logits_to_keep):
        logits = torch.stack([torch.stack([self.row(ids[: at + 1]) for at in range(len(ids))]) for ids in input_ids])
        return SimpleNamespace(logits=logits[:, -logits_to_keep:])

    @staticmethod
    def row(ids):
        """Return logits of the next word: after ``?`` a color decides, after a number the end is likely."""
        if ids[-1] == WORDS.index("?"):
            reds = float((ids == WORDS.index("red")).sum())
            return torch.tensor([0.0, reds, 1.0, 0.0, 0.0, 0.0])
        return torch.tensor([2.0, 0.5, 0.0, 0.0, 0.0, 0.0])


def chance(logits, place):
    """Return softmax(logits)[place], with plain Python."""
    return math.exp(logits[place]) / sum(math.exp(number) for number in logits)


def first(reds):
    return [0.0, reds, 1.0, 0.0, 0.0, 0.0]


LATER = [2.0, 0.5, 0.0, 0.0, 0.0, 0.0]


def hit(text, score):
    return Hit(Passage(f"kb-{score}.1", "kb", "page", "", "orders", text), score)


def test_weights_are_the_softmax_of_the_scores():
    weights = np.exp(passage_log_weights([2.0, 1.0]))
    assert weights == pytest.approx([math.e / (math.e + 1), 1 / (math.e + 1)])
    assert np.exp(passage_log_weights([2.0, 1.0], temperature=1e6)) == pytest.approx([0.5, 0.5], abs=1e-6)
    assert np.exp(passage_log_weights([2.0, 1.0], temperature=0.01)) == pytest.approx([1, 0], abs=1e-6)


@pytest.mark.parametrize(("scores", "temperature"), [([], 1.0), ([1.0], 0.0), ([1.0], -1.0)])
def test_weights_need_scores_and_a_temperature_above_0(scores, temperature):
    with pytest.raises(ValueError, match="at least one score"):
        passage_log_weights(scores, temperature)


def test_sequence_and_token_scores_worked_out_by_hand():
    weights, tokens = np.log([0.75, 0.25]), np.log([[0.8, 0.1], [0.2, 0.9]])
    assert math.exp(sequence_score(weights, tokens)) == pytest.approx(0.75 * 0.8 * 0.1 + 0.25 * 0.2 * 0.9)
    assert math.exp(token_score(weights, tokens)) == pytest.approx(
        (0.75 * 0.8 + 0.25 * 0.2) * (0.75 * 0.1 + 0.25 * 0.9)
    )


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=4), st.floats(0.01, 1))
def test_with_one_passage_or_one_token_both_scores_are_the_same(chances, other):
    tokens = np.log([chances])
    assert sequence_score(np.zeros(1), tokens) == pytest.approx(tokens.sum())
    assert token_score(np.zeros(1), tokens) == pytest.approx(tokens.sum())
    weights, single = np.log([0.6, 0.4]), np.log([[chances[0]], [other]])
    assert sequence_score(weights, single) == pytest.approx(token_score(weights, single))


def test_candidates_of_different_length_are_scored_token_by_token_with_their_end():
    chat = FakeChat()
    short, long = candidate_logprobs(chat, [{"role": "user", "content": "red"}], ["four", "five four"])
    assert short == pytest.approx([math.log(chance(first(1), 1)), math.log(chance(LATER, 0))])
    end = [math.log(chance(first(1), 2)), math.log(chance(LATER, 1)), math.log(chance(LATER, 0))]
    assert long == pytest.approx(end)
    assert chat.adapters == [None]


def test_the_four_ways_to_score_worked_out_by_hand():
    hits = [hit("red red", 1.0), hit("blue", 0.0)]
    scores = score_candidates(FakeChat(), "color", hits, ["four", "five"])
    best, other = math.e / (math.e + 1), 1 / (math.e + 1)
    end = chance(LATER, 0)
    for index, word in enumerate((1, 2)):
        red, blue = chance(first(2), word), chance(first(0), word)
        by_hand = {
            "concatenation": red * end,  # both passages in one prompt: two reds, as in the first alone
            "rag_sequence": best * red * end + other * blue * end,
            "rag_token": (best * red + other * blue) * (best * end + other * end),
            "first_passage": red * end,
        }
        assert {name: math.exp(scores[name][index]) for name in METHODS} == pytest.approx(by_hand, rel=1e-5)


def test_a_passage_with_all_the_weight_decides_alone():
    hits = [hit("red red red", 1.0), hit("blue", 0.0)]
    scores = score_candidates(FakeChat(), "color", hits, ["four", "five"], temperature=0.001)
    assert scores["rag_sequence"] == pytest.approx(scores["first_passage"])
    assert scores["rag_token"] == pytest.approx(scores["first_passage"])
