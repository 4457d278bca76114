"""Train a LoRA adapter for the embedding model: questions come to lie near the passages that answer them.

The loss is InfoNCE (van den Oord et al. 2018) over the passages of a few organizations at a time. The other pages of
the same organization are the hard ones: they speak of the same things, and do not answer.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as functional
from peft import LoraConfig, get_peft_model
from transformers import set_seed

from course_lib.retrieval.late import LAYER
from course_lib.training.lora import Trained
from course_lib.training.reading import fill_site

Batch = dict[str, list]
_NONE = 0  # the id that pads, and here also stands for special tokens


@dataclass(frozen=True)
class ContrastiveRecipe:
    """Everything that decides how an embedding adapter is trained.

    Attributes:
        rank, alpha: size and scale of the adapter.
        targets: names of the linear modules to adapt.
        learning_rate: peak rate; warms up over 5 % of the steps, then falls along a cosine.
        temperature: similarities are divided by it before the softmax; lower values press harder on near misses.
        strength: share of the learned change that is kept. Going back part of the way to the model as published costs
            little of what was learned, and saves much of what would be lost elsewhere (Wortsman et al. 2022).
        dtype: number type of the arithmetic; the adapter itself stays float32.
        seed: seed of the adapter's first weights.
    """

    rank: int = 16
    alpha: int = 32
    targets: tuple[str, ...] = ("query", "key", "value", "dense")
    learning_rate: float = 5e-4
    temperature: float = 0.05
    strength: float = 0.3
    dtype: str = "bfloat16"
    seed: int = 7

    def as_dict(self) -> dict:
        """Return the recipe as plain JSON values."""
        return asdict(self)


def contrastive_batches(rows: Sequence[dict], rounds: int, sites: int, questions: int, seed: int) -> Iterator[Batch]:
    """Yield batches of a few organizations, each time with new values.

    Args:
        rows: lines of ``data/train/sites.jsonl``.
        rounds: times that each organization comes up.
        sites: organizations in a batch.
        questions: questions drawn for a passage, at most.
        seed: seed of every choice.

    Yields:
        ``passages`` (P texts), ``questions`` (Q texts) and their ``answers`` (Q positions in passages).
    """
    rng = random.Random(seed)
    for _ in range(rounds):
        order = rng.sample(list(rows), len(rows))
        for start in range(0, len(order), sites):
            yield _batch(order[start : start + sites], questions, rng)


def _batch(rows: Sequence[dict], questions: int, rng: random.Random) -> Batch:
    batch: Batch = {"passages": [], "questions": [], "answers": []}
    for row in rows:
        site, before = fill_site(row, rng), len(batch["passages"])
        for position, passage in enumerate(site.passages):
            batch["passages"].append(passage.indexed)
            asked = [one.text for one in site.asked if one.values and one.source == position]
            drawn = rng.sample(asked, min(questions, len(asked)))
            batch["questions"] += drawn
            batch["answers"] += [before + position] * len(drawn)
    return batch


def train_contrastive(
    model,
    tokenizer,
    batches: Sequence[Batch],
    recipe: ContrastiveRecipe,
    say: Callable[[str], None] | None = None,
    log_every: int = 20,
) -> Trained:
    """Train an adapter on batches; the given encoder becomes part of the result.

    A question's score for a passage is what search adds up: the cosine with the whole passage, and twice the mean
    cosine of the question's tokens with the most similar tokens of the passage.

    Args:
        model: a bare encoder whose token vectors are averaged, such as all-MiniLM-L6-v2's.
        tokenizer: its tokenizer.
        batches: see :func:`contrastive_batches`.
        recipe: how to train.
        say: called with a progress line every ``log_every`` steps.
        log_every: steps between two lines of the log.
    """
    set_seed(recipe.seed)
    adapted = get_peft_model(
        model, LoraConfig(r=recipe.rank, lora_alpha=recipe.alpha, target_modules=list(recipe.targets))
    ).train()
    weights = [parameter for parameter in adapted.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=recipe.learning_rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, len(batches)))
    log: list[dict] = []
    losses: list[float] = []
    began = time.perf_counter()
    for step, batch in enumerate(batches, 1):
        with torch.autocast("cpu", torch.bfloat16, enabled=recipe.dtype == "bfloat16"):
            scores = _scores(adapted, tokenizer, batch)
        loss = functional.cross_entropy(scores / (3 * recipe.temperature), torch.tensor(batch["answers"]))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        if step % log_every == 0:
            log.append({"step": step, "loss": round(sum(losses) / len(losses), 4)})
            losses = []
            if say:
                left = (time.perf_counter() - began) / step * (len(batches) - step)
                say(f"step {step} of {len(batches)}, loss {log[-1]['loss']:.3f}, about {left:.0f} s left")
    with torch.no_grad():
        for name, weight in adapted.named_parameters():
            if "lora_B" in name:
                weight *= recipe.strength
    return Trained(adapted.eval(), log, time.perf_counter() - began)


def _scores(model, tokenizer, batch: Batch) -> torch.Tensor:
    """Return the cosine and twice the score of late interaction, shape (Q questions, P passages)."""
    questions, passages = (_states(model, tokenizer, batch[kind]) for kind in ("questions", "passages"))
    rarity = _rarity(passages.ids, tokenizer.vocab_size)
    pairs = torch.einsum("qid,pjd->qipj", questions.tokens, passages.tokens)  # token with token
    best = pairs.masked_fill(passages.ids.eq(_NONE), -1).amax(-1)  # (Q, question's tokens, P)
    weights = torch.where(questions.ids.eq(_NONE), 0, rarity[questions.ids])
    late = torch.einsum("qi,qip->qp", weights / weights.sum(1, keepdim=True), best)
    return questions.whole @ passages.whole.T + 2 * late


@dataclass(frozen=True)
class _Encoded:
    """n texts: ``whole`` (n, dimensions); ``tokens`` (n, longest, dimensions) with their ``ids``, 0 where none is."""

    whole: torch.Tensor
    tokens: torch.Tensor
    ids: torch.Tensor


def _states(model, tokenizer, texts: Sequence[str]) -> _Encoded:
    """Encode texts as search does: the mean of the last layer's vectors, and the single ones of the layer before."""
    tokens = tokenizer(
        list(texts),
        padding=True,
        truncation=True,
        max_length=256,
        return_tensors="pt",
        return_special_tokens_mask=True,
    )
    special, mask = tokens.pop("special_tokens_mask"), tokens["attention_mask"].unsqueeze(-1)
    layers = model(**tokens, output_hidden_states=True).hidden_states
    mean = (layers[-1].float() * mask).sum(1) / mask.sum(1)
    single = functional.normalize(layers[LAYER].float(), dim=-1)
    return _Encoded(functional.normalize(mean, dim=-1), single, tokens["input_ids"].masked_fill(special.bool(), _NONE))


def _rarity(ids: torch.Tensor, words: int) -> torch.Tensor:
    """Return the weight of each token by how few of the passages have it, shape (words in the vocabulary,)."""
    counts = torch.zeros(words)
    for row in ids:
        counts[row.unique()] += 1
    return torch.log(1 + len(ids) / (1 + counts))


def _rate(step: int, steps: int) -> float:
    return min(1.0, (step + 1) / (0.05 * steps)) * 0.5 * (1 + math.cos(math.pi * step / steps))
