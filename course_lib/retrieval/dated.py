"""Search passages of many dates, and keep what holds on one day."""

from __future__ import annotations

from collections.abc import Sequence

from course_lib.knowledge.versions import Version
from course_lib.retrieval.base import Hit, Retriever


class DatedRetriever:
    """Drops hits that do not hold on a day, before the best are taken."""

    def __init__(self, retriever: Retriever, versions: Sequence[Version], day: str):
        """Filter a retriever.

        Args:
            retriever: it searches the passages of all versions.
            versions: where the time of each passage stands.
            day: the day asked about (YYYY-MM-DD).
        """
        self.retriever, self.count = retriever, len(versions)
        self.valid = {version.passage.id for version in versions if version.holds(day)}

    def search(self, questions: Sequence[str], k: int) -> list[list[Hit]]:
        """Return the ``k`` best passages that hold, for each question, best first."""
        ranked = self.retriever.search(questions, self.count)
        return [[hit for hit in hits if hit.passage.id in self.valid][:k] for hits in ranked]
