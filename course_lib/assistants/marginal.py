"""Choose among candidate answers as the first RAG paper did: every passage votes, weighed by its retrieval score.

Lewis et al. (2020), "Retrieval-Augmented Generation for Knowledge-Intensive NLP Tasks", section 2.1, for a question x,
passages z and an answer y of tokens y_1 ... y_T:

- RAG-Sequence: p(y | x) = sum over z of p(z | x) * product over i of p(y_i | x, z, y_1 ... y_i-1)
- RAG-Token:    p(y | x) = product over i of sum over z of p(z | x) * p(y_i | x, z, y_1 ... y_i-1)

p(z | x) is the softmax of the retrieval scores of the passages at hand. The paper trained retriever and generator
together; here nothing is trained, and the candidates are given instead of searched for.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from scipy.special import logsumexp

from course_lib.knowledge.chunking import Passage
from course_lib.models.chat import ChatModel
from course_lib.models.prompts import Message, passage_block
from course_lib.retrieval.base import Hit

METHODS = ("concatenation", "rag_sequence", "rag_token", "first_passage")
SHORT_SYSTEM = "Answer the question from the passages. Reply with the value only."


def passage_log_weights(scores: Sequence[float], temperature: float = 1.0) -> np.ndarray:
    """Return log p(z | x), shape (k,): the log-softmax of retrieval scores.

    Args:
        scores: one a passage, shape (k,); higher is better.
        temperature: above 1 the passages count more alike, below 1 the best one counts more.

    Raises:
        ValueError: there are no scores, or the temperature is not above 0.
    """
    if len(scores) == 0 or temperature <= 0:
        raise ValueError(f"Need at least one score and a temperature above 0, not {len(scores)} and {temperature}.")
    scaled = np.asarray(scores, dtype=float) / temperature
    return scaled - logsumexp(scaled)


def sequence_score(log_weights: np.ndarray, token_logprobs: np.ndarray) -> float:
    """Return RAG-Sequence's log p(y | x): each passage reads the whole answer, then the passages are mixed.

    Args:
        log_weights: log p(z | x), shape (k,).
        token_logprobs: log p(y_i | x, z, y_1 ... y_i-1), shape (k, T).
    """
    return float(logsumexp(log_weights + token_logprobs.sum(axis=1)))


def token_score(log_weights: np.ndarray, token_logprobs: np.ndarray) -> float:
    """Return RAG-Token's log p(y | x): the passages are mixed anew at every token; shapes as for RAG-Sequence."""
    return float(logsumexp(log_weights[:, None] + token_logprobs, axis=0).sum())


@torch.inference_mode()
def candidate_logprobs(chat: ChatModel, messages: Sequence[Message], candidates: Sequence[str]) -> list[np.ndarray]:
    """Return the log-probability of each token of each candidate as the reply to a conversation.

    Args:
        chat: the model; its base weights are used.
        messages: the conversation, ending with the user's message.
        candidates: n replies to score. The end mark counts as their last token, so that ``$4`` is not part of ``$45``.

    Returns:
        n arrays, each of shape (tokens of the candidate + 1,), natural logarithms.
    """
    tokenizer = chat.tokenizer
    prompt = tokenizer(chat.render(messages), add_special_tokens=False)["input_ids"]
    ends = [tokenizer(text, add_special_tokens=False)["input_ids"] + [tokenizer.eos_token_id] for text in candidates]
    longest = max(len(end) for end in ends)
    # Padded on the right, where a causal model cannot see it from the tokens that are scored.
    rows = [prompt + end + [tokenizer.eos_token_id] * (longest - len(end)) for end in ends]
    with chat.using(None):
        logits = chat.model(input_ids=torch.tensor(rows), logits_to_keep=longest + 1).logits  # (n, longest + 1, words)
    logprobs = logits.float().log_softmax(dim=-1)
    return [
        logprobs[row, torch.arange(len(end)), torch.tensor(end)].double().numpy()  # position i predicts token i
        for row, end in enumerate(ends)
    ]


def short_messages(question: str, passages: Sequence[Passage]) -> list[Message]:
    """Return a conversation that asks for the value alone, so that candidates can be compared token by token."""
    return [
        {"role": "system", "content": SHORT_SYSTEM},
        {"role": "user", "content": f"{passage_block(passages)}\n\nQuestion: {question}"},
    ]


def score_candidates(
    chat: ChatModel, question: str, hits: Sequence[Hit], candidates: Sequence[str], temperature: float = 1.0
) -> dict[str, list[float]]:
    """Score candidate answers in four ways.

    Args:
        chat: the model.
        question: what was asked.
        hits: k retrieved passages with scores, best first.
        candidates: n possible answers.
        temperature: of the softmax over retrieval scores.

    Returns:
        n log-probabilities for each of ``METHODS``: all passages in one prompt (``concatenation``), one prompt a
        passage mixed by answer (``rag_sequence``) or by token (``rag_token``), and the best passage alone
        (``first_passage``).
    """
    together = candidate_logprobs(chat, short_messages(question, [hit.passage for hit in hits]), candidates)
    apart = [candidate_logprobs(chat, short_messages(question, [hit.passage]), candidates) for hit in hits]
    weights = passage_log_weights([hit.score for hit in hits], temperature)
    stacked = [np.stack([passage[index] for passage in apart]) for index in range(len(candidates))]  # each (k, T)
    return {
        "concatenation": [float(tokens.sum()) for tokens in together],
        "rag_sequence": [sequence_score(weights, tokens) for tokens in stacked],
        "rag_token": [token_score(weights, tokens) for tokens in stacked],
        "first_passage": [float(tokens[0].sum()) for tokens in stacked],
    }
