"""Fingerprints of the weights in memory: equal before and after means that nothing was learned."""

from __future__ import annotations

import hashlib

import torch

from course_lib.models.chat import ChatModel


def weight_digests(chat: ChatModel) -> dict[str, str]:
    """Return the SHA-256 of every weight tensor of the loaded model, adapters included, by the tensor's name."""
    return {name: _digest(tensor) for name, tensor in chat.model.state_dict().items()}


def moved(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Return the names of tensors that differ, or that only one of the two has."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def _digest(tensor: torch.Tensor) -> str:
    raw = tensor.detach().cpu().contiguous().view(-1).view(torch.uint8)  # numpy has no bfloat16
    return hashlib.sha256(raw.numpy()).hexdigest()
