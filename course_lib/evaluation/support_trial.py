"""Test the support check itself, on answers of which people have said whether they are right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from course_lib.evaluation.gold import Question, load_questions
from course_lib.evaluation.matching import is_supported, relevant_ids
from course_lib.evaluation.statistics import Interval, cluster_bootstrap
from course_lib.files import read_jsonl
from course_lib.knowledge.chunking import Passage

GOOD, BAD, OTHER = LABELS = ("good", "bad", "other")
# Kinds of wrong answers that state a value which the right page should not have. Those of the other kinds state one
# that may stand there, as the answer to another question.
NOWHERE = ("made up", "off by a character", "wrong unit", "stale", "one stale", "old and new")


@dataclass(frozen=True)
class Tried:
    """One labeled answer and what the support check says about it.

    Attributes:
        article: the article that the question hangs on.
        text: the answer.
        label: ``good`` (right), ``bad`` (wrong by a value that stands nowhere on the page) or ``other`` (wrong).
        supported: the verdict of the check, as if the answer cited the passages that answer the question.
    """

    article: str
    text: str
    label: str
    supported: bool


def support_trial(data: Path, passages: Mapping[str, Passage]) -> list[Tried]:
    """Put the labeled answers of ``data/eval/checker_cases.jsonl`` before the support check.

    Args:
        data: the data folder.
        passages: the current site's passages by id.
    """
    questions = {question.id: question for split in ("dev", "test") for question in load_questions(data, split)}
    return try_cases(read_jsonl(data / "eval" / "checker_cases.jsonl"), questions, passages)


def try_cases(
    cases: Iterable[Mapping], questions: Mapping[str, Question], passages: Mapping[str, Passage]
) -> list[Tried]:
    """Put labeled answers before the support check; refusals and unanswerable questions are left out.

    Args:
        cases: rows with ``question``, ``text``, ``verdict`` (``correct`` or ``wrong``) and ``kind``.
        questions, passages: by id.
    """
    tried = []
    for case in cases:
        question = questions[case["question"]]
        if question.answerable and case["kind"] != "refusal":
            ids = set().union(*(relevant_ids(slot, passages) for slot in question.slots))
            supported = is_supported(case["text"], [passages[name] for name in sorted(ids)])
            wrong = BAD if case["kind"] in NOWHERE else OTHER
            label = GOOD if case["verdict"] == "correct" else wrong
            tried.append(Tried(question.cluster, case["text"], label, supported))
    return tried


def trial_counts(tried: Sequence[Tried]) -> list[tuple[str, int, int]]:
    """Return for each label how many answers pass the check and how many fail."""
    counts = Counter((one.label, one.supported) for one in tried)
    return [(label, counts[label, True], counts[label, False]) for label in LABELS]


def agreement(tried: Sequence[Tried]) -> Interval:
    """Return how many of the good and the bad answers the check judges as they are labeled, with an interval.

    Raises:
        ValueError: there are none.
    """
    known = [one for one in tried if one.label != OTHER]
    agrees = [one.supported == (one.label == GOOD) for one in known]
    return cluster_bootstrap(agrees, [one.article for one in known])
