"""Ways in which a file comes to harm: cut short, or with one bit flipped, at places drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator

SEED = 7


def cut_short(content: bytes, times: int) -> Iterator[bytes]:
    """Yield the content without its end, each time from another place on."""
    chance = random.Random(SEED)
    for place in chance.sample(range(1, len(content)), min(times, len(content) - 1)):
        yield content[:place]


def flipped(content: bytes, times: int, start: int = 0) -> Iterator[bytes]:
    """Yield the content with one bit the other way round, each time another one.

    Args:
        content: a whole file.
        times: how many bits.
        start: bytes at the start that stay as they are.
    """
    chance = random.Random(SEED)
    for place in chance.sample(range(8 * start, 8 * len(content)), times):
        yield content[: place // 8] + bytes([content[place // 8] ^ 1 << place % 8]) + content[place // 8 + 1 :]
