"""Find the passages that state an answer, for many questions over many passages."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from course_lib.knowledge.chunking import Passage
from course_lib.knowledge.values import contains, normalize
from course_lib.own_documents.questions import Asked
from course_lib.retrieval.bm25 import words_of

LONG_ANSWER = 8  # words; a longer answer is hardly ever repeated word by word
LONG_SHARE = 0.8  # share of the words of a long answer that a passage needs to count as stating it


def is_long(asked: Asked) -> bool:
    """Tell whether the answer is too long to be looked for word by word."""
    return bool(asked.answers) and min(len(one.split()) for one in asked.answers) > LONG_ANSWER


class AnswerSearch:
    """Passages prepared once, so that each further question costs little."""

    def __init__(self, passages: Sequence[Passage]):
        self.passages = passages

    def stating(self, asked: Asked) -> frozenset[str]:
        """Return the ids of passages that state an accepted answer, or have most words of a long one."""
        found = self._with_words(asked) if is_long(asked) else self._with_values(asked)
        return frozenset(self.passages[index].id for index in found)

    @cached_property
    def _normalized(self) -> list[str]:
        return [normalize(passage.text) for passage in self.passages]

    @cached_property
    def _places(self) -> dict[str, array]:
        places: dict[str, array] = {}
        for index, passage in enumerate(self.passages):
            for word in set(words_of(passage.text)):
                places.setdefault(word, array("l")).append(index)
        return places

    def _with_values(self, asked: Asked) -> set[int]:
        # A plain search first: it is a hundred times as fast, and finds all that the exact one can find.
        stems = [(normalize(one).rstrip("s"), one) for one in asked.answers]
        return {
            index
            for index, text in enumerate(self._normalized)
            for stem, one in stems
            if stem in text and contains(text, one)
        }

    def _with_words(self, asked: Asked) -> set[int]:
        found: set[int] = set()
        for one in asked.answers:
            wanted = set(words_of(one))
            counts = Counter(index for word in wanted for index in self._places.get(word, ()))
            found |= {index for index, count in counts.items() if count >= LONG_SHARE * len(wanted)}
        return found
