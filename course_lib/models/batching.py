"""One batch of prompts through the model: what they share is read once, the rest is padded to one length."""

from __future__ import annotations

import copy
import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from transformers import LogitsProcessor, LogitsProcessorList, PreTrainedModel, PreTrainedTokenizerBase
from transformers.cache_utils import Cache

from course_lib.models.memory import new_memory

LEAST_SHARED = 32


@dataclass(frozen=True)
class Completion:
    """One generated text.

    Attributes:
        text: what the model wrote, without special tokens.
        tokens_in: tokens of the prompt.
        tokens_out: generated tokens, the end mark included.
        seconds: this item's share of its batch's time.
        first_logprob: log-probability of the first generated token (natural log).
        min_logprob: the least log-probability among the generated tokens.
    """

    text: str
    tokens_in: int
    tokens_out: int
    seconds: float
    first_logprob: float
    min_logprob: float


class _ChosenLogprobs(LogitsProcessor):
    """Records, step by step, how sure the greedy choice was; changes nothing."""

    def __init__(self) -> None:
        self.steps: list[torch.Tensor] = []

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        self.steps.append(scores.max(dim=-1).values - scores.logsumexp(dim=-1))  # (batch,)
        return scores


def shared_start(prompts: Sequence[list[int]]) -> list[int]:
    """Return the tokens that all prompts begin with; none if they are too few to be worth a step of their own.

    At least one token of every prompt is left over, because the model has to read something to answer.
    """
    if len(prompts) < 2:
        return []
    most = min(len(prompt) for prompt in prompts) - 1
    same = next((at for at in range(most) if len({prompt[at] for prompt in prompts}) > 1), most)
    return prompts[0][:same] if same >= LEAST_SHARED else []


@torch.inference_mode()
def read_start(model: PreTrainedModel, start: list[int]) -> Cache | None:
    """Read the tokens that all prompts begin with once, instead of once for each prompt.

    Returns:
        What the model remembers of them, one row; None if there are none.
    """
    if not start:
        return None
    ids = torch.tensor([start], device=model.device)
    return model(input_ids=ids, use_cache=True, logits_to_keep=1, past_key_values=new_memory()).past_key_values


@torch.inference_mode()
def complete(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    prompts: list[list[int]],
    max_new_tokens: int,
    shared: Cache | None = None,
) -> list[Completion]:
    """Complete one batch of prompts greedily.

    Args:
        model, tokenizer: a causal language model and its tokenizer, with a token to pad with.
        prompts: tokens of each prompt.
        max_new_tokens: longest answer, in tokens.
        shared: what the model remembers of the tokens that all prompts begin with.
    """
    began = time.perf_counter()
    start = shared.get_seq_length() if shared else 0
    inputs = _padded(prompts, start, tokenizer.pad_token_id, model.device)
    inputs["past_key_values"] = copy.deepcopy(shared) if shared else new_memory()
    if shared:
        inputs["past_key_values"].batch_repeat_interleave(len(prompts))
    chosen = _ChosenLogprobs()
    output = model.generate(
        **inputs,
        max_new_tokens=max_new_tokens,
        do_sample=False,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        logits_processor=LogitsProcessorList([chosen]),
    )
    share = (time.perf_counter() - began) / len(prompts)
    generated = output[:, inputs["input_ids"].shape[1] :]
    logprobs = torch.stack(chosen.steps, dim=1).float()  # (batch, steps)
    completions = []
    for row, tokens in enumerate(generated):
        ends = (tokens == tokenizer.eos_token_id).nonzero()
        length = int(ends[0]) + 1 if len(ends) else len(tokens)
        completions.append(
            Completion(
                text=tokenizer.decode(tokens[:length], skip_special_tokens=True).strip(),
                tokens_in=len(prompts[row]),
                tokens_out=length,
                seconds=share,
                first_logprob=float(logprobs[row, 0]),
                min_logprob=float(logprobs[row, :length].min()),
            )
        )
    return completions


def _padded(prompts: list[list[int]], start: int, pad: int, device: torch.device) -> dict[str, torch.Tensor]:
    """Pad prompts to one length, between the shared start and what follows it; shapes are (batch, length)."""
    longest = max(len(prompt) for prompt in prompts)
    gaps = [longest - len(prompt) for prompt in prompts]
    rows = [prompt[:start] + [pad] * gap + prompt[start:] for prompt, gap in zip(prompts, gaps)]
    mask = [[1] * start + [0] * gap + [1] * (longest - start - gap) for gap in gaps]
    return {"input_ids": torch.tensor(rows, device=device), "attention_mask": torch.tensor(mask, device=device)}
