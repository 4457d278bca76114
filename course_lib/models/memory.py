"""What the model remembers of the tokens it has read: keys and values of every layer, with room to grow.

The library's own cache joins old and new tensors at every step, which copies everything read so far for each token
written: a third of the time of answering a batch. Here each layer keeps spare room and writes into it.
"""

from __future__ import annotations

import torch
from transformers.cache_utils import Cache, DynamicLayer

ROOM = 96  # tokens; most answers fit into it


class RoomyLayer(DynamicLayer):
    """A cache layer that allocates ``ROOM`` more tokens than it needs whenever it has to allocate."""

    def __init__(self) -> None:
        super().__init__()
        self._key_room: torch.Tensor | None = None
        self._value_room: torch.Tensor | None = None

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args, **kwargs
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Append keys and values of new tokens, each (batch, heads, tokens, size), and return all of them."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        used = self.get_seq_length()
        needed = used + key_states.shape[-2]
        if not self._fits(key_states, needed):
            self._key_room = _larger(self.keys if used else None, key_states, needed)
            self._value_room = _larger(self.values if used else None, value_states, needed)
        self._key_room[:, :, used:needed] = key_states
        self._value_room[:, :, used:needed] = value_states
        self.keys, self.values = self._key_room[:, :, :needed], self._value_room[:, :, :needed]
        return self.keys, self.values

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        """Keep only some rows, with the room behind them."""
        used = self.get_seq_length()
        if used and self._fits(self.keys, used):
            self._key_room, self._value_room = self._key_room[indices], self._value_room[indices]
            self.keys, self.values = self._key_room[:, :, :used], self._value_room[:, :, :used]
        else:
            super().batch_select_indices(indices)

    def _fits(self, states: torch.Tensor, needed: int) -> bool:
        room = self._key_room
        # Whatever reorders or repeats the rows puts new tensors in place of the views into the room.
        same = room is not None and (not self.keys.numel() or self.keys.data_ptr() == room.data_ptr())
        return same and room.shape[0] == states.shape[0] and needed <= room.shape[-2]


def _larger(old: torch.Tensor | None, new: torch.Tensor, needed: int) -> torch.Tensor:
    batch, heads, _, size = new.shape
    room = new.new_empty((batch, heads, needed + ROOM, size))
    if old is not None:
        room[:, :, : old.shape[-2]] = old
    return room


def new_memory() -> Cache:
    """Return an empty cache for one batch."""
    return Cache(layer_class_to_replicate=RoomyLayer)


def pour(part: Cache, whole: Cache, first: int, rows: int, tokens: int) -> None:
    """Copy what is remembered of a few prompts into the cache of all, from the row ``first`` on.

    All begin at the first token; those that end before the longest are followed by zeros, for a mask to hide.

    Args:
        part: cache of the few.
        whole: cache of all, empty when the first are copied.
        first: row of the first of the few.
        rows: number of all prompts.
        tokens: length of the longest of all.
    """
    for place, layer in enumerate(part.layers):
        count, heads, used, size = layer.keys.shape
        if not first:
            empty = layer.keys.new_zeros((rows, heads, tokens, size))
            whole.update(empty, empty, place)
        whole.layers[place].keys[first : first + count, :, :used] = layer.keys
        whole.layers[place].values[first : first + count, :, :used] = layer.values
