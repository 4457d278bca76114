"""The rival without a model: look the question up in a table of facts that somebody keeps."""

from __future__ import annotations

import math
import re
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from course_lib.assistants.answer import Answer, check_questions
from course_lib.assistants.parsing import Parsed, abstention
from course_lib.knowledge.chunking import Passage
from course_lib.knowledge.values import contains
from course_lib.models.prompts import HUMAN_CATEGORIES
from course_lib.retrieval.base import Hit
from course_lib.retrieval.bm25 import words_of

LEAST_SHARE = 0.4  # chosen on the dev questions
NAMES = ("harbor", "valley", "lakeside", "classic", "plus", "cargo", "family", "student", "wren", "heron", "ox")
_CODE = re.compile(r"\b[a-z]{1,3}-[a-z0-9-]*\d+\b", re.I)


@dataclass(frozen=True)
class Record:
    """One row of the table: what it is about, in words, its value, and the passage that says so."""

    words: frozenset[str]
    value: str
    passage: Passage


class Workflow:
    """Finds the one record whose subject covers the question's words; otherwise hands over to a person.

    Its rules: every region, plan, bike or code that the customer names must be in the record, the record must
    cover enough of the question (weighted by how rare each word is), and no other value may cover it as well.
    """

    name = "workflow"

    def __init__(self, records: Sequence[Record], least_share: float = LEAST_SHARE):
        """Set up the look-up.

        Args:
            records: the table.
            least_share: share of the question's weight that a record must cover.
        """
        self.records, self.least_share = list(records), least_share
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
            parsed = Parsed(
                record.value,
                (record.passage.id,),
                record.passage.category,
                record.passage.category in HUMAN_CATEGORIES,
                True,
            )
        return Answer(self.name, question, hits, "", "", parsed, seconds={"retrieve": time.perf_counter() - began})

    def _look_up(self, question: str) -> tuple[Record, float] | None:
        words = set(words_of(question))
        needed = {name for name in NAMES if name in words} | {code.lower() for code in _CODE.findall(question)}
        total = sum(self._weight.get(word, self._unseen) for word in words)
        scored = sorted(
            (
                (sum(self._weight[word] for word in words & record.words) / total, index)
                for index, record in enumerate(self.records)
                if needed <= record.words and total
            ),
            reverse=True,
        )
        if not scored or scored[0][0] < self.least_share:
            return None
        share, index = scored[0]
        rivals = {self.records[other].value for score, other in scored if math.isclose(score, share)}
        return (self.records[index], share) if len(rivals) == 1 else None


def records_from(facts: Iterable[dict], passages: Sequence[Passage], date: str) -> list[Record]:
    """Make the table from the typed facts that hold at a date; a fact that no passage states is left out.

    Args:
        facts: rows of ``facts.jsonl``.
        passages: the passages of that date.
        date: snapshot date, YYYY-MM-DD.
    """
    by_article: dict[str, list[Passage]] = {}
    for passage in passages:
        by_article.setdefault(passage.article, []).append(passage)
    records = []
    for fact in facts:
        value = fact["values"].get(date)
        found = next(
            (passage for passage in by_article.get(fact["article"], ()) if value and contains(passage.text, value)),
            None,
        )
        if found:
            records.append(Record(frozenset(words_of(f"{fact['subject']} {found.title}")), value, found))
    return records
