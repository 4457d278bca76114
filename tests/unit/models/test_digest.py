"""A digest a tensor: any weight that moves is named, and nothing else is."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from course_lib.models.digest import moved, weight_digests


def chat(dtype=torch.float32):
    torch.manual_seed(1)
    layers = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2)).to(dtype)
    return SimpleNamespace(model=layers)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_using_a_model_moves_nothing_and_one_changed_number_is_found(dtype):
    found = chat(dtype)
    found.model.eval()
    before = weight_digests(found)
    found.model(torch.ones(2, 3, dtype=dtype))
    assert moved(before, weight_digests(found)) == []
    with torch.no_grad():
        found.model[0].weight[1, 2] += 1
    assert moved(before, weight_digests(found)) == ["0.weight"]


def test_a_tensor_that_comes_or_goes_has_moved():
    assert moved({"a": "1", "b": "2"}, {"b": "2", "c": "3"}) == ["a", "c"]


def test_the_layout_in_memory_does_not_count():
    plain = SimpleNamespace(model=torch.nn.Linear(3, 3))
    turned = SimpleNamespace(model=torch.nn.Linear(3, 3))
    turned.model.weight = torch.nn.Parameter(plain.model.weight.detach().T.contiguous().T)
    turned.model.bias = plain.model.bias
    assert moved(weight_digests(plain), weight_digests(turned)) == []
