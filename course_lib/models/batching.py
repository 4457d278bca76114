"""One batch of prompts through the model: what they share is read once, the rest is padded to one length.

``transformers.generate`` would keep every answer in the batch until the longest is written. Here those that have
ended leave it, which spares their share of each later step; the texts are the same.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import torch
import torch.nn.functional as functional
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from transformers.cache_utils import Cache

from course_lib.models.memory import new_memory, pour

LEAST_SHARED = 32
USUAL_LENGTH = 400  # tokens of a prompt; of longer ones fewer are answered together, so that memory stays bounded
READ_TOGETHER = 4  # prompts; the tensors of more do not fit into a processor's cache, and reading them is slower
LEAVING = 0.75  # answers that have ended leave once at most this share of a batch is still being written

# Called at every step with the numbers of the prompts still in the batch, the token each of them got last (nothing at
# the first step) and the scores of the next token, shape (rows, vocabulary); returns the scores to choose by.
Limit = Callable[[Sequence[int], Sequence[int], torch.Tensor], torch.Tensor]


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


@dataclass
class _Row:
    """An answer while it is written: the prompt's number in the batch, tokens so far, and how sure each choice was."""

    number: int
    end: int
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        return bool(self.tokens) and self.tokens[-1] == self.end

    def write(self, token: int, logprob: float) -> None:
        if not self.ended:  # one that has ended may stay in the batch for a while
            self.tokens.append(token)
            self.logprobs.append(logprob)


def answered_together(size: int, length: int) -> int:
    """Return how many prompts of a length, in tokens, are answered together: ``size``, and of long ones fewer."""
    return max(1, min(size, size * USUAL_LENGTH // max(1, length)))


def batches(order: Sequence[int], lengths: Sequence[int], size: int) -> Iterator[list[int]]:
    """Cut prompts into batches.

    Args:
        order: numbers of the prompts, shortest first.
        lengths: tokens of each prompt, by number.
        size: most prompts in a batch; of long ones fewer.
    """
    batch: list[int] = []
    for number in order:
        if batch and len(batch) >= answered_together(size, lengths[number]):
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch


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
    limit: Limit | None = None,
) -> list[Completion]:
    """Complete one batch of prompts greedily.

    Args:
        model, tokenizer: a causal language model and its tokenizer, with a token to pad with.
        prompts: tokens of each prompt.
        max_new_tokens: longest answer, in tokens.
        shared: what the model remembers of the tokens that all prompts begin with.
        limit: changes the scores before each choice; None to leave them alone.
    """
    began = time.perf_counter()
    rows = [_Row(number, tokenizer.eos_token_id) for number in range(len(prompts))]
    _write(model, rows, prompts, tokenizer.pad_token_id, max_new_tokens, shared, limit)
    share = (time.perf_counter() - began) / len(prompts)
    return [
        Completion(
            text=tokenizer.decode(row.tokens, skip_special_tokens=True).strip(),
            tokens_in=len(prompts[row.number]),
            tokens_out=len(row.tokens),
            seconds=share,
            first_logprob=row.logprobs[0],
            min_logprob=min(row.logprobs),
        )
        for row in rows
    ]


def _write(
    model: PreTrainedModel,
    rows: Sequence[_Row],
    prompts: list[list[int]],
    pad: int,
    max_new_tokens: int,
    shared: Cache | None,
    limit: Limit | None,
) -> None:
    """Read the prompts and write the rows' answers, token by token."""
    memory, mask, scores = _read(model, prompts, pad, shared)
    last: list[int] = []
    while True:
        if limit:
            scores = limit([row.number for row in rows], last, scores)
        chosen = scores.argmax(dim=-1)
        sure = scores.gather(1, chosen[:, None])[:, 0] - scores.logsumexp(dim=-1)
        for row, token, logprob in zip(rows, chosen.tolist(), sure.tolist()):
            row.write(token, logprob)
        staying = [place for place, row in enumerate(rows) if not row.ended]
        if not staying or len(rows[staying[0]].tokens) == max_new_tokens:
            break
        if len(staying) <= LEAVING * len(rows):
            memory.batch_select_indices(torch.tensor(staying, device=mask.device))
            rows, chosen, mask = [rows[place] for place in staying], chosen[staying], mask[staying]
        last = chosen.tolist()
        mask = torch.cat([mask, torch.ones_like(mask[:, :1])], dim=1)
        scores = _step(model, chosen[:, None], mask, memory)


def _read(
    model: PreTrainedModel, prompts: list[list[int]], pad: int, shared: Cache | None
) -> tuple[Cache, torch.Tensor, torch.Tensor]:
    """Read a batch of prompts, a few at a time, and return what is remembered of all, the mask and the next scores."""
    start = shared.get_seq_length() if shared else 0
    longest = max(len(prompt) for prompt in prompts)
    memory, masks, scores = new_memory(), [], []
    for first in range(0, len(prompts), READ_TOGETHER):
        ids, mask = _padded(prompts[first : first + READ_TOGETHER], start, pad, model.device)
        part = copy.deepcopy(shared) if shared else new_memory()
        part.batch_repeat_interleave(len(ids))
        scores.append(_step(model, ids[:, start:], mask, part))
        masks.append(functional.pad(mask, (0, longest - mask.shape[1])))
        pour(part, memory, first, len(prompts), longest)
    return memory, torch.cat(masks), torch.cat(scores)


def _step(model: PreTrainedModel, new: torch.Tensor, mask: torch.Tensor, memory: Cache) -> torch.Tensor:
    """Read new tokens, (rows, tokens), into the memory, and return the scores of the next, (rows, vocabulary)."""
    places = mask.cumsum(dim=-1)[:, -new.shape[1] :] - 1  # padding counts for nothing
    output = model(
        input_ids=new,
        attention_mask=mask,
        position_ids=places.clamp(min=0),
        past_key_values=memory,
        use_cache=True,
        logits_to_keep=1,
    )
    return output.logits[:, -1].float()


def _padded(prompts: list[list[int]], start: int, pad: int, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Pad prompts to one length, between the shared start and what follows it: tokens and mask, (batch, length)."""
    longest = max(len(prompt) for prompt in prompts)
    gaps = [longest - len(prompt) for prompt in prompts]
    rows = [prompt[:start] + [pad] * gap + prompt[start:] for prompt, gap in zip(prompts, gaps)]
    mask = [[1] * start + [0] * gap + [1] * (longest - start - gap) for gap in gaps]
    return torch.tensor(rows, device=device), torch.tensor(mask, device=device)
