"""The rival without a model: look the question up in the tables of the support site."""

from __future__ import annotations

import math
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from course_lib.assistants.answer import Answer, Parsed, abstention, check_questions
from course_lib.knowledge.chunking import Passage
from course_lib.models.prompts import HUMAN_CATEGORIES
from course_lib.retrieval.base import Hit
from course_lib.retrieval.bm25 import words_of

LEAST_SHARE = 0.55  # chosen on the dev questions
NAMES = ("harbor", "valley", "lakeside", "classic", "plus", "cargo", "family", "student", "wren", "heron", "ox")
_CODE = re.compile(r"\b[a-z]{1,3}-[a-z0-9-]*\d+\b", re.I)


@dataclass(frozen=True)
class Record:
    """One cell of a table: what it is about, in words, and its value."""

    words: frozenset[str]
    value: str
    passage: Passage


class Workflow:
    """Finds the one table cell whose page, row and column cover the question's words; otherwise hands over.

    Its rules: every region, plan, bike or code that the customer names must be in the record, the record must
    cover enough of the question (weighted by how rare each word is), and no other value may cover it as well.
    """

    name = "workflow"

    def __init__(self, passages: Sequence[Passage], least_share: float = LEAST_SHARE):
        self.records = [record for passage in passages for record in _records(passage)]
        self.least_share = least_share
        counts = Counter(word for record in self.records for word in record.words)
        self._weight = {word: math.log(1 + len(self.records) / count) for word, count in counts.items()}
        self._unseen = math.log(1 + len(self.records))

    def answer(self, questions: Sequence[str], say=None) -> list[Answer]:
        """Answer questions one by one; no model is used."""
        return [self._answer(question) for question in check_questions(questions)]

    def _answer(self, question: str) -> Answer:
        began = time.perf_counter()
        best = self._look_up(question)
        if best is None:
            hits, parsed = (), abstention()
        else:
            record, share = best
            hits = (Hit(record.passage, share),)
            parsed = Parsed(record.value, (record.passage.id,), record.passage.category,
                            record.passage.category in HUMAN_CATEGORIES, True)
        return Answer(self.name, question, hits, "", "", parsed, seconds={"retrieve": time.perf_counter() - began})

    def _look_up(self, question: str) -> tuple[Record, float] | None:
        words = set(words_of(question))
        needed = {name for name in NAMES if name in words} | {code.lower() for code in _CODE.findall(question)}
        total = sum(self._weight.get(word, self._unseen) for word in words)
        scored = sorted(((sum(self._weight[word] for word in words & record.words) / total, index)
                         for index, record in enumerate(self.records) if needed <= record.words and total), reverse=True)
        if not scored or scored[0][0] < self.least_share:
            return None
        share, index = scored[0]
        rivals = {self.records[other].value for score, other in scored if math.isclose(score, share)}
        return (self.records[index], share) if len(rivals) == 1 else None


def _records(passage: Passage) -> Iterator[Record]:
    """Read the ``column: value`` lines that tables were written as."""
    about = words_of(passage.heading)
    for line in passage.text.splitlines():
        cells = [part.partition(": ") for part in line.removeprefix("- ").split("; ")]
        if line.startswith("- ") and len(cells) > 1 and all(name and value for name, _, value in cells):
            label = words_of(cells[0][2])
            for name, _, value in cells[1:]:
                yield Record(frozenset([*about, *label, *words_of(name)]), value.rstrip("."), passage)
