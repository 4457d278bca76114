"""Keyword retrieval: BM25 over words and codes."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from rank_bm25 import BM25Plus

from course_lib.errors import DataError
from course_lib.knowledge.chunking import Passage
from course_lib.retrieval.base import ScoringRetriever

_WORD = re.compile(r"[a-z0-9$]+(?:[-.][a-z0-9]+)*")
_STOP = frozenset(
    "a an and are as at be by do for from have how i if in is it me my of on or so that the there this to was "
    "we what when where which will with you your".split()
)


def words_of(text: str) -> list[str]:
    """Split text into lower-case words; codes such as ``TW-BAT-360`` stay whole, and plural -s is dropped."""
    found = [word for word in _WORD.findall(text.lower().replace("'", "")) if word not in _STOP]
    return [word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word for word in found]


class BM25Retriever(ScoringRetriever):
    """BM25 (Robertson and Zaragoza 2009) in the BM25+ form of Lv and Zhai 2011.

    The classic form gives a word that stands in half of the passages a weight of zero; BM25+ does not.
    """

    def __init__(self, passages: Sequence[Passage]):
        """Index the passages.

        Raises:
            DataError: there are none.
        """
        if not passages:
            raise DataError("There are no passages to index.", "Load a snapshot with at least one article.")
        self.passages = list(passages)
        self._index = BM25Plus([words_of(passage.indexed) for passage in self.passages])

    def scores(self, questions: Sequence[str]) -> np.ndarray:
        """Return BM25+ scores, shape (questions, passages); words that no passage has count nothing."""
        return np.array([self._index.get_scores(words_of(question)) for question in questions]).reshape(
            -1, len(self.passages)
        )
