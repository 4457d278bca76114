"""What prompts of a batch have in common is found, and something is left to read for each."""

from __future__ import annotations

import pytest

from course_lib.models.batching import LEAST_SHARED, shared_start


@pytest.mark.parametrize(
    ("prompts", "shared"),
    [
        ([[1] * 40 + [2], [1] * 40 + [3, 4]], 40),
        ([[1] * 40, [1] * 50], 39),
        ([[1] * 40] * 2, 39),  # one token is left
        ([[1] * 31 + [2], [1] * 31 + [3]], 0),
        ([[1] * 32 + [2], [1] * 32 + [3]], 32),  # worth a step of its own, or not
        ([[1] * 40], 0),
        ([], 0),
        ([[1], [1]], 0),
        ([[1] * 40, [2] * 40], 0),
    ],
)
def test_the_shared_start_leaves_something_to_read_for_every_prompt(prompts, shared):
    assert LEAST_SHARED == 32
    start = shared_start(prompts)
    assert len(start) == shared and all(prompt[:shared] == start and len(prompt) > shared for prompt in prompts)
