"""Passages with the time in which they hold: what a site has said so far, and since when and until when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from course_lib.knowledge.chunking import Passage


@dataclass(frozen=True)
class Version:
    """A passage, and the time in which the site said so.

    Attributes:
        passage: the passage; its number counts through all versions of its article.
        valid_from: first date (YYYY-MM-DD) at which the site has it.
        valid_until: first later date at which the site no longer has it; None if it still does.
    """

    passage: Passage
    valid_from: str
    valid_until: str | None = None

    def holds(self, day: str) -> bool:
        """Tell whether the site says so on a day (YYYY-MM-DD); the last day is the one before ``valid_until``."""
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


def append_all(snapshots: Mapping[str, Iterable[Passage]]) -> list[Version]:
    """Return every passage that a site ever had, in order of appearance; nothing is ever taken out.

    A text that stays the same from one date to the next is kept once. One that goes and comes back is two versions.

    Args:
        snapshots: the site's passages by date (YYYY-MM-DD), oldest first.
    """
    kept: list[Version] = []
    still: dict[tuple[str, str], int] = {}  # article and text of what the site has now, and its place in the list
    numbers: Counter[str] = Counter()
    for date, passages in snapshots.items():
        here = {(passage.article, passage.indexed): passage for passage in passages}
        for key in [key for key in still if key not in here]:
            place = still.pop(key)
            kept[place] = replace(kept[place], valid_until=date)
        for key, passage in here.items():
            if key not in still:
                numbers[passage.article] += 1
                still[key] = len(kept)
                kept.append(Version(replace(passage, id=f"{passage.article}.{numbers[passage.article]}"), date))
    return kept
