"""Two more ways to ask whether retrieval found what answers: within so many words, and by luck on any page."""

from __future__ import annotations

from collections.abc import Sequence

from course_lib.evaluation.gold import Question
from course_lib.knowledge.values import contains
from course_lib.retrieval.base import Hit


def found_within(question: Question, hits: Sequence[Hit], words: int) -> bool:
    """Tell whether every value asked stands, in a passage of its article, in the first ``words`` words retrieved.

    The passage that the limit falls into is cut there. So cuttings of different size are compared at equal cost.
    """
    read: list[tuple[str, str]] = []
    for hit in hits:
        piece = hit.passage.text.split()[:words]
        words -= len(piece)
        read.append((hit.passage.article, " ".join(piece)))
    return all(
        any(article == slot.article and contains(text, slot.value) for article, text in read) for slot in question.slots
    )


def stated_anywhere(question: Question, hits: Sequence[Hit]) -> bool:
    """Tell whether every value asked is stated by some hit, of whatever article: a lucky one counts too."""
    return all(any(contains(hit.passage.text, slot.value) for hit in hits) for slot in question.slots)
