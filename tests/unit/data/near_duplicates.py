"""How near two texts are: shared word 3-grams over all word 3-grams, with digits masked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations


def trigrams(text: str) -> frozenset[tuple[str, ...]]:
    """Return the word 3-grams of a text; a shorter text is one gram."""
    words = re.findall(r"\w+", re.sub(r"\d+", "0", text.lower()))
    return frozenset(tuple(words[start : start + 3]) for start in range(max(1, len(words) - 2)))


def nearest(rows: Sequence[dict]) -> tuple[float, float]:
    """Return the highest Jaccard overlap of any two rows, and of two rows of different splits."""
    grams = [(trigrams(row["text"]), row["split"]) for row in rows]
    pairs = [
        (len(one & other) / len(one | other), here == there) for (one, here), (other, there) in combinations(grams, 2)
    ]
    return max(share for share, _ in pairs), max(share for share, same in pairs if not same)
