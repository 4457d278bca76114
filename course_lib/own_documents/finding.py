"""Does retrieval find what answers? Scores by retriever, beside what chance would find."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from course_lib.evaluation.ranking import score_rankings
from course_lib.own_documents.indexing import Index
from course_lib.own_documents.relevance import Target
from course_lib.own_documents.scores import Score, mean, share
from course_lib.retrieval.base import Hit, Retriever

DEPTH = 10
CUTS = (1, 3, DEPTH)
BATCH = 16  # questions scored together: more would need a gigabyte for a hundred thousand passages
BEST, CHANCE = "both", "by chance"


@dataclass(frozen=True)
class Finding:
    """What the retrievers found.

    Attributes:
        hits: the first ten of the best retriever, for each question, best first.
        ranks: by retriever, the rank of the first passage that answers, for each question; None if it is not among
            the first ten or if it is not known which passages answer.
        scores: ``hit_at_1``, ``hit_at_3``, ``hit_at_10`` and ``mrr`` by retriever, over the questions that have a
            known passage; and what chance would give.
    """

    hits: list[list[Hit]]
    ranks: dict[str, list[int | None]]
    scores: list[Score]


def find(targets: Sequence[Target], index: Index) -> Finding:
    """Search for every question with the best retriever and with each of its parts."""
    questions = [target.asked.text for target in targets]
    retrievers = {BEST: index.best, **index.parts} if len(index.parts) > 1 else dict(index.parts)
    found = {name: _search(retriever, questions) for name, retriever in retrievers.items()}
    ranks = {name: [_rank(target, one) for target, one in zip(targets, hits)] for name, hits in found.items()}
    known = [place for place, target in enumerate(targets) if target.scored]
    clusters = [cluster_of(targets[place]) for place in known]
    scores = []
    for name, hits in found.items():
        scores += _scores(name, targets, hits, ranks[name], known, clusters)
    return Finding(next(iter(found.values())), ranks, [*scores, *_chance(targets, known, len(index.passages))])


def cluster_of(target: Target) -> str:
    """Return the document a question hangs on: questions about one document tend to fail together."""
    names = sorted(target.relevant)
    return names[0].rpartition(".")[0] if names else target.asked.id


def _search(retriever: Retriever, questions: Sequence[str]) -> list[list[Hit]]:
    blocks = (questions[start : start + BATCH] for start in range(0, len(questions), BATCH))
    return [hits for block in blocks for hits in retriever.search(block, DEPTH)]


def _rank(target: Target, hits: Sequence[Hit]) -> int | None:
    if not target.scored:
        return None
    return next((rank for rank, hit in enumerate(hits, 1) if hit.passage.id in target.relevant), None)


def _scores(
    name: str,
    targets: Sequence[Target],
    found: Sequence[Sequence[Hit]],
    ranks: Sequence[int | None],
    known: Sequence[int],
    clusters: Sequence[str],
) -> list[Score]:
    rows = [
        share(name, f"hit_at_{cut}", [(ranks[place] or math.inf) <= cut for place in known], clusters) for cut in CUTS
    ]
    if not known:
        return [*rows, mean(name, "mrr", [], [])]
    rankings: Mapping[str, list[str]] = {
        targets[place].asked.id: [hit.passage.id for hit in found[place]] for place in known
    }
    relevant = {targets[place].asked.id: targets[place].relevant for place in known}
    measured = score_rankings(rankings, relevant, cutoff=DEPTH)
    return [*rows, mean(name, "mrr", [measured[question]["mrr"] for question in relevant], clusters)]


def _chance(targets: Sequence[Target], known: Sequence[int], total: int) -> list[Score]:
    """Return what drawing passages blindly would give: the negative control, worked out instead of drawn."""
    rows = []
    for cut in CUTS:
        missed = [
            math.comb(total - len(targets[place].relevant), min(cut, total)) / math.comb(total, min(cut, total))
            for place in known
        ]
        value = 1 - sum(missed) / len(missed) if missed else None
        rows.append(Score(CHANCE, f"hit_at_{cut}", value, None, None, len(missed)))
    return rows
