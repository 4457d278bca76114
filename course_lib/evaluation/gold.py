"""The frozen questions and what counts as right for each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from course_lib.errors import DataError
from course_lib.files import read_jsonl

STRATA = (
    "lookup",
    "paraphrase",
    "code",
    "multi_passage",
    "near_duplicate",
    "unanswerable",
    "false_premise",
    "policy_exception",
)


@dataclass(frozen=True)
class Slot:
    """One value that a right answer has to state.

    Attributes:
        fact: id of the fact, ``article.key``.
        type: money, percent, duration, count, measure, code, date, time, contact or name.
        value: the value as the current article writes it.
        accepted: other ways to write it.
        evidence: the sentence or table row that states it.
    """

    fact: str
    type: str
    value: str
    accepted: tuple[str, ...]
    evidence: str

    @property
    def article(self) -> str:
        """Id of the article that states the value."""
        return self.fact.split(".")[0]


@dataclass(frozen=True)
class Question:
    """One frozen question.

    Attributes:
        id, split, stratum: name, ``dev`` or ``test``, and kind of question.
        text: the question as the customer wrote it.
        slots: values a right answer states; empty where the right answer is to say that the documents do not tell.
        stale: values that were right at an earlier date.
        wrong: values of sibling pages, general rules or false premises that would be wrong here.
    """

    id: str
    split: str
    stratum: str
    text: str
    slots: tuple[Slot, ...]
    stale: tuple[str, ...]
    wrong: tuple[str, ...]
    near: str

    @property
    def answerable(self) -> bool:
        """Whether the documents tell."""
        return bool(self.slots)

    @property
    def cluster(self) -> str:
        """The article the question hangs on, by which intervals are resampled."""
        return self.slots[0].article if self.slots else self.near


def load_facts(data: Path) -> dict[str, dict]:
    """Return the typed facts by id, as they stand in ``facts.jsonl``."""
    return {row["id"]: row for row in read_jsonl(data / "facts.jsonl")}


def load_questions(data: Path, split: str) -> list[Question]:
    """Return the questions of one split, in file order.

    Raises:
        DataError: the split is unknown, or a question has no gold entry.
    """
    if split not in ("dev", "test"):
        raise DataError(f"There is no split {split!r}.", "Use 'dev' or 'test'.")
    facts = load_facts(data)
    gold = {row["id"]: row for row in read_jsonl(data / "eval" / "gold.jsonl")}
    queries = [row for row in read_jsonl(data / "eval" / "queries.jsonl") if row["metadata"]["split"] == split]
    if orphans := [row["_id"] for row in queries if row["_id"] not in gold]:
        raise DataError(f"Questions without a gold entry: {', '.join(orphans)}.", "Add them to data/eval/gold.jsonl.")
    return [_question(row, gold[row["_id"]], facts) for row in queries]


def _question(row: dict, gold: dict, facts: dict[str, dict]) -> Question:
    slots = tuple(
        Slot(
            answer["fact"],
            answer["type"],
            answer["value"],
            tuple(answer["accepted"]),
            list(facts[answer["fact"]]["evidence"].values())[-1],
        )
        for answer in gold["answers"]
    )
    return Question(
        row["_id"],
        gold["split"],
        gold["stratum"],
        row["text"],
        slots,
        tuple(gold["stale"]),
        tuple(gold["wrong"]),
        gold["near"],
    )
