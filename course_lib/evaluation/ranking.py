"""Score rankings of passages against the passages that answer each question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import ir_measures
from ir_measures import RR, R, Success, nDCG


def hit_at(ranking: Sequence[str], relevant: AbstractSet[str], k: int) -> bool:
    """Tell whether a relevant passage is among the first ``k`` (at least 1) of a ranking, best first."""
    return any(passage in relevant for passage in ranking[:k])


def score_rankings(
    rankings: Mapping[str, Sequence[str]], relevant: Mapping[str, AbstractSet[str]], cutoff: int = 10, hit_k: int = 3
) -> dict[str, dict[str, float]]:
    """Score each query's ranking with ir_measures (MacAvaney et al., 2022); all values run from 0 to 1.

    Relevance is binary. nDCG is that of Järvelin and Kekäläinen (2002) with a log2 discount; recall divides by the
    number of relevant passages, so it stays below 1 where they outnumber ``hit_k``.

    Args:
        rankings: passage ids per query id, best first. Queries that ``relevant`` lacks are not scored.
        relevant: ids of the passages that answer, per query id. A query that ``rankings`` lacks scores 0.
        cutoff: depth for the reciprocal rank (``mrr``) and nDCG.
        hit_k: depth for hit and recall.

    Returns:
        The values per query id of ``relevant``, named ``hit_at_3``, ``mrr``, ``ndcg_at_10`` and ``recall_at_3``;
        the numbers in the names follow ``hit_k`` and ``cutoff``.

    Raises:
        ValueError: a query has no relevant passage, a ranking names a passage twice, or a depth is below 1.
    """
    _check(rankings, relevant, cutoff, hit_k)
    names = {
        Success @ hit_k: f"hit_at_{hit_k}",
        RR @ cutoff: "mrr",
        nDCG @ cutoff: f"ndcg_at_{cutoff}",
        R @ hit_k: f"recall_at_{hit_k}",
    }
    judged = {query: {passage: 1 for passage in passages} for query, passages in relevant.items()}
    # ir_measures ranks by score and would order ties by id, so each rank becomes a score of its own
    run = {query: {passage: -float(rank) for rank, passage in enumerate(rankings.get(query, ()))} for query in relevant}
    scores = {query: dict.fromkeys(names.values(), 0.0) for query in relevant}
    for metric in ir_measures.iter_calc(list(names), judged, run):
        scores[metric.query_id][names[metric.measure]] = float(metric.value)
    return scores


def _check(
    rankings: Mapping[str, Sequence[str]], relevant: Mapping[str, AbstractSet[str]], cutoff: int, hit_k: int
) -> None:
    if min(cutoff, hit_k) < 1:  # a depth of 0 crashes pytrec_eval, and Python with it
        raise ValueError(f"cutoff ({cutoff}) and hit_k ({hit_k}) must be at least 1.")
    for query, passages in relevant.items():
        if not passages:
            raise ValueError(f"Query {query!r} has no relevant passage: a ranking cannot be scored without one.")
    for query, ranking in rankings.items():
        if len(set(ranking)) != len(ranking):
            raise ValueError(f"The ranking for query {query!r} names a passage twice.")
