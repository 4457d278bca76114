"""Passages that stand word for word in several documents: a print version, a copied notice, an old copy of a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256

from course_lib.knowledge.chunking import Passage

SHORT = 8  # words; shorter passages are alike by chance
NOTED_FROM = 0.05  # share of passages with a copy from which the report speaks of it


def copies_of(passages: Sequence[Passage]) -> dict[str, frozenset[str]]:
    """Return, for the id of each passage that has copies in other documents, its own id and theirs."""
    groups: dict[bytes, list[Passage]] = {}
    for passage in passages:
        words = passage.text.casefold().split()
        if len(words) >= SHORT:
            groups.setdefault(sha256(" ".join(words).encode()).digest(), []).append(passage)
    found = {}
    for group in groups.values():
        if len({passage.article for passage in group}) > 1:
            ids = frozenset(passage.id for passage in group)
            found |= dict.fromkeys(ids, ids)
    return found


def copies_note(passages: Sequence[Passage], paths: Mapping[str, str]) -> str:
    """Return what the reader of the report has to know about copies; an empty text if there are few.

    Args:
        passages: all passages.
        paths: file of each document id.
    """
    copied = copies_of(passages)
    if not passages or len(copied) < NOTED_FROM * len(passages):
        return ""
    most, _ = Counter(name.rpartition(".")[0] for name in copied).most_common(1)[0]
    return (
        f"{len(copied) / len(passages):.0%} of the passages stand word for word in more than one document, most of "
        f"them in {paths[most]}. A copy counts as right where the other one does, and takes a place among the passages "
        "found. Take one of the copies away."
    )
