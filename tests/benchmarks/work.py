"""How much arithmetic reading and training take, and how fast this machine multiplies matrices at best.

Counted is what the task needs: products over real tokens only (no padding), attention to earlier tokens only (half of
the square), logits only where one is wanted. An addition and a multiplication are two operations.
"""

from __future__ import annotations

import time

import torch
from transformers import PretrainedConfig

MATRIX = 3072
REPEATS = 5


def matrix_peak(dtype: torch.dtype) -> float:
    """Return operations a second of a large square matrix product, the best of a few."""
    left, right = (torch.randn(MATRIX, MATRIX).to(dtype) for _ in range(2))
    left @ right  # the first call prepares its kernels
    seconds = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        left @ right
        seconds.append(time.perf_counter() - began)
    return 2 * MATRIX**3 / min(seconds)


def layer_sizes(config: PretrainedConfig) -> dict[str, tuple[int, int]]:
    """Return inputs and outputs of the seven linear modules of a layer."""
    hidden, inner = config.hidden_size, config.intermediate_size
    size = getattr(config, "head_dim", None) or hidden // config.num_attention_heads
    queries, keys = config.num_attention_heads * size, config.num_key_value_heads * size
    return {
        "q_proj": (hidden, queries),
        "k_proj": (hidden, keys),
        "v_proj": (hidden, keys),
        "o_proj": (queries, hidden),
        "gate_proj": (hidden, inner),
        "up_proj": (hidden, inner),
        "down_proj": (inner, hidden),
    }


def attention_work(config: PretrainedConfig, tokens: int) -> int:
    """Return operations of attention in one layer: scores, and the mean by scores, over a token and those before it."""
    queries = layer_sizes(config)["q_proj"][1]
    return 2 * queries * tokens * (tokens + 1)


def reading_work(config: PretrainedConfig, tokens: int, wanted: int = 1) -> int:
    """Return operations to read one text of so many tokens and write logits at ``wanted`` of them."""
    linear = 2 * tokens * sum(before * after for before, after in layer_sizes(config).values())
    layers = config.num_hidden_layers * (linear + attention_work(config, tokens))
    return layers + 2 * wanted * config.hidden_size * config.vocab_size


def training_work(config: PretrainedConfig, tokens: int, labelled: int, rank: int, first_layer: int) -> int:
    """Return operations of one example, forward and backward, with an adapter on all linear modules of some layers.

    A frozen module needs the gradient of its input only; an adapter also needs that of its weights. Nothing goes
    back below ``first_layer``, nor into what its queries, keys and values are made of.
    """
    sizes = layer_sizes(config)
    adapted = config.num_hidden_layers - first_layer
    frozen = sum(2 * tokens * before * after for before, after in sizes.values())
    adapters = sum(2 * tokens * rank * (before + after) for before, after in sizes.values())
    unneeded = sum(2 * tokens * before * (after + rank) for before, after in (sizes[f"{name}_proj"] for name in "qkv"))
    back = adapted * (frozen + 2 * adapters + 2 * attention_work(config, tokens)) - unneeded
    logits = 2 * labelled * config.hidden_size * config.vocab_size
    return reading_work(config, tokens, labelled) + adapted * adapters + back + logits
