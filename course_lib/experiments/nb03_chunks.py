"""How long passages should be: dev questions that can be answered from what was found, by words a passage."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from course_lib.evaluation.found import found_within
from course_lib.evaluation.gold import load_questions
from course_lib.evaluation.retrieved import tells
from course_lib.evaluation.statistics import Interval, cluster_bootstrap
from course_lib.experiments.sources import SITE_DATA
from course_lib.knowledge.chunking import Passage
from course_lib.knowledge.snapshots import load_snapshot
from course_lib.knowledge.windows import window_passages
from course_lib.retrieval.base import ScoringRetriever
from course_lib.retrieval.bm25 import BM25Retriever
from course_lib.retrieval.dense import DenseRetriever
from course_lib.settings import Settings

NAME = "nb03_chunks"
USES = SITE_DATA
SIZES = (10, 20, 40, 80, 160, 320)
RETRIEVERS: dict[str, Callable[[list[Passage], Settings], ScoringRetriever]] = {
    "bm25": lambda passages, settings: BM25Retriever(passages),
    "dense": DenseRetriever,
}
FIRST, BUDGET = 3, 240  # at 80 words a passage, both are the same text
DEPTH = 60


def sweep(name: str, settings: Settings, say: Callable[[str], None] = print) -> list[dict]:
    """Return one row a size for one retriever.

    ``first`` is the share of answerable dev questions whose values stand in the first three passages, ``budget`` in
    the first 240 words; each is [value, low, high, n], with the interval by article.
    """
    articles = load_snapshot(settings.data)
    questions = [question for question in load_questions(settings.data, "dev") if question.answerable]
    rows = []
    for size in SIZES:
        passages = window_passages(articles, size)
        found = RETRIEVERS[name](passages, settings).search([question.text for question in questions], DEPTH)
        told = {
            "first": [tells(question, hits[:FIRST]) for question, hits in zip(questions, found)],
            "budget": [found_within(question, hits, BUDGET) for question, hits in zip(questions, found)],
        }
        row = {"retriever": name, "words": size, "passages": len(passages)}
        for key, answers in told.items():
            interval = cluster_bootstrap(answers, [question.cluster for question in questions])
            row[key] = [*(round(end, 4) for end in (interval.value, interval.low, interval.high)), interval.n]
        rows.append(row)
        say(f"{name}, {size} words: {len(passages)} passages")
    return rows


def run(settings: Settings, say: Callable[[str], None]) -> list[dict]:
    """Sweep the sizes with keywords and with embeddings."""
    return [row for name in RETRIEVERS for row in sweep(name, settings, say)]


def sweep_series(rows: Sequence[dict]) -> dict[str, list[tuple[float, Interval]]]:
    """Return the rows as lines of a picture: for each retriever, three passages and the same number of words."""
    lines: dict[str, list[tuple[float, Interval]]] = {}
    for row in rows:
        for key, label in (("first", f"first {FIRST}"), ("budget", f"{BUDGET} words")):
            lines.setdefault(f"{row['retriever']}, {label}", []).append((row["words"], Interval(*row[key])))
    return lines


def best_sizes(rows: Sequence[dict], retriever: str) -> str:
    """Return one sentence that names the best size for three passages and for the same number of words."""
    mine = [row for row in rows if row["retriever"] == retriever]
    first, budget = (max(mine, key=lambda row: row[key][0])["words"] for key in ("first", "budget"))
    return (
        f"{retriever} does best at {first} words a passage if {FIRST} are read, at {budget} if {BUDGET} words are read"
    )
