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

from course_lib.knowledge.chunking import sentences_of
from course_lib.training.lora import Trained
from course_lib.training.reading import fill_site

Batch = dict[str, list]


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
        ``passages`` (P texts), ``sentences`` (S texts) with their ``owners`` (S positions in passages), ``questions``
        (Q texts) and their ``answers`` (Q positions in passages).
    """
    rng = random.Random(seed)
    for _ in range(rounds):
        order = rng.sample(list(rows), len(rows))
        for start in range(0, len(order), sites):
            yield _batch(order[start : start + sites], questions, rng)


def _batch(rows: Sequence[dict], questions: int, rng: random.Random) -> Batch:
    batch: Batch = {"passages": [], "sentences": [], "owners": [], "questions": [], "answers": []}
    for row in rows:
        site, before = fill_site(row, rng), len(batch["passages"])
        for position, passage in enumerate(site.passages):
            pieces = sentences_of(passage.text)
            batch["passages"].append(passage.indexed)
            batch["sentences"] += pieces
            batch["owners"] += [before + position] * len(pieces)
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

    A question's score for a passage is the cosine with the whole passage, and the best cosine with one of its
    sentences: so that one fact is not drowned by its neighbors. To train for what search compares, word with word,
    found no more passages on the dev questions than to train for this.

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
        loss = functional.cross_entropy(scores / (2 * recipe.temperature), torch.tensor(batch["answers"]))
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
    """Return the sum of both cosines, shape (Q questions, P passages)."""
    questions = _vectors(model, tokenizer, batch["questions"])  # (Q, dimensions)
    whole = questions @ _vectors(model, tokenizer, batch["passages"]).T  # (Q, P)
    pieces = questions @ _vectors(model, tokenizer, batch["sentences"]).T  # (Q, S)
    owners = torch.tensor(batch["owners"]).expand(len(questions), -1)
    return whole + torch.full_like(whole, -1.0).scatter_reduce(1, owners, pieces, "amax", include_self=False)


def _vectors(model, tokenizer, texts: Sequence[str], together: int = 64) -> torch.Tensor:
    """Embed texts as sentence-transformers does: mean of the token vectors, unit length; short ones together."""
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    parts = []
    for start in range(0, len(order), together):
        some = [texts[index] for index in order[start : start + together]]
        tokens = tokenizer(some, padding=True, truncation=True, max_length=256, return_tensors="pt")
        states = model(**tokens).last_hidden_state.float()  # (n, length, dimensions)
        mask = tokens["attention_mask"].unsqueeze(-1)
        parts.append(functional.normalize((states * mask).sum(1) / mask.sum(1), dim=-1))
    back = torch.empty(len(texts), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(texts))
    return torch.cat(parts)[back]


def _rate(step: int, steps: int) -> float:
    return min(1.0, (step + 1) / (0.05 * steps)) * 0.5 * (1 + math.cos(math.pi * step / steps))
