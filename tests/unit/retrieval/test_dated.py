"""A dated retriever shows what holds on its day, in the order of the retriever behind it."""

from __future__ import annotations

from course_lib.knowledge.chunking import Passage
from course_lib.knowledge.versions import Version
from course_lib.retrieval.base import Hit
from course_lib.retrieval.dated import DatedRetriever

VERSIONS = [
    Version(Passage(f"kb-001.{number}", "kb-001", "Bells", "", "orders", f"A bell costs ${number}."), start, end)
    for number, start, end in (
        (1, "2025-03-01", "2025-09-01"),
        (2, "2025-09-01", None),
        (3, "2025-03-01", None),
        (4, "2026-03-01", None),
    )
]


class Fixed:
    """Ranks all passages by number, and notes how many were asked for."""

    def search(self, questions, k):
        self.asked = k
        return [[Hit(version.passage, -place) for place, version in enumerate(VERSIONS)][:k] for _ in questions]


def shown(day, k):
    (hits,) = DatedRetriever(Fixed(), VERSIONS, day).search(["What does a bell cost?"], k)
    return [hit.passage.id for hit in hits]


def test_only_what_holds_is_shown_best_first_and_filled_up_from_below():
    assert shown("2025-03-01", 9) == ["kb-001.1", "kb-001.3"]
    assert shown("2025-09-01", 2) == ["kb-001.2", "kb-001.3"]
    assert shown("2026-03-01", 2) == ["kb-001.2", "kb-001.3"]
    assert shown("2026-03-01", 9) == ["kb-001.2", "kb-001.3", "kb-001.4"]


def test_a_day_before_everything_shows_nothing():
    assert shown("2024-12-31", 3) == []
