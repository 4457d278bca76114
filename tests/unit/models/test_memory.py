"""The cache with room gives what the library's own gives, and copies far less."""

from __future__ import annotations

import copy

import torch
from transformers.cache_utils import DynamicLayer

from course_lib.models.memory import ROOM, RoomyLayer, new_memory, pour


def states(batch: int, tokens: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    drawn = torch.Generator().manual_seed(seed)
    return torch.randn(2, batch, 3, tokens, 4, generator=drawn).unbind()


def grow(layer: DynamicLayer, batch: int, sizes: list[int]) -> None:
    for seed, tokens in enumerate(sizes):
        layer.update(*states(batch, tokens, seed))


def test_it_remembers_what_the_library_s_own_layer_remembers():
    roomy, plain = RoomyLayer(), DynamicLayer()
    for layer in (roomy, plain):
        grow(layer, 2, [7, 1, 1, ROOM, 1, 2 * ROOM, 1])
    assert torch.equal(roomy.keys, plain.keys) and torch.equal(roomy.values, plain.values)
    assert roomy.get_seq_length() == plain.get_seq_length() == 11 + 3 * ROOM


def test_repeating_and_reordering_rows_between_updates_changes_nothing():
    roomy, plain = RoomyLayer(), DynamicLayer()
    for layer in (roomy, plain):
        grow(layer, 1, [5, 1])
        layer.batch_repeat_interleave(3)
        layer.update(*states(3, 2, 9))
        layer.reorder_cache(torch.tensor([2, 0, 1]))
        layer.update(*states(3, 1, 10))
    assert torch.equal(roomy.keys, plain.keys) and torch.equal(roomy.values, plain.values)


def test_a_step_inside_the_room_copies_nothing_that_was_read_before():
    layer = RoomyLayer()
    layer.update(*states(2, 10, 0))
    at = layer.keys.data_ptr()
    for seed in range(ROOM):
        layer.update(*states(2, 1, seed))
        assert layer.keys.data_ptr() == at
    layer.update(*states(2, 1, 0))
    assert layer.keys.data_ptr() != at


def test_a_copy_grows_without_touching_the_original():
    memory = new_memory()
    memory.update(*states(1, 6, 0), layer_idx=0)
    before = memory.layers[0].keys.clone()
    other = copy.deepcopy(memory)
    other.batch_repeat_interleave(2)
    other.update(*states(2, 3, 1), layer_idx=0)
    memory_again = copy.deepcopy(memory)
    memory_again.update(*states(1, 3, 2), layer_idx=0)
    assert torch.equal(memory.layers[0].keys, before)
    assert other.get_seq_length() == memory_again.get_seq_length() == 9


def test_choosing_rows_keeps_their_states_and_their_room():
    roomy, plain = RoomyLayer(), DynamicLayer()
    for layer in (roomy, plain):
        grow(layer, 4, [5, 1])
        layer.batch_select_indices(torch.tensor([0, 3]))
    at = roomy.keys.data_ptr()
    for layer in (roomy, plain):
        layer.update(*states(2, 1, 9))
    assert torch.equal(roomy.keys, plain.keys) and torch.equal(roomy.values, plain.values)
    assert roomy.keys.data_ptr() == at, "nothing was copied again"


def test_the_rows_of_several_caches_are_poured_into_one():
    whole, parts = new_memory(), []
    for seed, (count, tokens) in enumerate([(2, 4), (1, 7)]):
        part = new_memory()
        part.update(*states(count, tokens, seed), layer_idx=0)
        pour(part, whole, sum(len(one.layers[0].keys) for one in parts), 3, 7)
        parts.append(part)
    keys = whole.layers[0].keys
    assert keys.shape[0] == 3 and whole.get_seq_length() == 7
    assert torch.equal(keys[:2, :, :4], parts[0].layers[0].keys) and not keys[:2, :, 4:].any()
    assert torch.equal(keys[2:], parts[1].layers[0].keys)
    assert torch.equal(whole.layers[0].values[2:], parts[1].layers[0].values)
    at = keys.data_ptr()
    whole.update(*states(3, 1, 5), layer_idx=0)
    assert whole.layers[0].keys.data_ptr() == at, "there is room to write"
