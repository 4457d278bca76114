"""Score retrieval question by question: the passages that answer come from the gold values, not from hand labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from course_lib.evaluation.gold import Question
from course_lib.evaluation.matching import relevant_ids
from course_lib.evaluation.ranking import score_rankings
from course_lib.evaluation.statistics import Interval, cluster_bootstrap
from course_lib.knowledge.chunking import Passage
from course_lib.knowledge.values import contains
from course_lib.retrieval.base import Hit

ALL = "all"


def values_asked(questions: Sequence[Question], passages: Mapping[str, Passage]) -> dict[str, set[str]]:
    """Return the passages that answer, one entry for each value asked.

    Args:
        questions: answerable questions.
        passages: the site's passages by id.

    Returns:
        Passage ids by ``question/fact``. The set is empty if no passage of the article states the value.
    """
    return {
        f"{question.id}/{slot.fact}": relevant_ids(slot, passages) for question in questions for slot in question.slots
    }


def score_found(
    questions: Sequence[Question],
    found: Sequence[Sequence[Hit]],
    passages: Mapping[str, Passage],
    cutoff: int = 10,
    hit_k: int = 3,
) -> dict[str, dict[str, float]]:
    """Score what was found for each question, from its hits, best first; else as :func:`score_ids`."""
    rankings = {question.id: [hit.passage.id for hit in hits] for question, hits in zip(questions, found)}
    return score_ids(questions, rankings, passages, cutoff, hit_k)


def score_ids(
    questions: Sequence[Question],
    rankings: Mapping[str, Sequence[str]],
    passages: Mapping[str, Passage],
    cutoff: int = 10,
    hit_k: int = 3,
) -> dict[str, dict[str, float]]:
    """Score a ranking for each question; a question that asks two values counts by the worse-placed one.

    Args:
        questions: answerable questions.
        rankings: ids of what was found, best first, by question id.
        passages: the site's passages by id.
        cutoff, hit_k: depths, and in the names of the metrics, as for :func:`score_rankings`.

    Returns:
        Metrics by question id: ``hit_at_3``, ``recall_at_3``, ``mrr`` and ``ndcg_at_10`` at the default depths.

    Raises:
        ValueError: a value stands in no passage of its article, or as for :func:`score_rankings`.
    """
    relevant = values_asked(questions, passages)
    scores = score_rankings({key: rankings[key.split("/")[0]] for key in relevant}, relevant, cutoff, hit_k)
    return {
        question.id: _worst([scores[f"{question.id}/{slot.fact}"] for slot in question.slots]) for question in questions
    }


def _worst(scores: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {metric: min(score[metric] for score in scores) for metric in scores[0]}


def tells(question: Question, hits: Sequence[Hit]) -> bool:
    """Tell whether the hits, as their text stands, state every value asked in a passage of its own article.

    Unlike a hit by id this looks at the text, so that an old copy under the right id does not count.
    """
    return all(
        any(hit.passage.article == slot.article and contains(hit.passage.text, slot.value) for hit in hits)
        for slot in question.slots
    )


def shown_intervals(
    questions: Sequence[Question], found: Sequence[Sequence[Hit]], passages: Mapping[str, Passage], k: int
) -> dict[str, Interval]:
    """Score what is put before the model: by the ids of the first ``k`` hits, and by what their text states.

    Returns:
        ``hit_at_2`` and ``mrr`` (for k = 2), and ``value_shown``, the share of questions whose values the text
        states, with 95 % intervals by article. Errors and other arguments as for :func:`score_found`.
    """
    placed = score_found(questions, found, passages, cutoff=k, hit_k=k)
    for question, hits in zip(questions, found):
        placed[question.id]["value_shown"] = float(tells(question, hits))
    return {
        metric: stratum_intervals(questions, placed, metric)[ALL] for metric in (f"hit_at_{k}", "mrr", "value_shown")
    }


def stratum_intervals(
    questions: Sequence[Question], scores: Mapping[str, Mapping[str, float]], metric: str
) -> dict[str, Interval]:
    """Return the mean over all questions (named ``all``) and over each stratum, with 95 % intervals by article.

    Args:
        questions: the questions, in any order.
        scores: metrics by question id, as :func:`score_found` returns them.
        metric: which one.
    """
    groups: dict[str, list[Question]] = {ALL: list(questions)}
    for question in questions:
        groups.setdefault(question.stratum, []).append(question)
    return {
        name: cluster_bootstrap([scores[one.id][metric] for one in group], [one.cluster for one in group])
        for name, group in groups.items()
    }
